//! Where a value begins and ends: in quotes, in a word, in the rest of a line, in a block of YAML.

use std::ops::Range;

/// Bytes of a value in quotes or on a line; what is longer is cut there.
const MAX_VALUE: usize = 64 * 1024;
/// Bytes of a value that is taken out only if it looks random, which no longer one does.
const MAX_SHORT: usize = 600;
/// Bytes of what may be the next name after a comma.
const MAX_NEXT: usize = 64;

/// How far a value without quotes goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// To the next blank, which is near.
    Short,
    /// To the next blank.
    Word,
    /// To the end of the line.
    Line,
}

/// The value that begins at `start`. `quote` is the quote within which the name stands, if it does.
pub(super) fn range(text: &str, start: usize, extent: Extent, quote: Option<char>) -> Range<usize> {
    let max = if extent == Extent::Short { MAX_SHORT } else { MAX_VALUE };
    let rest = &text[start..text.floor_char_boundary(start + max)];
    let escapes = rest.len() - rest.trim_start_matches('\\').len();
    if let Some(mark) = rest[escapes..].chars().next().filter(|c| "\"'`".contains(*c)) {
        return quoted(rest, escapes, mark, start);
    }
    let length = if extent == Extent::Line { line(rest, quote) } else { word(rest) };
    start..start + length
}

fn line(rest: &str, quote: Option<char>) -> usize {
    let ends = |c: char| matches!(c, '\n' | '\r') || Some(c) == quote;
    rest[..rest.find(ends).unwrap_or(rest.len())].trim_end().len()
}

/// A block of YAML after `|` or `>`: every line that is indented further than the name.
pub(super) fn block(text: &str, start: usize, indent: usize) -> Option<Range<usize>> {
    let rest = &text[start..text.floor_char_boundary(start + MAX_VALUE)];
    let mark = &rest[..rest.len() - rest.trim_start_matches(['|', '>', '-', '+']).len()];
    let lines = rest[mark.len()..].trim_start_matches([' ', '\t', '\r']).strip_prefix('\n')?;
    let begin = start + rest.len() - lines.len();
    let mut length = 0;
    for line in lines.split_inclusive('\n') {
        let blanks = line.len() - line.trim_start().len();
        if !line.trim().is_empty() && blanks <= indent {
            break;
        }
        length += line.len();
    }
    let body = &text[begin..begin + length];
    let from = body.len() - body.trim_start().len();
    (mark.starts_with(['|', '>']) && !body.trim().is_empty())
        .then(|| begin + from..begin + body.trim_end().len())
}

/// What stands between two quotes written alike, such as `"` or `\"`; without a second one, the line.
fn quoted(rest: &str, escapes: usize, mark: char, start: usize) -> Range<usize> {
    let opening = escapes + 1;
    let inside = &rest[opening..];
    let end = closing(inside, escapes, mark).unwrap_or_else(|| line(inside, None));
    start + opening..start + opening + end
}

/// The first such quote with as many backslashes before it as the opening one has, or fewer.
fn closing(inside: &str, escapes: usize, mark: char) -> Option<usize> {
    let mut backslashes = 0;
    for (at, c) in inside.char_indices() {
        if c == mark && backslashes <= escapes {
            return Some(at - backslashes);
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
    }
    None
}

/// To the next blank, quote or tag, or to a separator with another name behind it; a bracket that closes
/// what was opened before is none of it.
fn word(line: &str) -> usize {
    let mut length = line.len();
    let mut depth = 0i32;
    for (at, c) in line.char_indices() {
        let ends = match c {
            '(' | '[' | '{' => {
                depth += 1;
                false
            }
            ')' | ']' | '}' => {
                depth -= 1;
                depth < 0 && is_end(&line[at + 1..])
            }
            ',' | '&' | ';' => is_end(&line[at + 1..]),
            _ => c.is_whitespace() || "\"'`".contains(c) || line[at..].starts_with("</"),
        };
        if ends {
            length = at;
            break;
        }
    }
    length
}

/// Whether a value may end here: nothing, a blank, a closing bracket or the next name follows.
fn is_end(rest: &str) -> bool {
    let rest = &rest[..rest.floor_char_boundary(MAX_NEXT)];
    let trimmed = rest.trim_start_matches(['"', '\'', '\\']);
    let name = trimmed.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let named = name.len() < trimmed.len();
    let tied = name.trim_start_matches(['"', '\'', '\\']).starts_with(['=', ':']);
    rest.is_empty()
        || rest.starts_with(|c: char| c.is_whitespace() || ")]},;\"'`<.".contains(c))
        || named && tied
}
