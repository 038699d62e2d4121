//! Requests to act, recognised before anybody else reads the question: they are answered with the exact call that a
//! person can make, and never acted upon. Pure.

mod call;
mod deed;

use std::time::Duration;

use super::vocabulary::Word;
use super::when;
use super::words::{Token, tokens};

pub use call::Call;
pub(super) use call::is_plain;
pub use deed::Deed;

/// Openings that ask for something politely; they do not change what is asked for.
const OPENERS: [&str; 42] = [
    "please",
    "pls",
    "kindly",
    "just",
    "ok",
    "okay",
    "hey",
    "hi",
    "hello",
    "yes",
    "smartcloudops",
    "bot",
    "you",
    "can",
    "could",
    "would",
    "will",
    "i",
    "we",
    "want",
    "need",
    "like",
    "to",
    "let",
    "us",
    "go",
    "ahead",
    "should",
    "must",
    "try",
    "help",
    "me",
    "how",
    "do",
    "immediately",
    "quickly",
    "somebody",
    "someone",
    "may",
    "might",
    "have",
    "now",
];
/// Words behind which an action is a question about the past or about a reason.
const QUESTIONS: [&str; 10] = ["why", "did", "was", "were", "is", "are", "has", "what", "which", "when"];

/// A request to act, as it was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// What is to be done.
    pub deed: Deed,
    /// The word for it, as it is spelt.
    pub verb: &'static str,
    /// To what, as it was written. Untrusted text.
    pub object: Option<String>,
    /// The number that was named, such as that of a request for approval.
    pub number: Option<u64>,
    /// For how long.
    pub length: Option<Duration>,
    /// The word that was read as `verb`, where it is spelt otherwise.
    pub slip: Option<String>,
}

/// The first request to act in a question, if there is one: somewhere a clause begins with a verb of action.
pub fn find(question: &str) -> Option<Request> {
    let tokens = tokens(question);
    (0..tokens.len()).filter(|at| begins_clause(&tokens, *at)).find_map(|at| read(&tokens, at))
}

/// Whether a clause begins here: nothing stands before it but openers.
fn begins_clause(tokens: &[Token], at: usize) -> bool {
    let joint = |token: &Token| token.ends || token.is(Word::And);
    let before = &tokens[..at];
    let start = before.iter().rposition(joint).map_or(0, |joint| joint + 1);
    let clause = &before[start..];
    let polite = clause.last().is_some_and(|token| ["please", "pls"].contains(&token.low.as_str()));
    let asks = clause.iter().any(|token| QUESTIONS.contains(&token.low.as_str()));
    let begins = clause.iter().all(|token| OPENERS.contains(&token.low.as_str()));
    (begins || polite || wants(clause)) && !asks
}

/// `I want you to`, `it is time to`: the end of what is said before the verb.
fn wants(clause: &[Token]) -> bool {
    match clause {
        [.., verb, you, to] if you.low == "you" => {
            to.low == "to" && ["want", "need", "like", "ask", "tell"].contains(&verb.low.as_str())
        }
        _ => false,
    }
}

fn read(tokens: &[Token], at: usize) -> Option<Request> {
    let rest = &tokens[at + 1..];
    let (verb, deed) = deed::of(&tokens[at], rest)?;
    let clause = rest.iter().position(|token| token.ends).map_or(rest, |end| &rest[..=end]);
    let lows: Vec<&str> = clause.iter().map(|token| token.low.as_str()).collect();
    let length = (0..lows.len()).find_map(|start| when::length(&lows, start));
    let object = clause.iter().enumerate().find(|(index, token)| {
        let of_time = length.as_ref().is_some_and(|(range, _)| range.contains(index));
        let beside = index.checked_sub(1).and_then(|before| clause.get(before));
        !of_time
            && (is_object(token)
                || beside.is_some_and(|noun| noun.is(Word::Noun) && token.word != Some(Word::Preposition)))
    });
    let number = |token: &Token| token.written.trim_start_matches('#').parse().ok();
    let written = tokens[at].written.to_lowercase();
    Some(Request {
        deed,
        verb,
        number: object.and_then(|(_, token)| number(token)),
        object: object.map(|(_, token)| token.written.clone()),
        length: length.map(|(_, length)| length),
        slip: (written != verb).then(|| tokens[at].written.clone()),
    })
}

/// Whether a word may say to what something is done: no word that only joins others.
fn is_object(token: &Token) -> bool {
    let joins = [
        Word::Preposition,
        Word::Filler,
        Word::Noun,
        Word::And,
        Word::Everything,
        Word::Time,
        Word::You,
        Word::I,
        Word::Not,
        Word::Alert,
        Word::Approval,
        Word::Remedy,
        Word::Pending,
        Word::Rule,
        Word::Same,
        Word::Down,
        Word::Up,
        Word::Can,
        Word::Restart,
    ];
    !token.word.is_some_and(|word| joins.contains(&word)) && !deed::joins(&token.low)
}

#[cfg(test)]
mod tests;
