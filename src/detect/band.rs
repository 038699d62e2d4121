//! The band whose edge is score 1: evidences combined on one side of the expected range, and the value at
//! which they reach the alarm line.
//!
//! Each side combines the evidences for that side alone, so the combined evidence only grows on the way
//! out, and the values below the line are one interval.

use super::tail::{Fit, Tail};

/// Relative width to which an edge is searched.
const PRECISION: f64 = 1e-5;
/// Evidence so near to the line is on it.
const CLOSE: f64 = 1e-4;
/// Steps of the search at most; fewer than ten are usual.
const MAX_STEPS: usize = 60;

/// One evidence on one side: a calibrated tail that begins at `from`.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The calibration of this side's residuals.
    pub tail: &'a Tail,
    /// Its present fit.
    pub fit: Fit,
    /// Where residuals of this side begin; below it (above, for the lower side) there is no evidence.
    pub from: f64,
}

/// Two evidences on the upper (`sign` = 1) or lower (`sign` = -1) side.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    /// 1 for the upper side, -1 for the lower.
    pub sign: f64,
    /// The unit in which residuals are calibrated.
    pub scale: f64,
    /// Innovation, level.
    pub views: [View<'a>; 2],
}

/// Two evidences in one: the root of their mean square, so that both together say more than one
/// alone, and one alone can say enough.
pub(super) fn combine([first, second]: [f64; 2]) -> f64 {
    ((first * first + second * second) / 2.0).sqrt()
}

impl Side<'_> {
    /// Each view's evidence against a value.
    pub fn evidences(&self, value: f64) -> [f64; 2] {
        self.views.map(|view| view.tail.evidence(&view.fit, self.sign * (value - view.from) / self.scale))
    }

    fn evidence(&self, value: f64) -> f64 {
        combine(self.evidences(value))
    }

    /// The value nearest to the expected range at which the evidence reaches the line; infinite if none.
    pub fn edge(&self, line: f64) -> f64 {
        let [first, second] = self.views;
        let origin = self.sign * (self.sign * first.from).min(self.sign * second.from);
        let alone = |view: View<'_>| {
            self.sign * (view.from - origin) + self.scale * Tail::residual_at(&view.fit, line)
        };
        let (a, b) = (alone(first), alone(second));
        let at = |distance: f64| origin + self.sign * distance;
        at(search(a.min(b), a.max(b), |distance| self.evidence(at(distance)) - line))
    }
}

/// The positive distance at which a growing function reaches zero: the bracket is widened upwards as
/// far as needed, then narrowed by regula falsi (Illinois) on a logarithmic axis.
fn search(low: f64, high: f64, excess: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high.max(low));
    let mut above = excess(high);
    while above < 0.0 {
        if high > 1e300 {
            return f64::INFINITY;
        }
        low = high;
        high *= 4.0;
        above = excess(high);
    }
    let mut below = excess(low);
    if below >= 0.0 {
        return low;
    }
    for _ in 0..MAX_STEPS {
        if high <= low * (1.0 + PRECISION) {
            break;
        }
        let share = (below / (below - above)).clamp(0.01, 0.99);
        let middle = low * (high / low).powf(share);
        let found = excess(middle);
        if found.abs() < CLOSE {
            return middle;
        }
        if found < 0.0 {
            (low, below, above) = (middle, found, above / 2.0);
        } else {
            (high, above, below) = (middle, found, below / 2.0);
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_function_is_inverted() {
        for target in [1e-290, 1e-3, 1.0, 1.0000001, 77.0, 1e290] {
            let found = search(target / 3.0, target * 2.0, |x| (x / target).ln() * 7.0);
            assert!((found / target - 1.0).abs() < 1e-4, "{target}: {found}");
            let found = search(target / 300.0, target / 200.0, |x| (x / target).ln().powi(3) * 1e6);
            assert!((found / target - 1.0).abs() < 1e-3, "{target}: {found}");
        }
    }

    #[test]
    fn a_line_that_is_never_reached_has_no_edge() {
        assert_eq!(search(1.0, 2.0, |_| -1.0), f64::INFINITY);
    }

    #[test]
    fn evidences_that_agree_say_more() {
        assert!(combine([3.0, 3.0]) > combine([3.0, 1.0]));
        assert_eq!(combine([3.0, 3.0]), 3.0);
    }
}
