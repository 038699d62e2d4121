//! What an action prints or answers: bounded while it is read, cleaned before it is kept.

use std::collections::VecDeque;

/// The beginning and the end of a stream, in bounded memory.
#[derive(Debug)]
pub(super) struct Capture {
    head: Vec<u8>,
    head_limit: usize,
    tail: VecDeque<u8>,
    tail_limit: usize,
    left_out: u64,
}

impl Capture {
    /// Keeps at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        let head_limit = limit / 2;
        let tail_limit = limit - head_limit;
        Self { head: Vec::new(), head_limit, tail: VecDeque::new(), tail_limit, left_out: 0 }
    }

    /// Takes the next bytes of the stream.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = (self.head_limit - self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let surplus = self.tail.len().saturating_sub(self.tail_limit);
        self.tail.drain(..surplus);
        self.left_out += surplus as u64;
    }

    /// What was kept, as clean text, with a line that says how much is missing.
    pub(super) fn text(&self) -> String {
        let (front, back) = self.tail.as_slices();
        let tail = [front, back].concat();
        if self.left_out == 0 {
            return printable(&[&*self.head, &tail].concat());
        }
        format!("{}\n[{} bytes left out]\n{}", printable(&self.head), self.left_out, printable(&tail))
    }
}

/// Bytes of what a server or a library says about an error.
const MAX_MESSAGE: usize = 300;

/// The first line, cut to a bound, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    printable(&line.as_bytes()[..line.floor_char_boundary(MAX_MESSAGE)])
}

/// Text without control characters other than newline and tab; what is not UTF-8 becomes U+FFFD.
pub(super) fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(limit: usize, pieces: &[&str]) -> String {
        let mut capture = Capture::new(limit);
        pieces.iter().for_each(|piece| capture.push(piece.as_bytes()));
        capture.text()
    }

    #[test]
    fn the_beginning_and_the_end_are_kept() {
        for (claim, pieces, expected) in [
            ("nothing", &[][..], ""),
            ("less than the bound", &["abc", "def"], "abcdef"),
            ("exactly the bound", &["abcd", "efgh"], "abcdefgh"),
            ("one byte more", &["abcdefghi"], "abcd\n[1 bytes left out]\nfghi"),
            ("in small pieces", &["a", "bc", "de", "fgh", "ij", "k"], "abcd\n[3 bytes left out]\nhijk"),
            ("a character cut in two", &["abc\u{e9}defgh"], "abc\u{fffd}\n[2 bytes left out]\nefgh"),
        ] {
            assert_eq!(captured(8, pieces), expected, "{claim}");
        }
    }

    #[test]
    fn control_characters_do_not_survive() {
        for (claim, bytes, expected) in [
            ("newline and tab stay", &b"a\tb\n"[..], "a\tb\n"),
            ("carriage return and NUL go", b"a\r\n\0b", "a\nb"),
            ("an escape sequence loses its teeth", b"\x1b[31mred", "[31mred"),
            ("so does one in a single character", "\u{9b}31mred".as_bytes(), "31mred"),
            ("what is not UTF-8 is marked", b"a\xffb", "a\u{fffd}b"),
        ] {
            assert_eq!(printable(bytes), expected, "{claim}");
        }
    }
}
