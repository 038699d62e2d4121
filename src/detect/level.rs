//! The level of a series, freed of the time of day where that is known, and how far its values spread: robust, in a few
//! dozen bytes.
//!
//! One sample moves the level by a bounded step, an anomalous one by a tenth of it. A series that
//! stays off its level for 8 h has a new one, which is then taken over at once. So an incident of hours does
//! not become the norm, and a permanent change is not nagged about for days.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Time constant of the level and the spread, in seconds; so many times longer where a profile is believed.
const FOLLOW_SECONDS: f64 = 86_400.0;
const SEASONAL_FOLLOW: f64 = 3.0;
/// A sample moves the level as if it were at most this many spreads away.
const STEP_LIMIT: f64 = 3.0;
/// Samples that are taken as they are, because nothing is known yet.
const UNLIMITED_SAMPLES: u32 = 10;
/// What an anomalous sample teaches, as a share of a normal one.
const ANOMALOUS_SHARE: f64 = 0.1;
/// Off the level for so long (in milliseconds) and so many samples: the level has changed. Where a
/// profile is believed it takes so many times longer, for a day off work is no new level.
const ACCEPT_MILLIS: i64 = 8 * 3_600_000;
const SEASONAL_ACCEPT: f64 = 3.0;
const ACCEPT_SAMPLES: u32 = 12;
/// Back at the level for so long (in milliseconds): it has not.
const RETURN_MILLIS: i64 = 3_600_000;
/// Time constant of the candidate for the new level, in seconds.
const CANDIDATE_SECONDS: f64 = 3600.0;
/// A new level is believed to spread at most so many times as wide as the old one.
const MOST_GROWTH: f64 = 1000.0;
/// The spread is at least this share of the level: what doubles round.
const ROUNDING: f64 = 1e-9;

/// Robust location and spread.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Level {
    value: f64,
    spread: f64,
    samples: u32,
    off: Option<Off>,
}

/// A level that has been accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NewLevel {
    /// How many times (at least 1) wider the values spread there.
    pub growth: f64,
    /// When the series went there.
    pub since: Timestamp,
}

/// A stay off the level: when it began and was last seen, and where the values lie meanwhile.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Off {
    since: i64,
    last: i64,
    samples: u32,
    candidate: f64,
    spread: f64,
}

impl Level {
    /// The level, in the unit of the series.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Since when the series has been off its level; for up to an hour after it came back.
    pub fn off_since(&self) -> Option<Timestamp> {
        self.off.as_ref().map(|stay| Timestamp::from_millis(stay.since))
    }

    /// Whether the series has been off its level for so long.
    pub fn is_off_for(&self, time: Duration, at: Timestamp) -> bool {
        self.off_since().is_some_and(|since| at.since(since) >= time)
    }

    /// Moves the level: what values are freed of has changed. They spread at least so far.
    pub fn put(&mut self, value: f64, spread: f64) {
        self.value = value;
        self.spread = self.spread.max(spread);
    }

    /// Takes deviations as so many times larger.
    pub fn grow(&mut self, factor: f64) {
        self.spread *= factor;
    }

    /// The mean absolute deviation from what was expected, large deviations limited.
    pub fn spread(&self) -> f64 {
        self.spread
    }

    /// Learns a value, `elapsed` seconds after the one before. `trust` says, from 0 to 1, how far the profile is believed
    /// that freed it of the time of day; 0 where none did.
    pub fn learn(&mut self, value: f64, elapsed: f64, trust: f64, anomalous: bool) {
        let residual = value - self.value;
        let limited = if self.samples < UNLIMITED_SAMPLES {
            residual
        } else {
            residual.clamp(-STEP_LIMIT * self.spread, STEP_LIMIT * self.spread)
        };
        let follow = FOLLOW_SECONDS * (1.0 + trust * (SEASONAL_FOLLOW - 1.0));
        let mut gain = (1.0 / (f64::from(self.samples) + 1.0)).max(elapsed / (follow + elapsed));
        if anomalous {
            gain *= ANOMALOUS_SHARE;
        }
        self.value += gain * limited;
        let least = self.value.abs() * ROUNDING;
        self.spread = (self.spread + gain * (limited.abs() - self.spread)).max(least);
        self.samples = self.samples.saturating_add(1);
    }

    /// Notes that the value is no evidence against the level.
    pub fn agrees(&mut self, at: Timestamp) {
        self.off.take_if(|stay| at.as_millis().saturating_sub(stay.last) >= RETURN_MILLIS);
    }

    /// Notes that the value lies off the level. Once this has lasted for long enough, the level moves
    /// there.
    pub fn accept(&mut self, at: Timestamp, value: f64, elapsed: f64, trust: f64) -> Option<NewLevel> {
        let now = at.as_millis();
        let first = Off { since: now, last: now, samples: 0, candidate: value, spread: 0.0 };
        let stay = self.off.get_or_insert(first);
        stay.learn(now, value, elapsed);
        let patience = ACCEPT_MILLIS as f64 * (1.0 + trust * (SEASONAL_ACCEPT - 1.0));
        if stay.samples < ACCEPT_SAMPLES || (now.saturating_sub(stay.since) as f64) < patience {
            return None;
        }
        let wider = if self.spread > 0.0 { stay.spread / self.spread } else { 1.0 };
        let growth = wider.clamp(1.0, MOST_GROWTH);
        let since = Timestamp::from_millis(stay.since);
        self.value = stay.candidate;
        self.spread *= growth;
        self.off = None;
        Some(NewLevel { growth, since })
    }
}

impl Off {
    fn learn(&mut self, now: i64, value: f64, elapsed: f64) {
        self.last = now;
        self.samples = self.samples.saturating_add(1);
        let gain = (1.0 / f64::from(self.samples)).max(elapsed / (CANDIDATE_SECONDS + elapsed));
        self.spread += gain * ((value - self.candidate).abs() - self.spread);
        self.candidate += gain * (value - self.candidate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet() -> Level {
        let mut level = Level::default();
        (0..2000).for_each(|step| level.learn(100.0 + f64::from(step % 5 - 2), 60.0, 0.0, false));
        level
    }

    /// The first minute at which a stay off the level is accepted.
    fn accepted(minutes: i64, apart: i64, trust: f64, off: impl Fn(i64) -> bool) -> Option<i64> {
        let mut level = quiet();
        (0..minutes).step_by(apart as usize).find(|minute| {
            let at = Timestamp::from_millis(minute * 60_000);
            if !off(*minute) {
                level.agrees(at);
                return false;
            }
            level.accept(at, 145.0, 60.0 * apart as f64, trust).is_some()
        })
    }

    #[test]
    fn half_an_hour_of_a_spike_hardly_moves_the_level() {
        let mut level = quiet();
        (0..30).for_each(|_| level.learn(5000.0, 60.0, 0.0, true));
        assert!((level.value() - 100.0).abs() < 0.1, "{}", level.value());
        assert!(level.spread() < 1.5, "{}", level.spread());
    }

    #[test]
    fn a_stay_of_eight_hours_and_twelve_samples_is_a_new_level() {
        assert_eq!(accepted(600, 1, 0.0, |_| true), Some(480));
        assert_eq!(accepted(600, 1, 0.0, |minute| minute != 479), Some(480));
        assert_eq!(accepted(20 * 60, 60, 0.0, |_| true), Some(11 * 60));
        assert_eq!(accepted(900, 1, 0.0, |minute| !(400..=460).contains(&minute)), None);
        assert_eq!(accepted(900, 1, 0.0, |minute| !(400..=420).contains(&minute)), Some(480));
    }

    #[test]
    fn a_wider_spread_at_the_new_level_is_told_and_when_the_series_went_there() {
        let mut level = quiet();
        let new = (0..600).find_map(|minute| {
            let value = 1000.0 + 10.0 * (minute % 5 - 2) as f64;
            level.accept(Timestamp::from_millis(minute * 60_000), value, 60.0, 0.0)
        });
        let NewLevel { growth, since } = new.unwrap();
        assert!((8.0..12.0).contains(&growth), "{growth}");
        assert_eq!(since, Timestamp::from_millis(0));
    }

    #[test]
    fn where_the_day_has_a_shape_a_whole_day_must_differ() {
        assert_eq!(accepted(2000, 1, 1.0, |_| true), Some(1440));
        assert_eq!(accepted(9000, 1, 1.0, |minute| (480..1080).contains(&(minute % 1440))), None);
    }
}
