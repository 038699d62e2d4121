//! E-mail addresses and network addresses. Every candidate is parsed, so that a version or a time is none.

// The addresses of `core` are those of `std::net`, where sockets are as well.
use core::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::placeholder::Kind;
use super::span::Span;

/// What ends the names of systemd's units, which have an `@` in them as well.
const UNITS: [&str; 10] =
    ["service", "socket", "timer", "mount", "target", "slice", "scope", "device", "path", "swap"];

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{L}\p{N}._%+'\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)*\.(\p{L}{2,})")
        .expect("it is valid")
});

static IPV4: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[0-9]+(?:\.[0-9]+){3,}").expect("it is valid"));

/// The name that AWS gives to the host of an address: `ip-10-0-0-1`.
static NAMED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bip-[0-9]{1,3}(?:-[0-9]{1,3}){3}\b").expect("it is valid"));

static IPV6: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9_.\-]+)?").expect("it is valid")
});

/// Every e-mail address; neither a unit of systemd nor the `git@host` of a repository.
pub(super) fn emails(text: &str) -> impl Iterator<Item = Span> + '_ {
    let found = EMAIL.captures_iter(text).filter(|found| {
        let whole = found.get_match();
        let remote = whole.as_str().starts_with("git@") && text[whole.end()..].starts_with(':');
        !remote && !UNITS.contains(&&found[1])
    });
    found.map(|found| Span { range: found.get_match().range(), kind: Kind::Email })
}

/// Every IPv4 and IPv6 address, without port, prefix length and brackets, with its zone.
pub(super) fn networks(text: &str) -> Vec<Span> {
    let four = IPV4.find_iter(text).map(|found| found.range()).filter(|range| is_ipv4(text, range));
    let named = NAMED.find_iter(text).map(|found| found.range());
    let six = IPV6.find_iter(text).filter_map(|found| ipv6(text, found.range()));
    four.chain(named).chain(six).map(|range| Span { range, kind: Kind::Ip }).collect()
}

fn is_ipv4(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text[range.clone()].parse::<Ipv4Addr>().is_ok() && !before.is_some_and(word) && !after.is_some_and(word)
}

fn ipv6(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    if text[..range.start].chars().next_back().is_some_and(word)
        || text[range.end..].chars().next().is_some_and(word)
    {
        return None;
    }
    let found = &text[range.clone()];
    let sentence = found.trim_end_matches('.');
    let clause = sentence.strip_suffix(':').unwrap_or(sentence);
    let candidate = [found, sentence, clause].into_iter().find(|candidate| is_ipv6(candidate))?;
    Some(range.start..range.start + candidate.len())
}

/// An address with a digit in it: `a::b` is a path of Rust rather than one.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    let is_address = address.len() <= 45 && address.parse::<Ipv6Addr>().is_ok();
    is_address && !zone.is_empty() && address.bytes().any(|byte| byte.is_ascii_digit())
}
