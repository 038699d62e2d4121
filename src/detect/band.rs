//! The band around the expected value, whose edges are where the evidence reaches the alarm line: each edge is
//! searched for on its own side, by as few looks at the evidence as may be.

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
/// Looks at the evidence at most; about four are usual.
const MAX_LOOKS: usize = 80;
/// By how many decades the distance grows for each decade of evidence that is missing, before two looks tell: a
/// usual tail's index.
const DECADES: f64 = 0.3;
/// By how much more it grows, so that the crossing comes to lie between two looks.
const OVERSHOOT: f64 = 1.1;
/// It grows by this factor at least, and at most at once.
const GROWTH: (f64, f64) = (1.3, 100.0);
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

/// The distance at which the evidence reaches the line, on the outer side of the crossing, given that it is below it at
/// `inside`, and not below at `outside` if that is known. The search begins at `guess`. Infinite if it never does.
pub(super) fn edge(inside: Look, outside: Option<Look>, guess: f64, excess: impl Fn(f64) -> f64) -> f64 {
    let mut bracket = Bracket { low: inside, high: outside, before_low: None, last_inside: None };
    let mut next = guess;
    for _ in 0..MAX_LOOKS {
        let Some(distance) = bracket.worth_a_look(next) else { break };
        let look = Look { distance, excess: excess(distance) };
        if (0.0..CLOSE).contains(&look.excess) {
            return distance;
        }
        bracket.narrow(look);
        next = bracket.crossing();
    }
    bracket.high.map_or(f64::INFINITY, |high| high.distance)
}

/// Where the crossing is known to be.
struct Bracket {
    low: Look,
    high: Option<Look>,
    /// What `low` was before.
    before_low: Option<Look>,
    /// On which side the last look was.
    last_inside: Option<bool>,
}

impl Bracket {
    /// A distance within, `next` if it is one; `None` if there is nothing left to find.
    fn worth_a_look(&self, next: f64) -> Option<f64> {
        let low = self.low.distance;
        let Some(Look { distance: high, .. }) = self.high else {
            let next = next.max(low * GROWTH.0).max(f64::MIN_POSITIVE);
            return (low < FARTHEST).then_some(next);
        };
        let next = if next > low && next < high { next } else { self.crossing() };
        (high - low > PRECISION * high && next > low && next < high).then_some(next)
    }

    /// Takes a look into account. Of a side that stays twice the excess is halved, so that it moves too. (The Illinois
    /// rule: Dowell and Jarratt, BIT 11, 1971.)
    fn narrow(&mut self, look: Look) {
        let inside = look.excess < 0.0;
        let twice = self.last_inside.replace(inside) == Some(inside);
        let share = if twice { 0.5 } else { 1.0 };
        if inside {
            self.before_low = Some(std::mem::replace(&mut self.low, look));
            self.high = self.high.map(|high| Look { excess: share * high.excess, ..high });
        } else {
            self.high = Some(look);
            self.low.excess *= share;
        }
    }

    /// Where the evidence is in the middle of what counts as on the line, if it grows with the logarithm of the distance.
    fn crossing(&self) -> f64 {
        let above = |look: Look| look.excess - CLOSE / 2.0;
        match self.high {
            Some(high) => {
                let from = self.low.distance.max(high.distance / 1e6);
                let share = above(self.low) / (above(self.low) - above(high));
                let share = if above(high) > 0.0 { share.clamp(0.02, 0.98) } else { 0.5 };
                from * (high.distance / from).powf(share)
            }
            None => {
                let steep = self.before_low.map(|before| {
                    let grown = (self.low.excess - before.excess).max(1e-3);
                    (self.low.distance / before.distance).log10() / grown
                });
                let decades = steep.filter(|steep| steep.is_finite()).unwrap_or(DECADES);
                let growth = 10f64.powf(-OVERSHOOT * decades * above(self.low));
                self.low.distance * growth.clamp(GROWTH.0, GROWTH.1)
            }
        }
    }
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
            assert!(looks.get() <= 6, "{} looks from {guess}", looks.get());
        }
    }
}
