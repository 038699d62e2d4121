//! What narrows a query's anomalies beyond its budget, the same for every model: which side counts, how large a
//! deviation must be, which values can be at all, and how long a score must last.
//!
//! A model says how much evidence there is against a value; what is left of that is decided here, so that the
//! edge of the band stays where the score is 1. A value outside of the data range needs no evidence: it is
//! anomalous from the first sample on, and it teaches nothing.

use std::time::Duration;

use super::explanation::Gate;
use crate::model::{Direction, Score};

/// Deviations below this share of the expected value never score 1: they are rounding.
const NEGLIGIBLE: f64 = 1e-6;
/// The largest score below the line.
pub(super) const BELOW_LINE: f64 = 1.0 - 1e-9;

/// What the user says about which anomalies count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Narrowing {
    /// Which deviations count; on the other side the score is 0. Default both.
    pub direction: Direction,
    /// Deviations from the expected value smaller than this, in the query's unit, never score 1. Default 0.
    pub min_deviation: f64,
    /// Deviations smaller than this share of the expected value's magnitude never score 1. Default 0.
    pub min_relative_deviation: f64,
    /// The lowest and the highest value that can be. What lies outside is anomalous always, from the first sample
    /// on. Default all.
    pub data_range: DataRange,
    /// How long the score must have been 1 or more, without a lower one between, before an episode begins. The score
    /// is not affected. Default 0.
    pub min_duration: Duration,
}

/// A range of values, its limits included; either may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DataRange {
    low: f64,
    high: f64,
}

/// What is left of the evidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Narrowed {
    /// At least 0; 1 or more if the value is anomalous.
    pub score: f64,
    /// What keeps the score below 1.
    pub gate: Option<Gate>,
}

impl Default for DataRange {
    fn default() -> Self {
        Self { low: f64::NEG_INFINITY, high: f64::INFINITY }
    }
}

impl DataRange {
    /// From `low` to `high`; `None` unless `low < high`.
    pub fn new(low: f64, high: f64) -> Option<Self> {
        (low < high).then_some(Self { low, high })
    }

    /// Whether a finite value lies outside. NaN and infinities are no values.
    pub fn excludes(&self, value: f64) -> bool {
        value.is_finite() && (value < self.low || value > self.high)
    }

    /// The nearest value of the range.
    pub(super) fn clamp(&self, value: f64) -> f64 {
        value.clamp(self.low, self.high)
    }

    /// The least score of a value: 0 within the range; outside 1 and the distance to it, in widths of the range, or,
    /// where that is infinite, in the limit's magnitude (at least 1).
    pub(super) fn least_score(&self, value: f64) -> f64 {
        if !self.excludes(value) {
            return 0.0;
        }
        let limit = self.clamp(value);
        let width = self.high - self.low;
        let unit = if width.is_finite() { width } else { limit.abs().max(1.0) };
        (1.0 + (value - limit).abs() / unit).min(f64::MAX)
    }

    /// Keeps what is expected, and the band around it, within the range.
    pub(super) fn bound(&self, score: Score) -> Score {
        let [expected, lower, upper] = [score.expected, score.lower, score.upper].map(|it| self.clamp(it));
        Score { expected, lower, upper, ..score }
    }
}

impl Narrowing {
    /// The least deviation that can score 1.
    pub(super) fn least(&self, expected: f64) -> f64 {
        self.min_deviation.max(self.min_relative_deviation.max(NEGLIGIBLE) * expected.abs())
    }

    /// Whether deviations of either side and of any size count.
    pub(super) fn is_open(&self) -> bool {
        self.direction == Direction::Both && self.min_deviation == 0.0 && self.min_relative_deviation == 0.0
    }

    /// Narrows a score that stands for the evidence against a value alone.
    pub(super) fn narrow(&self, value: f64, expected: f64, score: f64) -> Narrowed {
        let counts = match self.direction {
            Direction::Above => value > expected,
            Direction::Below => value < expected,
            Direction::Both => true,
        };
        let (gate, score) = match score {
            _ if score < 1.0 => (Gate::AlarmLine, if counts { score } else { 0.0 }),
            _ if !counts => (Gate::Direction, 0.0),
            _ if value == expected => (Gate::MinDeviation, BELOW_LINE),
            _ => {
                let (least, deviation) = (self.least(expected), (value - expected).abs());
                if deviation >= least {
                    return Narrowed { score, gate: None };
                }
                (Gate::MinDeviation, (deviation / least).min(BELOW_LINE))
            }
        };
        Narrowed { score, gate: Some(gate) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Gate::{AlarmLine, Direction as Side, MinDeviation};

    #[test]
    fn what_counts_is_narrowed_by_side_and_size() {
        let of = |direction, min_deviation, min_relative_deviation| Narrowing {
            direction,
            min_deviation,
            min_relative_deviation,
            ..Narrowing::default()
        };
        for (what, narrowing, value, score, expected) in [
            ("nothing narrows", Narrowing::default(), 110.0, 3.0, (3.0, None)),
            ("too little evidence", Narrowing::default(), 110.0, 0.9, (0.9, Some(AlarmLine))),
            ("what is expected", Narrowing::default(), 100.0, 3.0, (BELOW_LINE, Some(MinDeviation))),
            ("the wrong side", of(Direction::Above, 0.0, 0.0), 90.0, 3.0, (0.0, Some(Side))),
            (
                "neither the right side nor enough",
                of(Direction::Above, 0.0, 0.0),
                90.0,
                0.9,
                (0.0, Some(AlarmLine)),
            ),
            ("the right side", of(Direction::Below, 0.0, 0.0), 90.0, 3.0, (3.0, None)),
            ("too small", of(Direction::Both, 20.0, 0.0), 110.0, 3.0, (0.5, Some(MinDeviation))),
            ("too small a share", of(Direction::Both, 0.0, 0.4), 110.0, 3.0, (0.25, Some(MinDeviation))),
            ("just large enough", of(Direction::Both, 10.0, 0.1), 110.0, 3.0, (3.0, None)),
            (
                "large enough by one, not the other",
                of(Direction::Both, 5.0, 0.2),
                110.0,
                3.0,
                (0.5, Some(MinDeviation)),
            ),
        ] {
            let Narrowed { score, gate } = narrowing.narrow(value, 100.0, score);
            assert_eq!((score, gate), expected, "{what}");
        }
    }

    #[test]
    fn values_outside_of_the_range_score_by_their_distance() {
        let share = DataRange::new(0.0, 1.0).unwrap();
        let positive = DataRange::new(0.0, f64::INFINITY).unwrap();
        for (range, value, expected) in [
            (share, 0.0, 0.0),
            (share, 1.0, 0.0),
            (share, 1.5, 1.5),
            (share, -2.0, 3.0),
            (share, f64::NAN, 0.0),
            (share, f64::INFINITY, 0.0),
            (positive, 1e300, 0.0),
            (positive, -0.5, 1.5),
            (DataRange::new(10.0, f64::INFINITY).unwrap(), 5.0, 1.5),
            (DataRange::new(-1e-300, 1e-300).unwrap(), f64::MAX, f64::MAX),
            (DataRange::default(), f64::MIN, 0.0),
        ] {
            assert_eq!(range.least_score(value), expected, "{range:?} {value}");
        }
    }

    #[test]
    fn a_range_has_a_low_and_a_high_end() {
        for (low, high) in [(1.0, 0.0), (1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::NAN)] {
            assert_eq!(DataRange::new(low, high), None, "{low} {high}");
        }
    }
}
