//! A text → links, times, numbers with their units, and words, as both the evidence and a claim are read.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::moment::{self, Moment};
use super::quantity::{Form, Quantity};
use super::unit::{self, Unit};

/// What a text says that can be looked up.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item<'a> {
    /// The address of a page.
    Link(&'a str),
    /// A time or a date.
    Moment(Moment),
    /// A number; whether "about" or the like stands before it.
    Quantity(Quantity, bool),
    /// A word, a name or an option of a command.
    Word(&'a str),
}

/// What says that a number is not meant exactly.
const HEDGES: [&str; 14] = [
    "about",
    "around",
    "roughly",
    "approximately",
    "approx",
    "nearly",
    "almost",
    "over",
    "under",
    "than",
    "least",
    "most",
    "some",
    "circa",
];

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:\b[a-z][a-z0-9+.\-]{1,15}://|\bwww\.|\b(?:mailto|javascript):)[^\s<>"'`)\]}]+"#)
        .expect("it is valid")
});

/// Everything in a text that is [`normal`](super::normal), in its order.
pub(super) fn items(text: &str) -> Vec<Item<'_>> {
    let links = LINK.find_iter(text).map(|found| (found.range(), Item::Link(trim_link(found.as_str()))));
    let moments = moment::find(text).into_iter().map(|(range, moment)| (range, Item::Moment(moment)));
    let mut special: Vec<(Range<usize>, Item<'_>)> = links.chain(moments).collect();
    special.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
    let mut items = Vec::new();
    let mut end = 0;
    for (range, item) in special {
        if range.start >= end {
            plain(&text[end..range.start], &mut items);
            items.push(item);
            end = range.end;
        }
    }
    plain(&text[end..], &mut items);
    items
}

fn trim_link(link: &str) -> &str {
    link.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '|', '/'])
}

/// Words and numbers of a text without links and times.
fn plain<'a>(text: &'a str, items: &mut Vec<Item<'a>>) {
    let tokens = tokens(text);
    let mut at = 0;
    while at < tokens.len() {
        let token = &text[tokens[at].clone()];
        let next =
            tokens.get(at + 1).filter(|next| text[tokens[at].end..next.start].trim_matches(' ').is_empty());
        let next = next.map(|next| &text[next.clone()]);
        let hedged = is_hedged(text, &tokens, at);
        let taken = match quantities(token, next) {
            Some((quantities, taken)) => {
                items.extend(quantities.into_iter().map(|quantity| Item::Quantity(quantity, hedged)));
                taken
            }
            None => {
                items.push(Item::Word(token));
                1
            }
        };
        at += taken;
    }
}

fn is_hedged(text: &str, tokens: &[Range<usize>], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &text[tokens[before].clone()]);
    let sign = text[..tokens[at].start].trim_end().ends_with(['~', '≈']);
    sign || before.is_some_and(|before| HEDGES.iter().any(|hedge| hedge.eq_ignore_ascii_case(before)))
}

/// The numbers of a token, and how many tokens they take: two if the next is their unit.
fn quantities(token: &str, next: Option<&str>) -> Option<(Vec<Quantity>, usize)> {
    if let Some(quantity) = in_words(token, next) {
        return Some((vec![quantity], 1 + usize::from(quantity.unit != Unit::None && !token.contains('-'))));
    }
    if !token.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
        return None;
    }
    let parts = || token.trim_start_matches('-').split(['-', '/']);
    let mut quantities: Vec<Quantity> = match Quantity::token(token) {
        Some(quantity) => vec![quantity],
        None => parts().map(Quantity::token).collect::<Option<_>>()?,
    };
    let last = quantities.last_mut()?;
    let unit = next
        .filter(|_| last.unit == Unit::None && last.form == Form::Digits)
        .and_then(|next| unit::read(next, false));
    if let Some(unit) = unit {
        *last = last.with(unit);
    }
    Some((quantities, 1 + usize::from(unit.is_some())))
}

/// `two`, `two hours`, `two-hour`, `twenty-five`; "one" says how much only before a unit.
fn in_words(token: &str, next: Option<&str>) -> Option<Quantity> {
    let (first, second) =
        token.split_once('-').map_or((token, None), |(first, second)| (first, Some(second)));
    let quantity = Quantity::word(first)?;
    let unit = second.or(next).and_then(|unit| unit::read(unit, false));
    let ones = second.and_then(Quantity::word);
    match (ones, unit) {
        (Some(ones), _) => Some(Quantity { value: quantity.value + ones.value, ..quantity }),
        (None, Some(unit)) => Some(quantity.with(unit)),
        (None, None) => (quantity.value != 1.0).then_some(quantity),
    }
}

/// Runs of what names and numbers are made of, without the points and the like at their ends.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (is_inside(text, at, c), start) {
            (true, None) => start = Some(at),
            (false, Some(begun)) => {
                tokens.push(begun..at);
                start = None;
            }
            _ => {}
        }
    }
    tokens.extend(start.map(|begun| begun..text.len()));
    tokens.iter_mut().for_each(|token| trim(text, token));
    tokens.retain(|token| !token.is_empty());
    tokens
}

fn is_inside(text: &str, at: usize, c: char) -> bool {
    match c {
        '.' | '_' | '-' | '/' | ':' | '@' | '%' => true,
        ',' => is_between_thousands(text.as_bytes(), at),
        '+' => is_exponent(text.as_bytes(), at),
        _ => c.is_alphanumeric(),
    }
}

/// The comma in `1,234`.
fn is_between_thousands(bytes: &[u8], at: usize) -> bool {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2) && digit(at + 3) && !digit(at + 4)
}

/// The sign in `1e+9`.
fn is_exponent(bytes: &[u8], at: usize) -> bool {
    at > 1
        && matches!(bytes[at - 1], b'e' | b'E')
        && bytes[at - 2].is_ascii_digit()
        && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
}

fn trim(text: &str, token: &mut Range<usize>) {
    let ended = text[token.clone()].trim_end_matches(['.', ':', '-', '/', '@']);
    token.end = token.start + ended.len();
    let begun = ended.trim_start_matches(['.', ':', '@']);
    let begun = if begun.len() > 1 { begun.trim_start_matches('%') } else { begun };
    token.start = token.end - begun.len();
}
