//! The user part of a URL: `scheme://user:password@host`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::placeholder;
use super::span::Span;

/// Bytes of a URL that are searched for the end of its user part.
const MAX_AUTHORITY: usize = 1024;
/// A user without a password is a token if it is at least this long: `https://TOKEN@host`.
const TOKEN: usize = 16;

static SCHEME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[A-Za-z][A-Za-z0-9+.\-]{0,30}://").expect("it is valid"));

/// Every user part with a password or a token, without the `@`.
pub(super) fn find(text: &str) -> Vec<Span> {
    let mut done = 0;
    let mut spans = Vec::new();
    for scheme in SCHEME.find_iter(text) {
        if scheme.start() < done {
            continue;
        }
        if let Some(range) = user_part(text, scheme.end()) {
            done = range.end;
            spans.push(Span::secret(range));
        }
    }
    spans
}

fn user_part(text: &str, start: usize) -> Option<Range<usize>> {
    let limit = text.floor_char_boundary(start + MAX_AUTHORITY);
    let rest = &text[start..limit];
    let rest = &rest[..rest.find(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).unwrap_or(rest.len())];
    let rest = &rest[..rest.find("://").unwrap_or(rest.len())];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let end = authority.rfind('@').or_else(|| behind_slash(rest, authority))?;
    let user = &rest[..end];
    let secret = user.split_once(':').map_or(user.len() >= TOKEN, |(_, password)| !password.is_empty());
    (secret && !placeholder::is_one(user)).then_some(start..start + end)
}

/// The end of a user part whose password has a slash or the like in it, which is no port.
fn behind_slash(rest: &str, authority: &str) -> Option<usize> {
    let (_, after) = authority.split_once(':')?;
    let is_port = !after.is_empty() && after.bytes().all(|byte| byte.is_ascii_digit());
    let is_address = authority.starts_with('[');
    (!is_port && !is_address).then(|| rest.rfind('@')).flatten()
}
