//! What stands between a name and its value: `=`, `: `, `": "`, `=>`, `%3D`, `>`, and `", "` in a list.

use std::sync::LazyLock;

use regex::Regex;

/// Blanks that may stand before and after it.
const MAX_BLANKS: usize = 16;

/// Bytes in which the second half of a pair begins.
const MAX_PAIR: usize = 64;

/// Bytes of the second half of a pair in a list.
const MAX_LISTED: usize = 4096;

/// What stands between the halves of a pair: `"name": "PASSWORD", "value": …`, in JSON or in YAML.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^\s*,?\s*(?:\\*["'])?(?i:value)(?:\\*["'])?\s{0,4}[:=][ \t]{0,4}"#).expect("it is valid")
});

/// What ties a value to its name in a sentence.
static SAID: LazyLock<Regex> = LazyLock::new(|| {
    let verbs = r"(?:is|was|were|has been) (?:re)?set to|(?:was|were|has been) changed to|(?:is|was|are|were|will be)";
    Regex::new(&format!(r"^(?i:(?:{verbs})(?: now| still| just| currently)?)[ \t]+")).expect("it is valid")
});

/// The next text of a list.
static NEXT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^\s{0,16},\s{0,16}(\\*["'])"#).expect("it is valid"));

/// How a name is tied to its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tie {
    /// `name: value`, as in YAML and in headers.
    Colon,
    /// `name=value` and the like.
    Sign,
    /// `name == value`: a comparison, whose right side is a secret only in quotes.
    Comparison,
    /// `--name value`, and `name 'value'` as in SQL.
    Blank,
    /// `name is value`, as people write; also `was`, `was set to` and the like.
    Said,
    /// `name value`, as people write.
    Told,
}

/// Where the value of the name at `start..end` begins, if one follows on the same line.
pub(super) fn after(text: &str, start: usize, end: usize) -> Option<(usize, Tie)> {
    let bytes = text.as_bytes();
    let closed = skip_quote(bytes, end);
    if let Some(value) = PAIR.find(&text[closed..text.floor_char_boundary(closed + MAX_PAIR)]) {
        return Some((closed + value.end(), Tie::Sign));
    }
    if closed > end
        && let Some(value) = listed(text, start, closed)
    {
        return Some((value, Tie::Sign));
    }
    let at = skip_blanks(bytes, closed);
    let rest = &bytes[at..];
    let is_element = start > 0 && bytes[start - 1] == b'<';
    let (length, tie) = match rest {
        [b'=', b'=', ..] => (2 + usize::from(rest.get(2) == Some(&b'=')), Tie::Comparison),
        [b'=', b'>' | b'~', ..] | [b':', b'=', ..] => (2, Tie::Sign),
        [b'=', ..] => (1, Tie::Sign),
        [b':', ..] => (1, Tie::Colon),
        [b'%', b'3', b'D' | b'd' | b'A' | b'a', ..] => (3, Tie::Sign),
        [b'>', first, ..] if is_element && !first.is_ascii_whitespace() => (1, Tie::Sign),
        [first, ..] if at > closed => match said(&text[at..text.floor_char_boundary(at + MAX_PAIR)]) {
            Some(length) => (length, Tie::Said),
            None => (0, blank(&bytes[start..end], *first)?),
        },
        _ => return None,
    };
    let value = skip_blanks(bytes, at + length);
    (value < bytes.len() && !matches!(bytes[value], b'\n' | b'\r')).then_some((value, tie))
}

/// Where the text behind a flag begins in a list, `["--token", "abc"]`, or the second one of a pair,
/// `["X-Api-Key", "abc"]`; what begins with a dash is the next flag.
fn listed(text: &str, start: usize, closed: usize) -> Option<usize> {
    let found = NEXT.captures(&text[closed..text.floor_char_boundary(closed + MAX_PAIR)])?;
    let (quote, value) = (found.get(1)?, closed + found.get(0)?.end());
    let begins = value - quote.len();
    if text[start..].starts_with('-') {
        return (!text[value..].starts_with('-')).then_some(begins);
    }
    let before = text[..start].strip_suffix(quote.as_str())?.trim_end_matches([' ', '\n']);
    let rest = &text[value..text.floor_char_boundary(value + MAX_LISTED)];
    let behind = rest[rest.find(quote.as_str())? + quote.len()..].trim_start();
    (before.ends_with(['[', '(']) && behind.starts_with([']', ')'])).then_some(begins)
}

/// A flag takes its value after a blank, and a name of a password one in quotes.
fn blank(name: &[u8], first: u8) -> Option<Tie> {
    let is_flag = name.windows(2).any(|pair| pair == b"--") && first != b'-';
    let ends = name.to_ascii_lowercase();
    let is_password =
        [&b"password"[..], b"passwd", b"passphrase", b"pwd"].iter().any(|word| ends.ends_with(word));
    match is_flag || is_password && first == b'\'' {
        true => Some(Tie::Blank),
        false => is_password.then_some(Tie::Told),
    }
}

/// The bytes of what ties a value to its name in a sentence: a verb, and what may stand behind it.
fn said(rest: &str) -> Option<usize> {
    SAID.find(rest).map(|verb| verb.end())
}

/// The name's closing quote, which may be escaped, and a bracket behind it as in `['password']`.
fn skip_quote(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at) == Some(&b'\\') {
        at += 1;
    }
    if matches!(bytes.get(at), Some(b'"' | b'\'' | b'`')) {
        at += 1;
        at += usize::from(bytes.get(at) == Some(&b']'));
    }
    at
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let blanks = bytes[at..].iter().take(MAX_BLANKS).take_while(|byte| matches!(byte, b' ' | b'\t'));
    at + blanks.count()
}
