//! Pieces of an answer, handed on as they come with addresses put back.
//!
//! A placeholder may come in two pieces, so what might be the beginning of one waits for the next piece.
//! What is put back is escaped as JSON wants it, since the pieces are of a JSON text.

use super::redact::Session;

/// Longest placeholder, brackets included, in bytes.
const LONGEST: usize = 24;

/// Puts addresses back in a text that comes in pieces.
pub(super) struct Deltas<'a> {
    session: &'a Session,
    waiting: String,
}

impl<'a> Deltas<'a> {
    /// The beginning of a text.
    pub fn new(session: &'a Session) -> Self {
        Self { session, waiting: String::new() }
    }

    /// What can be handed on after one more piece; may be empty.
    pub fn push(&mut self, piece: &str) -> String {
        self.waiting.push_str(piece);
        let keep = match self.waiting.rfind('[') {
            Some(start) if self.waiting.len() - start < LONGEST && !self.waiting[start..].contains(']') => {
                start
            }
            _ => self.waiting.len(),
        };
        let rest = self.waiting.split_off(keep);
        restored(self.session, &std::mem::replace(&mut self.waiting, rest))
    }

    /// What still waits at the end.
    pub fn finish(self) -> String {
        restored(self.session, &self.waiting)
    }
}

fn restored(session: &Session, text: &str) -> String {
    let mut restored = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        restored.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.bytes().take(LONGEST).position(|byte| byte == b']').map_or(1, |last| last + 1);
        let (candidate, after) = rest.split_at(end);
        let value = session.restore(candidate);
        match value == candidate {
            true => restored.push_str(candidate),
            false => push_escaped(&mut restored, &value),
        }
        rest = after;
    }
    restored.push_str(rest);
    restored
}

fn push_escaped(text: &mut String, value: &str) {
    let quoted = serde_json::Value::from(value).to_string();
    text.push_str(&quoted[1..quoted.len() - 1]);
}

#[cfg(test)]
mod tests {
    use super::super::redact::{Config, Redactor};
    use super::*;

    fn session(texts: &[&str]) -> Session {
        let config = Config { emails: true, addresses: true, ..Config::default() };
        let mut session = Redactor::new(&config).session();
        for text in texts {
            drop(session.redact(text));
        }
        session
    }

    fn pieces(session: &Session, pieces: &[&str]) -> Vec<String> {
        let mut deltas = Deltas::new(session);
        let mut handed: Vec<String> = pieces.iter().map(|piece| deltas.push(piece)).collect();
        handed.push(deltas.finish());
        handed
    }

    #[test]
    fn a_placeholder_in_pieces_is_put_back_as_one() {
        let session = session(&["host 10.0.0.7 of ann@example.org"]);
        for (what, texts, expected) in [
            ("whole", vec![r#"{"a":"[ip-1]"}"#], vec![r#"{"a":"10.0.0.7"}"#, ""]),
            ("cut in two", vec!["on [ip", "-1] now"], vec!["on ", "10.0.0.7 now", ""]),
            (
                "letter by letter",
                vec!["[", "e", "m", "a", "i", "l", "-", "1", "]"],
                vec!["", "", "", "", "", "", "", "", "ann@example.org", ""],
            ),
            ("no placeholder", vec!["[ip", " of a list]"], vec!["", "[ip of a list]", ""]),
            ("an unknown one", vec!["[ip-2]"], vec!["[ip-2]", ""]),
            ("a bracket that is never closed", vec!["a [ip-1"], vec!["a ", "[ip-1"]),
            (
                "a bracket too far away",
                vec!["[0123456789012345678901234", "x]"],
                vec!["[0123456789012345678901234", "x]", ""],
            ),
            ("one in another", vec!["[[ip-1]"], vec!["[10.0.0.7", ""]),
            ("letters of several bytes", vec!["ä[é", "ü][ip-1]"], vec!["ä", "[éü]10.0.0.7", ""]),
        ] {
            assert_eq!(pieces(&session, &texts), expected, "{what}");
        }
    }

    #[test]
    fn secrets_stay_out_and_what_is_put_back_is_escaped() {
        let session = session(&[r"password=hunter2hunter2 and \[ip-1\]"]);
        let text = pieces(&session, &["[secret-1] [text-1]"]).concat();
        assert!(!text.contains("hunter2") && text.starts_with("[secret-1] "), "{text}");
        let json = format!("\"{text}\"");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), r"[secret-1] \[ip-1\]");
    }
}
