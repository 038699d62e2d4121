//! A question that may be asked: short, on one line, in characters that show what they are. Pure.

use std::fmt;

/// A question within its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question(String);

/// Why a text is not a question. Each says what to do, and none repeats the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// There is nothing but blanks.
    #[error("the question is empty; ask for example: what is firing?")]
    Empty,
    /// It is longer than `chat.max_question` says.
    #[error("the question has {has} characters; write at most {most}, or raise chat.max_question")]
    TooLong {
        /// How many characters it has.
        has: usize,
        /// How many it may have.
        most: usize,
    },
    /// A line break, a tab, an escape or the like.
    #[error(
        "character {at} of the question is a control character (U+{code:04X}); write it on one line, without it"
    )]
    Control {
        /// Its place, counted from 1.
        at: usize,
        /// Its code point.
        code: u32,
    },
    /// A character that turns the direction of the text, hides, or ends a line.
    #[error(
        "character {at} of the question is invisible or turns the direction of the text (U+{code:04X}); leave it out"
    )]
    Invisible {
        /// Its place, counted from 1.
        at: usize,
        /// Its code point.
        code: u32,
    },
}

impl Question {
    /// Checks a text; blanks around it do not count. `most`: the longest question, in characters.
    pub fn new(text: &str, most: usize) -> Result<Self, QuestionError> {
        let text = text.trim();
        let has = text.chars().count();
        match text.chars().enumerate().find_map(fault) {
            _ if has > most => Err(QuestionError::TooLong { has, most }),
            Some(fault) => Err(fault),
            None if has == 0 => Err(QuestionError::Empty),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Its text, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn fault((index, c): (usize, char)) -> Option<QuestionError> {
    let (at, code) = (index + 1, u32::from(c));
    if c.is_control() {
        return Some(QuestionError::Control { at, code });
    }
    is_invisible(c).then_some(QuestionError::Invisible { at, code })
}

/// Marks of direction and of joining, separators of lines, tags, and what has no width.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_short_visible_and_on_one_line() {
        let long = "x".repeat(201);
        let wide = "é".repeat(200);
        for (text, expected, sentence) in [
            ("what is firing?", Ok("what is firing?"), "plain text stays"),
            ("  what is firing?\r\n", Ok("what is firing?"), "blanks and line ends around it do not count"),
            (&wide, Ok(wide.as_str()), "characters count, not bytes"),
            (&long, Err("201 characters; write at most 200"), "one too many"),
            ("", Err("is empty; ask for example"), "nothing"),
            (" \t\n", Err("is empty"), "nothing but blanks"),
            ("a\nb", Err("character 2 of the question is a control character (U+000A)"), "two lines"),
            ("a\tb", Err("U+0009"), "a tab"),
            ("\u{1b}[2J", Err("character 1 of the question is a control character (U+001B)"), "an escape"),
            ("a\u{9b}b", Err("U+009B"), "an escape of one byte"),
            ("a\u{202e}b", Err("turns the direction of the text (U+202E)"), "right to left"),
            ("a\u{2066}b", Err("U+2066"), "an isolate"),
            ("ab\u{200b}c", Err("character 3"), "a blank that nobody sees"),
            ("a\u{2028}b", Err("U+2028"), "a separator of lines"),
            ("a\u{e0041}b", Err("U+E0041"), "a tag"),
            ("läuft web-1? 日本", Ok("läuft web-1? 日本"), "any language's letters"),
        ] {
            let found = Question::new(text, 200);
            match (&found, expected) {
                (Ok(question), Ok(expected)) => assert_eq!(question.as_str(), expected, "{sentence}"),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{sentence}: {error}"),
                _ => panic!("{sentence}: {found:?}"),
            }
        }
    }
}
