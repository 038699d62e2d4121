//! The level of a series: where its values lie, and how far they spread.
//!
//! Learning is robust: one sample moves the level by a bounded step, an anomalous one by a tenth of it. A
//! series that stays off its level for 8 h has a new one, which is then taken over at once. So an
//! incident of hours does not become the norm, and a permanent change is not nagged about for days.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Time constant of the level and the spread, in seconds.
const FOLLOW_SECONDS: f64 = 86_400.0;
/// A sample moves the level as if it were at most this many spreads away.
const STEP_LIMIT: f64 = 3.0;
/// Samples that are taken as they are, because nothing is known yet.
const UNLIMITED_SAMPLES: u32 = 10;
/// What an anomalous sample teaches, as a share of a normal one.
const ANOMALOUS_SHARE: f64 = 0.1;
/// Off the level for so long (in milliseconds): the level has changed.
const ACCEPT_MILLIS: i64 = 8 * 3_600_000;
/// And for so many samples.
const ACCEPT_SAMPLES: u32 = 12;
/// Back at the level for so long (in milliseconds): it has not.
const RETURN_MILLIS: i64 = 3_600_000;
/// Time constant of the candidate for the new level, in seconds.
const CANDIDATE_SECONDS: f64 = 3600.0;
/// A new level is believed to spread at most so many times as wide as the old one.
const MOST_GROWTH: f64 = 1000.0;

/// Robust location and spread; a few dozen bytes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Level {
    value: f64,
    /// The mean absolute deviation from the level, large deviations limited.
    spread: f64,
    samples: u32,
    off: Option<Off>,
}

/// A level that has been accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NewLevel {
    /// How many times (at least 1) wider the values spread there.
    pub growth: f64,
    /// When the series went there.
    pub since: Timestamp,
}

/// A stay off the level.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Off {
    since: i64,
    last: i64,
    samples: u32,
    candidate: f64,
    /// Mean absolute deviation from the candidate.
    spread: f64,
}

impl Level {
    /// The level, in the unit of the series.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Since when the series has been off its level, in milliseconds; for up to an hour after it came back.
    pub fn off_since(&self) -> Option<i64> {
        self.off.as_ref().map(|stay| stay.since)
    }

    /// Learns a value, `elapsed` seconds after the one before.
    pub fn learn(&mut self, value: f64, elapsed: f64, anomalous: bool) {
        let residual = value - self.value;
        let limited = if self.samples < UNLIMITED_SAMPLES {
            residual
        } else {
            residual.clamp(-STEP_LIMIT * self.spread, STEP_LIMIT * self.spread)
        };
        let mut gain = (1.0 / (f64::from(self.samples) + 1.0)).max(elapsed / (FOLLOW_SECONDS + elapsed));
        if anomalous {
            gain *= ANOMALOUS_SHARE;
        }
        self.value += gain * limited;
        let least = self.value.abs() * 1e-9;
        self.spread = (self.spread + gain * (limited.abs() - self.spread)).max(least);
        self.samples = self.samples.saturating_add(1);
    }

    /// Notes whether the value lies off the level. Once it has done so for long enough, the level moves there.
    pub fn accept(&mut self, at: Timestamp, value: f64, off: bool, elapsed: f64) -> Option<NewLevel> {
        let now = at.as_millis();
        if !off {
            self.off.take_if(|stay| now.saturating_sub(stay.last) >= RETURN_MILLIS);
            return None;
        }
        let first = Off { since: now, last: now, samples: 0, candidate: value, spread: 0.0 };
        let stay = self.off.get_or_insert(first);
        stay.learn(now, value, elapsed);
        if stay.samples < ACCEPT_SAMPLES || now.saturating_sub(stay.since) < ACCEPT_MILLIS {
            return None;
        }
        let growth =
            if self.spread > 0.0 { (stay.spread / self.spread).clamp(1.0, MOST_GROWTH) } else { 1.0 };
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
        for step in 0..2000 {
            level.learn(100.0 + f64::from(step % 5 - 2), 60.0, false);
        }
        level
    }

    #[test]
    fn half_an_hour_of_a_spike_hardly_moves_the_level() {
        let mut level = quiet();
        (0..30).for_each(|_| level.learn(5000.0, 60.0, true));
        assert!((level.value() - 100.0).abs() < 0.1, "{}", level.value());
        assert!(level.spread < 1.5, "{}", level.spread);
    }

    #[test]
    fn a_stay_of_eight_hours_is_a_new_level() {
        let mut level = quiet();
        let accepted: Vec<i64> = (0..600)
            .filter(|minute| {
                level.accept(Timestamp::from_millis(minute * 60_000), 145.0, true, 60.0).is_some()
            })
            .collect();
        assert_eq!(accepted[0], 480);
        assert!((level.value() - 145.0).abs() < 1e-9);
    }

    #[test]
    fn an_hour_back_at_the_level_starts_the_clock_again() {
        let mut level = quiet();
        for minute in 0..900 {
            let off = !(400..=460).contains(&minute);
            let accepted = level.accept(Timestamp::from_millis(minute * 60_000), 145.0, off, 60.0).is_some();
            assert!(!accepted || minute >= 941, "minute {minute}");
        }
    }

    #[test]
    fn rare_samples_need_twelve() {
        let mut level = quiet();
        let first = (0..20)
            .find(|hour| level.accept(Timestamp::from_millis(hour * 3_600_000), 1.0, true, 3600.0).is_some());
        assert_eq!(first, Some(11));
    }

    #[test]
    fn a_wider_spread_at_the_new_level_is_told() {
        let mut level = quiet();
        let growth = (0..600).find_map(|minute| {
            let value = 1000.0 + 10.0 * (minute % 5 - 2) as f64;
            level.accept(Timestamp::from_millis(minute * 60_000), value, true, 60.0)
        });
        let growth = growth.map(|new| new.growth);
        assert!((8.0..12.0).contains(&growth.unwrap()), "{growth:?}");
    }
}
