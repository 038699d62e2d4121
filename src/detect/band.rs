//! The band around the expected value, whose edges are where the evidence reaches the alarm line: each edge is
//! searched for on its own side, by as few looks at the evidence as may be.

use super::compact_tail::power_of_ten;

/// The values whose score is below 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Band {
    /// The lower edge, minus infinity if no low value counts.
    pub lower: f64,
    /// The upper edge, infinite if no high value counts.
    pub upper: f64,
}

impl Band {
    /// No edges.
    pub const OPEN: Self = Self { lower: f64::NEG_INFINITY, upper: f64::INFINITY };
}

/// Relative width to which an edge is searched.
const PRECISION: f64 = 1e-3;
/// Evidence so little above the line is on it.
const CLOSE: f64 = 0.05;
/// Between two looks on either side of the line that differ by less evidence, the crossing is interpolated: 98 in 100 miss
/// the line by less than 0.13.
const NEAR: f64 = 0.6;
/// Looks at the evidence at most; about three are usual.
const MAX_LOOKS: usize = 80;
/// After so many looks the slope is trusted no more: the bracket is halved, or the longest step taken.
const TRUSTING_LOOKS: usize = 6;
/// By how many decades the distance grows for each decade of evidence, before two looks tell: a usual tail's index.
const DECADES: f64 = 0.3;
/// What two looks may tell of that, at least and at most.
const SLOPES: (f64, f64) = (0.05, 2.0);
/// By how much more it changes, so that the crossing comes to lie between two looks.
const OVERSHOOT: f64 = 1.1;
/// It grows by this factor at least, and changes by so many decades at most at once.
const GROWTH: f64 = 1.3;
const MOST_DECADES: f64 = 2.0;
/// Distances beyond are beyond all values.
const FARTHEST: f64 = 1e300;

/// A distance from the expected value, and by how much the evidence there exceeds the line; negative within the band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    /// At least 0.
    pub distance: f64,
    /// In decades of probability.
    pub excess: f64,
}

/// The distance at which the evidence reaches the line, given that it is below it at `inside`, and not below at `outside`
/// if that is known. The search begins at `guess`. Infinite if it never does. (The secant rule in the logarithm of the
/// distance, within a bracket: Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4.)
pub(super) fn edge(inside: Look, outside: Option<Look>, guess: f64, excess: impl Fn(f64) -> f64) -> f64 {
    let mut search = Search { low: inside, high: outside, last: None, crossed: false, slope: DECADES };
    let mut next = guess;
    for looks in 0..MAX_LOOKS {
        let Some(distance) = search.worth_a_look(next, looks) else { break };
        let look = Look { distance, excess: excess(distance) };
        if (0.0..CLOSE).contains(&look.excess) {
            return distance;
        }
        if let Some(between) = search.interpolate(look) {
            return between;
        }
        next = search.narrow(look);
    }
    search.high.map_or(f64::INFINITY, |high| high.distance)
}

/// Where the crossing is known to be, and how to get there.
struct Search {
    low: Look,
    high: Option<Look>,
    last: Option<Look>,
    /// Whether there were looks on both sides of the line.
    crossed: bool,
    /// Decades of distance for a decade of evidence.
    slope: f64,
}

impl Search {
    /// A distance within the bracket, `next` if it is one; `None` if there is nothing left to find.
    fn worth_a_look(&self, next: f64, looks: usize) -> Option<f64> {
        let low = self.low.distance;
        let Some(Look { distance: high, .. }) = self.high else {
            // On a plateau only long steps lead anywhere.
            let growth = if looks < TRUSTING_LOOKS { GROWTH } else { power_of_ten(MOST_DECADES) };
            let next = next.max(low * growth).max(f64::MIN_POSITIVE);
            return (low < FARTHEST).then_some(next);
        };
        let trusted = next > low && next < high && looks < TRUSTING_LOOKS;
        let next = if trusted { next } else { middle(low, high) };
        (high - low > PRECISION * high && next > low && next < high).then_some(next)
    }

    /// The crossing, if it lies between this look and the last and they are near to each other.
    fn interpolate(&self, look: Look) -> Option<f64> {
        let before = self.last.filter(|before| (before.excess < 0.0) != (look.excess < 0.0))?;
        let apart = before.excess - look.excess;
        let share = (CLOSE / 2.0 - look.excess) / apart;
        let between = look.distance * (before.distance / look.distance).powf(share.clamp(0.0, 1.0));
        (apart.abs() < NEAR && between.is_finite()).then_some(between)
    }

    /// Takes a look into account; where to look next, if the evidence grows with the logarithm of the distance.
    fn narrow(&mut self, look: Look) -> f64 {
        if let Some(before) = self.last.replace(look) {
            let slope = (look.distance / before.distance).log10() / (look.excess - before.excess);
            if slope.is_finite() && slope > 0.0 {
                self.slope = slope.clamp(SLOPES.0, SLOPES.1);
            }
            self.crossed |= (before.excess < 0.0) != (look.excess < 0.0);
        }
        if look.excess < 0.0 {
            self.low = look;
        } else {
            self.high = Some(look);
        }
        let reach = if self.crossed { self.slope } else { OVERSHOOT * self.slope };
        let decades = reach * (CLOSE / 2.0 - look.excess);
        look.distance * power_of_ten(decades.clamp(-MOST_DECADES, MOST_DECADES))
    }
}

/// Between two distances: by their logarithm while they are far apart.
fn middle(low: f64, high: f64) -> f64 {
    if low < high / 100.0 { low.max(high / 1e6).sqrt() * high.sqrt() } else { low / 2.0 + high / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    const CENTRE: Look = Look { distance: 0.0, excess: -2.0 };

    #[test]
    fn a_crossing_is_found_from_outside_wherever_the_search_begins() {
        for target in [1e-290, 1e-3, 1.0, 1.0000001, 77.0, 1e200] {
            for guess in [1e-9 * target, 0.1 * target, 0.999 * target, 3.0 * target] {
                let found = edge(CENTRE, None, guess, |x| if x < target { -1.0 } else { 1.0 });
                assert!(found >= target && found <= target * 1.002, "{target} from {guess}: {found}");
            }
        }
    }

    #[test]
    fn known_distances_bound_the_search() {
        let step = |x: f64| if x < 5.0 { -1.0 } else { 1.0 };
        let (inside, outside) = (Look { distance: 4.0, excess: -1.0 }, Look { distance: 6.0, excess: 1.0 });
        for (inside, outside) in [(inside, None), (CENTRE, Some(outside)), (inside, Some(outside))] {
            for guess in [0.0, 1.0, 4.5, 5.5, 100.0] {
                let found = edge(inside, outside, guess, step);
                assert!((5.0..5.01).contains(&found), "{found}");
            }
        }
    }

    #[test]
    fn a_line_that_is_never_reached_has_no_edge() {
        assert_eq!(edge(CENTRE, None, 1.0, |_| -1.0), f64::INFINITY);
        assert_eq!(edge(CENTRE, None, 0.0, |_| -1e-9), f64::INFINITY);
        let plateau = edge(CENTRE, None, 1e-10, |x| if x < 1.0 { -0.01 } else { 1.0 });
        assert!((1.0..1.01).contains(&plateau), "{plateau}");
    }

    #[test]
    fn a_tail_of_a_usual_index_takes_few_looks() {
        for guess in [0.1, 1.0, 10.0] {
            let looks = Cell::new(0);
            let excess = |distance: f64| {
                looks.set(looks.get() + 1);
                (distance / 2.0).log10() / 0.3
            };
            let found = edge(CENTRE, None, guess, excess);
            assert!((2.0..2.08).contains(&found), "{found}");
            assert!(looks.get() <= 3, "{} looks from {guess}", looks.get());
        }
    }
}
