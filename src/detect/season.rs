//! What the time of day says: the median of the last days at this quarter of an hour, as an offset
//! from the level.
//!
//! The profile is used only once it has predicted better than the level alone, judged on days it had
//! not seen. A quarter of an hour early or late is no anomaly, so it answers with a range over its
//! neighbours, not with a point. Busy hours vary more than quiet ones, so it also says how much more.
//! Days are UTC days.

use ndarray::{Array1, Array2};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::model::Timestamp;

/// Quarters of an hour in a day.
const BINS: usize = 96;
/// Days remembered.
const DAYS: usize = 5;
/// Milliseconds of a quarter of an hour.
const BIN_MILLIS: i64 = 900_000;
/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;
/// Time constant of the two errors that decide whether the profile is used, in seconds.
const TRIAL_SECONDS: f64 = 3.0 * 86_400.0;
/// How much smaller the profile's error must be for full trust; below that, trust is in proportion.
const FULL_GAIN: f64 = 0.05;

/// Samples over which the variation at one time of day is averaged.
const VARIATION_SAMPLES: f64 = 40.0;
/// The least and the most by which a time of day may vary more than the whole day.
const VARIATION_RANGE: (f64, f64) = (1.0, 8.0);

/// The profile of one series: 2.3 kB, whatever the length of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Season {
    /// Mean offset of each quarter of an hour (rows) on each of the last days (columns); NaN: not seen.
    #[serde(deserialize_with = "of_the_right_shape")]
    days: Array2<f32>,
    /// Mean distance from what was expected at each quarter of an hour; NaN: not seen.
    #[serde(deserialize_with = "of_the_right_length")]
    variation: Array1<f32>,
    /// The same over the whole day.
    mean_variation: f64,
    /// The quarter of an hour under way, numbered from the epoch, with its sum and count.
    current: Option<(i64, f64, u32)>,
    /// Mean absolute error of the level alone where the profile also has an opinion.
    level_error: f64,
    /// Mean absolute error of the profile there.
    profile_error: f64,
    /// Seconds over which the errors were taken, at most [`TRIAL_SECONDS`].
    tried: f64,
}

/// What a profile expects at one time, as offsets from the level; `low <= middle <= high`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Offset {
    /// The smallest offset within a quarter of an hour.
    pub low: f64,
    /// The offset at this time.
    pub middle: f64,
    /// The largest offset within a quarter of an hour.
    pub high: f64,
}

impl Offset {
    fn scaled(self, share: f64) -> Self {
        Self { low: self.low * share, middle: self.middle * share, high: self.high * share }
    }
}

impl Default for Season {
    fn default() -> Self {
        Self {
            days: Array2::from_elem((BINS, DAYS), f32::NAN),
            variation: Array1::from_elem(BINS, f32::NAN),
            mean_variation: 0.0,
            current: None,
            level_error: 0.0,
            profile_error: 0.0,
            tried: 0.0,
        }
    }
}

impl Season {
    /// How far the profile is believed, from 0 to 1.
    pub fn trust(&self) -> f64 {
        if self.tried <= 0.0 || self.level_error <= 0.0 {
            return 0.0;
        }
        ((1.0 - self.profile_error / self.level_error) / FULL_GAIN).clamp(0.0, 1.0)
    }

    /// The offset to expect, as far as it is believed.
    pub fn offset(&self, at: Timestamp) -> Offset {
        let trust = self.trust();
        if trust == 0.0 { Offset::default() } else { self.profile(at, 2).unwrap_or_default().scaled(trust) }
    }

    /// How much more the series varies at this time of day than over the whole day, as far as the
    /// profile is believed; 1 if no more.
    pub fn variation(&self, at: Timestamp) -> f64 {
        let own = f64::from(self.variation[bin(at)]);
        if own.is_nan() || self.mean_variation <= 0.0 {
            return 1.0;
        }
        let ratio = (own / self.mean_variation).clamp(VARIATION_RANGE.0, VARIATION_RANGE.1);
        1.0 + self.trust() * (ratio - 1.0)
    }

    /// Learns the offset of a sample from the level. `limit` bounds what one sample says about the
    /// errors; `elapsed` is the time since the sample before, in seconds.
    pub fn learn(&mut self, at: Timestamp, offset: f64, limit: f64, elapsed: f64) {
        if let Some(expected) = self.profile(at, 1) {
            let gain = (elapsed / (self.tried + elapsed)).min(1.0);
            self.level_error += gain * (offset.abs().min(limit) - self.level_error);
            self.profile_error += gain * ((offset - expected.middle).abs().min(limit) - self.profile_error);
            self.tried = (self.tried + elapsed).min(TRIAL_SECONDS);
        }
        self.learn_variation(at, offset, limit, elapsed);
        let number = at.as_millis().div_euclid(BIN_MILLIS);
        match &mut self.current {
            Some((current, sum, count)) if *current == number => {
                *sum += offset;
                *count = count.saturating_add(1);
            }
            _ => {
                if let Some((finished, sum, count)) = self.current.replace((number, offset, 1)) {
                    self.store(finished, sum / f64::from(count));
                }
            }
        }
    }

    fn learn_variation(&mut self, at: Timestamp, offset: f64, limit: f64, elapsed: f64) {
        let expected = self.offset(at);
        let distance = (offset - offset.clamp(expected.low, expected.high)).abs().min(limit);
        self.mean_variation += elapsed / (TRIAL_SECONDS + elapsed) * (distance - self.mean_variation);
        let held = &mut self.variation[bin(at)];
        let before = if held.is_nan() { self.mean_variation } else { f64::from(*held) };
        *held = (before + (distance - before) / VARIATION_SAMPLES).min(f64::from(f32::MAX)) as f32;
    }

    fn store(&mut self, number: i64, mean: f64) {
        let day = number.div_euclid(BINS as i64).rem_euclid(DAYS as i64) as usize;
        let bin = number.rem_euclid(BINS as i64) as usize;
        // Offsets beyond single precision are kept at its end: finite, and still far away.
        self.days[[bin, day]] = mean.clamp(-f64::from(f32::MAX), f64::from(f32::MAX)) as f32;
    }

    /// The profile's opinion where at least `least` days are known.
    fn profile(&self, at: Timestamp, least: usize) -> Option<Offset> {
        let in_day = at.as_millis().rem_euclid(DAY_MILLIS);
        let bin = bin(at);
        let own = self.median(bin, least)?;
        let before = self.median((bin + BINS - 1) % BINS, least).unwrap_or(own);
        let after = self.median((bin + 1) % BINS, least).unwrap_or(own);
        let from_centre = (in_day % BIN_MILLIS) as f64 / BIN_MILLIS as f64 - 0.5;
        let neighbour = if from_centre < 0.0 { before } else { after };
        Some(Offset {
            low: own.min(before).min(after),
            middle: own + from_centre.abs() * (neighbour - own),
            high: own.max(before).max(after),
        })
    }

    /// Median over the days known of a quarter of an hour. Of two days the one nearer to the level
    /// counts (or the level itself, between them), so one odd day is not taken for a habit.
    fn median(&self, bin: usize, least: usize) -> Option<f64> {
        let mut known = [0f32; DAYS];
        let mut count = 0;
        for value in self.days.row(bin).iter().filter(|value| !value.is_nan()) {
            known[count] = *value;
            count += 1;
        }
        if count == 0 || count < least {
            return None;
        }
        if count == 2 {
            count = 3; // the third value is still 0: the level
        }
        let known = &mut known[..count];
        known.sort_unstable_by(f32::total_cmp);
        Some((f64::from(known[(count - 1) / 2]) + f64::from(known[count / 2])) / 2.0)
    }
}

/// The quarter of an hour of the day.
fn bin(at: Timestamp) -> usize {
    (at.as_millis().rem_euclid(DAY_MILLIS) / BIN_MILLIS) as usize
}

fn of_the_right_length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Array1<f32>, D::Error> {
    let variation = Array1::<f32>::deserialize(deserializer)?;
    if variation.len() != BINS {
        return Err(D::Error::custom("the variation is not of 96 quarters of an hour"));
    }
    Ok(variation)
}

fn of_the_right_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Array2<f32>, D::Error> {
    let days = Array2::<f32>::deserialize(deserializer)?;
    if days.dim() != (BINS, DAYS) {
        return Err(D::Error::custom("the profile is not of 96 quarters of an hour by 5 days"));
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    /// Feeds `days` days of one-minute offsets; the function takes the day and the minute.
    fn fed(days: i64, offset: impl Fn(i64, i64) -> f64) -> Season {
        let mut season = Season::default();
        for minute in 0..days * 1440 {
            let at = Timestamp::from_millis(minute * MINUTE);
            season.learn(at, offset(minute / 1440, minute % 1440), 30.0, 60.0);
        }
        season
    }

    fn at(day: i64, minute: i64) -> Timestamp {
        Timestamp::from_millis((day * 1440 + minute) * MINUTE)
    }

    fn noise(day: i64, minute: i64) -> f64 {
        fastrand::Rng::with_seed((day * 1440 + minute) as u64).f64() * 6.0 - 3.0
    }

    fn peak(day: i64, minute: i64) -> f64 {
        noise(day, minute) + if (600..660).contains(&minute) { 300.0 } else { 0.0 }
    }

    #[test]
    fn two_days_of_a_peak_make_it_expected() {
        let season = fed(2, peak);
        assert!(season.trust() > 0.9, "{}", season.trust());
        let expected = season.offset(at(2, 630));
        assert!(expected.low > 290.0 && expected.high < 310.0, "{expected:?}");
        let quiet = season.offset(at(2, 300));
        assert!(quiet.low > -2.0 && quiet.high < 2.0, "{quiet:?}");
    }

    #[test]
    fn an_early_peak_is_within_the_range() {
        let season = fed(3, peak);
        let edge = season.offset(at(3, 595));
        assert!(edge.low < 3.0 && edge.high > 290.0, "{edge:?}");
    }

    #[test]
    fn noise_is_not_taken_for_a_rhythm() {
        assert_eq!(fed(6, noise).offset(at(6, 600)), Offset::default());
    }

    #[test]
    fn one_odd_day_is_not_a_habit() {
        let daily =
            |day, minute| noise(day, minute) + 20.0 * (minute as f64 / 1440.0 * std::f64::consts::TAU).sin();
        let odd = |day, minute| daily(day, minute) + if day == 3 && minute > 900 { 500.0 } else { 0.0 };
        let (usual, disturbed) = (fed(5, daily), fed(5, odd));
        let (a, b) = (usual.offset(at(5, 1000)).middle, disturbed.offset(at(5, 1000)).middle);
        assert!((a - b).abs() < 3.0, "{a} {b}");
    }

    #[test]
    fn times_before_the_epoch_and_absurd_offsets_are_harmless() {
        let mut season = Season::default();
        for step in -5000..5000 {
            let offset = if step % 7 == 0 { 1e300 } else { -1e300 };
            season.learn(Timestamp::from_millis(step * 15 * MINUTE), offset, f64::MAX, 900.0);
            let expected = season.offset(Timestamp::from_millis(step * 15 * MINUTE));
            assert!(expected.low.is_finite() && expected.middle.is_finite() && expected.high.is_finite());
        }
    }
}
