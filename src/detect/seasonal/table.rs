//! A robust profile over one cycle: a typical offset for each slot of the cycle, refined visit by visit.
//!
//! A visit is all samples of one slot; its mean teaches once. One visit is only tried out; a second must
//! confirm it, and what both agree on is believed. Later visits move the offset by a bounded step,
//! so an odd day counts for a step whatever its size.

use serde::{Deserialize, Serialize};

use crate::detect::fixed::Fixed;

/// What a visit moves a confirmed offset, as a share of the (limited) difference.
const GAIN: f64 = 0.3;

/// Offsets of `N` (at most 64) slots.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Table<const N: usize> {
    /// NaN: never visited.
    offsets: Fixed<N>,
    /// A bit for each slot that was visited twice.
    confirmed: u64,
    /// The visit under way: its number since the epoch, the sum of its offsets, and their count.
    visit: Option<(i64, f64, u32)>,
}

impl<const N: usize> Default for Table<N> {
    fn default() -> Self {
        Self { offsets: Fixed([f32::NAN; N]), confirmed: 0, visit: None }
    }
}

impl<const N: usize> Table<N> {
    /// The offset of a slot (below `N`), if it was visited; if asked for, only once it is confirmed.
    pub fn offset(&self, slot: usize, confirmed: bool) -> Option<f64> {
        let offset = self.offsets.0[slot];
        let known = if confirmed { self.confirmed >> slot & 1 == 1 } else { !offset.is_nan() };
        known.then_some(f64::from(offset))
    }

    /// Adds a sample's offset to the visit `number`; the visit before, if it is over, moves its slot by at
    /// most a share of `limit`.
    pub fn learn(&mut self, number: i64, offset: f64, limit: f64) {
        match &mut self.visit {
            Some((current, sum, count)) if *current == number => {
                *sum += offset;
                *count = count.saturating_add(1);
            }
            _ => {
                if let Some((over, sum, count)) = self.visit.replace((number, offset, 1)) {
                    self.close(over.rem_euclid(N as i64) as usize, sum / f64::from(count), limit);
                }
            }
        }
    }

    /// Forgets the visit under way: what offsets are counted from has moved.
    pub fn interrupt(&mut self) {
        self.visit = None;
    }

    fn close(&mut self, slot: usize, mean: f64, limit: f64) {
        let before = f64::from(self.offsets.0[slot]);
        let offset = if before.is_nan() {
            mean
        } else if self.confirmed >> slot & 1 == 0 {
            self.confirmed |= 1 << slot;
            agreed(before, mean)
        } else {
            before + GAIN * (mean - before).clamp(-limit, limit)
        };
        // Offsets beyond single precision are kept at its end: finite, and still far away.
        let most = f64::from(f32::MAX);
        self.offsets.0[slot] = offset.clamp(-most, most) as f32;
    }
}

/// What both say: the one nearer to zero, or zero if they are of different signs.
fn agreed(first: f64, second: f64) -> f64 {
    if first * second <= 0.0 {
        0.0
    } else if first.abs() < second.abs() {
        first
    } else {
        second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of two slots after these visits to the first; the second is always 7.
    fn after(visits: &[f64]) -> Table<2> {
        let mut table = Table::default();
        for (number, mean) in (0..).zip(visits) {
            for sample in [-1.0, 1.0] {
                table.learn(2 * number, mean + sample, 10.0);
            }
            table.learn(2 * number + 1, 7.0, 10.0);
        }
        table
    }

    #[test]
    fn an_offset_is_what_two_visits_agree_on_then_moves_in_bounded_steps() {
        for (visits, tried, confirmed) in [
            (&[][..], None, None),
            (&[5.0], Some(5.0), None),
            (&[5.0, 3.0], Some(3.0), Some(3.0)),
            (&[500.0, 3.0], Some(3.0), Some(3.0)),
            (&[-5.0, 3.0], Some(0.0), Some(0.0)),
            (&[5.0, 3.0, 4.0], Some(3.3), Some(3.3)),
            (&[5.0, 3.0, 1e9], Some(6.0), Some(6.0)),
        ] {
            let table = after(visits);
            let near = |found: Option<f64>, expected: Option<f64>| {
                found.is_some() == expected.is_some()
                    && (found.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-6
            };
            assert!(near(table.offset(0, false), tried), "{visits:?} {table:?}");
            assert!(near(table.offset(0, true), confirmed), "{visits:?} {table:?}");
        }
    }

    #[test]
    fn an_interrupted_visit_teaches_nothing() {
        let mut table = Table::<2>::default();
        table.learn(0, 5.0, 1.0);
        table.interrupt();
        table.learn(1, 7.0, 1.0);
        assert_eq!(table.offset(0, false), None);
    }
}
