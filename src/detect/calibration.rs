//! The two sides of one evidence: residuals above and below what was expected, calibrated apart,
//! because load has no bottom side and free memory no top one.

use serde::{Deserialize, Serialize};

use super::tail::Tail;

/// The calibration of one evidence.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Calibration {
    /// Of residuals above.
    pub above: Tail,
    /// Of residuals below.
    pub below: Tail,
}

/// How a residual is learnt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lesson {
    /// The sample's weight, from 0 to 1.
    pub weight: f32,
    /// Over how many samples it fades.
    pub memory: f64,
    /// Residuals up to this size are rounding, and count as zero.
    pub rounding: f64,
    /// The unit of residuals at this time.
    pub scale: f64,
}

impl Calibration {
    /// All residuals have become `factor` (at least 1) times larger than those learnt.
    pub fn grow(&mut self, factor: f64) {
        self.above.grow(factor);
        self.below.grow(factor);
    }

    /// Learns a signed residual on both sides: each must know how often it was silent.
    pub fn learn(&mut self, residual: f64, lesson: Lesson) {
        let residual = if residual.abs() <= lesson.rounding { 0.0 } else { residual / lesson.scale };
        self.above.learn(residual.max(0.0), lesson.weight, lesson.memory);
        self.below.learn((-residual).max(0.0), lesson.weight, lesson.memory);
    }
}
