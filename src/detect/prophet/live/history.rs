//! What a series was like: means over bins of wall-clock time, as narrow as three weeks allow.
//!
//! Bins begin as wide as the samples are apart. When they have become too many, two make one, until three weeks
//! fit; from then on the oldest go. Times without samples are NaN.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Bins at most.
pub(super) const MOST_BINS: usize = 1024;
/// Time remembered, in milliseconds: three weeks, so that a weekly season is seen more than twice.
const SPAN: i64 = 21 * 86_400_000;
/// Scatters neighbouring numbers: 2^32 over the golden ratio.
const SCATTER: u32 = 0x9E37_79B9;

/// The means.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recent {
    /// Width of a bin in milliseconds; at least 1.
    width: i64,
    /// Number of the bin under way, counted from the epoch.
    newest: i64,
    /// Mean of the bin under way.
    mean: f64,
    /// Samples in the bin under way.
    count: u32,
    /// The finished bins, the newest last; the first is not NaN.
    means: Vec<f64>,
}

impl Recent {
    /// No history, of a series with this time between samples.
    pub fn new(interval: Duration) -> Self {
        let width = i64::try_from(interval.as_millis()).unwrap_or(SPAN).clamp(1, SPAN);
        Self { width, newest: i64::MIN, mean: 0.0, count: 0, means: Vec::new() }
    }

    /// Adds a sample; times never fall.
    pub fn learn(&mut self, at: Timestamp, value: f64) {
        if self.number(at) > self.newest {
            self.reach(at);
        }
        self.count = self.count.saturating_add(1);
        self.mean += (value - self.mean) / f64::from(self.count);
    }

    /// The middles of the finished bins and their means, without those that had no sample.
    pub fn history(&self) -> (Vec<Timestamp>, Vec<f64>) {
        let first = self.newest.saturating_sub(self.means.len() as i64);
        let middle = |index: usize| {
            let begin = first.saturating_add(index as i64).saturating_mul(self.width.max(1));
            Timestamp::from_millis(begin.saturating_add(self.width / 2))
        };
        let known = self.means.iter().enumerate().filter(|(_, mean)| !mean.is_nan());
        known.map(|(index, mean)| (middle(index), *mean)).unzip()
    }

    /// From the first finished bin to the last, in milliseconds.
    pub fn span(&self) -> i64 {
        self.means.len() as i64 * self.width
    }

    /// Width of a bin in milliseconds.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// A number from 0 to below `most` (itself at most a day) that depends on nothing but which of the last means lie above
    /// those before them, and which of the steps between them are larger than those before.
    pub fn ups_and_downs(&self, most: i64) -> i64 {
        let last = &self.means[self.means.len().saturating_sub(17)..];
        let steps: Vec<f64> = last.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let bends = steps.windows(2).map(|pair| pair[0] < pair[1]);
        let bits = steps.iter().map(|step| *step > 0.0).chain(bends);
        let number = bits.fold(0_u32, |number, bit| 2 * number + u32::from(bit)).wrapping_mul(SCATTER);
        (most * i64::from(number)) >> 32
    }

    /// Moves every mean.
    pub fn shift(&mut self, moved: f64) {
        self.means.iter_mut().chain([&mut self.mean]).for_each(|mean| *mean += moved);
    }

    fn number(&self, at: Timestamp) -> i64 {
        at.as_millis().div_euclid(self.width.max(1))
    }

    /// Bins from the one under way to that of this time.
    fn missing(&self, at: Timestamp) -> i64 {
        self.number(at).saturating_sub(self.newest)
    }

    /// Makes the bin of this time the one under way.
    fn reach(&mut self, at: Timestamp) {
        let samples = self.count;
        self.finish();
        let most = MOST_BINS as i64;
        if self.means.is_empty() || self.missing(at) > SPAN / self.width.max(1) {
            self.means.clear();
            self.newest = self.number(at);
            return;
        }
        while (self.means.len() as i64).saturating_add(self.missing(at)) > most && self.width < SPAN / most {
            self.widen(samples);
        }
        if self.missing(at) > 0 {
            self.finish();
        }
        let keep = (SPAN / self.width.max(1)).clamp(1, most);
        (0..self.missing(at)).for_each(|_| self.push(f64::NAN));
        self.drop_first(self.means.len().saturating_sub(keep as usize));
        self.newest = self.number(at);
    }

    /// Finishes the bin under way, if it holds a sample.
    fn finish(&mut self) {
        if self.count > 0 {
            self.push(self.mean);
            (self.mean, self.count) = (0.0, 0);
            self.newest = self.newest.saturating_add(1);
        }
    }

    fn push(&mut self, mean: f64) {
        if self.means.len() == self.means.capacity() {
            self.means.reserve_exact(32);
        }
        self.means.push(mean);
    }

    /// Drops the oldest bins, and those without samples that would then be the oldest.
    fn drop_first(&mut self, count: usize) {
        let unknown = self.means[count..].iter().take_while(|mean| mean.is_nan()).count();
        self.means.drain(..count + unknown);
    }

    /// Makes one bin of two. The last finished one goes into the bin under way if they are a pair; it had `samples`.
    fn widen(&mut self, samples: u32) {
        self.width *= 2;
        if self.newest.rem_euclid(2) == 1 {
            let last = self.means.pop().filter(|mean| !mean.is_nan());
            if let Some(last) = last {
                self.count = self.count.saturating_add(samples.max(1));
                self.mean += (last - self.mean) * f64::from(samples.max(1)) / f64::from(self.count);
            }
        }
        let mut wider: Vec<f64> = self.means.rchunks(2).map(mean_of_known).collect();
        wider.reverse();
        self.means = wider;
        self.newest = self.newest.div_euclid(2);
    }
}

/// NaN if none is known.
fn mean_of_known(means: &[f64]) -> f64 {
    let known = means.iter().filter(|mean| !mean.is_nan());
    let (sum, count) = known.fold((0.0, 0.0), |(sum, count), mean| (sum + mean, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn fed(interval: u64, samples: impl Iterator<Item = (i64, f64)>) -> Recent {
        let mut recent = Recent::new(Duration::from_secs(interval));
        samples.for_each(|(minute, value)| recent.learn(Timestamp::from_millis(minute * MINUTE), value));
        recent
    }

    #[test]
    fn short_histories_are_kept_sample_by_sample() {
        let recent = fed(60, [(5, 1.0), (6, 3.0), (8, 5.0), (9, 7.0)].into_iter());
        let (times, values) = recent.history();
        let minutes: Vec<f64> = times.iter().map(|at| at.as_millis() as f64 / MINUTE as f64).collect();
        assert_eq!((minutes, values), (vec![5.5, 6.5, 8.5], vec![1.0, 3.0, 5.0]));
    }

    #[test]
    fn whatever_the_interval_three_weeks_fit_and_means_stand_at_their_times() {
        for interval in [1, 15, 60, 300, 3600, 86_400] {
            let step = (interval as i64 / 60).max(1);
            let recent =
                fed(interval, (0..40 * 1440).step_by(step as usize).map(|minute| (minute, minute as f64)));
            let (times, values) = recent.history();
            assert!(recent.means.len() <= MOST_BINS && recent.means.capacity() <= MOST_BINS + 32);
            let span = recent.span() as f64 / SPAN as f64;
            assert!((0.95..=1.0).contains(&span), "{interval}: {span}");
            for (at, value) in times.iter().zip(values) {
                let middle = at.as_millis() as f64 / MINUTE as f64;
                assert!((value - middle).abs() <= step as f64, "{interval}: {value} {middle}");
            }
        }
    }

    #[test]
    fn gaps_are_unknown_and_a_long_one_forgets() {
        let recent = fed(60, (0..100).chain(400..500).map(|minute| (minute, 1.0)));
        assert_eq!((recent.means.len(), recent.history().0.len()), (499, 199));
        let recent = fed(60, (0..5000).chain(100_000..100_010).map(|minute| (minute, 1.0)));
        assert!(recent.history().1.len() < 10, "{recent:?}");
    }

    #[test]
    fn the_ends_of_time_and_values_are_harmless() {
        for interval in [0, 60, u64::MAX / 1000] {
            let mut recent = Recent::new(Duration::from_secs(interval));
            for at in [i64::MIN, -1, 0, 1, i64::MAX - 1, i64::MAX] {
                (0..3).for_each(|_| recent.learn(Timestamp::from_millis(at), 1e300));
                recent.learn(Timestamp::from_millis(at), -1e300);
                assert!(recent.history().1.iter().all(|mean| mean.is_finite()));
            }
        }
    }

    #[test]
    fn ups_and_downs_depend_on_neither_origin_nor_unit() {
        let numbers = [(1.0, 0.0), (1e9, 0.0), (1.0, 5000.0)].map(|(scale, shift)| {
            let noise = |minute| fastrand::Rng::with_seed(minute as u64).f64();
            fed(60, (0..100).map(|minute| (minute, noise(minute) * scale + shift))).ups_and_downs(1000)
        });
        assert!(numbers[0] == numbers[1] && numbers[0] == numbers[2], "{numbers:?}");
        assert!((1..1000).contains(&numbers[0]), "{numbers:?}");
    }

    #[test]
    fn ups_and_downs_differ_between_series_whether_they_rise_or_not() {
        for rise in [0.0, 5.0] {
            let mut counts = [0; 20];
            for series in 0..400 {
                let mut random = fastrand::Rng::with_seed(series);
                let recent = fed(60, (0..50).map(|minute| (minute, minute as f64 * rise + random.f64())));
                counts[recent.ups_and_downs(20) as usize] += 1;
            }
            assert!(counts.iter().all(|count| (3..60).contains(count)), "{rise}: {counts:?}");
        }
    }
}
