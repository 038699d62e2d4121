//! A text → paragraphs (also items of lists and blocks of code) → sentences.
//!
//! A point ends a sentence only before a blank and a capital letter: not in `10.0.0.1:9100`, 0.5, `e.g.` or
//! `node.yml`. A colon ends one before the first item of a list on the same line. In doubt two sentences are
//! one: they stand or fall together.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What ends with a point and does not end a sentence.
const ABBREVIATIONS: [&str; 14] =
    ["e.g", "i.e", "vs", "approx", "cf", "fig", "no", "dr", "mr", "mrs", "ms", "st", "max", "min"];

/// Marks of headings, lists and quotes.
static MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[ \t]*(?:(?:#{1,6}|[-*+•‣◦–>]|[0-9]{1,3}[.)])[ \t]+)*").expect("it is valid")
});

/// Sentences that stand together on a line, or on several if they were wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Paragraph {
    /// Blanks and marks before the first sentence.
    pub(super) mark: Range<usize>,
    /// The sentences, without the blanks between them; none in an empty line.
    pub(super) sentences: Vec<Range<usize>>,
    /// Where it ends, its newline included.
    pub(super) end: usize,
    /// Whether it is an item of a list.
    pub(super) is_item: bool,
}

/// Cuts a text into paragraphs, and those into sentences.
pub(super) fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let paragraph = if is_fence(&text[at..]) { code(text, at) } else { prose(text, at) };
        at = paragraph.end;
        paragraphs.push(paragraph);
    }
    paragraphs
}

/// A sentence without the number of an item before it, which is none of its claims.
pub(super) fn without_number(sentence: &str) -> &str {
    let rest = sentence.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = sentence.len() - rest.len();
    rest.strip_prefix(". ").filter(|_| (1..=2).contains(&digits)).unwrap_or(sentence)
}

/// Takes the last sentence away, which may be cut in two, and says where it begins.
pub(super) fn drop_last(paragraphs: &mut Vec<Paragraph>, end: usize) -> Option<usize> {
    while let Some(last) = paragraphs.last_mut() {
        if let Some(sentence) = last.sentences.pop() {
            if last.sentences.is_empty() {
                paragraphs.pop();
            }
            return Some(sentence.start);
        }
        paragraphs.pop();
    }
    Some(end)
}

fn is_fence(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    line.starts_with("```") || line.starts_with("~~~")
}

/// A block of code is one sentence, its fences included.
fn code(text: &str, start: usize) -> Paragraph {
    let mut end = start;
    for (number, line) in text[start..].split_inclusive('\n').enumerate() {
        end += line.len();
        if number > 0 && is_fence(line) {
            break;
        }
    }
    let body = start..start + text[start..end].trim_end().len();
    Paragraph { mark: start..start, sentences: vec![body], end, is_item: false }
}

fn prose(text: &str, start: usize) -> Paragraph {
    let mark = start + MARK.find(&text[start..]).map_or(0, |found| found.end());
    let is_item = !text[start..mark].trim().is_empty();
    let mut end = line_end(text, start);
    while end < text.len() && goes_on(&text[mark.min(end)..end], &text[end..]) {
        end = line_end(text, end);
    }
    Paragraph { mark: start..mark, sentences: sentences(text, mark..end), end, is_item }
}

fn line_end(text: &str, start: usize) -> usize {
    text[start..].find('\n').map_or(text.len(), |newline| start + newline + 1)
}

/// Whether a sentence goes on in the next line: it has no end, and the next has no mark and begins small.
fn goes_on(before: &str, next: &str) -> bool {
    let before = before.trim_end();
    let line = &next[..line_end(next, 0)];
    let marked = MARK.find(line).is_some_and(|found| !found.as_str().trim().is_empty());
    let begins = line.trim_start().chars().next();
    !before.is_empty()
        && !before.ends_with(['.', '!', '?', ':', ';', '…', '。'])
        && !marked
        && !is_fence(line)
        && begins.is_some_and(|c| !c.is_uppercase() && c != '|')
}

fn sentences(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let body = text[range.clone()].trim_end();
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, c) in body.char_indices() {
        if at < start || !matches!(c, '.' | '!' | '?' | ':' | '…' | '。' | '！' | '？') {
            continue;
        }
        if let Some(end) = ends_at(body, start, at + c.len_utf8()) {
            sentences.push(range.start + start..range.start + end);
            start = end + (body[end..].len() - body[end..].trim_start().len());
        }
    }
    if start < body.len() {
        sentences.push(range.start + start..range.start + body.len());
    }
    sentences
}

/// The end of the sentence, if one ends with the mark before `after`: closing quotes belong to it.
fn ends_at(body: &str, start: usize, after: usize) -> Option<usize> {
    let rest = &body[after..];
    let closing = rest.trim_start_matches(['.', '!', '?', '"', '\'', ')', ']', '*', '_', '”', '’', '»']);
    let end = body.len() - closing.len();
    let next = closing.trim_start();
    let mark = body[..after].chars().next_back()?;
    if mark == ':' {
        return (next.starts_with("1. ") && end == after).then_some(end);
    }
    if matches!(mark, '。' | '！' | '？') {
        return Some(end);
    }
    let apart = next.len() < closing.len();
    let small =
        next.trim_start_matches(['"', '\'', '(', '*', '_', '“', '`', '[']).starts_with(char::is_lowercase);
    (apart && !next.is_empty() && !(mark == '.' && (small || is_abbreviated(&body[start..after - 1]))))
        .then_some(end)
}

/// Whether the point belongs to what stands before it: an abbreviation, an initial, the number of an item.
fn is_abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let is_initial = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase());
    let is_number =
        word.len() <= 2 && word.len() == before.len() && word.bytes().all(|byte| byte.is_ascii_digit());
    is_initial || is_number || ABBREVIATIONS.iter().any(|short| short.eq_ignore_ascii_case(word))
}
