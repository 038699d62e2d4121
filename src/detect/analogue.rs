//! A forecast of the next sample from the past of the series alone: what followed the last times when it looked like this.
//!
//! The last eight samples, freed of their mean, are compared with all earlier such windows; the
//! forecast is their mean plus the median of what followed the nine nearest. (The analogue method: Lorenz,
//! J. Atmos. Sci. 26, 1969; nearest neighbours in delay coordinates: Farmer and Sidorowich, Phys. Rev. Lett. 59, 1987.)

use serde::{Deserialize, Serialize};

use super::windows::squared_distance;

/// Samples in a window.
const WINDOW: usize = 8;
/// Earlier windows that are looked at.
const CANDIDATES: usize = 300;
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
const SLACK: usize = 32;

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
        let (query, mean) = centred(&samples[query_start..]);
        let mut nearest = [(f32::INFINITY, 0f32); NEAREST];
        for start in first..=last {
            let (window, own) = centred(&samples[start..start + WINDOW]);
            let apart = own - mean;
            let distance = squared_distance(&query, &window) + LEVEL_WEIGHT * apart * apart;
            if distance < nearest[NEAREST - 1].0 {
                let place = nearest.partition_point(|held| held.0 <= distance);
                nearest.copy_within(place..NEAREST - 1, place + 1);
                nearest[place] = (distance, samples[start + WINDOW] - own);
            }
        }
        let mut followed = nearest.map(|held| held.1);
        followed.sort_unstable_by(f32::total_cmp);
        Some(mean + followed[NEAREST / 2])
    }
}

fn centred(window: &[f32]) -> ([f32; WINDOW], f32) {
    let mut values = [0f32; WINDOW];
    values.copy_from_slice(window);
    let mean = values.iter().sum::<f32>() / WINDOW as f32;
    (values.map(|value| value - mean), mean)
}
