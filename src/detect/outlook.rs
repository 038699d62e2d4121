//! What is expected of the next sample before it is looked at: the ranges in which it is no surprise, and
//! the band whose edge is the alarm line. Then what a value does against it.

use super::Config;
use super::band::{Side, View, combine};
use super::calibration::Calibration;
use super::explanation::Evidence;
use super::tail::Tail;
use crate::model::Direction;

/// Differences below this share of the magnitude are rounding.
pub(super) const ROUNDING: f64 = 1e-9;
/// Deviations below this share of the expected value never score 1.
const NEGLIGIBLE: f64 = 1e-6;
/// The largest score within the band.
const BELOW_LINE: f64 = 1.0 - 1e-9;

/// A range of values, `low <= high`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Range {
    /// The range moved.
    pub fn shifted(self, by: f64) -> Self {
        Self { low: self.low + by, high: self.high + by }
    }

    /// The smallest range with both in it.
    pub fn hull(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The signed distance of a value from the range; 0 within it.
    pub fn deviation(self, value: f64) -> f64 {
        value - value.clamp(self.low, self.high)
    }
}

/// What is known before the sample.
#[derive(Clone, Copy)]
pub(super) struct Grounds<'a> {
    /// Level and time of day, with their tolerance.
    pub base: Range,
    /// Level and time of day.
    pub expected: f64,
    /// Where the last samples point.
    pub innovation: Range,
    /// The unit in which residuals are calibrated at this time.
    pub scale: f64,
    /// The calibrations of innovation and level.
    pub calibrations: [&'a Calibration; 2],
    /// The evidence at which the score is 1.
    pub line: f64,
}

/// The expectation, ready to judge values.
pub(super) struct Outlook<'a> {
    grounds: Grounds<'a>,
    above: Side<'a>,
    below: Side<'a>,
    band: Range,
}

/// How one value fares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    /// At least 0; 1 at the edges of the band.
    pub score: f64,
    /// The lower edge, minus infinity if no low value counts.
    pub lower: f64,
    /// The upper edge, infinite if no high value counts.
    pub upper: f64,
    /// The expected value, within the band.
    pub expected: f64,
    /// Whether the level's evidence alone, on any side, reaches the line.
    pub off_level: bool,
    /// Whether only the least deviation keeps the score below 1.
    pub too_small: bool,
    /// Innovation and level.
    pub evidences: [Evidence; 2],
}

impl<'a> Outlook<'a> {
    /// The outlook on these grounds. When the two evidences contradict each other on every value, the
    /// innovation accepts the way back to the base as well, so that there is a band.
    pub fn new(grounds: Grounds<'a>) -> Self {
        let strict = Self::on(grounds);
        if strict.band.low < strict.band.high {
            return strict;
        }
        Self::on(Grounds { innovation: grounds.innovation.hull(grounds.base), ..grounds })
    }

    fn on(grounds: Grounds<'a>) -> Self {
        let least = (ROUNDING * grounds.expected.abs()).max(f64::MIN_POSITIVE);
        let view = |tail: &'a Tail, from| View { tail, fit: tail.fit(least), from };
        let ([innovation, level], ahead, base) = (grounds.calibrations, grounds.innovation, grounds.base);
        let scale = grounds.scale;
        let views = [view(&innovation.above, ahead.high), view(&level.above, base.high)];
        let above = Side { sign: 1.0, scale, views };
        let views = [view(&innovation.below, ahead.low), view(&level.below, base.low)];
        let below = Side { sign: -1.0, scale, views };
        let band = Range { low: below.edge(grounds.line), high: above.edge(grounds.line) };
        Self { grounds, above, below, band }
    }

    /// Judges a value by the evidences, the direction and the least deviation.
    pub fn judge(&self, value: f64, config: &Config) -> Judgement {
        let (band, line) = (self.band, self.grounds.line);
        let expected = self.grounds.expected.clamp(band.low, band.high);
        let (above, below) = (self.above.evidences(value), self.below.evidences(value));
        let counted = match config.direction {
            Direction::Above => combine(above),
            Direction::Below => combine(below),
            Direction::Both => combine(above).max(combine(below)),
        };
        let least = config.min_deviation.max(NEGLIGIBLE * expected.abs());
        let deviation = (value - expected).abs();
        let too_small = deviation < least && counted >= line;
        let counted = if too_small { deviation / least } else { counted / line };
        let lower = if config.direction == Direction::Above { f64::NEG_INFINITY } else { band.low };
        let upper = if config.direction == Direction::Below { f64::INFINITY } else { band.high };
        let (lower, upper) = (lower.min(expected - least), upper.max(expected + least));
        // The edges are searched to a hundred-thousandth; the band decides about what lies in between.
        let outside = value <= lower || value >= upper;
        let outside = outside && deviation > 0.0;
        Judgement {
            score: if outside { counted.max(1.0) } else { counted.min(BELOW_LINE) },
            lower,
            upper,
            expected,
            off_level: above[1].max(below[1]) >= line,
            too_small,
            evidences: self.evidences(value, [above[0].max(below[0]), above[1].max(below[1])]),
        }
    }

    fn evidences(&self, value: f64, tails: [f64; 2]) -> [Evidence; 2] {
        let one = |name, range: Range, tail| Evidence {
            name,
            expected: self.grounds.expected.clamp(range.low, range.high),
            deviation: range.deviation(value),
            tail,
        };
        [one("innovation", self.grounds.innovation, tails[0]), one("level", self.grounds.base, tails[1])]
    }
}
