//! What each view's deviations are worth: one tail a distance, one for either sign of the forecast's residual,
//! because load has no bottom side and free memory no top one.

use serde::{Deserialize, Serialize};

use super::tail::{Fit, Prior, Tail};
use super::views::{FORECAST, VIEWS};

/// Deviations a tail has seen before it is asked.
const FEWEST: u32 = 60;
/// A sample counts as seen if it teaches at least this.
const COUNTED: f32 = 0.5;

/// The calibration of all views.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Calibration {
    /// Of the distances, then of residuals above and below.
    tails: [Tail; VIEWS + 1],
    seen: [u32; VIEWS],
}

/// The tails as they stand before a sample.
pub(super) struct Fits<'a> {
    calibration: &'a Calibration,
    fits: [Fit; VIEWS + 1],
}

/// What one sample teaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lesson {
    /// How far it was off in each view.
    pub deviations: [Option<f64>; VIEWS],
    /// The sample's weight, from 0 to 1.
    pub weight: f32,
    /// Over how many samples it fades.
    pub memory: f64,
    /// Deviations up to this size count as zero.
    pub rounding: f64,
}

impl Calibration {
    /// The tails, ready to be asked. `least` (above 0) is the smallest deviation that is no rounding.
    pub fn fits(&self, least: f64) -> Fits<'_> {
        let fit = |index: usize| {
            self.tails[index].fit(if index < FORECAST { Prior::DISTANCE } else { Prior::RESIDUAL }, least)
        };
        Fits { calibration: self, fits: std::array::from_fn(fit) }
    }

    /// Learns what a sample teaches.
    pub fn learn(&mut self, lesson: &Lesson) {
        for view in 0..VIEWS {
            let Some(deviation) = lesson.deviations[view] else { continue };
            let deviation = if deviation.abs() <= lesson.rounding { 0.0 } else { deviation };
            self.seen[view] = self.seen[view].saturating_add(u32::from(lesson.weight >= COUNTED));
            self.tails[view].learn(deviation.max(0.0), lesson.weight, lesson.memory);
            if view == FORECAST {
                self.tails[view + 1].learn((-deviation).max(0.0), lesson.weight, lesson.memory);
            }
        }
    }

    /// All deviations have become `factor` (at least 1) times larger than those learnt.
    pub fn grow(&mut self, factor: f64) {
        self.tails.iter_mut().for_each(|tail| tail.grow(factor));
    }
}

impl Fits<'_> {
    /// The size of the forecast's residual, above (`sign` 1) or below (-1), of which its tail would say so much; `None`
    /// while it cannot say.
    pub fn residual(&self, sign: f64, evidence: f64) -> Option<f64> {
        let index = if sign < 0.0 { FORECAST + 1 } else { FORECAST };
        (self.calibration.seen[FORECAST] >= FEWEST).then(|| self.fits[index].residual(evidence))
    }

    /// Each view's evidence, as `-log10` of the probability of a deviation at least this large; `None` from a view
    /// that cannot say yet.
    pub fn evidences(&self, deviations: &[Option<f64>; VIEWS]) -> [Option<f64>; VIEWS] {
        std::array::from_fn(|view| {
            let deviation = deviations[view].filter(|_| self.calibration.seen[view] >= FEWEST)?;
            let index = if view == FORECAST && deviation < 0.0 { view + 1 } else { view };
            Some(self.calibration.tails[index].evidence(&self.fits[index], deviation.abs()))
        })
    }
}
