//! A short piece of a foreign text, fit for an error: one line, no control characters, at most 200 of them,
//! and nothing of the key or of what was sent.

use crate::http_client::one_line;
use crate::model::Secret;

/// What part of a key, in characters, gives it away. Shorter parts, such as `sk-`, are known to everybody.
const PART_OF_KEY: usize = 8;
/// What length, in characters, is no chance agreement with what was sent.
const PART_OF_SENT: usize = 32;

/// What must not be repeated.
#[derive(Clone, Default)]
pub(super) struct Withheld {
    key: Option<Secret>,
    sent: Vec<String>,
}

impl Withheld {
    /// Withholds a key and everything that was sent with it.
    pub fn new(key: Option<Secret>, sent: Vec<String>) -> Self {
        Self { key, sent }
    }

    /// The beginning of a text, or why none of it is shown.
    pub fn excerpt(&self, text: &str) -> String {
        let line = one_line(text);
        if self.key.as_ref().is_some_and(|key| shares(&line, key.expose(), PART_OF_KEY)) {
            return "(a text that is not shown, since it repeats a part of the key)".to_owned();
        }
        if self.sent.iter().any(|sent| shares(&line, &one_line_in_full(sent), PART_OF_SENT)) {
            return "(a text that is not shown, since it repeats what was sent)".to_owned();
        }
        line
    }
}

/// Whether a text holds so many characters in a row of another one, or all of it.
fn shares(text: &str, other: &str, length: usize) -> bool {
    let length = length.min(other.chars().count());
    let starts: Vec<usize> = text.char_indices().map(|(start, _)| start).chain([text.len()]).collect();
    let mut windows = starts.windows(length + 1).map(|window| &text[window[0]..window[length]]);
    length > 0 && windows.any(|part| other.contains(part))
}

/// Spaces as [`one_line`] has them, so that line breaks hide no repetition.
fn one_line_in_full(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_key_nor_what_was_sent_is_repeated() {
        let sent = vec!["Alert HighLatency fires\non web-1 since 10:02, p99 is 4.2 s".to_owned()];
        let withheld = Withheld::new(Some(Secret::new("sk-proj-0123456789")), sent);
        for (what, text, shown) in [
            ("a plain fault", "model 'gpt-9' does not exist", true),
            ("the beginning of every key", "keys begin with sk-", true),
            ("the key", "Incorrect API key: sk-proj-0123456789", false),
            ("a part of it", "Incorrect key ending in 23456789", false),
            ("the key in hidden characters", "key sk-proj\u{200b}-0123456789", false),
            ("what was sent", "invalid: Alert HighLatency fires on web-1 since 10:02", false),
            ("the same on other lines", "Alert HighLatency fires on\nweb-1   since 10:02, p99", false),
            ("a word of it", "unknown word HighLatency", true),
        ] {
            let excerpt = withheld.excerpt(text);
            assert_eq!(excerpt == one_line(text), shown, "{what}: {excerpt}");
            assert!(!excerpt.contains("3456789") && !excerpt.contains("since 10:02"), "{what}: {excerpt}");
        }
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        let excerpt = Withheld::default().excerpt(&format!("a\u{1b}[31m\r\nb {}", "x".repeat(9_999)));
        assert!(excerpt.starts_with("a[31m b xxx"), "{excerpt}");
        assert_eq!(excerpt.chars().count(), 200);
        assert_eq!(Withheld::new(Some(Secret::new("k")), vec![String::new()]).excerpt("a k"), {
            "(a text that is not shown, since it repeats a part of the key)"
        });
        assert_eq!(Withheld::default().excerpt(""), "");
    }
}
