//! Slack's ids of workspaces, channels and people. They never change, as names do.

/// Characters at most; Slack's own have about a dozen.
const MAX: usize = 64;

/// Whether a text has the form of an id: capital letters and digits.
pub fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (1..=MAX).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_plain() {
        for (text, expected, sentence) in [
            ("U012AB3CD", true, "a user"),
            ("T1", true, "a short one"),
            ("", false, "nothing"),
            ("u012ab3cd", false, "small letters"),
            ("alice", false, "a name"),
            ("U0:C1", false, "two at once"),
            ("U0\n", false, "the end of a line"),
            ("Ü0", false, "a letter beyond ASCII"),
            (&"U".repeat(64), true, "the longest"),
            (&"U".repeat(65), false, "one longer"),
        ] {
            assert_eq!(is_id(text), expected, "{sentence}");
        }
    }
}
