//! Presence: whether it is an event that a series is missing.
//!
//! A series that vanishes for longer than its own past explains, under the same false-alarm budget as its
//! values, is an outage. Each gap that was seen predicts others: as many of its length, and fewer of longer
//! ones, by the square of the length. One short gap is always allowed for; what peers of the same query
//! do for good, this series may do as well. A gap that was itself a surprise teaches a quarter, so that one outage
//! does not hide the next.
//!
//! A series that is absent for more than half of its time comes and goes by nature: nothing is said of it.
//! Time at which nothing at all was known is no absence; the caller leaves it out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Config;
use super::durations::{Durations, SURPRISE_SHARE, likelihood, watched};
use super::episodes::{SILENCE, SUSTAINED_AFTER};
use super::mean_line::mean_line;
use crate::model::{AnomalyState, Timestamp};

/// Gaps up to this long are the business of scrapes: one that failed is no outage.
const SHORTEST: Duration = Duration::from_secs(60);
/// The most that is said of a gap that is too short to be an outage.
const BELOW_THE_LINE: f64 = 0.99;
/// A series that is absent for more than this share of its time comes and goes by nature.
const SPARSE: f64 = 0.5;

/// The presence of one series: 48 bytes, and 72 more once it had a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Presence {
    /// When it was first seen, in milliseconds.
    since: i64,
    gaps: Option<Box<Durations>>,
    /// Since when the present absence is an outage, in milliseconds.
    open: Option<i64>,
    /// When the last alarm was raised, in milliseconds.
    alarmed: Option<i64>,
}

/// A gap, as it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// When the series was seen for the last time.
    pub last_seen: Timestamp,
    /// How long it has been missing, without the time at which nothing was known.
    pub lasted: Duration,
    /// How many of its peers vanish for good, per second and series.
    pub departures: f64,
    /// Whether alarms are muted, and nothing is learnt.
    pub hold: super::Hold,
}

/// What is said of a series that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Absence {
    /// At least 0; 1 is the alarm line.
    pub score: f64,
    /// Anomalous and sustained while it is an outage, else normal.
    pub state: AnomalyState,
    /// Whether an outage begins: one notification each, none within the silence of an earlier one.
    pub alarm: bool,
}

impl Presence {
    /// Of a series that is seen for the first time.
    pub fn new(first: Timestamp) -> Self {
        Self { since: first.as_millis(), gaps: None, open: None, alarmed: None }
    }

    /// When the series was first seen.
    pub fn since(&self) -> Timestamp {
        Timestamp::from_millis(self.since)
    }

    /// Whether the series is missing and that is an outage.
    pub fn is_outage(&self) -> bool {
        self.open.is_some()
    }

    /// Judges a gap at `at`, when the series is missing though it should be there.
    pub fn missing(&mut self, at: Timestamp, gap: &Gap, config: &Config) -> Absence {
        let score = self.score(gap, config);
        let mut alarm = false;
        let lasts = score >= 1.0 && gap.lasted >= config.narrowing.min_duration;
        if lasts && self.open.is_none() && !gap.hold.mutes() {
            self.open = Some(at.as_millis());
            let silent = |alarmed| at.since(Timestamp::from_millis(alarmed)) <= SILENCE;
            alarm = !self.alarmed.is_some_and(silent);
            if alarm {
                self.alarmed = Some(at.as_millis());
            }
        }
        Absence { score, state: self.state(at), alarm }
    }

    fn state(&self, at: Timestamp) -> AnomalyState {
        match self.open {
            None => AnomalyState::Normal,
            Some(open) if at.since(Timestamp::from_millis(open)) >= SUSTAINED_AFTER => {
                AnomalyState::Sustained
            }
            Some(_) => AnomalyState::Anomalous,
        }
    }

    /// The gap is over at `at`, or its end no longer matters: learns it.
    pub fn returned(&mut self, at: Timestamp, gap: &Gap, config: &Config) {
        let surprise = self.open.take().is_some() || self.score(gap, config) >= 1.0;
        if gap.hold.learns_nothing() {
            return;
        }
        let gaps = self.gaps.get_or_insert_with(|| Box::new(Durations::new(at)));
        let weight = if surprise { SURPRISE_SHARE } else { 1.0 };
        gaps.learn(at, gap.lasted.as_secs_f64(), shortest(config), weight);
    }

    /// The gap is explained, as by the end of its target: it is no outage and teaches nothing.
    pub fn left(&mut self) {
        self.open = None;
    }

    fn score(&self, gap: &Gap, config: &Config) -> f64 {
        let watched = watched(gap.last_seen.since(self.since()));
        let (lasted, shortest) = (gap.lasted.as_secs_f64(), shortest(config));
        if self.gaps.as_ref().is_some_and(|gaps| gaps.total(gap.last_seen) > SPARSE * watched) {
            return 0.0;
        }
        let expected = likelihood(shortest, lasted)
            + self.gaps.as_ref().map_or(0.0, |gaps| gaps.expected(gap.last_seen, lasted, shortest));
        let rate = expected / watched.max(shortest) + gap.departures;
        let score = 1.0 + (config.false_alarms.per_second() / rate).log10() / mean_line(config);
        score.clamp(0.0, if lasted > shortest { f64::INFINITY } else { BELOW_THE_LINE })
    }
}

/// In seconds.
fn shortest(config: &Config) -> f64 {
    SHORTEST.max(config.interval).as_secs_f64()
}

#[cfg(test)]
mod tests;
