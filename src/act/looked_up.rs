//! What was looked up when an action was decided on is what it is carried out on, or nothing is.

use std::fmt::Display;

/// Whether a lookup leads to what it led to then (`found`), which guards and people have judged; else a sentence.
pub(super) fn still(what: impl Display, found: Option<&str>, now: &str) -> Result<(), String> {
    match found {
        Some(then) if then == now => Ok(()),
        Some(then) => Err(format!("{what} is {now} now, and was {then} when this was decided on")),
        None => Err(format!("{what} was not looked up when this was decided on")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_on_is_acted_on_or_nothing_is() {
        for (found, now, expected) in [
            (Some("i-1"), "i-1", Ok(())),
            (Some("i-1"), "i-2", Err("the tag is i-2 now, and was i-1 when this was decided on")),
            (None, "i-1", Err("the tag was not looked up when this was decided on")),
        ] {
            assert_eq!(still("the tag", found, now), expected.map_err(str::to_owned));
        }
    }
}
