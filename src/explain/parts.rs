//! The texts of a JSON answer as they become complete, while the rest is still being written. Pure.

/// Bytes that are kept; what comes after them is not looked at.
const MAX_ANSWER: usize = 64 << 10;

/// An answer that comes in pieces.
#[derive(Debug, Default)]
pub struct Parts {
    written: String,
    read: usize,
    within: Vec<Level>,
}

#[derive(Debug)]
enum Level {
    /// An object, the key that is being filled, and whether that is yet to come.
    Object {
        key: String,
        awaits_key: bool,
    },
    Array,
}

impl Parts {
    /// The texts that are complete with this piece, each with the keys that lead to it, joined by dots.
    pub fn push(&mut self, piece: &str) -> Vec<(String, String)> {
        if self.written.len() + piece.len() > MAX_ANSWER {
            return Vec::new();
        }
        self.written.push_str(piece);
        let mut complete = Vec::new();
        while let Some(c) = self.written[self.read..].chars().next() {
            if c == '"' {
                let Some(text) = self.text() else { break };
                complete.extend(self.place(text));
            } else {
                self.read += c.len_utf8();
                self.step(c);
            }
        }
        complete
    }

    /// The text that begins here, once its end is there.
    fn text(&mut self) -> Option<String> {
        let rest = &self.written[self.read + 1..];
        let mut escaped = false;
        let end = rest.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        let quoted = &self.written[self.read..self.read + end + 2];
        let text = serde_json::from_str(quoted).unwrap_or_default();
        self.read += quoted.len();
        Some(text)
    }

    /// A key is remembered; a value is given with the keys that lead to it.
    fn place(&mut self, text: String) -> Option<(String, String)> {
        if let Some(Level::Object { key, awaits_key: true }) = self.within.last_mut() {
            *key = text;
            return None;
        }
        let keys: Vec<&str> = self
            .within
            .iter()
            .filter_map(|level| match level {
                Level::Object { key, .. } => Some(key.as_str()),
                Level::Array => None,
            })
            .collect();
        Some((keys.join("."), text))
    }

    fn step(&mut self, c: char) {
        match (c, self.within.last_mut()) {
            ('{', _) => self.within.push(Level::Object { key: String::new(), awaits_key: true }),
            ('[', _) => self.within.push(Level::Array),
            ('}' | ']', _) => drop(self.within.pop()),
            (':', Some(Level::Object { awaits_key, .. })) => *awaits_key = false,
            (',', Some(Level::Object { awaits_key, .. })) => *awaits_key = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#" {"headline": "It is \"slow\", ü{.", "impact": {"text": "A.\nB.", "evidence": ["e1", "e2"]},
        "n": [1, true, null, -2.5e3, {"x": "y"}], "next_steps": ["Look.", "Wait."], "empty": ""} "#;

    #[test]
    fn texts_come_as_soon_as_they_are_complete_however_the_answer_is_cut() {
        let all = Parts::default().push(ANSWER);
        let expected = [
            ("headline", "It is \"slow\", ü{."),
            ("impact.text", "A.\nB."),
            ("impact.evidence", "e1"),
            ("impact.evidence", "e2"),
            ("n.x", "y"),
            ("next_steps", "Look."),
            ("next_steps", "Wait."),
            ("empty", ""),
        ];
        let told: Vec<_> = all.iter().map(|(place, text)| (place.as_str(), text.as_str())).collect();
        assert_eq!(told, expected);
        for size in 1..40 {
            let mut parts = Parts::default();
            let characters: Vec<char> = ANSWER.chars().collect();
            let pieces = characters.chunks(size).map(|piece| piece.iter().collect::<String>());
            let in_pieces: Vec<_> = pieces.flat_map(|piece| parts.push(&piece)).collect();
            assert_eq!(in_pieces, all, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_json_or_has_no_end_harms_nothing() {
        for text in ["}}}]]]", "\"\\", "{\"a\" \"b\" : : , , }", "\u{0}\u{1}", "\"\\ud800\""] {
            let mut parts = Parts::default();
            for _ in 0..1000 {
                parts.push(text);
            }
            assert!(parts.written.len() <= MAX_ANSWER);
        }
        let mut parts = Parts::default();
        assert!(parts.push(&"x".repeat(MAX_ANSWER + 1)).is_empty() && parts.written.is_empty());
    }
}
