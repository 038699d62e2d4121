//! The limits of questions and answers, checked.

use std::time::Duration;

use jiff::tz::TimeZone;

/// Settings of answers to questions.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Longest question, in characters: from 20 to 2,000. Default 200.
    pub max_question: usize,
    /// Look-ups that a language model may ask for in one answer: from 1 to 16. Default 6.
    pub max_calls: usize,
    /// How long a language model may take for one answer, its look-ups included, and how long the look-ups of an answer by
    /// rules may: from 1 s to 60 s. Default 20 s.
    pub timeout: Duration,
    /// Whose days and nights are meant. Default: that of scoring, which is UTC unless it is configured.
    pub time_zone: TimeZone,
    /// What is remembered of conversations.
    pub memory: Limits,
}

/// Bounds on what is remembered of conversations, in memory alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Questions of one client, the newest: up to 20; 0 remembers nothing. Default 5.
    pub turns: usize,
    /// Clients, those who asked last: from 1 to 10,000. Default 200.
    pub clients: usize,
    /// How long a question is remembered: from 1 m to 1 d. Default 15 m.
    pub keep_for: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_question: 200,
            max_calls: 6,
            timeout: Duration::from_secs(20),
            time_zone: TimeZone::UTC,
            memory: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { turns: 5, clients: 200, keep_for: Duration::from_secs(15 * 60) }
    }
}
