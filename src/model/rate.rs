//! "So many per so long": false-alarm budgets (`1 per 30d`) and action limits (`1/30m`).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::duration::{format_duration, parse_duration};

/// A count over a window. Both are at least 1 (window: 1 ms).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    per: Duration,
}

/// Why a text is not a rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a rate; write a count and a window, for example '1 per 30d' or '3/1h'")]
pub struct RateError(String);

impl Rate {
    /// `count` per `per`; `None` if either is zero.
    pub fn new(count: u32, per: Duration) -> Option<Self> {
        (count > 0 && per >= Duration::from_millis(1)).then_some(Self { count, per })
    }

    /// How many.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Over how long.
    pub fn per(self) -> Duration {
        self.per
    }

    /// Events a second.
    pub fn per_second(self) -> f64 {
        f64::from(self.count) / self.per.as_secs_f64()
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let refuse = || RateError(text.chars().take(40).collect());
        let (count, per) = text.split_once(" per ").or_else(|| text.split_once('/')).ok_or_else(refuse)?;
        let count = count.trim().parse().map_err(|_| refuse())?;
        let per = parse_duration(per.trim()).map_err(|_| refuse())?;
        Rate::new(count, per).ok_or_else(refuse)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", self.count, format_duration(self.per))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_mean_the_same() {
        let rate: Rate = "3 per 1h".parse().unwrap();
        assert_eq!(rate, "3/1h".parse().unwrap());
        assert_eq!((rate.count(), rate.per()), (3, Duration::from_secs(3600)));
        assert_eq!(rate.to_string(), "3 per 1h");
    }

    #[test]
    fn zero_and_garbage_are_refused() {
        for text in ["", "0/1h", "1/0", "1", "-1/1h", "1.5/1h", "1 in 1h"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
