//! What is found about each node against the target, before any order.

use super::excess::Excess;
use super::incident::{Incident, Node};
use super::paths::Links;
use super::share::{Part, remainder, share};

/// The rows that are asked about: around the target's worst row, as long as it was worse than usual.
pub(super) struct Stretch {
    /// The first row.
    pub first: usize,
    /// The last row.
    pub last: usize,
    /// The target's excess within, 0 outside.
    pub profile: Vec<f64>,
}

impl Stretch {
    /// The stretch of a target; `None` where it was never worse than usual.
    pub fn of(target: &Excess) -> Option<Self> {
        let rows = &target.rows;
        let worst = (0..rows.len()).rev().max_by(|one, other| rows[*one].total_cmp(&rows[*other]))?;
        if rows[worst] <= 0.0 {
            return None;
        }
        let first = (0..worst).rev().take_while(|row| rows[*row] > 0.0).last().unwrap_or(worst);
        let last = (worst..rows.len()).take_while(|row| rows[*row] > 0.0).last().unwrap_or(worst);
        let mut stretch = Self { first, last, profile: Vec::new() };
        stretch.profile = stretch.within(rows);
        Some(stretch)
    }

    /// What is worse than usual within the stretch.
    pub fn within(&self, rows: &[f64]) -> Vec<f64> {
        let inside = |row: &usize| (self.first..=self.last).contains(row);
        (0..rows.len()).map(|row| if inside(&row) { rows[row].max(0.0) } else { 0.0 }).collect()
    }

    /// The row of the stretch in which an excess is largest; of equal ones the first.
    pub fn worst(&self, rows: &[f64]) -> usize {
        let later = (self.first..=self.last).rev();
        later.max_by(|one, other| rows[*one].total_cmp(&rows[*other])).unwrap_or(self.first)
    }
}

/// The limit in standard deviations that the largest of so many draws of pure chance stays below. (The universal
/// threshold: D. L. Donoho & I. M. Johnstone, Biometrika 81, 1994.)
pub(super) fn chance(draws: usize) -> f64 {
    (2.0 * (draws.max(2) as f64).ln()).sqrt()
}

/// One node with enough history.
pub(super) struct Judged<'a> {
    /// Itself.
    pub node: &'a Node,
    /// Its excess.
    pub excess: Excess,
    /// The excess within the stretch.
    pub profile: Vec<f64>,
    /// Standard deviations above the usual within the stretch.
    pub significance: f64,
    /// What is left of 1 after what chance may have done: 0 for what does not stand out. (The non-negative garrote:
    /// L. Breiman, Technometrics 37, 1995.)
    pub credit: f64,
    /// The share of the target's excess that it accounts for.
    pub share: f64,
}

/// All of them, and the target's number.
pub(super) struct Judgement<'a> {
    /// By number.
    pub nodes: Vec<Judged<'a>>,
    /// The target's.
    pub target: usize,
    /// Where the target was worse.
    pub stretch: Stretch,
    /// The limit of chance for all nodes and rows.
    pub limit: f64,
}

impl<'a> Judgement<'a> {
    /// Judges every node; `None` where the target has no history, or was never worse than usual.
    pub fn of(incident: &Incident<'a>) -> Option<Self> {
        let excess = |node: &'a Node| Some((node, Excess::of(node, incident.kind)?));
        let mut known: Vec<(&Node, Excess)> = incident.nodes.iter().filter_map(excess).collect();
        // Sums depend on their order to the last bit, and answers shall not depend on that of the question.
        known.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        let target = known.iter().position(|(node, _)| node.name == incident.target)?;
        let stretch = Stretch::of(&known[target].1)?;
        let limit = chance(known.len() * incident.times.len());
        let counted = known[target].1.counted;
        let judged = |(node, excess): (&'a Node, Excess)| {
            let significance = excess.significance(&stretch.profile);
            let credit = if significance > limit { 1.0 - (limit / significance).powi(2) } else { 0.0 };
            let profile = stretch.within(&excess.rows);
            let share = share(&stretch.profile, &profile, largest(counted && excess.counted));
            Judged { node, excess, profile, significance, credit, share }
        };
        let nodes = known.into_iter().map(judged).collect();
        Some(Self { nodes, target, stretch, limit })
    }

    /// Whether the target stands out from its own history. Its rows were searched for the worst, and nothing else.
    pub fn target_stands_out(&self) -> bool {
        let target = &self.nodes[self.target];
        let worst = target.profile.iter().copied().fold(0.0, f64::max);
        target.significance > chance(target.profile.len()) && worst > target.excess.largest_usual
    }

    /// What is left of a node's excess after its dependencies that stand out, and the share of each, by number. On a
    /// cycle only the more significant of two accounts for the other: on its way a fault is diluted by what else varies.
    pub fn own(&self, number: usize, links: &Links) -> (Vec<f64>, Vec<(usize, f64)>) {
        let node = &self.nodes[number];
        let explains = |next: &usize| {
            let other = &self.nodes[*next];
            let first = other.significance > node.significance || !links.on_one_cycle(number, *next);
            *next != self.target && other.credit > 0.0 && first
        };
        let next: Vec<usize> = links.next(number).into_iter().filter(explains).collect();
        let part = |next: &usize| {
            let other = &self.nodes[*next];
            Part {
                rows: other.profile.iter().map(|row| row * other.credit).collect(),
                most: largest(node.excess.counted && other.excess.counted),
            }
        };
        let parts: Vec<Part> = next.iter().map(part).collect();
        let (left, multiples) = remainder(&node.profile, &parts);
        let shares = next.iter().zip(&parts).zip(multiples);
        let shares =
            shares.map(|((next, part), multiple)| (*next, share(&node.profile, &part.rows, multiple)));
        (left, shares.collect())
    }

    /// The share of the target's excess for which a node accounts with what its dependencies leave of it.
    pub fn own_share(&self, number: usize, left: &[f64]) -> f64 {
        let node = &self.nodes[number];
        let counted = node.excess.counted && self.nodes[self.target].excess.counted;
        share(&self.stretch.profile, left, largest(counted)) * node.credit
    }
}

/// The largest multiple of one excess in another: what is summed over requests is in there once at most. Where the
/// number of requests is not known, neither is that of calls.
fn largest(counted: bool) -> f64 {
    if counted { 1.0 } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::super::incident::{Kind, Metric, Node};
    use super::*;
    use crate::model::Direction;

    fn stretch(rows: &[f64]) -> Option<(usize, usize)> {
        let metric = Metric {
            kind: Kind::Latency,
            worse: Direction::Above,
            normal: vec![0.0; 20],
            abnormal: rows.to_vec(),
        };
        let node = Node { metrics: vec![metric], ..Node::default() };
        Stretch::of(&Excess::of(&node, Kind::Latency).unwrap()).map(|found| (found.first, found.last))
    }

    #[test]
    fn the_stretch_lies_around_the_worst_row() {
        for (rows, expected) in [
            (&[1.0, -1.0, 2.0, 5.0, 1.0, 0.0, 4.0][..], Some((2, 4))),
            (&[3.0, 2.0], Some((0, 1))),
            (&[2.0, -1.0, 2.0], Some((0, 0))),
            (&[0.0, -1.0], None),
            (&[], None),
        ] {
            assert_eq!(stretch(rows), expected, "{rows:?}");
        }
    }

    #[test]
    fn more_draws_need_more_to_stand_out() {
        assert!((chance(200) - 3.255).abs() < 1e-3);
        assert!(chance(0) > 1.0 && chance(100_000) > chance(100));
    }
}
