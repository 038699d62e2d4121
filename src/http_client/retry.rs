//! Which failures are worth another attempt, and how long to wait before it.
//!
//! A retry is spent only where the next moment may differ: no connection, overload, a broken gateway.
//! A time-out is repeated once, since the same question tends to take the same time. Bad requests, bad
//! credentials and answers that are too large are never repeated.

use std::time::Duration;

use super::RequestError;

/// Before the first retry, before jitter.
const FIRST_DELAY: Duration = Duration::from_millis(200);
/// Longest delay of our own, before jitter.
const MAX_DELAY: Duration = Duration::from_secs(5);
/// Longest `Retry-After` that is waited for; beyond it the caller's next turn is soon enough.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// The retries of one question: at most `limit`, at most one of them after a time-out.
#[derive(Debug)]
pub(super) struct Retries {
    limit: u32,
    done: u32,
    timed_out: bool,
}

impl Retries {
    pub(super) fn new(limit: u32) -> Self {
        Self { limit, done: 0, timed_out: false }
    }

    /// How long to wait before the next attempt; `None` gives up.
    pub(super) fn next_delay(&mut self, error: &RequestError) -> Option<Duration> {
        let asked_for = match error {
            RequestError::Unreachable(_) | RequestError::Server { status: 502 | 504, .. } => Duration::ZERO,
            RequestError::Overloaded { retry_after, .. } => retry_after.unwrap_or_default(),
            RequestError::TimedOut(_) if !self.timed_out => {
                self.timed_out = true;
                Duration::ZERO
            }
            _ => return None,
        };
        if self.done >= self.limit || asked_for > MAX_RETRY_AFTER {
            return None;
        }
        let delay = backoff(self.done);
        self.done += 1;
        Some(delay.max(asked_for))
    }
}

/// The pause before another attempt after so many: twice as long each time, bounded, with jitter.
pub fn backoff(done: u32) -> Duration {
    jittered(FIRST_DELAY.saturating_mul(1 << done.min(16)).min(MAX_DELAY))
}

/// Between half of a delay and all of it, so that clients that failed together do not return together.
fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overloaded(seconds: Option<u64>) -> RequestError {
        RequestError::Overloaded { retry_after: seconds.map(Duration::from_secs), message: String::new() }
    }

    fn server(status: u16) -> RequestError {
        RequestError::Server { status, message: String::new() }
    }

    #[test]
    fn only_what_may_change_is_tried_again() {
        let rejected = RequestError::Rejected { kind: "bad_data".into(), message: String::new() };
        for (error, retried) in [
            (RequestError::Unreachable(String::new()), true),
            (RequestError::TimedOut(String::new()), true),
            (overloaded(None), true),
            (overloaded(Some(30)), true),
            (overloaded(Some(31)), false),
            (server(500), false),
            (server(502), true),
            (server(504), true),
            (rejected, false),
            (RequestError::Unauthorized(401), false),
            (RequestError::TooLarge { limit: 1 }, false),
            (RequestError::Malformed(String::new()), false),
        ] {
            assert_eq!(Retries::new(1).next_delay(&error).is_some(), retried, "{error}");
            assert!(Retries::new(0).next_delay(&error).is_none(), "{error}");
        }
    }

    #[test]
    fn a_time_out_is_repeated_once() {
        let mut retries = Retries::new(9);
        assert!(retries.next_delay(&RequestError::TimedOut(String::new())).is_some());
        assert!(retries.next_delay(&RequestError::TimedOut(String::new())).is_none());
        assert!(retries.next_delay(&server(502)).is_some());
    }

    #[test]
    fn delays_grow_and_stay_bounded() {
        let mut retries = Retries::new(40);
        let mut total = 0;
        while let Some(delay) = retries.next_delay(&overloaded(None)) {
            let full = (FIRST_DELAY * 2u32.pow(total.min(10))).min(MAX_DELAY);
            assert!(full / 2 <= delay && delay <= full, "{total}: {delay:?}");
            total += 1;
        }
        assert_eq!(total, 40);
        assert!(Retries::new(1).next_delay(&overloaded(Some(7))).unwrap() >= Duration::from_secs(7));
    }
}
