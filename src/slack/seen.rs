//! Signatures that were taken, so that each is taken once. Bounded in memory: what is older than Slack's window is
//! refused for its time anyway.

use std::collections::HashMap;

use super::signature::{Refusal, WINDOW};
use crate::model::Timestamp;

/// Signatures remembered at once. Only what Slack has signed is remembered, so nobody else can fill it.
pub const MAX_SEEN: usize = 10_000;

/// The signatures of the last minutes.
#[derive(Debug, Default)]
pub struct Seen(HashMap<[u8; 32], Timestamp>);

impl Seen {
    /// Takes a signature that has been verified at `now`, once.
    pub fn take(&mut self, signature: [u8; 32], now: Timestamp) -> Result<(), Refusal> {
        if self.0.contains_key(&signature) {
            return Err(Refusal::Repeated);
        }
        if self.0.len() >= MAX_SEEN {
            // A request may bear a time of one window ahead, and is good for one window after that.
            self.0.retain(|_, taken| now.as_millis() - taken.as_millis() <= 2 * WINDOW.as_millis() as i64);
        }
        if self.0.len() >= MAX_SEEN {
            return Err(Refusal::Crowded);
        }
        self.0.insert(signature, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(number: usize) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        bytes
    }

    #[test]
    fn a_signature_is_taken_once_for_as_long_as_it_is_good() {
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        let mut seen = Seen::default();
        assert_eq!(seen.take(signature(0), at(0)), Ok(()));
        assert_eq!(seen.take(signature(0), at(599)), Err(Refusal::Repeated));
        for number in 1..MAX_SEEN {
            assert_eq!(seen.take(signature(number), at(1)), Ok(()), "{number}");
        }
        assert_eq!(
            seen.take(signature(MAX_SEEN), at(600)),
            Err(Refusal::Crowded),
            "nothing is forgotten early"
        );
        assert_eq!(seen.take(signature(MAX_SEEN), at(602)), Ok(()), "what is too old makes room");
        assert_eq!(seen.0.len(), 1);
    }
}
