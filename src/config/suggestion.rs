//! "Did you mean …" for keys and names that are not known.

/// The known key that the given one most likely stands for: at most a third of it is wrong.
pub fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let wrong = |candidate: &str| strsim::osa_distance(key, candidate);
    let bound = |candidate: &str| (candidate.len() / 3).clamp(1, 3);
    known
        .iter()
        .copied()
        .filter(|candidate| key.len() <= 64 && wrong(candidate) <= bound(candidate))
        .min_by_key(|candidate| wrong(candidate))
}

/// What to say of an unknown key.
pub(super) fn sentence(nearest: Option<&str>, known: &[&str]) -> String {
    match nearest {
        Some(key) => format!("is not a known key; did you mean {key}?"),
        None => {
            let mut known = known.to_vec();
            known.sort_unstable();
            format!("is not a known key; known here: {}", known.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_key_and_strangers_do_not() {
        let known = ["url", "timeout", "max_concurrency", "matchers"];
        for (key, expected) in [
            ("ur", Some("url")),
            ("timout", Some("timeout")),
            ("tiemout", Some("timeout")),
            ("max-concurrency", Some("max_concurrency")),
            ("matcher", Some("matchers")),
            ("interval", None),
            ("", None),
        ] {
            assert_eq!(nearest(key, &known), expected, "{key}");
        }
    }
}
