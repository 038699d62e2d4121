//! What is expected of the next sample before it is looked at, what a value does against it, and the band whose edge is
//! the alarm line.
//!
//! The evidence against a value is a mean of what the views say. In the band lie the values around the expected one
//! whose evidence stays below the line; its edges are searched for, each on its own side.

use super::Config;
use super::calibration::Fits;
use super::explanation::Evidence;
use super::memory::Memory;
use super::narrowing::Narrowed;
use super::views::{NAMES, VIEWS, Views};
use crate::model::Direction;

/// Differences below this share of the magnitude are rounding.
pub(super) const ROUNDING: f64 = 1e-9;
/// The views' weights: what the time of day and the forecast say is said by fewer views.
const WEIGHTS: [f64; VIEWS] = [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0];
/// Where views that cannot say yet leave less weight than this, the others count as if it were there.
const LEAST_WEIGHT: f64 = 4.0;
/// Relative width to which an edge is searched.
const PRECISION: f64 = 1e-3;
/// Evidence so little above the line is on it.
const CLOSE: f64 = 0.01;
/// Steps of the search at most; about five are usual.
const MAX_STEPS: usize = 80;

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

/// The values whose score is below 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Band {
    /// The lower edge, minus infinity if no low value counts.
    pub lower: f64,
    /// The upper edge, infinite if no high value counts.
    pub upper: f64,
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
        let edge = |sign: f64| {
            let known = sign * (value - self.expected);
            let outside = judged.evidence >= self.line;
            let known = (known > 0.0).then_some((known, outside));
            let edge = self.expected + sign * self.edge(sign, known).max(least);
            // The sum may round to the wrong side of the value.
            match known {
                Some((distance, true)) if distance >= least => sign * (sign * edge).min(sign * value),
                Some(_) => sign * (sign * edge).max(sign * value),
                None => edge,
            }
        };
        Band {
            lower: if direction == Direction::Above { f64::NEG_INFINITY } else { edge(-1.0) },
            upper: if direction == Direction::Below { f64::INFINITY } else { edge(1.0) },
        }
    }

    /// The distance from the expected value at which the evidence reaches the line on one side. Of one distance it may
    /// be known already whether it does.
    fn edge(&self, sign: f64, known: Option<(f64, bool)>) -> f64 {
        let above = |distance: f64| self.excess(self.expected + sign * distance);
        if !matches!(known, Some((_, false))) && above(0.0) >= 0.0 {
            return 0.0;
        }
        match known {
            Some((distance, true)) => narrow(0.0, distance, above),
            Some((distance, false)) => search(distance, distance * 2.0, above),
            None => search(0.0, self.memory.unit(), above),
        }
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

/// The distance at which a function crosses zero between `low`, where it is below, and `high`, which grows until it
/// is not. Infinite if it never is.
fn search(low: f64, high: f64, excess: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high.max(f64::MIN_POSITIVE));
    let mut steps = 0;
    while excess(high) < 0.0 {
        if high > 1e300 || steps > MAX_STEPS {
            return f64::INFINITY;
        }
        (low, high, steps) = (high, high * 4.0, steps + 1);
    }
    narrow(low, high, excess)
}

/// The distance at which a function crosses zero between `low`, where it is below, and `high`, where it is not; on the
/// upper side of the crossing. Regula falsi (Illinois) on a logarithmic axis.
fn narrow(low: f64, high: f64, excess: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low.max(high / 1e6), high);
    let (mut below, mut above) = (excess(low), excess(high));
    if below >= 0.0 {
        return low;
    }
    for _ in 0..MAX_STEPS {
        let share = if above > 0.0 { (below / (below - above)).clamp(0.05, 0.95) } else { 0.5 };
        let middle = low * (high / low).powf(share);
        if high - low <= PRECISION * high || middle <= low || middle >= high {
            break;
        }
        let found = excess(middle);
        if found < 0.0 {
            (low, below, above) = (middle, found, above / 2.0);
        } else {
            (high, above, below) = (middle, found, below / 2.0);
        }
        if (0.0..CLOSE).contains(&found) {
            break;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_is_found_from_above() {
        for target in [1e-290, 1e-3, 1.0, 1.0000001, 77.0, 1e200] {
            let found = search(0.0, target * 0.7, |x| if x < target { -1.0 } else { 1.0 });
            assert!(found >= target && found <= target * 1.01, "{target}: {found}");
        }
    }

    #[test]
    fn a_line_that_is_never_reached_has_no_edge() {
        assert_eq!(search(0.0, 2.0, |_| -1.0), f64::INFINITY);
    }

    #[test]
    fn one_view_says_less_than_all() {
        let all = together(&[Some(3.0); VIEWS]);
        let mut one = [None; VIEWS];
        assert_eq!(together(&one), 0.0);
        one[2] = Some(3.0);
        assert!((all - 3.0).abs() < 1e-12 && together(&one) < 0.5 * all);
    }
}
