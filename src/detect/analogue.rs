//! A forecast of the next sample from the past of the series alone: what followed the last times when it looked like this.
//!
//! The last eight samples, freed of their mean, are compared with all earlier such windows; the
//! forecast is their mean plus the median of what followed the nine nearest. (The analogue method: Lorenz,
//! J. Atmos. Sci. 26, 1969; nearest neighbours in delay coordinates: Farmer and Sidorowich, Phys. Rev. Lett. 59, 1987.)

use lanes::{WINDOW, compare_shapes, smallest};
use serde::{Deserialize, Serialize};

/// Earlier windows that are looked at.
const CANDIDATES: usize = 304;
/// With fewer than this there is no forecast.
const FEWEST: usize = 20;
/// Nearest windows whose successors make the forecast.
const NEAREST: usize = 9;
/// What a difference of level counts, in differences of one sample: of windows of the same shape those at the same
/// level come first.
const LEVEL_WEIGHT: f32 = 0.1;
/// Samples kept.
const CAPACITY: usize = CANDIDATES + WINDOW + 1;
/// Samples dropped at once.
const SLACK: usize = 8;

/// The last samples of a series, in the memory's unit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Analogues {
    samples: Vec<f32>,
}

impl Analogues {
    /// Adds the next sample.
    pub fn learn(&mut self, value: f32) {
        if self.samples.len() >= CAPACITY + SLACK {
            self.samples.copy_within(SLACK.., 0);
            self.samples.truncate(CAPACITY);
        }
        if self.samples.len() == self.samples.capacity() {
            self.samples.reserve_exact(SLACK);
        }
        self.samples.push(value);
    }

    /// Maps every sample, for another unit or origin.
    pub fn map(&mut self, to: impl Fn(f32) -> f32) {
        self.samples.iter_mut().for_each(|sample| *sample = to(*sample));
    }

    /// Moves all samples from one level to another, but those of the last `since` that are nearer to the other: they are
    /// there already.
    pub fn follow(&mut self, from: f32, to: f32, since: usize) {
        let begun = self.samples.len().saturating_sub(since);
        let (before, lately) = self.samples.split_at_mut(begun);
        let is_left = |sample: &f32| (sample - from).abs() < (sample - to).abs();
        let mut left: Vec<f32> = lately.iter().rev().copied().filter(is_left).take(WINDOW + 1).collect();
        left.sort_unstable_by(f32::total_cmp);
        let shift = to - left.get(left.len() / 2).copied().unwrap_or(from);
        let moved = before.iter_mut().chain(lately.iter_mut().filter(|sample| is_left(sample)));
        moved.for_each(|sample| *sample += shift);
    }

    /// The median of the last samples; `None` while a window is not full.
    pub fn usual(&self) -> Option<f32> {
        let mut last = [0f32; WINDOW + 1];
        last.copy_from_slice(&self.samples[self.len().checked_sub(WINDOW + 1)?..]);
        last.sort_unstable_by(f32::total_cmp);
        Some(last[WINDOW / 2])
    }

    /// Whether all samples of which [`Analogues::usual`] is the median lie within `distance` of `centre`.
    pub fn last_lie_within(&self, distance: f32, centre: f32) -> bool {
        let last = &self.samples[self.len().saturating_sub(WINDOW + 1)..];
        last.iter().all(|sample| (sample - centre).abs() <= distance)
    }

    /// The sum of the last `count` samples; of fewer, if there are fewer.
    pub fn sum_of_last(&self, count: usize) -> f32 {
        self.samples[self.samples.len().saturating_sub(count)..].iter().sum()
    }

    /// How many samples are held.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// What to expect next; `None` while too little is known.
    pub fn forecast(&self) -> Option<f32> {
        let samples = &self.samples;
        let query_start = samples.len().checked_sub(WINDOW)?;
        // The newest candidate ends two windows ago, its successor one sample later: nothing of it is in the query.
        let last = query_start.checked_sub(WINDOW + 1)?;
        let first = last.saturating_sub(CANDIDATES - 1);
        if last - first + 1 < FEWEST {
            return None;
        }
        let query: &[f32; WINDOW] = samples[query_start..].as_array()?;
        let mean = query.iter().sum::<f32>() / WINDOW as f32;
        let apart = compare(query, &samples[first..last + WINDOW]);
        let nearest = smallest::<NEAREST>(&apart[..last + 1 - first]);
        let mut followed = nearest.map(|(_, index)| {
            let start = first + index;
            let own = samples[start..start + WINDOW].iter().sum::<f32>() / WINDOW as f32;
            samples[start + WINDOW] - own
        });
        followed.sort_unstable_by(f32::total_cmp);
        Some(mean + followed[NEAREST / 2])
    }
}

/// How unlike the query each of the windows is that begin in `samples` one after the other; zero for the rest.
fn compare(query: &[f32; WINDOW], samples: &[f32]) -> [f32; CANDIDATES] {
    let mut apart = [0.0; CANDIDATES];
    compare_shapes(query, samples, LEVEL_WEIGHT, &mut apart);
    apart
}
