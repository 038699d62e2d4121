//! What the time of day and the day of week say, as an offset from the level.
//!
//! Two tables: 48 half hours of a day, and 56 times three hours of a week that correct them. Each is
//! believed as far as it has predicted better than doing without, on samples it had not seen: a series
//! without a rhythm has none, one with a daily rhythm shows no week. A Saturday or Sunday not yet seen
//! borrows from the other, so the weekend is known after its first day. A quarter of an hour
//! early or late is no anomaly, so the answer is a range. Busy hours vary more than quiet ones, so it also
//! says how much more.

use serde::{Deserialize, Serialize};

use super::table::Table;
use crate::detect::fixed::Fixed;
use crate::detect::residual::{Lesson, Offset, Trial};

const HOUR: i64 = 3_600_000;
/// Half hours in a day, and their length in milliseconds.
const DAY_SLOTS: usize = 48;
const DAY_SLOT: i64 = HOUR / 2;
/// Three hours in a week, and their length in milliseconds.
const WEEK_SLOTS: usize = 56;
const WEEK_SLOT: i64 = 3 * HOUR;
/// How far early or late is no anomaly, in milliseconds.
const TOLERANCE: i64 = HOUR / 2;
/// Over how long a table is judged, in seconds.
const DAY_TRIAL: f64 = 3.0 * 86_400.0;
const WEEK_TRIAL: f64 = 14.0 * 86_400.0;
/// The most a visit moves a table, as a multiple of how far the series varies then.
const STEP: f64 = 2.0;
/// Time over which the variation is averaged, in seconds: three visits of its hour; the whole day's, three days.
const VARIATION_SECONDS: f64 = 3.0 * 3600.0;
const MEAN_VARIATION_SECONDS: f64 = 24.0 * VARIATION_SECONDS;
/// The most a sample counts in the variation of its hour.
const VARIATION_GAIN: f64 = 0.05;
/// The least and the most by which an hour may vary more than the whole day.
const VARIATION_RANGE: (f64, f64) = (1.0, 8.0);

/// The profile of one series: 0.7 kB, whatever the length of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Profile {
    day: Table<DAY_SLOTS>,
    week: Table<WEEK_SLOTS>,
    day_trial: Trial,
    week_trial: Trial,
    /// Mean distance from what was expected at each hour of the day; NaN: not seen.
    variation: Fixed<24>,
    /// The same over the whole day.
    mean_variation: f64,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            day: Table::default(),
            week: Table::default(),
            day_trial: Trial::default(),
            week_trial: Trial::default(),
            variation: Fixed([f32::NAN; 24]),
            mean_variation: 0.0,
        }
    }
}

impl Profile {
    /// How far the time of day is believed, from 0 to 1.
    pub fn trust(&self) -> f64 {
        self.day_trial.trust()
    }

    /// The offset to expect, as far as it is believed, with a scale of 1. `local` is local time in milliseconds.
    pub fn offset(&self, local: i64) -> Offset {
        let trust = (self.day_trial.trust(), self.week_trial.trust());
        if trust == (0.0, 0.0) {
            return Offset { scale: 1.0, ..Offset::default() };
        }
        let middle = self.believed(local, trust);
        let (before, after) = (
            self.believed(local.saturating_sub(TOLERANCE), trust),
            self.believed(local.saturating_add(TOLERANCE), trust),
        );
        let (low, high) = (middle.min(before).min(after), middle.max(before).max(after));
        Offset { low, middle, high, plain: 0.0, scale: 1.0 }
    }

    fn believed(&self, local: i64, (day, week): (f64, f64)) -> f64 {
        let part =
            |trust: f64, offset: Option<f64>| if trust > 0.0 { trust * offset.unwrap_or(0.0) } else { 0.0 };
        let day = part(day, interpolated(local, DAY_SLOT, |number| self.day_slot(number, true)));
        day + part(week, interpolated(local, WEEK_SLOT, |number| self.week_slot(number, true)))
    }

    /// How much more the series varies at this hour than over the whole day, as far as the profile is
    /// believed; 1 if no more.
    pub fn variation(&self, local: i64) -> f64 {
        let own = f64::from(self.variation.0[hour(local)]);
        if own.is_nan() || self.mean_variation <= 0.0 {
            return 1.0;
        }
        let ratio = (own / self.mean_variation).clamp(VARIATION_RANGE.0, VARIATION_RANGE.1);
        1.0 + self.trust() * (ratio - 1.0)
    }

    /// Learns the offset of a sample from the level.
    pub fn learn(&mut self, local: i64, offset: f64, lesson: &Lesson) {
        let Lesson { distance, limit, elapsed, .. } = *lesson;
        self.learn_variation(local, distance.min(limit), elapsed);
        let own = f64::from(self.variation.0[hour(local)]);
        let step = STEP * own.max(self.mean_variation);
        let error = |expected: f64| (offset - expected).abs().min(limit);
        // Interpolation would blur a sharp peak; on trial is what was learnt of this very slot.
        let day = self.day_slot(local.div_euclid(DAY_SLOT), false);
        if let Some(day) = day {
            self.day_trial.note(error(0.0), error(day), elapsed, DAY_TRIAL);
        }
        let day = self.trust() * day.unwrap_or(0.0);
        let week = self.week_slot(local.div_euclid(WEEK_SLOT), false);
        if let Some(week) = week {
            self.week_trial.note(error(day), error(day + week), elapsed, WEEK_TRIAL);
        }
        let week = self.week_trial.trust() * week.unwrap_or(0.0);
        self.day.learn(local.div_euclid(DAY_SLOT), offset - week, step);
        // Until the day is known, its shape would be taken for that of the first days of the week.
        if self.day_slot(local.div_euclid(DAY_SLOT), true).is_some() {
            self.week.learn(local.div_euclid(WEEK_SLOT), offset - day, step);
        }
    }

    /// The level has moved: the visits under way mix what was counted from either.
    pub fn interrupt(&mut self) {
        self.day.interrupt();
        self.week.interrupt();
    }

    fn learn_variation(&mut self, local: i64, distance: f64, elapsed: f64) {
        self.mean_variation +=
            elapsed / (MEAN_VARIATION_SECONDS + elapsed) * (distance - self.mean_variation);
        let held = &mut self.variation.0[hour(local)];
        let before = if held.is_nan() { self.mean_variation } else { f64::from(*held) };
        let gain = (elapsed / (VARIATION_SECONDS + elapsed)).min(VARIATION_GAIN);
        *held = (before + gain * (distance - before)).min(f64::from(f32::MAX)) as f32;
    }

    fn day_slot(&self, number: i64, confirmed: bool) -> Option<f64> {
        self.day.offset(number.rem_euclid(DAY_SLOTS as i64) as usize, confirmed)
    }

    fn week_slot(&self, number: i64, confirmed: bool) -> Option<f64> {
        let slot = number.rem_euclid(WEEK_SLOTS as i64) as usize;
        let own = self.week.offset(slot, confirmed);
        own.or_else(|| self.week.offset(other_weekend_day(slot)?, false))
    }
}

/// The offset between the middles of two slots; that of its own slot where the neighbour is not known.
fn interpolated(local: i64, length: i64, offset: impl Fn(i64) -> Option<f64>) -> Option<f64> {
    let number = local.div_euclid(length);
    let own = offset(number)?;
    let from_middle = local.rem_euclid(length) as f64 / length as f64 - 0.5;
    let neighbour = offset(if from_middle < 0.0 { number - 1 } else { number + 1 }).unwrap_or(own);
    Some(own + from_middle.abs() * (neighbour - own))
}

/// The same time on the other day of the weekend. The epoch was a Thursday.
fn other_weekend_day(slot: usize) -> Option<usize> {
    match slot / 8 {
        2 => Some(slot + 8),
        3 => Some(slot - 8),
        _ => None,
    }
}

fn hour(local: i64) -> usize {
    local.div_euclid(HOUR).rem_euclid(24) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    /// Feeds `days` days of offsets every five minutes from a Thursday on; the function takes day and minute.
    fn fed(days: i64, offset: impl Fn(i64, i64) -> f64) -> Profile {
        let mut profile = Profile::default();
        for minute in (0..days * 1440).step_by(5) {
            let offset = offset(minute / 1440, minute % 1440);
            let expected = profile.offset(minute * MINUTE);
            let distance = (offset - offset.clamp(expected.low, expected.high)).abs();
            let lesson = Lesson { distance, limit: 30.0, elapsed: 300.0, ..Lesson::default() };
            profile.learn(minute * MINUTE, offset, &lesson);
        }
        profile
    }

    fn at(day: i64, minute: i64) -> i64 {
        (day * 1440 + minute) * MINUTE
    }

    fn noise(day: i64, minute: i64) -> f64 {
        fastrand::Rng::with_seed((day * 1440 + minute) as u64).f64() * 6.0 - 3.0
    }

    fn peak(day: i64, minute: i64) -> f64 {
        noise(day, minute) + if (600..660).contains(&minute) { 300.0 } else { 0.0 }
    }

    #[test]
    fn two_days_of_a_peak_make_it_expected() {
        let profile = fed(2, peak);
        assert!(profile.trust() > 0.9, "{}", profile.trust());
        let expected = profile.offset(at(2, 630));
        assert!(expected.high > 290.0 && expected.high < 310.0, "{expected:?}");
        let quiet = profile.offset(at(2, 300));
        assert!(quiet.low > -2.0 && quiet.high < 2.0, "{quiet:?}");
    }

    #[test]
    fn an_early_peak_is_within_the_range() {
        let edge = fed(3, peak).offset(at(3, 595));
        assert!(edge.low < 3.0 && edge.high > 100.0, "{edge:?}");
    }

    #[test]
    fn noise_is_not_taken_for_a_rhythm() {
        let offset = fed(20, noise).offset(at(20, 600));
        assert!(offset.low > -0.2 && offset.high < 0.2, "{offset:?}");
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

    /// A busy day that is half as busy on Saturday and Sunday, the third and fourth day from the epoch.
    fn working_week(day: i64, minute: i64) -> f64 {
        let busy = if (480..1080).contains(&minute) { 100.0 } else { 0.0 };
        noise(day, minute) + if [2, 3].contains(&(day % 7)) { 0.4 * busy } else { busy }
    }

    #[test]
    fn a_weekend_is_told_from_a_working_day_after_two() {
        let profile = fed(15, working_week);
        for (day, low, high) in [(15, 85.0, 110.0), (16, 25.0, 55.0), (17, 25.0, 55.0), (18, 85.0, 110.0)] {
            let middle = profile.offset(at(day, 780)).middle;
            assert!((low..high).contains(&middle), "day {day}: {middle}");
        }
    }

    #[test]
    fn busy_hours_may_vary_more() {
        let profile = fed(6, |day, minute| {
            let busy = if (600..900).contains(&minute) { 5.0 } else { 1.0 };
            busy * noise(day, minute) + 10.0 * (minute as f64 / 1440.0 * std::f64::consts::TAU).sin()
        });
        assert!(profile.variation(at(6, 300)) < 1.1, "{}", profile.variation(at(6, 300)));
        assert!(profile.variation(at(6, 700)) > 2.0, "{}", profile.variation(at(6, 700)));
    }

    #[test]
    fn times_before_the_epoch_and_absurd_offsets_are_harmless() {
        let mut profile = Profile::default();
        let times = (-5000..5000).map(|step| step * 15 * MINUTE).chain([i64::MIN, i64::MAX]);
        for (step, local) in times.enumerate() {
            let offset = if step % 7 == 0 { 1e300 } else { -1e300 };
            let lesson = Lesson { distance: 1e300, limit: f64::MAX, elapsed: 900.0, ..Lesson::default() };
            profile.learn(local, offset, &lesson);
            let expected = profile.offset(local);
            assert!(expected.low.is_finite() && expected.middle.is_finite() && expected.high.is_finite());
            assert!(profile.variation(local).is_finite());
        }
    }
}
