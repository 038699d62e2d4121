//! Names of hosts, metrics, labels, alerts: which are known, and which words are none.

use std::collections::HashSet;

use super::english;

/// Every word of the evidence, in lower case, with the parts of names that stand for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// Adds a word, and the host of a `host:port`, the parts of a path and the like.
    pub(super) fn add(&mut self, word: &str) {
        let word = word.to_lowercase();
        for part in word.split('/').chain([word.as_str()]) {
            self.add_part(part.trim_matches(['-', '_', '.']));
        }
        self.0.insert(word);
    }

    /// Adds a name that has no parts.
    pub(super) fn add_whole(&mut self, name: &str) {
        self.0.insert(name.to_lowercase());
    }

    fn add_part(&mut self, part: &str) {
        let host = part.split([':', '@']).next().unwrap_or_default();
        let label = host.split('.').next().unwrap_or_default();
        let port = part.rsplit([':', '@']).next().unwrap_or_default();
        let label = if label.starts_with(|c: char| c.is_alphabetic()) { label } else { "" };
        let version = part.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        for name in [part, host, label, port, version.unwrap_or_default()] {
            if !name.is_empty() {
                self.0.insert(name.to_owned());
            }
        }
    }

    /// Whether the evidence has a word, in any case.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(word) || self.0.contains(&word.to_lowercase())
    }

    /// Whether a word of a claim may stand: it is known, or plain English.
    pub(super) fn allow(&self, word: &str) -> bool {
        self.knows(word) || !looks_like_name(word) || english::is_word(&word.to_lowercase(), self)
    }

    /// Whether a name is known, also in emphasis, with a `v` before its version, or beside another one.
    pub(super) fn knows(&self, word: &str) -> bool {
        let bare = word.trim_matches(['_', '-', '/']);
        let version =
            bare.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        [Some(word), Some(bare), version].into_iter().flatten().any(|name| !name.is_empty() && self.has(name))
            || self.knows_parts(bare)
    }

    /// `web-1/web-2`, `instance:web-1`.
    fn knows_parts(&self, word: &str) -> bool {
        let named = |part: &str| self.has(part) && looks_like_name(part);
        let pair = word.split_once(':').is_some_and(|(kind, name)| {
            kind.bytes().all(|byte| byte.is_ascii_lowercase())
                && !name.bytes().all(|byte| byte.is_ascii_digit())
                && named(name)
        });
        pair || word.contains('/') && word.split('/').all(|part| self.has(part))
    }
}

/// Whether a word is more than letters: a digit, a point, a dash and the like within, or camel case.
pub(super) fn looks_like_name(word: &str) -> bool {
    let word = word.trim_matches(['_', '*']);
    let sign = word.contains(|c: char| c.is_numeric() || "._:/@-%".contains(c));
    let bytes = word.as_bytes();
    sign || bytes.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}
