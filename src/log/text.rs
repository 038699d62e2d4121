//! Text in a bounded size: what is longer is cut while it is written, so that nothing large is ever made.

use std::fmt;

/// What stands at the end of a text that was cut.
const CUT: char = '…';

/// A text under way, of at most so many bytes; more is an error to whoever writes, who then stops.
pub(super) struct Bounded {
    text: String,
    limit: usize,
    is_cut: bool,
}

impl Bounded {
    /// An empty text of at most `limit` bytes, but for the mark that it was cut.
    pub(super) fn new(limit: usize) -> Self {
        Self { text: String::new(), limit, is_cut: false }
    }

    /// What was written.
    pub(super) fn finish(mut self) -> String {
        if self.is_cut {
            self.text.push(CUT);
        }
        self.text
    }
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        if self.is_cut {
            return Err(fmt::Error);
        }
        let room = self.limit - self.text.len();
        self.text.push_str(&more[..more.floor_char_boundary(room)]);
        self.is_cut = more.len() > room;
        if self.is_cut { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn a_text_ends_at_its_bound_between_characters() {
        for (claim, pieces, expected) in [
            ("nothing", &[][..], ""),
            ("exactly the bound", &["ab", "cd"], "abcd"),
            ("one byte more", &["ab", "cde"], "abcd…"),
            ("at once", &["abcdefgh"], "abcd…"),
            ("nothing after a cut", &["abcde", "f"], "abcd…"),
            ("a character that does not fit", &["abc", "é"], "abc…"),
        ] {
            let mut text = Bounded::new(4);
            for piece in pieces {
                // What does not fit is what is looked at.
                let _ = text.write_str(piece);
            }
            assert_eq!(text.finish(), expected, "{claim}");
        }
    }
}
