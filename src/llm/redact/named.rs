//! Secrets that follow a name: `password=…`, `"token": "…"`, `Authorization: Bearer …`, `?api_key=…`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::entropy::looks_random;
use super::name::{self, Promise};
use super::placeholder;
use super::prose;
use super::separator::{self, Tie};
use super::span::Span;
use super::value::{self, Extent};

/// Bytes of a name to either side of the word that makes it one.
const MAX_NAME: usize = 64;
/// Bytes of a variable's name.
const MAX_REFERENCE: usize = 128;
/// Schemes of HTTP authentication whose value is one word.
const SCHEMES: [&str; 5] = ["bearer", "basic", "token", "apikey", "splunk"];
/// Values that say that there is no secret.
const NOTHING: [&str; 13] = [
    "null",
    "none",
    "nil",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "undefined",
    "empty",
    "unset",
    "redacted",
];
/// Words that hide one, within brackets or stars.
const MASKS: [&str; 4] = ["secret", "hidden", "masked", "password"];
/// Words that make a secret of the key behind them: `API key`.
const KEYS: [&str; 7] = ["api", "private", "access", "secret", "signing", "encryption", "license"];

/// Words that names of secrets have in them.
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    let words = [
        r"pass(?:word|wd|phrase|code)?|pwd|pw\b|secret|token|key|credential|auth|cookie",
        r"sess(?:ion)?_?id|session|sid\b|salt|sig\b|signature|dsn|jwt",
    ];
    Regex::new(&format!("(?i){}", words.join("|"))).expect("it is valid")
});

/// Every value that a name promises to be a secret.
pub(super) fn find(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut done = 0;
    for word in WORD.find_iter(text) {
        if word.start() < done {
            continue;
        }
        let name = name_around(text, word.range());
        done = name.end;
        if let Some(secret) = secret_after(text, &name) {
            done = secret.end;
            spans.push(Span::secret(secret));
        }
    }
    spans
}

/// The secret in a value that stands apart from its name, as in a field, a header or a label: all of it, but for a
/// scheme such as `Bearer`. Behind a name that stands in a `list` of words, only what looks like a password is one.
pub(super) fn apart(name: &str, value: &str, list: bool) -> Option<Range<usize>> {
    let name = &name[..name.floor_char_boundary(MAX_NAME)];
    let promises = WORD.find_iter(name).filter_map(|word| promise(name, &name_around(name, word.range())));
    let secret = |promise| {
        let (start, _) = extent(value, 0, promise, true);
        let found = value[start..].trim();
        let start = value.len() - value[start..].trim_start().len();
        (is_secret(promise, found) && (!list || prose::looks_like_password(found)))
            .then(|| start..start + found.len())
    };
    promises.filter_map(secret).next()
}

fn name_around(text: &str, word: Range<usize>) -> Range<usize> {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let bytes = text.as_bytes();
    let before = bytes[..word.start].iter().rev().take(MAX_NAME).take_while(|byte| part(byte)).count();
    let after = bytes[word.end..].iter().take(MAX_NAME).take_while(|byte| part(byte)).count();
    word.start - before..word.end + after
}

fn secret_after(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let promise = promise(text, name)?;
    let (start, tie) = separator::after(text, name.start, name.end)?;
    if tie == Tie::Comparison && !text[start..].starts_with(['"', '\'']) {
        return None;
    }
    let before = before(text, name.start);
    let leads =
        before.is_some_and(|before| before.trim_start_matches([' ', '\t', '-', '"', '\'']).is_empty());
    let block = before.filter(|_| leads).and_then(|before| value::block(text, start, before.len()));
    let value = block.unwrap_or_else(|| {
        let (start, extent) = extent(text, start, promise, leads && tie == Tie::Colon);
        value::range(text, start, extent, open_quote(text, name))
    });
    let (value, said) = match tie {
        Tie::Said | Tie::Told => {
            let value = prose::without_point(text, value);
            let word = &text[value.clone()];
            let is_quoted = text[..value.start].ends_with(['"', '\'', '`']);
            let said = match tie {
                Tie::Said => is_quoted || prose::is_given_away(word),
                _ => prose::looks_like_password(word),
            };
            (value, said)
        }
        _ => (value, true),
    };
    (said && is_secret(promise, &text[value.clone()])).then_some(value)
}

fn promise(text: &str, name: &Range<usize>) -> Option<Promise> {
    let written = &text[name.clone()];
    let before = &text[text.ceil_char_boundary(name.start.saturating_sub(MAX_NAME))..name.start];
    let word =
        before.strip_suffix(' ').and_then(|before| before.rsplit(|c: char| !c.is_alphanumeric()).next());
    let is_key = written.eq_ignore_ascii_case("key");
    match word.filter(|word| is_key && KEYS.iter().any(|kind| kind.eq_ignore_ascii_case(word))) {
        Some(_) => Some(Promise::Secret),
        None => name::promise(written),
    }
}

/// The beginning of the line, if the name stands near it.
fn before(text: &str, at: usize) -> Option<&str> {
    let window = &text[text.ceil_char_boundary(at.saturating_sub(MAX_NAME))..at];
    match window.rfind('\n') {
        Some(newline) => Some(&window[newline + 1..]),
        None => (window.len() == at).then_some(window),
    }
}

/// The quote that stands before the name and is not closed behind it: `'Authorization: …'`.
fn open_quote(text: &str, name: &Range<usize>) -> Option<char> {
    let quote = text[..name.start].chars().next_back().filter(|c| "\"'`".contains(*c))?;
    (!text[name.end..].trim_start_matches('\\').starts_with(quote)).then_some(quote)
}

/// Where the secret itself begins, behind a scheme such as `Bearer`, and how far it goes.
fn extent(text: &str, start: usize, promise: Promise, leads: bool) -> (usize, Extent) {
    if promise == Promise::IfRandom {
        return (start, Extent::Short);
    }
    let quote = usize::from(text[start..].starts_with(['"', '\'']));
    let rest = &text[start + quote..text.floor_char_boundary(start + quote + MAX_NAME)];
    let scheme = rest.split([' ', '\t']).next().unwrap_or_default();
    let blanks = rest[scheme.len()..].len() - rest[scheme.len()..].trim_start_matches([' ', '\t']).len();
    if blanks > 0 && SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
        return (start + quote + scheme.len() + blanks, Extent::Word);
    }
    let line = promise == Promise::Header || promise == Promise::Secret && leads;
    (start, if line { Extent::Line } else { Extent::Word })
}

fn is_secret(promise: Promise, value: &str) -> bool {
    let bare = value.trim_matches(|c: char| !c.is_alphanumeric());
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(bare));
    let masked = bare.len() < value.len() && value.starts_with(['<', '[', '*', '(']) && is_one_of(&MASKS);
    let nothing = bare.is_empty() || masked || is_one_of(&NOTHING);
    if nothing || placeholder::is_one(value) || is_reference(value) {
        return false;
    }
    match promise {
        Promise::Secret | Promise::Header => true,
        Promise::Likely => !is_quantity(value),
        Promise::IfRandom => looks_random(value),
    }
}

/// A variable to be filled in, without a default: `${PASSWORD}`, `$(cat file)`, `{{ .Password }}`.
fn is_reference(value: &str) -> bool {
    if value.len() > MAX_REFERENCE || value.contains(":-") {
        return false;
    }
    [("${", "}"), ("$(", ")"), ("{{", "}}")]
        .iter()
        .any(|(open, close)| value.starts_with(open) && value.ends_with(close))
}

/// A number, also with a unit: `1500`, `0.5`, `30s`.
fn is_quantity(value: &str) -> bool {
    let number = value.trim_end_matches([',', ';', '.']);
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let unit = number.len() - digits.len();
    unit <= 3 && digits.trim_start_matches(['-', '+', '<', '>', '=']).parse::<f64>().is_ok()
}
