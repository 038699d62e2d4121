//! What a look-up found: lines of text within bounds. Pure.

use serde::Serialize;

/// Bytes of a finding's title and lines together.
pub const MAX_FINDING: usize = 16 * 1024;
/// Characters of one line.
const MAX_LINE: usize = 600;
/// Characters of the title, which may quote an expression.
const MAX_TITLE: usize = 300;

/// What a look-up found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was asked and how much of it there is, a sentence.
    pub title: String,
    /// The most important first, or in the order of time; each is one line without control characters.
    pub lines: Vec<String>,
    /// How many lines there would be beyond these.
    pub left_out: usize,
}

impl Finding {
    /// As many of the lines as fit.
    pub(super) fn new(title: &str, lines: impl IntoIterator<Item = String>) -> Self {
        let title = one_line(title, MAX_TITLE);
        let mut finding = Self { left_out: 0, lines: Vec::new(), title };
        let mut room = MAX_FINDING - finding.title.len();
        for line in lines {
            let line = one_line(&line, MAX_LINE);
            if finding.left_out == 0 && line.len() < room {
                room -= line.len() + 1;
                finding.lines.push(line);
            } else {
                finding.left_out += 1;
            }
        }
        finding
    }

    /// So many more lines were never made.
    pub(super) fn and_more(mut self, more: usize) -> Self {
        self.left_out += more;
        self
    }

    /// Title and lines, one below the other, and how much was left out.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        self.lines.iter().for_each(|line| text.extend([line, "\n"]));
        if self.left_out > 0 {
            text.push_str(&format!("({} more left out; ask for less)\n", self.left_out));
        }
        text
    }
}

/// Text of any origin as one line that shows all it has, cut after so many characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let line = crate::logs::on_one_line(text);
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_keeps_its_bounds_and_says_what_it_left_out() {
        for (count, length, kept) in [(3, 10, 3), (1000, 1000, 9), (10_000, 1, 8184), (0, 0, 0)] {
            let found = Finding::new("title", (0..count).map(|_| "é".repeat(length)));
            let bytes = found.title.len() + found.lines.iter().map(|line| line.len() + 1).sum::<usize>();
            assert!(bytes <= MAX_FINDING, "{count} of {length}: {bytes}");
            assert_eq!(found.lines.len() + found.left_out, count, "nothing is lost");
            if length != 1 {
                assert!(found.lines.len() >= kept, "{count} of {length}: {}", found.lines.len());
            }
        }
    }

    #[test]
    fn text_from_outside_stays_on_its_line() {
        let found = Finding::new("a\nb", ["x\r\n\u{1b}[2Jy\u{202e}".to_owned()]).and_more(2);
        assert_eq!(found.text(), "a b\nx   [2Jy \n(2 more left out; ask for less)\n");
    }
}
