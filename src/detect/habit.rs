//! Surprises that are a habit: what happened at this time yesterday and the day before is no anomaly today.
//!
//! It remembers how much evidence there was in each half hour of the last two days and raises the alarm
//! line where both days had some. What is clearly more surprising than the habit still crosses it.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Width of a slot in milliseconds: half an hour.
const SLOT_MILLIS: i64 = 1_800_000;
/// Slots in a day.
const DAY: i64 = 48;
/// Slots remembered: two days, with a neighbour on either side.
const SLOTS: usize = 2 * DAY as usize + 2;
/// A surprise is a habit if its evidence is at most this many times what both days had.
const MARGIN: f64 = 1.0 / 0.7;

/// The evidence of the last two days.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Habit {
    /// The slot under way, counted from the epoch.
    newest: i64,
    /// The highest evidence of each slot, at the slot's number modulo their count.
    slots: Vec<f32>,
}

impl Habit {
    /// Notes the evidence of a sample.
    pub fn learn(&mut self, at: Timestamp, evidence: f64) {
        let slot = slot(at);
        if self.slots.is_empty() {
            self.slots = vec![0.0; SLOTS];
            self.newest = slot;
        }
        let passed = (slot - self.newest).clamp(0, SLOTS as i64);
        for back in 0..passed {
            self.slots[index(slot - back)] = 0.0;
        }
        self.newest = slot;
        let held = &mut self.slots[index(slot)];
        *held = held.max(evidence as f32);
    }

    /// The evidence up to which a surprise at this time is a habit; 0 if there is none.
    pub fn line(&self, at: Timestamp) -> f64 {
        let slot = slot(at);
        self.around(slot - DAY).min(self.around(slot - 2 * DAY)) * MARGIN
    }

    fn around(&self, slot: i64) -> f64 {
        let held = |slot: i64| match self.slots.get(index(slot)) {
            Some(evidence) if slot > self.newest - SLOTS as i64 && slot <= self.newest => {
                f64::from(*evidence)
            }
            _ => 0.0,
        };
        held(slot - 1).max(held(slot)).max(held(slot + 1))
    }
}

fn slot(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(SLOT_MILLIS)
}

fn index(slot: i64) -> usize {
    slot.rem_euclid(SLOTS as i64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, minute: i64) -> Timestamp {
        Timestamp::from_millis((day * 1440 + minute) * 60_000)
    }

    /// Evidence 3 at each of these days and minutes, none in between; the line at noon of day 3.
    fn line(surprises: &[(i64, i64)]) -> f64 {
        let mut habit = Habit::default();
        for minute in (0..3 * 1440 + 720).step_by(10) {
            let now = (minute / 1440, minute % 1440);
            habit.learn(at(now.0, now.1), if surprises.contains(&now) { 3.0 } else { 0.1 });
        }
        habit.line(at(3, 720))
    }

    #[test]
    fn two_days_in_a_row_make_a_habit() {
        for (surprises, expected) in [
            (&[][..], 0.1 * MARGIN),
            (&[(2, 720)], 0.1 * MARGIN),
            (&[(1, 720)], 0.1 * MARGIN),
            (&[(0, 720), (2, 720)], 0.1 * MARGIN),
            (&[(1, 720), (2, 720)], 3.0 * MARGIN),
            (&[(1, 700), (2, 750)], 3.0 * MARGIN),
            (&[(1, 720), (2, 800)], 0.1 * MARGIN),
        ] {
            assert!((line(surprises) - expected).abs() < 1e-6, "{surprises:?}: {}", line(surprises));
        }
    }

    #[test]
    fn a_gap_of_days_forgets() {
        let mut habit = Habit::default();
        habit.learn(at(0, 0), 9.0);
        habit.learn(at(50, 0), 0.0);
        assert_eq!(habit.line(at(51, 0)), 0.0);
        assert_eq!(Habit::default().line(at(-3, 5)), 0.0);
    }
}
