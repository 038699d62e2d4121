//! What is expected of the next sample before it is looked at, what a value does against it, and the band whose edge is
//! the alarm line.
//!
//! The evidence against a value is a mean of what the views say. In the band lie the values around the expected one
//! whose evidence stays below the line.

use super::Config;
use super::band::{self, Band, Look};
use super::calibration::Fits;
use super::explanation::Evidence;
use super::memory::Memory;
use super::narrowing::Narrowed;
use super::views::{NAMES, VIEWS, Views};
use crate::model::Direction;

/// Differences below this share of the magnitude are rounding.
pub(super) const ROUNDING: f64 = 1e-9;
/// The views' weights: what the time of day and the forecast say is said by fewer views.
const WEIGHTS: [f64; VIEWS] = [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 1.0, 2.0];
/// Where views that cannot say yet leave less weight than this, the others count as if it were there.
const LEAST_WEIGHT: f64 = 4.0;
/// Where an edge is looked for first: at this many times the line the forecast alone is, on the average, as sure as all.
const GUESSED: f64 = 1.7;

/// The expectation, ready to judge values.
pub(super) struct Outlook<'a> {
    /// What the series was like.
    pub memory: &'a Memory,
    /// The views, made ready.
    pub views: &'a Views,
    /// Their calibration.
    pub fits: Fits<'a>,
    /// The value expected.
    pub expected: f64,
    /// The evidence at which the score is 1.
    pub line: f64,
}

/// How one value fares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    /// 1 at the edges of the band.
    pub narrowed: Narrowed,
    /// The evidence of all views together, whatever the direction.
    pub evidence: f64,
    /// How far the value is off in each view, in the memory's unit.
    pub deviations: [Option<f64>; VIEWS],
    /// What each view says of that.
    pub tails: [Option<f64>; VIEWS],
}

impl Outlook<'_> {
    /// Judges a value by its evidence, as far as it counts.
    pub fn judge(&self, value: f64, config: &Config) -> Judgement {
        let deviations = self.views.deviations(self.memory.inward(value));
        let tails = self.fits.evidences(&deviations);
        let evidence = together(&tails);
        let narrowed = config.narrowing.narrow(value, self.expected, evidence / self.line);
        Judgement { narrowed, evidence, deviations, tails }
    }

    /// The band around the expected value, given a value that has been judged: it lies outside exactly if its score is
    /// 1 or more.
    pub fn band(&self, value: f64, judged: &Judgement, config: &Config) -> Band {
        let (least, direction) = (config.narrowing.least(self.expected), config.narrowing.direction);
        let known = Look { distance: (value - self.expected).abs(), excess: judged.evidence - self.line };
        let centre = Look { distance: 0.0, excess: self.excess(self.expected) };
        let side = |sign: f64| {
            let known = (sign * (value - self.expected) > 0.0).then_some(known);
            let edge = self.expected + sign * self.edge(sign, centre, known).max(least);
            // The sum may round to the wrong side of the value.
            match known {
                Some(Look { distance, excess }) if excess >= 0.0 && distance >= least => {
                    sign * (sign * edge).min((sign * value).next_down())
                }
                Some(_) => sign * (sign * edge).max(sign * value),
                None => edge,
            }
        };
        Band {
            lower: if direction == Direction::Above { Band::OPEN.lower } else { side(-1.0) },
            upper: if direction == Direction::Below { Band::OPEN.upper } else { side(1.0) },
        }
    }

    /// The distance from the expected value at which the evidence reaches the line on one side. Of one distance it may
    /// be known already by how much it misses it.
    fn edge(&self, sign: f64, centre: Look, known: Option<Look>) -> f64 {
        let (inside, outside) = match known {
            Some(look) if look.excess < 0.0 => (look, None),
            _ if centre.excess >= 0.0 => return 0.0,
            outside => (centre, outside),
        };
        // Of a series that never changed nobody knows how far it may.
        if self.memory.unit() == 0.0 {
            return f64::INFINITY;
        }
        let excess = |distance: f64| self.excess(self.expected + sign * distance);
        band::edge(inside, outside, self.guess(sign), excess)
    }

    /// Where an edge may be: where the forecast alone would say somewhat more than all views shall.
    fn guess(&self, sign: f64) -> f64 {
        let residual = self.fits.residual(sign, GUESSED * self.line);
        residual.map_or(1.0, |residual| residual) * self.memory.unit()
    }

    fn excess(&self, value: f64) -> f64 {
        let deviations = self.views.deviations(self.memory.inward(value));
        together(&self.fits.evidences(&deviations)) - self.line
    }

    /// Each view by itself.
    pub fn evidences(&self, judged: &Judgement) -> [Evidence; VIEWS] {
        let unit = self.memory.unit();
        std::array::from_fn(|view| Evidence {
            name: NAMES[view],
            deviation: judged.deviations[view].map(|deviation| deviation * unit),
            tail: judged.tails[view].unwrap_or(0.0),
        })
    }
}

/// What the views say together: the weighted power mean with exponent 3/2, between "most agree" and "one is sure".
fn together(tails: &[Option<f64>; VIEWS]) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (tail, weight) in tails.iter().zip(WEIGHTS) {
        if let Some(tail) = tail {
            sum += weight * tail * tail.sqrt();
            weights += weight;
        }
    }
    (sum / weights.max(LEAST_WEIGHT)).cbrt().powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_view_says_less_than_all() {
        let all = together(&[Some(3.0); VIEWS]);
        let mut one = [None; VIEWS];
        assert_eq!(together(&one), 0.0);
        one[2] = Some(3.0);
        assert!((all - 3.0).abs() < 1e-12 && together(&one) < 0.5 * all);
    }
}
