//! How improbable a residual is: a streaming tail calibration of non-negative values.
//!
//! A histogram of log2 with exponential forgetting. Below a high quantile `u` the survival is the
//! empirical one; above it a Pareto tail with a Hill index shrunk towards a prior, because the history
//! of one series is too short to show its own rare values. What has been seen is never called rarer than
//! the sightings prove: the tail is bounded below by a confidence limit of their count.
//!
//! It holds survival weights ("how much lies at or above this bucket"), so a look-up is one read and
//! an update one short sweep. The range moves with the quantile, never with a single value.

use std::f64::consts::{LN_2, LOG10_E};

use serde::{Deserialize, Serialize};

use super::confidence::proven_count;

/// Buckets: 18 octaves of 4.
const BUCKETS: usize = 72;
/// A double's bits shifted by this number count quarters of octaves.
const SHIFT: u32 = 50;
/// How far the range moves at once: 4 octaves.
const MOVE: usize = 16;
/// The quantile that the range of the histogram follows.
const QUANTILE: f64 = 0.95;
/// The smallest Hill index: the lightest tail that is believed.
const MIN_INDEX: f64 = 0.02;
/// Weights are brought back to a unit of 1 once the unit exceeds this.
const RESCALE_ABOVE: f32 = 4096.0;

/// What is believed of a tail before it is seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prior {
    /// The quantile above which the Pareto tail begins.
    pub quantile: f64,
    /// The Hill index.
    pub index: f64,
    /// How many exceedances the index is worth.
    pub weight: f64,
}

impl Prior {
    /// Of residuals: somewhat heavier than a normal distribution's tail, and not given up for a few spikes,
    /// which may be what is looked for.
    pub const RESIDUAL: Self = Self { quantile: 0.95, index: 0.25, weight: 100.0 };
    /// Of distances between windows: what was seen soon says more.
    pub const DISTANCE: Self = Self { quantile: 0.98, index: 0.3, weight: 5.0 };
}

/// Calibration of one side of one residual. 310 bytes, whatever the length of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tail {
    /// Number of the lowest bucket, in quarters of octaves; `None` until a value above zero came.
    anchor: Option<i32>,
    /// Weight of the values at or above each bucket's lower edge.
    #[serde(with = "fixed")]
    survival: Box<[f32; BUCKETS]>,
    /// Weight of values above zero, but below the range.
    below: f32,
    /// Weight of all values, zeros included.
    total: f32,
    /// Weight of one new value; it grows instead of all others shrinking.
    unit: f32,
}

impl Default for Tail {
    fn default() -> Self {
        Self { anchor: None, survival: Box::new([0.0; BUCKETS]), below: 0.0, total: 0.0, unit: 1.0 }
    }
}

/// The fitted tail at one moment: `u`, its probability, and the index above it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    threshold: f64,
    /// Of a residual above it.
    probability: f64,
    index: f64,
}

impl Fit {
    /// The residual at which the Pareto tail has this evidence; where it begins, for less.
    pub fn residual(&self, evidence: f64) -> f64 {
        self.threshold * 10f64.powf(self.index * (evidence - decades(self.probability)).max(0.0))
    }

    /// The evidence of a residual that the Pareto tail gives.
    fn pareto(&self, residual: f64) -> f64 {
        // A residual may be more times the threshold than there are numbers.
        let times = (residual / self.threshold).min(f64::MAX);
        decades(self.probability) - decades(times) / self.index
    }
}

/// `-log10` of a probability; of a certainty 0 and not -0.
fn decades(probability: f64) -> f64 {
    0.0 - probability.ln() * LOG10_E
}

impl Tail {
    /// Adds a residual (at least 0) with a weight in [0, 1]; older ones fade by 1 / `memory`.
    pub fn learn(&mut self, residual: f64, weight: f32, memory: f64) {
        let weight = weight * self.unit;
        self.total += weight;
        if residual > 0.0 {
            self.add(bucket(residual), weight);
        }
        self.unit *= (1.0 + 1.0 / memory) as f32;
        if self.unit > RESCALE_ABOVE {
            self.rescale();
        }
        self.follow_the_quantile();
    }

    /// Takes all that was learnt as `factor` times larger, to a quarter of an octave.
    pub fn grow(&mut self, factor: f64) {
        if let Some(anchor) = &mut self.anchor {
            *anchor += (4.0 * factor.log2()).round() as i32;
        }
    }

    fn add(&mut self, number: i32, weight: f32) {
        let anchor = *self.anchor.get_or_insert(number - BUCKETS as i32 / 2);
        match usize::try_from(number - anchor) {
            Ok(index) => {
                let top = index.min(BUCKETS - 1);
                self.survival[..=top].iter_mut().for_each(|held| *held += weight);
            }
            Err(_) => {
                self.below += weight;
                if self.below > 0.5 * self.total {
                    self.move_down_to(anchor, number);
                }
            }
        }
    }

    fn rescale(&mut self) {
        let unit = self.unit;
        self.survival.iter_mut().for_each(|held| *held /= unit);
        self.below /= unit;
        self.total /= unit;
        self.unit = 1.0;
    }

    /// Moves the range up once the quantile leaves its upper third.
    fn follow_the_quantile(&mut self) {
        let Some(anchor) = self.anchor else { return };
        if self.first_rare_bucket(QUANTILE) > BUCKETS - 24 {
            self.below += self.survival[0] - self.survival[MOVE];
            self.survival.copy_within(MOVE.., 0);
            self.survival[BUCKETS - MOVE..].fill(0.0);
            self.anchor = Some(anchor + MOVE as i32);
        }
    }

    /// Moves the range down, to have this bucket in its middle: most values have come to lie below it.
    fn move_down_to(&mut self, anchor: i32, number: i32) {
        let lowest = number - BUCKETS as i32 / 2;
        let by = usize::try_from(anchor - lowest).unwrap_or(0).min(BUCKETS);
        let bottom = self.survival[0];
        self.survival.copy_within(..BUCKETS - by, by);
        self.survival[..by].fill(bottom);
        self.anchor = Some(lowest);
        self.below = 0.0;
    }

    /// The first bucket with no more weight at or above it than the quantile leaves.
    fn first_rare_bucket(&self, quantile: f64) -> usize {
        let rare = (1.0 - quantile) as f32 * self.total;
        self.survival.partition_point(|held| *held > rare)
    }

    /// The tail as it stands. `least` (above 0) bounds `u` from below: with no history, or nothing but
    /// zeros in it, the prior tail begins there.
    pub fn fit(&self, prior: Prior, least: f64) -> Fit {
        let rare = 1.0 - prior.quantile;
        let Some(anchor) = self.anchor else {
            return Fit { threshold: least, probability: rare, index: prior.index };
        };
        let first = self.first_rare_bucket(prior.quantile);
        let above = &self.survival[first..];
        let weight_above = f64::from(above.first().copied().unwrap_or(0.0));
        let total = f64::from(self.total);
        let probability = weight_above.max(0.3 * rare * total) / total;
        let unit = f64::from(self.unit);
        let log_excess = (sum(above) - 0.5 * weight_above).max(0.0) * LN_2 / 4.0 / unit;
        let index = (log_excess + prior.weight * prior.index) / (weight_above / unit + prior.weight);
        Fit { threshold: edge(anchor + first as i32).max(least), probability, index: index.max(MIN_INDEX) }
    }

    /// `-log10` of the probability of a residual of at least this size; 0 for 0, never NaN, never
    /// falling as the residual grows.
    pub fn evidence(&self, fit: &Fit, residual: f64) -> f64 {
        if residual <= 0.0 {
            return 0.0;
        }
        let (held, total) = (self.weight_at(residual), f64::from(self.total));
        if residual <= fit.threshold {
            let probability = held / total.max(f64::MIN_POSITIVE);
            return decades(probability.max(fit.probability).min(1.0));
        }
        let unit = f64::from(self.unit);
        let proven = proven_count(held / unit) * unit / total;
        if proven >= fit.probability {
            return decades(fit.probability);
        }
        let pareto = fit.pareto(residual);
        if proven > 0.0 { pareto.min(decades(proven)) } else { pareto }
    }

    /// Weight at or above a residual, interpolated within its bucket.
    fn weight_at(&self, residual: f64) -> f64 {
        let Some(anchor) = self.anchor else { return 0.0 };
        let number = bucket(residual);
        let Ok(index) = usize::try_from(number - anchor) else {
            return f64::from(self.survival[0] + self.below);
        };
        if index >= BUCKETS - 1 {
            return f64::from(self.survival[BUCKETS - 1]);
        }
        let (low, high) = (edge(number), edge(number + 1));
        let share = (residual - low) / (high - low);
        let (here, next) = (f64::from(self.survival[index]), f64::from(self.survival[index + 1]));
        here + share * (next - here)
    }
}

/// The number of a positive value's bucket.
fn bucket(value: f64) -> i32 {
    (value.to_bits() >> SHIFT) as i32
}

/// The lower edge of a bucket; the smallest and largest finite doubles bound it.
fn edge(number: i32) -> f64 {
    let last = bucket(f64::MAX);
    f64::from_bits((number.clamp(0, last) as u64) << SHIFT).max(f64::MIN_POSITIVE)
}

/// Sum in four lanes, so that the compiler may use vector registers.
fn sum(weights: &[f32]) -> f64 {
    let mut lanes = [0f32; 4];
    let chunks = weights.chunks_exact(4);
    let rest: f32 = chunks.remainder().iter().sum();
    for chunk in chunks {
        for (lane, weight) in lanes.iter_mut().zip(chunk) {
            *lane += weight;
        }
    }
    f64::from(lanes.iter().sum::<f32>() + rest)
}

/// Arrays longer than serde's own limit; a wrong length is refused.
mod fixed {
    use super::BUCKETS;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(array: &[f32; BUCKETS], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(array)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[f32; BUCKETS]>, D::Error> {
        let read = Vec::<f32>::deserialize(deserializer)?.into_boxed_slice();
        read.try_into().map_err(|read: Box<[f32]>| D::Error::invalid_length(read.len(), &"72 buckets"))
    }
}

#[cfg(test)]
mod tests;
