//! What is remembered of a series' values, at three resolutions, in a unit of its own.
//!
//! Values are kept in single precision, relative to an origin and a unit near the series' own size, so that
//! 1e-300 and 1e300 are no special cases and noise on top of a large value is not lost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::analogue::Analogues;
use super::bins::Bins;
use crate::model::Timestamp;

/// Width of the finer bins: 5 min, or one sample where samples are rarer.
const FINE_MILLIS: i64 = 300_000;
/// Width of the coarser bins: 20 min, or one sample where samples are rarer.
const COARSE_MILLIS: i64 = 1_200_000;
/// Finer bins kept: 400 windows at every other bin, and one window.
const FINE_BINS: usize = 640;
/// Coarser bins kept: more than a week at 20 min.
const COARSE_BINS: usize = 560;
/// No remembered value is farther from the origin than this, in units: sums of squares stay finite.
const FARTHEST: f64 = 1e15;
/// How far from the origin the series may stay, in units.
const BLURRED: f32 = 1_048_576.0;
/// The unit is at least this share of the first value.
const LEAST_UNIT: f64 = 1e-9;

/// The remembered values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Memory {
    origin: Option<f64>,
    /// `None` until two values differ.
    unit: Option<f64>,
    recent: Analogues,
    fine: Bins,
    coarse: Bins,
    /// Samples in a finer and in a coarser bin.
    samples: (usize, usize),
}

impl Memory {
    /// Nothing remembered of a series with this distance between samples.
    pub fn new(interval: Duration) -> Self {
        let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
        let samples = |width: i64| ((width as f64 / interval as f64).round() as i64).max(1);
        let (fine, coarse) = (samples(FINE_MILLIS), samples(COARSE_MILLIS));
        Self {
            origin: None,
            unit: None,
            recent: Analogues::default(),
            fine: Bins::new(fine.saturating_mul(interval), FINE_BINS),
            coarse: Bins::new(coarse.saturating_mul(interval), COARSE_BINS),
            samples: (fine as usize, coarse as usize),
        }
    }

    /// A value in the memory's unit.
    pub fn inward(&self, value: f64) -> f32 {
        let (Some(origin), Some(unit)) = (self.origin, self.unit) else { return 0.0 };
        ((value / unit) - (origin / unit)).clamp(-FARTHEST, FARTHEST) as f32
    }

    /// A remembered value in the series' unit.
    pub fn outward(&self, value: f32) -> f64 {
        self.origin.unwrap_or(0.0) + f64::from(value) * self.unit.unwrap_or(0.0)
    }

    /// One unit of the memory in the unit of the series; 0 until two values differ.
    pub fn unit(&self) -> f64 {
        self.unit.unwrap_or(0.0)
    }

    /// Closes the bins that end before `at`.
    pub fn advance(&mut self, at: Timestamp) {
        self.fine.advance(at);
        self.coarse.advance(at);
    }

    /// Takes origin and unit from the first values that tell them.
    pub fn settle(&mut self, value: f64) {
        let origin = *self.origin.get_or_insert(value);
        if self.unit.is_none() && value != origin {
            let apart = (value / 2.0 - origin / 2.0).abs() * 2.0;
            self.unit = Some(apart.max(LEAST_UNIT * origin.abs()).clamp(f64::MIN_POSITIVE, 1e300));
        }
    }

    /// Remembers a value. What comes next is compared with the past as if `tamed` had been: the value, or what was usual
    /// in the place of an anomaly, so that an anomaly is over when it is over.
    pub fn learn(&mut self, value: f64, tamed: f64) {
        let (value, tamed) = (self.inward(value), self.inward(tamed));
        self.recent.learn(tamed);
        self.fine.learn(value, tamed);
        self.coarse.learn(value, tamed);
    }

    /// Moves the origin to where the last samples are once they all are so far away that single precision would blur them.
    pub fn follow(&mut self) {
        let Some(shift) = self.recent.usual().filter(|usual| usual.abs() > BLURRED) else { return };
        if self.recent.last_lie_within(shift.abs() / 2.0, shift) {
            self.origin = Some(self.outward(shift));
            self.recent.map(|sample| sample - shift);
            self.fine.map(|mean| mean - shift);
            self.coarse.map(|mean| mean - shift);
        }
    }

    /// Compares with the past what really was: the series has gone from one level to another so many samples ago. What was
    /// taken as usual since, and what came before, goes there with it.
    pub fn accept(&mut self, from: f64, to: f64, samples: usize) {
        let (from, to) = (self.inward(from), self.inward(to));
        self.recent.follow(from, to, samples);
        self.fine.accept();
        self.coarse.accept();
    }

    /// The last samples.
    pub fn recent(&self) -> &Analogues {
        &self.recent
    }

    /// The finer bins.
    pub fn fine(&self) -> &Bins {
        &self.fine
    }

    /// The coarser bins.
    pub fn coarse(&self) -> &Bins {
        &self.coarse
    }

    /// How much of the finer and of the coarser bin under way lies behind the sample at hand, from above 0 to 1. The newest
    /// mean of a window covers so much of this bin and the rest of the one before.
    pub fn phases(&self) -> (f32, f32) {
        let phase = |bins: &Bins, samples: usize| ((bins.count() + 1) as f32 / samples as f32).min(1.0);
        (phase(&self.fine, self.samples.0), phase(&self.coarse, self.samples.1))
    }

    /// How the mean of the newest finer and coarser bin follows from the sample at hand.
    pub fn heads(&self) -> (Head, Head) {
        (Head::new(&self.recent, self.samples.0), Head::new(&self.recent, self.samples.1))
    }
}

/// The newest mean of a window: over the samples of the last bin's width, the one at hand included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    sum: f32,
    count: f32,
}

impl Head {
    fn new(recent: &Analogues, samples: usize) -> Self {
        let before = (samples - 1).min(recent.len());
        Self { sum: recent.sum_of_last(before), count: before as f32 + 1.0 }
    }

    /// The mean if the sample at hand is `value`.
    pub fn with(self, value: f32) -> f32 {
        (self.sum + value) / self.count
    }
}
