//! Signatures that were taken, so that each is taken once. Bounded in memory: what is older than Slack's window is
//! refused for its time anyway.
//!
//! The memory is the process's own. What an earlier process may have taken bears a time from before this one started,
//! and is refused for that. Two things remain. A clock that is behind Slack's by some seconds leaves what was signed in
//! as many seconds before the start. And replicas do not know what the others have taken: behind something that spreads
//! requests over several of them, one that somebody has recorded is good once on each, for five minutes. A button counts
//! once all the same, since the journal that they share takes one answer to a request; a question that is repeated shows
//! its answer to whoever repeats it. So let Slack reach one replica, and nobody record what is sent to it: use TLS.

use std::collections::HashMap;

use super::signature::{Refusal, Signed, WINDOW};
use crate::model::Timestamp;

/// Signatures remembered at once. Only what Slack has signed is remembered, so nobody else can fill it.
pub const MAX_SEEN: usize = 10_000;

/// The signatures of the last minutes.
#[derive(Debug)]
pub struct Seen {
    started: Timestamp,
    taken: HashMap<[u8; 32], Timestamp>,
}

impl Seen {
    /// Nothing was taken yet by a process that started then.
    pub fn new(started: Timestamp) -> Self {
        Self { started, taken: HashMap::new() }
    }

    /// Takes what has been verified at `now`, once.
    pub fn take(&mut self, signed: Signed, now: Timestamp) -> Result<(), Refusal> {
        if signed.at < self.started {
            return Err(Refusal::BeforeStart);
        }
        if self.taken.contains_key(&signed.signature) {
            return Err(Refusal::Repeated);
        }
        if self.taken.len() >= MAX_SEEN {
            // A request may bear a time of one window ahead, and is good for one window after that.
            self.taken
                .retain(|_, taken| now.as_millis() - taken.as_millis() <= 2 * WINDOW.as_millis() as i64);
        }
        if self.taken.len() >= MAX_SEEN {
            return Err(Refusal::Crowded);
        }
        self.taken.insert(signed.signature, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn signed(number: usize, seconds: i64) -> Signed {
        let mut signature = [0; 32];
        signature[..8].copy_from_slice(&number.to_be_bytes());
        Signed { signature, at: at(seconds) }
    }

    #[test]
    fn a_signature_is_taken_once_for_as_long_as_it_is_good() {
        let mut seen = Seen::new(at(0));
        assert_eq!(seen.take(signed(0, 300), at(0)), Ok(()));
        assert_eq!(seen.take(signed(0, 300), at(599)), Err(Refusal::Repeated));
        for number in 1..MAX_SEEN {
            assert_eq!(seen.take(signed(number, 1), at(1)), Ok(()), "{number}");
        }
        let more = || signed(MAX_SEEN, 600);
        assert_eq!(seen.take(more(), at(600)), Err(Refusal::Crowded), "nothing is forgotten early");
        assert_eq!(seen.take(more(), at(602)), Ok(()), "what is too old makes room");
        assert_eq!(seen.taken.len(), 1);
    }

    #[test]
    fn what_an_earlier_process_may_have_taken_is_refused() {
        let started = Timestamp::from_millis(100_500);
        for (second, expected, sentence) in [
            (99, Err(Refusal::BeforeStart), "a second before"),
            (100, Err(Refusal::BeforeStart), "a time without its fraction, of the second of the start"),
            (101, Ok(()), "after the start"),
            (400, Ok(()), "ahead of this clock"),
        ] {
            assert_eq!(Seen::new(started).take(signed(1, second), at(101)), expected, "{sentence}");
        }
    }
}
