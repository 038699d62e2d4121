//! A stream of events in whole lines, each of bounded length.
//!
//! The library's parser begins a line anew with every piece of it, and fails on a byte order mark. So it gets
//! neither.

/// Longest line, in bytes: an event with the whole of the largest answer.
const MAX_LINE: usize = 512 << 10;
/// What a stream may begin with.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A line is longer than is accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// What has come of a line whose end has not.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: bool,
    rest: Vec<u8>,
}

impl Lines {
    /// The lines that are whole with this piece; may be empty. What has no end when the stream ends is no event.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<u8>, TooLong> {
        let Some(end) = piece.iter().rposition(|byte| *byte == b'\n') else {
            self.rest.extend_from_slice(piece);
            return if self.rest.len() > MAX_LINE { Err(TooLong) } else { Ok(Vec::new()) };
        };
        let (whole, rest) = piece.split_at(end + 1);
        let mut lines = std::mem::replace(&mut self.rest, rest.to_vec());
        lines.extend_from_slice(whole);
        if !std::mem::replace(&mut self.begun, true) && lines.starts_with(MARK) {
            lines.drain(..MARK.len());
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_whole_lines() {
        for (what, pieces, expected) in [
            ("whole", vec!["data: a\n\n", "data: b\n\n"], vec!["data: a\n\n", "data: b\n\n"]),
            ("cut", vec!["da", "ta: a", "\n\nda", "ta: b\n"], vec!["", "", "data: a\n\n", "data: b\n"]),
            ("without an end", vec!["data: a\n", "data: b"], vec!["data: a\n", ""]),
            (
                "a mark at the beginning",
                vec!["\u{feff}data: a\n", "\u{feff}b\n"],
                vec!["data: a\n", "\u{feff}b\n"],
            ),
            ("nothing", vec!["", "\n"], vec!["", "\n"]),
        ] {
            let mut lines = Lines::default();
            let given: Vec<_> = pieces.iter().map(|piece| lines.push(piece.as_bytes()).unwrap()).collect();
            assert_eq!(given, expected.iter().map(|text| text.as_bytes()).collect::<Vec<_>>(), "{what}");
        }
        let mut lines = Lines::default();
        let mark = [&MARK[..1], &MARK[1..], b"a\n"].map(|piece| lines.push(piece).unwrap());
        assert_eq!(mark.concat(), b"a\n", "a mark in pieces");
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut lines = Lines::default();
        let piece = vec![b'x'; MAX_LINE / 4];
        let refused = (1..9).find(|_| lines.push(&piece).is_err());
        assert_eq!(refused, Some(5));
    }
}
