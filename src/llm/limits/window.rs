//! How much was spent within the last minute or day, whatever the clock does meanwhile.
//!
//! A window is made of slices. What was spent counts until its slice has left the window as a whole, so
//! that no span of the window's length ever holds more than the limit.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Slices of a window.
const SLICES: i64 = 60;

/// Time that never goes back. Where the clock does, it goes on from where it was, so that a clock set back
/// neither renews a budget nor holds one back for as long as it was ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Steady {
    /// The latest time given, in milliseconds since the epoch.
    latest: i64,
    /// What is added to the clock, in milliseconds.
    ahead: i64,
}

impl Steady {
    /// The steady time of a clock's time, in milliseconds.
    pub fn at(&mut self, now: Timestamp) -> i64 {
        let steady = now.as_millis().saturating_add(self.ahead);
        if steady < self.latest {
            self.ahead = self.latest.saturating_sub(now.as_millis());
        }
        self.latest = self.latest.max(steady);
        self.latest
    }
}

/// A minute, by slices of a second.
pub(super) type Minute = Window<1_000>;
/// A day, by slices of 24 minutes.
pub(super) type Day = Window<1_440_000>;

/// The amounts of one window whose slices are this long, in milliseconds: at most one more than it has slices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window<const SLICE: i64> {
    /// Numbers of slices, oldest first, and what was spent in them.
    spent: VecDeque<(i64, u64)>,
}

impl<const SLICE: i64> Window<SLICE> {
    /// What counts at this time.
    pub fn total(&mut self, now: i64) -> u64 {
        let first = now.div_euclid(SLICE) - SLICES;
        while self.spent.front().is_some_and(|(number, _)| *number < first) {
            self.spent.pop_front();
        }
        self.spent.iter().fold(0, |sum, (_, amount)| sum.saturating_add(*amount))
    }

    /// Spends an amount.
    pub fn add(&mut self, amount: u64, now: i64) {
        let number = now.div_euclid(SLICE);
        match self.spent.back_mut() {
            Some((last, sum)) if *last >= number => *sum = sum.saturating_add(amount),
            _ => self.spent.push_back((number, amount)),
        }
    }

    /// Puts another amount in the place of one that was spent at that time, if that still counts.
    pub fn correct(&mut self, was: u64, is: u64, at: i64) {
        let number = at.div_euclid(SLICE);
        if let Some((_, sum)) = self.spent.iter_mut().find(|(other, _)| *other == number) {
            *sum = sum.saturating_sub(was).saturating_add(is);
        }
    }

    /// How long until an amount fits below the limit, in milliseconds: 0 if it does now, `None` if it never
    /// does.
    pub fn wait(&mut self, amount: u64, limit: u64, now: i64) -> Option<u64> {
        let mut left = self.total(now);
        let fits = |left: u64| left.saturating_add(amount) <= limit;
        if fits(left) {
            return Some(0);
        }
        for (number, spent) in &self.spent {
            left = left.saturating_sub(*spent);
            if fits(left) {
                let end = number.saturating_add(SLICES + 1).saturating_mul(SLICE);
                return Some(u64::try_from(end.saturating_sub(now)).unwrap_or(0));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_time_never_goes_back_and_goes_on_at_once() {
        let mut steady = Steady::default();
        let mut at = |millis| steady.at(Timestamp::from_millis(millis));
        for (what, clock, expected) in [
            ("the first", 1_000, 1_000),
            ("forward", 5_000, 5_000),
            ("set back", 2_000, 5_000),
            ("from there it runs on", 2_500, 5_500),
            ("further back", 0, 5_500),
            ("and on", 10, 5_510),
            ("set to a year later", 31_536_000_000, 31_536_005_500),
            ("and back again", 20, 31_536_005_500),
            ("runs on", 1_020, 31_536_006_500),
        ] {
            assert_eq!(at(clock), expected, "{what}");
        }
    }

    #[test]
    fn what_was_spent_counts_for_the_length_of_the_window() {
        let mut window = Minute::default();
        window.add(3, 500);
        window.add(4, 30_000);
        for (now, expected) in [(500, 7), (59_999, 7), (60_999, 7), (61_000, 4), (90_999, 4), (91_000, 0)] {
            assert_eq!(window.total(now), expected, "{now}");
        }
    }

    #[test]
    fn the_wait_is_until_enough_has_left() {
        let mut window = Minute::default();
        window.add(3, 0);
        window.add(4, 30_000);
        for (what, amount, limit, expected) in [
            ("fits", 3, 10, Some(0)),
            ("once the first has left", 4, 10, Some(21_000)),
            ("once both have left", 10, 10, Some(51_000)),
            ("never", 11, 10, None),
        ] {
            assert_eq!(window.wait(amount, limit, 40_000), expected, "{what}");
        }
        assert_eq!(window.wait(4, 10, 61_000), Some(0), "after the wait it fits");
    }

    #[test]
    fn a_correction_counts_where_the_first_amount_did() {
        let mut window = Minute::default();
        window.add(100, 0);
        window.correct(100, 7, 0);
        assert_eq!(window.total(30_000), 7);
        assert_eq!(window.total(61_000), 0);
        window.correct(100, 7, 0);
        assert_eq!(window.total(61_000), 0, "what has left stays away");
    }

    #[test]
    fn a_window_holds_a_bounded_number_of_slices() {
        let mut window = Minute::default();
        for second in 0..1_000 {
            window.add(1, second * 1_000);
            assert!(window.total(second * 1_000) <= 61);
        }
        assert!(window.spent.len() <= 61);
    }
}
