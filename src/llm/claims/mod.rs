//! Checks what a language model wrote, sentence by sentence, against what is known.
//!
//! A sentence stands if every number, time, name, link and command in it occurs in the evidence; plain
//! English words are free. Numbers may be rounded and written in other units, a duration may follow from two known
//! times, and a difference, a ratio or a percentage from two numbers that stand beside it (`derived`). What fails is struck as a whole sentence: half of one may say the opposite.
//!
//! Both must be alike: with the addresses and names that were taken out, or both without. A sentence that holds a
//! placeholder which the evidence does not have is struck, as one with any other unknown name.
//!
//! It does not understand what a sentence says: a wrong verb between right names stands, and so do "doubled"
//! and "most". A number is looked for in all of the evidence, not where it belongs.

mod calendar;
mod code;
mod derived;
mod english;
mod kept;
mod known;
mod language;
mod moment;
mod names;
mod normal;
mod numbers;
mod quantity;
mod sentence;
mod split;
mod times;
mod tokens;
mod unit;

use serde::Serialize;

pub use known::{Known, MAX_EVIDENCE};

/// Bytes of an answer that are checked; what comes after is struck.
pub const MAX_TEXT: usize = 32 * 1024;
/// Bytes of a struck sentence that are kept.
const MAX_STRUCK: usize = 500;

/// Why a sentence does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A number that the evidence does not have.
    Number,
    /// A time, a date, or a duration that follows from none.
    Time,
    /// A host, a metric, a label or the like that the evidence does not name.
    Name,
    /// Another language or script than English.
    Language,
    /// An address of a page that the evidence does not have.
    Link,
    /// A command, or code that the evidence does not have word for word.
    Command,
    /// It lies beyond [`MAX_TEXT`].
    Length,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 7] =
        [Self::Number, Self::Time, Self::Name, Self::Language, Self::Link, Self::Command, Self::Length];

    /// The fault's name, for labels and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Time => "time",
            Self::Name => "name",
            Self::Language => "language",
            Self::Link => "link",
            Self::Command => "command",
            Self::Length => "length",
        }
    }
}

/// A sentence that does not stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Struck {
    /// What it said, cut to a bound. Untrusted text.
    pub sentence: String,
    /// The first thing that is wrong with it.
    pub fault: Fault,
}

/// An answer after the check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What stands: the answer as it was if nothing was struck.
    pub text: String,
    /// What does not, in its order.
    pub struck: Vec<Struck>,
}

/// Strikes every sentence that says what is not known. It takes time linear in the text.
pub fn check(text: &str, known: &Known) -> Checked {
    let (head, rest) = text.split_at(text.floor_char_boundary(MAX_TEXT));
    let mut paragraphs = split::paragraphs(head);
    let cut = if rest.is_empty() { None } else { split::drop_last(&mut paragraphs, head.len()) };
    let mut struck = Vec::new();
    let stands = kept::text(head, &paragraphs, |sentence, count| {
        let fault = sentence::fault(sentence, count, known);
        struck.extend(fault.map(|fault| Struck { sentence: clip(sentence), fault }));
        fault.is_none()
    });
    struck.extend(cut.map(|start| Struck { sentence: clip(&text[start..]), fault: Fault::Length }));
    let text = if struck.is_empty() { text.to_owned() } else { stands };
    Checked { text, struck }
}

fn clip(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_STRUCK)].trim().to_owned()
}

#[cfg(test)]
mod tests;
