//! What is expected of the next sample, the band whose edge is the alarm line, and what a value does
//! against both.

use crate::detect::Config;
use crate::detect::compact_tail::{CompactTail, Fit, power_of_ten};
use crate::detect::explanation::Gate;
use crate::detect::narrowing::BELOW_LINE;
use crate::model::Direction;

/// Differences below this share of the magnitude are rounding.
pub(super) const ROUNDING: f64 = 1e-9;

/// The values without surprise, and the unit in which deviations from them are calibrated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    /// The smallest.
    pub low: f64,
    /// What is expected, `low <= expected <= high`.
    pub expected: f64,
    /// The largest.
    pub high: f64,
    /// How much more than usual the series varies at this time; at least 1.
    pub scale: f64,
}

impl Range {
    /// The signed distance of a value from the range; 0 within it.
    pub fn deviation(&self, value: f64) -> f64 {
        value - value.clamp(self.low, self.high)
    }
}

/// Both sides' calibrations, fitted, and the line.
pub(super) struct Outlook<'a> {
    above: (&'a CompactTail, Fit),
    below: (&'a CompactTail, Fit),
    range: Range,
    line: f64,
    /// The probability at the line.
    rare: f64,
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
    /// The evidence on the side where the value lies, whatever the direction asked for.
    pub evidence: f64,
    /// Whether that evidence reaches the line.
    pub against: bool,
    /// What keeps the score below 1.
    pub gate: Option<Gate>,
}

impl<'a> Outlook<'a> {
    /// The outlook by the tails above and below a range; `line` is the evidence at which the score is 1.
    pub fn new(range: Range, [above, below]: [&'a CompactTail; 2], line: f64) -> Self {
        let least = (ROUNDING * range.expected.abs()).max(f64::MIN_POSITIVE);
        let fitted = |tail: &'a CompactTail| (tail, tail.fit(least));
        Self { above: fitted(above), below: fitted(below), range, line, rare: power_of_ten(-line) }
    }

    /// The evidence against a value that lies so far from a range, above or below.
    pub fn evidence(&self, deviation: f64, scale: f64) -> f64 {
        let (tail, fit) = if deviation < 0.0 { self.below } else { self.above };
        tail.evidence(&fit, deviation.abs() / scale)
    }

    /// The edges of the band as the tails alone would have it.
    fn edges(&self) -> (f64, f64) {
        let reach =
            |(tail, fit): (&CompactTail, Fit)| self.range.scale * tail.edge(&fit, self.line, self.rare);
        (self.range.low - reach(self.below), self.range.high + reach(self.above))
    }

    /// Judges a value by its evidence, as far as it counts.
    pub fn judge(&self, value: f64, config: &Config) -> Judgement {
        let narrowing = &config.narrowing;
        let expected = narrowing.data_range.clamp(self.range.expected);
        let evidence = self.evidence(self.range.deviation(value), self.range.scale);
        let narrowed = narrowing.narrow(value, expected, evidence / self.line);
        let (least, direction) = (narrowing.least(expected), narrowing.direction);
        let (low, high) = self.edges();
        let lower = if direction == Direction::Above { f64::NEG_INFINITY } else { low.min(expected - least) };
        let upper = if direction == Direction::Below { f64::INFINITY } else { high.max(expected + least) };
        // Evidence and edge agree but for rounding; the band decides about what lies in between and on it.
        let outside = (value < lower || value > upper) && value != expected;
        let (score, gate) = match narrowed.gate {
            _ if outside => (narrowed.score.max(1.0), None),
            gate => (narrowed.score.min(BELOW_LINE), gate.or(Some(Gate::AlarmLine))),
        };
        Judgement { score, lower, upper, evidence, against: evidence >= self.line, gate }
    }
}
