//! What stands for a value that was taken out: `[ip-1]`, `[email-2]`, `[secret-1]`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What kind of value was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A secret. Never put back.
    Secret,
    /// What a configured pattern matches. Never put back.
    Private,
    /// A text that looked like a placeholder and was none. Put back.
    Text,
    /// An e-mail address. Put back.
    Email,
    /// A network address. Put back.
    Ip,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Secret, Self::Private, Self::Text, Self::Email, Self::Ip];

    /// The word in the placeholder.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Private => "private",
            Self::Text => "text",
            Self::Email => "email",
            Self::Ip => "ip",
        }
    }
}

/// As we write them, in any case, and with the brackets escaped as Markdown does.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    let inner = r"(secret|private|text|email|ip)-([0-9]{1,6})";
    Regex::new(&format!(r"(?i)\\\[{inner}\\\]|\[{inner}\]")).expect("it is valid")
});

/// A text that is, or looks like, a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    pub(super) number: usize,
}

/// Everything in the text that looks like a placeholder.
pub(super) fn find(text: &str) -> impl Iterator<Item = Placeholder> + '_ {
    PLACEHOLDER.captures_iter(text).filter_map(|found| read(&found))
}

/// Whether the text is one placeholder and nothing else.
pub(super) fn is_one(text: &str) -> bool {
    PLACEHOLDER.find(text).is_some_and(|found| found.len() == text.len())
}

fn read(found: &Captures<'_>) -> Option<Placeholder> {
    let part = |escaped, plain| found.get(escaped).or_else(|| found.get(plain));
    let (word, number) = (part(1, 3)?, part(2, 4)?);
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word.as_str()))?;
    let number = number.as_str().parse().ok()?;
    Some(Placeholder { range: found.get_match().range(), kind, number })
}
