//! The words of a question, each with what it stands for, whatever its case, its contractions and its slips. Pure.

use super::vocabulary::{self, Word};

/// One word of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// As it was written, without punctuation around it.
    pub written: String,
    /// The same in lower case; where it was a slip, as it is spelt.
    pub low: String,
    /// What it stands for; `None`: no word that is known.
    pub word: Option<Word>,
    /// Whether a comma, a full stop or the like comes after it.
    pub ends: bool,
}

impl Token {
    fn new(written: &str, ends: bool) -> Self {
        let low = written.to_lowercase();
        let (low, word) = match vocabulary::find(&low) {
            Some((spelt, word)) => (spelt.to_owned(), Some(word)),
            None => (low, None),
        };
        Self { written: written.to_owned(), low, word, ends }
    }

    /// Whether it stands for this.
    pub fn is(&self, word: Word) -> bool {
        self.word == Some(word)
    }

    /// Whether it is spelt as no English word is: with digits, signs, or capitals within.
    pub fn looks_like_name(&self) -> bool {
        let inner = self.written.chars().skip(1).any(char::is_uppercase);
        let small = self.written.chars().any(char::is_lowercase);
        inner && small || self.written.chars().any(|c| c.is_numeric() || "-_.:/@".contains(c))
    }
}

/// The words of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let text = text.replace(['’', '‘', '`'], "'");
    let mut tokens = Vec::new();
    for part in text.split_whitespace().flat_map(|part| part.split_inclusive([',', ';'])) {
        let trimmed = part.trim_matches(is_punctuation);
        let ends = part.trim_end_matches(['"', '\'', ')']).ends_with(['.', '?', '!', ';', ',', ':']);
        if trimmed.is_empty() {
            tokens.last_mut().into_iter().for_each(|last: &mut Token| last.ends |= ends);
            continue;
        }
        let (first, second) = parted(trimmed);
        tokens.push(Token::new(first, ends && second.is_none()));
        tokens.extend(second.map(|second| Token::new(second, ends)));
    }
    tokens
}

fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '.' | ','
            | ';'
            | ':'
            | '?'
            | '!'
            | '"'
            | '\''
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '<'
            | '>'
            | '*'
            | '“'
            | '”'
            | '¿'
            | '…'
    )
}

/// `didn't` is `did not`, `what's` is `what is`, `web-1's` is `web-1`.
fn parted(word: &str) -> (&str, Option<&'static str>) {
    let low = word.to_ascii_lowercase();
    if low == "can't" || low == "cannot" {
        return (&word[..3], Some("not"));
    }
    if low.ends_with("n't") {
        return (&word[..word.len() - 3], Some("not"));
    }
    if let Some(base) = low.strip_suffix("'s") {
        let is =
            ["what", "who", "how", "where", "it", "that", "there", "everything", "anything"].contains(&base);
        return (&word[..base.len()], is.then_some("is"));
    }
    match ["'re", "'ve", "'ll", "'d", "'m"].iter().find(|end| low.ends_with(**end)) {
        Some(end) => (&word[..word.len() - end.len()], None),
        None => (word, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn low(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.low).collect()
    }

    #[test]
    fn words_are_read_whatever_stands_around_them() {
        for (text, expected) in [
            ("What's firing?", &["what", "is", "firing"][..]),
            ("Why didn’t app restart?!", &["why", "did", "not", "app", "restart"]),
            ("web-1's status", &["web-1", "status"]),
            ("show (logs) of \"app\", please.", &["show", "logs", "of", "app", "please"]),
            ("at 14:00: db-1:5432", &["at", "14:00", "db-1:5432"]),
            ("alerts,anomalies;logs", &["alerts", "anomalies", "logs"]),
            ("I can't , we're", &["i", "can", "not", "we"]),
            ("ALRETS promethues anomolies", &["alerts", "prometheus", "anomalies"]),
            ("? !", &[]),
        ] {
            assert_eq!(low(text), expected, "{text}");
        }
    }

    #[test]
    fn a_clause_ends_at_its_punctuation() {
        let ends: Vec<bool> =
            tokens("is web-1 up? then show , logs").iter().map(|token| token.ends).collect();
        assert_eq!(ends, [false, false, true, false, true, false]);
    }

    #[test]
    fn names_look_unlike_words() {
        for (word, expected) in [
            ("web-1", true),
            ("HighLatency", true),
            ("node_load1", true),
            ("checkout", false),
            ("CPU", false),
            ("What", false),
        ] {
            assert_eq!(tokens(word)[0].looks_like_name(), expected, "{word}");
        }
    }
}
