//! Standing still: whether it is an event that a series has the very same value for so long.
//!
//! An exporter that hangs, a cache that is served again and again, or a sensor that is stuck gives a value that is
//! expected in itself. What is wrong is that it no longer moves. As with absence, how long the series stood
//! still before says for how long it may do so, under a tenth of the false-alarm budget. Of a series that
//! stands still for more than half of its time nothing is said. After 8 h it is accepted, until the series moves.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Config;
use super::durations::{Durations, SURPRISE_SHARE, likelihood, watched};
use super::mean_line::mean_line;
use crate::model::{Sample, Timestamp};

/// A series stands still when it has had the same value for longer than this,
const SHORTEST: Duration = Duration::from_secs(300);
/// and for longer than so many intervals.
const SHORTEST_INTERVALS: u32 = 5;
/// The share of the false-alarm budget that is for standing still.
const BUDGET_SHARE: f64 = 0.1;
/// The series must have been known for so long before.
const LEAST_KNOWN: Duration = Duration::from_secs(86_400);
/// A series that stands still for more than this share of its time does so by nature.
const STILL_BY_NATURE: f64 = 0.5;
/// After so many seconds of being anomalous it is accepted.
const ACCEPT_SECONDS: f64 = 8.0 * 3600.0;

/// For how long one series has been standing still, and how long it did before.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Standstill {
    /// When the first value came, in milliseconds.
    since: Option<i64>,
    value: f64,
    /// For how many seconds it has had the value.
    lasted: f64,
    /// For how many of them that has been anomalous.
    anomalous: f64,
    past: Option<Box<Durations>>,
}

impl Standstill {
    /// Takes a finite value that comes so many seconds after the one before. `learns`: whether the end of a standstill
    /// teaches.
    pub fn take(&mut self, sample: Sample, elapsed: f64, learns: bool, config: &Config) {
        let Sample { at, value } = sample;
        if self.since.is_some() && value == self.value {
            self.lasted += elapsed;
            return;
        }
        self.since.get_or_insert(at.as_millis());
        let shortest = shortest(config);
        if self.lasted > shortest && learns {
            let surprise = self.anomalous > 0.0 && !self.is_accepted();
            let weight = if surprise { SURPRISE_SHARE } else { 1.0 };
            let past = self.past.get_or_insert_with(|| Box::new(Durations::new(at)));
            past.learn(at, self.lasted, shortest, weight);
        }
        (self.value, self.lasted, self.anomalous) = (value, 0.0, 0.0);
    }

    /// The evidence against standing still for so long, as of all views of `auto` together; 0 while nothing is said.
    pub fn evidence(&self, at: Timestamp, config: &Config) -> f64 {
        let shortest = shortest(config);
        if self.lasted <= shortest || self.is_accepted() {
            return 0.0;
        }
        let began = Timestamp::from_millis(at.as_millis().saturating_sub((self.lasted * 1e3) as i64));
        let known = began.since(Timestamp::from_millis(self.since.unwrap_or(i64::MAX)));
        let watched = watched(known);
        let still = self.past.as_ref().map_or(0.0, |past| past.total(began));
        if known < LEAST_KNOWN || still > STILL_BY_NATURE * watched {
            return 0.0;
        }
        let expected = likelihood(shortest, self.lasted)
            + self.past.as_ref().map_or(0.0, |past| past.expected(began, self.lasted, shortest));
        let budget = BUDGET_SHARE * config.false_alarms.per_second();
        (mean_line(config) + (budget * watched / expected).log10()).max(0.0)
    }

    /// Notes that it has been anomalous for `elapsed` more seconds; whether it is accepted now.
    pub fn endure(&mut self, elapsed: f64) -> bool {
        self.anomalous += elapsed.max(f64::MIN_POSITIVE);
        self.is_accepted()
    }

    /// Accepts that the series has its present value, until it moves.
    pub fn accept(&mut self) {
        self.anomalous = ACCEPT_SECONDS;
    }

    /// For how many seconds it has stood still, where that is long enough to say so.
    pub fn lasted(&self, config: &Config) -> Option<f64> {
        (self.lasted > shortest(config)).then_some(self.lasted)
    }

    fn is_accepted(&self) -> bool {
        self.anomalous >= ACCEPT_SECONDS
    }
}

/// In seconds.
fn shortest(config: &Config) -> f64 {
    SHORTEST.max(config.interval.saturating_mul(SHORTEST_INTERVALS)).as_secs_f64()
}

#[cfg(test)]
mod tests;
