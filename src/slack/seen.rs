//! Signatures that were taken, so that each is taken once. Bounded in memory: what is older than Slack's window is
//! refused for its time anyway.
//!
//! The memory is the process's own. What an earlier process may have taken bears a time from before this one started,
//! and is refused for that. A clock that ran ahead at the start and is set back since says when that was by its time now
//! less the time that has passed, as long as Slack has signed nothing at or after the time that it said then: a time that
//! Slack has reached was not ahead, and a clock that is set back from it is wrong now.
//!
//! Three things remain. A clock that is behind Slack's by some seconds leaves what was signed in as many seconds before
//! the start. One that is wrongly set back before Slack has sent anything leaves what was recorded at the time that it
//! says then. And replicas do not know what the others have taken: behind something that spreads
//! requests over several of them, one that somebody has recorded is good once on each, for five minutes. A button counts
//! once all the same, since the journal that they share takes one answer to a request; a question that is repeated shows
//! its answer to whoever repeats it. So let Slack reach one replica, and nobody record what is sent to it: use TLS.

use std::collections::HashMap;
use std::time::Duration;

use super::signature::{Refusal, Signed, WINDOW};
use crate::model::Timestamp;

/// Signatures remembered at once. Only what Slack has signed is remembered, so nobody else can fill it.
pub const MAX_SEEN: usize = 10_000;

/// The signatures of the last minutes.
#[derive(Debug)]
pub struct Seen {
    started: Timestamp,
    /// Slack's clock has reached the time of the start, as this clock said it then.
    reached: bool,
    taken: HashMap<[u8; 32], Timestamp>,
}

impl Seen {
    /// Nothing was taken yet by a process that started then.
    pub fn new(started: Timestamp) -> Self {
        Self { started, reached: false, taken: HashMap::new() }
    }

    /// Takes what has been verified at `now`, once; `running`: for how long the process has run, by a clock that nobody
    /// sets.
    pub fn take(&mut self, signed: Signed, now: Timestamp, running: Duration) -> Result<(), Refusal> {
        if signed.at < self.start(now, running) {
            return Err(Refusal::BeforeStart);
        }
        self.reached |= signed.at >= self.started;
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

    /// When the process started, by the clock that says `now`.
    fn start(&self, now: Timestamp, running: Duration) -> Timestamp {
        if self.reached { self.started } else { self.started.min(now - running) }
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
        let take = |seen: &mut Seen, signed, second: i64| {
            seen.take(signed, at(second), Duration::from_secs(second.unsigned_abs()))
        };
        assert_eq!(take(&mut seen, signed(0, 300), 0), Ok(()));
        assert_eq!(take(&mut seen, signed(0, 300), 599), Err(Refusal::Repeated));
        for number in 1..MAX_SEEN {
            assert_eq!(take(&mut seen, signed(number, 1), 1), Ok(()), "{number}");
        }
        let more = || signed(MAX_SEEN, 600);
        assert_eq!(take(&mut seen, more(), 600), Err(Refusal::Crowded), "nothing is forgotten early");
        assert_eq!(take(&mut seen, more(), 602), Ok(()), "what is too old makes room");
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
            let taken = Seen::new(started).take(signed(1, second), at(101), Duration::from_millis(500));
            assert_eq!(taken, expected, "{sentence}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_lets_in_what_is_new_and_nothing_old() {
        const HOUR: i64 = 3600;
        // The clock said three hours, and it was the hour zero.
        let (ahead, minute) = (3 * HOUR, |minutes: u64| Duration::from_secs(60 * minutes));
        let mut seen = Seen::new(at(ahead));
        for (second, now, running, expected, sentence) in [
            (60, 60, 1, Ok(()), "what Slack signs after the clock was set back"),
            (60, 61, 1, Err(Refusal::Repeated), "the same again"),
            (-1, 120, 2, Err(Refusal::BeforeStart), "what an earlier process may have taken"),
            (119, 120, 2, Ok(()), "the next"),
            (HOUR, HOUR, 60, Ok(()), "an hour later"),
            (ahead + 60, ahead + 60, 181, Ok(()), "once it is as late as the clock said"),
            (ahead - 60, ahead - 60, 190, Err(Refusal::BeforeStart), "a clock that is wrong now"),
        ] {
            let number = usize::try_from(second.max(0)).unwrap();
            assert_eq!(seen.take(signed(number, second), at(now), minute(running)), expected, "{sentence}");
        }
    }

    #[test]
    fn a_clock_that_was_right_and_is_set_back_lets_nothing_old_in() {
        let mut seen = Seen::new(at(10_000));
        assert_eq!(seen.take(signed(1, 10_100), at(10_100), Duration::from_secs(100)), Ok(()));
        let recorded = seen.take(signed(2, 9_000), at(9_000), Duration::from_secs(200));
        assert_eq!(recorded, Err(Refusal::BeforeStart));
    }
}
