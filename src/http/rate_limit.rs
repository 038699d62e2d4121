//! The token bucket of the web configuration file's `rate_limit`.
//!
//! It answers 503 with `Retry-After`, where exporter-toolkit answers 429: Alertmanager retries the one and
//! drops the message on the other.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// `burst` requests at once, and one more each `interval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RateLimit {
    /// Time in which one more request is earned; not zero.
    pub(super) interval: Duration,
    /// Requests that may come at once; at least 1.
    pub(super) burst: u32,
}

/// A bucket that is full at first.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: RateLimit,
    /// Tokens in the bucket, and when that was so.
    level: Mutex<(f64, Instant)>,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn new(limit: RateLimit, now: Instant) -> Self {
        Self { limit, level: Mutex::new((f64::from(limit.burst), now)) }
    }

    /// Takes a token if there is one.
    pub(super) fn take(&self, now: Instant) -> bool {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let earned = now.saturating_duration_since(level.1).as_secs_f64() / self.limit.interval.as_secs_f64();
        let tokens = (level.0 + earned).min(f64::from(self.limit.burst));
        let taken = tokens >= 1.0;
        *level = (if taken { tokens - 1.0 } else { tokens }, now.max(level.1));
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_one_each_interval() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let bucket = Bucket::new(RateLimit { interval: Duration::from_secs(1), burst: 2 }, begin);
        for (millis, passes, why) in [
            (0, true, "the burst"),
            (0, true, "the burst"),
            (0, false, "the bucket is empty"),
            (900, false, "not yet earned"),
            (1000, true, "one earned"),
            (1000, false, "and spent"),
            (500, false, "time does not run back"),
            (60_000, true, "a long rest fills it"),
            (60_000, true, "to the burst"),
            (60_000, false, "and no further"),
        ] {
            assert_eq!(bucket.take(at(millis)), passes, "{millis} ms: {why}");
        }
    }
}
