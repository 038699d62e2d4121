//! A pattern of the user's for what has to be taken out.

use regex::{Regex, RegexBuilder};

use super::placeholder::{self, Kind};
use super::span::Span;

/// Bytes that a compiled pattern may take.
const MAX_COMPILED: usize = 1 << 20;

/// A checked regular expression that never matches the empty text.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// It is no regular expression, or one that takes too much memory.
    #[error("is not a regular expression: {0}")]
    Invalid(#[from] regex::Error),
    /// It would match between any two characters.
    #[error("matches the empty text; write a pattern that takes at least one character")]
    MatchesEmpty,
}

impl Pattern {
    /// Compiles a pattern in the syntax of the crate `regex`.
    pub fn new(source: &str) -> Result<Self, PatternError> {
        let regex = RegexBuilder::new(source).size_limit(MAX_COMPILED).build()?;
        if regex.is_match("") { Err(PatternError::MatchesEmpty) } else { Ok(Self(regex)) }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What it matches, other than placeholders.
    pub(super) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Span> + 'a {
        let found = self.0.find_iter(text).filter(|found| !placeholder::is_one(found.as_str()));
        found.map(|found| Span { range: found.range(), kind: Kind::Private })
    }
}
