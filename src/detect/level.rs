//! The level of a series, freed of the time of day where that is known, and how far its values spread: robust, in a few
//! dozen bytes.
//!
//! One sample moves the level by a bounded step, an anomalous one by a tenth of it. A series that
//! stays off its level for 8 h has a new one, which is then taken over at once. So an incident of hours does
//! not become the norm, and a permanent change is not nagged about for days.

use serde::{Deserialize, Serialize};

use super::episodes::{SUSTAINED_AFTER, Step};
use crate::model::{AnomalyState, Timestamp};

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
/// Back at the level for so long (in milliseconds), or unseen for so long and so many intervals: it has not.
const RETURN_MILLIS: i64 = 3_600_000;
const RETURN_INTERVALS: f64 = 2.0;
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
    /// Samples since.
    pub samples: u32,
}

/// A stay off the level: when it began and was last seen, and where the values lie meanwhile.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Off {
    since: i64,
    last: i64,
    samples: u32,
    /// Samples meanwhile that were at the level.
    agreeing: u32,
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

    /// Whether an anomaly of which this sample is part lasts for longer than its first hour, be it an episode or none:
    /// what a query does not ask for, or not yet, lasts all the same.
    pub(super) fn outlasts(&self, step: Step, at: Timestamp) -> bool {
        let off = || self.off_since().is_some_and(|since| at.since(since) >= SUSTAINED_AFTER);
        step.state == AnomalyState::Sustained || step.state == AnomalyState::Normal && off()
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

    /// Notes whether a value is evidence against the level, and which, `elapsed` seconds after the one before. Once most
    /// have been for long enough, the level moves there.
    pub fn note(&mut self, at: Timestamp, off: Option<f64>, elapsed: f64, trust: f64) -> Option<NewLevel> {
        let now = at.as_millis();
        let back = RETURN_MILLIS.max((RETURN_INTERVALS * 1000.0 * elapsed) as i64);
        self.off.take_if(|stay| {
            now.saturating_sub(stay.last) >= if off.is_some() { back } else { RETURN_MILLIS }
        });
        let Some(value) = off else {
            if let Some(stay) = &mut self.off {
                stay.agreeing = stay.agreeing.saturating_add(1);
            }
            return None;
        };
        let first = Off { since: now, last: now, samples: 0, agreeing: 0, candidate: value, spread: 0.0 };
        let stay = self.off.get_or_insert(first);
        stay.learn(now, value, elapsed);
        let patience = ACCEPT_MILLIS as f64 * (1.0 + trust * (SEASONAL_ACCEPT - 1.0));
        let lasts = stay.samples >= ACCEPT_SAMPLES && now.saturating_sub(stay.since) as f64 >= patience;
        if lasts && stay.samples >= stay.agreeing { self.go() } else { None }
    }

    /// Moves the level to where the values lie.
    fn go(&mut self) -> Option<NewLevel> {
        let stay = self.off.take()?;
        let wider = if self.spread > 0.0 { stay.spread / self.spread } else { 1.0 };
        let growth = wider.clamp(1.0, MOST_GROWTH);
        self.value = stay.candidate;
        self.spread *= growth;
        let samples = stay.samples.saturating_add(stay.agreeing);
        Some(NewLevel { growth, since: Timestamp::from_millis(stay.since), samples })
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
            level.note(at, off(*minute).then_some(145.0), 60.0 * apart as f64, trust).is_some()
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
            level.note(Timestamp::from_millis(minute * 60_000), Some(value), 60.0, 0.0)
        });
        let NewLevel { growth, since, samples } = new.unwrap();
        assert!((8.0..12.0).contains(&growth), "{growth}");
        assert_eq!((since, samples), (Timestamp::from_millis(0), 481));
    }

    #[test]
    fn values_that_come_and_go_are_no_level() {
        assert_eq!(accepted(3000, 1, 0.0, |minute| minute % 40 == 0), None);
        assert_eq!(accepted(3000, 1, 0.0, |minute| minute % 3 > 0), Some(481));
    }

    #[test]
    fn a_stay_that_nothing_was_seen_of_begins_anew() {
        let mut level = quiet();
        let mut off = |minute: i64| {
            level.note(Timestamp::from_millis(minute * 60_000), Some(145.0), 60.0, 0.0).is_some()
        };
        assert!(!off(0));
        assert_eq!((481..2000).find(|minute| off(*minute)), Some(481 + 480));
    }

    #[test]
    fn where_the_day_has_a_shape_a_whole_day_must_differ() {
        assert_eq!(accepted(2000, 1, 1.0, |_| true), Some(1440));
        assert_eq!(accepted(9000, 1, 1.0, |minute| (480..1080).contains(&(minute % 1440))), None);
    }
}
