//! What was said lately, for each client: bounded in turns, bytes, age and clients. Pure.

use std::collections::{HashMap, VecDeque};

use super::client::ClientId;
use super::config::Limits;
use super::intent::Asked;
use crate::model::Timestamp;

/// Bytes of a question or an answer that are remembered.
const MAX_TEXT: usize = 1024;

/// A question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The question, as it was asked.
    pub question: String,
    /// The answer's sentences.
    pub answer: String,
    /// How it was understood without a model, where it was.
    pub asked: Option<Asked>,
    /// When.
    pub at: Timestamp,
}

/// The conversations of all clients.
#[derive(Debug, Default)]
pub struct Memory {
    clients: HashMap<ClientId, VecDeque<Exchange>>,
}

impl Memory {
    /// What a client has said that is not too old, oldest first.
    pub fn recall(&self, client: &ClientId, limits: &Limits, now: Timestamp) -> Vec<Exchange> {
        let turns = self.clients.get(client).into_iter().flatten();
        let mut turns: Vec<Exchange> =
            turns.filter(|turn| now.since(turn.at) < limits.keep_for).cloned().collect();
        turns.drain(..turns.len().saturating_sub(limits.turns));
        turns
    }

    /// Remembers an exchange, and forgets what is beyond the limits: of this client the oldest, then the clients
    /// that have been silent for longest.
    pub fn keep(&mut self, client: &ClientId, exchange: Exchange, limits: &Limits) {
        let now = exchange.at;
        let turns = self.clients.entry(client.clone()).or_default();
        let (question, answer) = (clip(&exchange.question), clip(&exchange.answer));
        turns.push_back(Exchange { question, answer, ..exchange });
        turns.drain(..turns.len().saturating_sub(limits.turns));
        self.clients.retain(|_, turns| last(turns).is_some_and(|at| now.since(at) < limits.keep_for));
        while self.clients.len() > limits.clients {
            let silent = self.clients.iter().min_by_key(|(_, turns)| last(turns)).map(|(id, _)| id.clone());
            silent.map(|id| self.clients.remove(&id));
        }
    }

    /// Forgets what a client has said; whether there was anything.
    pub fn forget(&mut self, client: &ClientId) -> bool {
        self.clients.remove(client).is_some()
    }
}

fn last(turns: &VecDeque<Exchange>) -> Option<Timestamp> {
    turns.back().map(|turn| turn.at)
}

fn clip(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT)].to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: Limits = Limits { turns: 2, clients: 2, keep_for: Duration::from_secs(60) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn said(question: &str, seconds: i64) -> Exchange {
        Exchange { question: question.to_owned(), answer: String::new(), asked: None, at: at(seconds) }
    }

    fn questions(memory: &Memory, client: &str, now: i64) -> Vec<String> {
        let turns = memory.recall(&ClientId::named("user", client), &LIMITS, at(now));
        turns.into_iter().map(|turn| turn.question).collect()
    }

    #[test]
    fn the_newest_turns_of_a_client_are_recalled_until_they_are_old() {
        let mut memory = Memory::default();
        let client = ClientId::named("user", "a");
        for (question, seconds) in [("one", 0), ("two", 10), ("three", 20)] {
            memory.keep(&client, said(question, seconds), &LIMITS);
        }
        assert_eq!(questions(&memory, "a", 20), ["two", "three"]);
        assert_eq!(questions(&memory, "a", 70), ["three"]);
        assert_eq!(questions(&memory, "a", 80), [] as [&str; 0]);
        assert_eq!(questions(&memory, "b", 20), [] as [&str; 0]);
        assert!(memory.forget(&client) && !memory.forget(&client));
        assert_eq!(questions(&memory, "a", 20), [] as [&str; 0]);
    }

    #[test]
    fn the_client_that_is_silent_for_longest_is_forgotten_first() {
        let mut memory = Memory::default();
        for (client, seconds) in [("a", 0), ("b", 1), ("a", 2), ("c", 3)] {
            memory.keep(&ClientId::named("user", client), said(client, seconds), &LIMITS);
        }
        let known = ["a", "b", "c"].map(|client| questions(&memory, client, 3).len());
        assert_eq!(known, [2, 0, 1]);
        memory.keep(&ClientId::named("user", "d"), said("d", 100), &LIMITS);
        assert_eq!(memory.clients.len(), 1, "whoever said nothing for long takes no place");
    }

    #[test]
    fn a_text_takes_a_bounded_place_and_none_may_be_kept() {
        let mut memory = Memory::default();
        let client = ClientId::named("user", "a");
        memory.keep(&client, said(&"é".repeat(5000), 0), &LIMITS);
        assert_eq!(questions(&memory, "a", 0)[0].len(), MAX_TEXT);
        let nothing = Limits { turns: 0, ..LIMITS };
        memory.keep(&client, said("x", 1), &nothing);
        assert!(memory.recall(&client, &nothing, at(1)).is_empty() && memory.clients.is_empty());
    }
}
