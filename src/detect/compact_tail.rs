//! How improbable a residual is, in less than 200 bytes: the calibration of the cheap models.
//!
//! A histogram of log2 with exponential forgetting. Below a high quantile `u` the survival is the
//! empirical one; above it a Pareto tail with a Hill index shrunk towards a prior. What has been seen is
//! never called rarer than the sightings prove. Both parts can be inverted, so the edge of a band is a
//! formula and needs no search.
//!
//! It holds survival weights ("how much lies at or above this bucket"). The range moves with the
//! quantile, never with a single value. Its buckets are fine where the quantile lies and coarse above, so
//! that it reaches far: rare values may be ten thousand times the usual ones.

use std::f64::consts::{LN_2, LN_10};

use serde::{Deserialize, Serialize};

use super::confidence::{proven_count, sightings_to_prove};
use super::fixed::Fixed;

/// Buckets: quarters of octaves for 7 octaves, then 12 octaves.
const BUCKETS: usize = 40;
const FINE: usize = 28;
/// A double's bits shifted by this number count quarters of octaves.
const SHIFT: u32 = 50;
/// How far the range moves up at once, in quarters of octaves.
const MOVE: i32 = 8;
/// The bucket at which a value begins that is to be in the middle of the fine ones.
const MIDDLE: i32 = 16;
/// The quantile's bucket may not be above this one.
const HIGHEST: usize = 24;
/// The quantile above which the Pareto tail begins.
const QUANTILE: f64 = 0.95;
/// The least probability of a value above `u`, as a share of what the quantile leaves.
const LEAST_SHARE: f64 = 0.3;
/// The prior Hill index: somewhat heavier than a normal distribution's tail beyond its 95 % quantile.
const PRIOR_INDEX: f64 = 0.25;
/// How many exceedances the prior is worth.
const PRIOR_WEIGHT: f64 = 100.0;
/// The smallest Hill index: the lightest tail that is believed.
const MIN_INDEX: f64 = 0.02;
/// Weights are brought back to a unit of 1 once the unit exceeds this.
const RESCALE_ABOVE: f32 = 4096.0;
/// The largest edge; beyond it nothing has a probability.
const LARGEST: f64 = 1e300;

/// Calibration of residuals of one sign. Its size does not depend on the length of the history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CompactTail {
    /// Weight of the values at or above each bucket's lower edge.
    survival: Fixed<BUCKETS>,
    /// Number of the lowest bucket, in quarters of octaves; `None` until a value above zero came.
    anchor: Option<i32>,
    /// Weight of values above zero, but below the range.
    below: f32,
    /// Weight of all values, zeros included.
    total: f32,
    /// Weight of one new value; it grows instead of all others shrinking.
    unit: f32,
}

impl Default for CompactTail {
    fn default() -> Self {
        Self { survival: Fixed([0.0; BUCKETS]), anchor: None, below: 0.0, total: 0.0, unit: 1.0 }
    }
}

/// The fitted tail at one moment: `u`, the evidence there, and the index above it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    threshold: f64,
    log_probability: f64,
    index: f64,
}

impl CompactTail {
    /// Adds a residual (at least 0) with a weight in [0, 1]; older ones fade by 1 / `memory`.
    pub fn learn(&mut self, residual: f64, weight: f32, memory: f64) {
        let weight = weight * self.unit;
        self.total += weight;
        if residual > 0.0 {
            self.add(number(residual), weight);
        }
        self.unit *= (1.0 + 1.0 / memory) as f32;
        if self.unit > RESCALE_ABOVE {
            self.rescale();
        }
        self.follow_the_quantile();
    }

    /// Takes all that was learnt as `factor` (above 0) times larger, to a quarter of an octave.
    pub fn grow(&mut self, factor: f64) {
        if let Some(anchor) = &mut self.anchor {
            *anchor = anchor.saturating_add((4.0 * factor.log2()).round() as i32);
        }
    }

    fn add(&mut self, number: i32, weight: f32) {
        let anchor = *self.anchor.get_or_insert(number.saturating_sub(MIDDLE));
        match index(number.saturating_sub(anchor)) {
            Some(top) => self.survival.0[..=top].iter_mut().for_each(|held| *held += weight),
            None => {
                self.below += weight;
                if self.survival.0[0] <= (1.0 - QUANTILE) as f32 * (self.survival.0[0] + self.below) {
                    self.move_to(number.saturating_sub(MIDDLE));
                }
            }
        }
    }

    fn rescale(&mut self) {
        let unit = self.unit;
        self.survival.0.iter_mut().for_each(|held| *held /= unit);
        self.below /= unit;
        self.total /= unit;
        self.unit = 1.0;
    }

    /// Moves the range up once the quantile leaves too little of it above.
    fn follow_the_quantile(&mut self) {
        let Some(anchor) = self.anchor else { return };
        if self.first_rare_bucket() > HIGHEST {
            self.move_to(anchor.saturating_add(MOVE));
        }
    }

    /// Moves the range; what the old buckets say about the edges of the new ones is kept. Values below the
    /// old range are taken to be below the new one.
    fn move_to(&mut self, lowest: i32) {
        let within = self.survival.0[0];
        let moved = std::array::from_fn(|index| (self.weight_at(edge(lowest, index)) as f32).min(within));
        self.below += within - moved[0];
        self.survival = Fixed(moved);
        self.anchor = Some(lowest);
    }

    /// The first bucket with no more weight at or above it than the quantile leaves.
    fn first_rare_bucket(&self) -> usize {
        self.buckets_above((1.0 - QUANTILE) as f32 * self.total)
    }

    /// How many buckets hold more than this weight. They are the lowest ones, for weights only fall; to
    /// count them all takes vector registers and no branches, which is faster than a search.
    fn buckets_above(&self, weight: f32) -> usize {
        self.survival.0.iter().map(|held| u32::from(*held > weight)).sum::<u32>() as usize
    }

    /// The tail as it stands. `least` (above 0) bounds `u` from below: with no history, or nothing but
    /// zeros in it, the prior tail begins there.
    pub fn fit(&self, least: f64) -> Fit {
        let rare = 1.0 - QUANTILE;
        let Some(anchor) = self.anchor else {
            return Fit { threshold: least, log_probability: -rare.log10(), index: PRIOR_INDEX };
        };
        let first = self.first_rare_bucket();
        let weight_above = self.survival.0.get(first).map_or(0.0, |held| f64::from(*held));
        let total = f64::from(self.total).max(f64::MIN_POSITIVE);
        let probability = (weight_above / total).max(LEAST_SHARE * rare);
        let unit = f64::from(self.unit);
        let log_excess = self.log_excess(first) / unit;
        let index = (log_excess + PRIOR_WEIGHT * PRIOR_INDEX) / (weight_above / unit + PRIOR_WEIGHT);
        Fit {
            threshold: edge(anchor, first).max(least),
            log_probability: -probability.log10(),
            index: index.max(MIN_INDEX),
        }
    }

    /// The sum, over the values from this bucket on, of the logarithm of how many times its lower edge
    /// they are.
    fn log_excess(&self, first: usize) -> f64 {
        let (fine, coarse) = self.survival.0.split_at(FINE);
        let (fine, coarse) = (fine.get(first..).unwrap_or(&[]), &coarse[first.saturating_sub(FINE)..]);
        let quarters = sum(fine) + 4.0 * sum(coarse);
        let half_a_bucket = fine.first().map_or_else(|| 2.0 * head(coarse), |held| 0.5 * f64::from(*held));
        (quarters - half_a_bucket).max(0.0) * LN_2 / 4.0
    }

    /// `-log10` of the probability of a residual of at least this size; 0 for 0, never NaN, never
    /// falling as the residual grows.
    pub fn evidence(&self, fit: &Fit, residual: f64) -> f64 {
        if residual <= 0.0 {
            return 0.0;
        }
        let total = f64::from(self.total);
        if residual <= fit.threshold {
            let held = self.weight_at(residual);
            let seen = if held > 0.0 { -(held / total).log10() } else { f64::INFINITY };
            return seen.clamp(0.0, fit.log_probability);
        }
        let pareto = fit.log_probability + (residual / fit.threshold).min(LARGEST).log10() / fit.index;
        let unit = f64::from(self.unit);
        let proven = proven_count(self.weight_of_its_size(residual) / unit) * unit / total;
        if proven > 0.0 { pareto.min(-proven.log10()).max(fit.log_probability) } else { pareto }
    }

    /// The least residual whose evidence reaches the line; at most 1e300. `rare` is the probability at the
    /// line, 10 to the power of `-line`, which both sides of a band share.
    pub fn edge(&self, fit: &Fit, line: f64, rare: f64) -> f64 {
        let decades = (line - fit.log_probability).max(0.0);
        let pareto = fit.threshold * power_of_ten(decades * fit.index);
        pareto.max(self.proven_edge(rare)).min(LARGEST)
    }

    /// Where the sightings no longer prove that residuals of this size are more frequent than the line.
    fn proven_edge(&self, rare: f64) -> f64 {
        let Some(anchor) = self.anchor else { return 0.0 };
        let (unit, total) = (f64::from(self.unit), f64::from(self.total));
        let most = unit * sightings_to_prove(total / unit * rare);
        match self.buckets_above(most as f32) {
            0 => 0.0,
            BUCKETS => LARGEST,
            first => edge(anchor, first),
        }
    }

    /// Weight at or above the lower edge of a residual's bucket: at least what was seen of its size.
    fn weight_of_its_size(&self, residual: f64) -> f64 {
        let Some(anchor) = self.anchor else { return 0.0 };
        match index(number(residual).saturating_sub(anchor)) {
            Some(index) => f64::from(self.survival.0[index]),
            None => f64::from(self.survival.0[0] + self.below),
        }
    }

    /// Weight at or above a residual, interpolated within its bucket.
    fn weight_at(&self, residual: f64) -> f64 {
        let Some(anchor) = self.anchor else { return 0.0 };
        let held = &self.survival.0;
        let Some(index) = index(number(residual).saturating_sub(anchor)) else {
            return f64::from(held[0] + self.below);
        };
        if index == BUCKETS - 1 {
            return f64::from(held[index]);
        }
        let (low, high) = (edge(anchor, index), edge(anchor, index + 1));
        let share = ((residual - low) / (high - low)).clamp(0.0, 1.0);
        let (here, next) = (f64::from(held[index]), f64::from(held[index + 1]));
        here + share * (next - here)
    }
}

/// Ten to a power; faster than the general power.
pub(super) fn power_of_ten(exponent: f64) -> f64 {
    (exponent * LN_10).exp()
}

/// A positive value in quarters of octaves, counted from the smallest double.
fn number(value: f64) -> i32 {
    (value.to_bits() >> SHIFT) as i32
}

/// The bucket so many quarters of octaves above the anchor; none below it, the last for all beyond.
fn index(quarters: i32) -> Option<usize> {
    let quarters = usize::try_from(quarters).ok()?;
    Some(if quarters < FINE { quarters } else { (FINE + (quarters - FINE) / 4).min(BUCKETS - 1) })
}

/// The lower edge of a bucket; the smallest and largest finite doubles bound it.
fn edge(anchor: i32, index: usize) -> f64 {
    let quarters = index.min(FINE) + 4 * index.saturating_sub(FINE);
    let number = anchor.saturating_add(quarters as i32).clamp(0, self::number(f64::MAX));
    f64::from_bits((number as u64) << SHIFT).max(f64::MIN_POSITIVE)
}

fn head(weights: &[f32]) -> f64 {
    weights.first().map_or(0.0, |held| f64::from(*held))
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

#[cfg(test)]
mod tests;
