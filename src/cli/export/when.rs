//! A time on the command line: a date, a number since the epoch, or so long before now.

use std::str::FromStr;
use std::time::Duration;

use crate::csv::parse_time;
use crate::model::{Timestamp, parse_duration};

/// A time that may depend on the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At this time.
    At(Timestamp),
    /// So long before the command was started.
    Before(Duration),
}

impl When {
    /// The time meant. One relative to now is rounded down to a multiple of the step, so that what is
    /// exported later falls on the same times.
    pub fn resolve(self, step: Duration, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Before(before) => {
                let at = (now - before).as_millis();
                let step = i64::try_from(step.as_millis()).unwrap_or(i64::MAX).max(1);
                Timestamp::from_millis(at.saturating_sub(at.rem_euclid(step)))
            }
        }
    }
}

impl FromStr for When {
    type Err = String;

    /// `now`, `now-14d`, `-14d` or `14d`, RFC 3339, `2014-02-14 14:27:00` in UTC, or seconds or milliseconds.
    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || "must be for example 2026-01-31T00:00:00Z, 1767225600, now or -14d".to_owned();
        if text == "now" {
            return Ok(Self::Before(Duration::ZERO));
        }
        let ago = text.strip_prefix("now").unwrap_or(text).strip_prefix('-');
        if let Some(ago) = ago.and_then(|ago| parse_duration(ago).ok()) {
            return Ok(Self::Before(ago));
        }
        if let Some(at) = parse_time(text) {
            return Ok(Self::At(at));
        }
        parse_duration(text).map(Self::Before).map_err(|_| refuse())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_say_a_time_is_read() {
        let day = Duration::from_secs(86_400);
        for (text, expected) in [
            ("now", When::Before(Duration::ZERO)),
            ("-14d", When::Before(14 * day)),
            ("14d", When::Before(14 * day)),
            ("now-1d", When::Before(day)),
            ("1970-01-02T00:00:00Z", When::At(Timestamp::from_millis(86_400_000))),
            ("1970-01-02", When::At(Timestamp::from_millis(86_400_000))),
            ("86400", When::At(Timestamp::from_millis(86_400_000))),
            ("-60", When::At(Timestamp::from_millis(-60_000))),
            ("1767225600000", When::At(Timestamp::from_millis(1_767_225_600_000))),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["", "tomorrow", "+14d", "now14d", "now+1d", "now-", "now-60", "-1.5h"] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }

    #[test]
    fn relative_times_fall_on_multiples_of_the_step_and_others_stay() {
        let (now, minute) = (Timestamp::from_millis(1_000_123), Duration::from_secs(60));
        for (when, expected) in [
            (When::Before(Duration::ZERO), 960_000),
            (When::Before(minute), 900_000),
            (When::Before(Duration::from_secs(2000)), -1_020_000),
            (When::At(Timestamp::from_millis(123)), 123),
        ] {
            assert_eq!(when.resolve(minute, now).as_millis(), expected, "{when:?}");
        }
        let first = When::Before(Duration::MAX).resolve(Duration::MAX, Timestamp::default());
        assert!(first < Timestamp::default(), "{first}");
    }
}
