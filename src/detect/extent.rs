//! How far the last stretch of a series is from the middle of all it did until a day ago.
//!
//! Where windows are compared with windows, a series that creeps away is always near to where it just was. Within its
//! extent it is as far from the middle as ever; how far it goes beyond is what its calibration knows. Of either end the
//! third mean counts: a spike of 20 min is no part of what is usual.

use lanes::third_of_either_end;

use super::bins::Bins;
use super::views::Horizon;

/// What happened within this time, in milliseconds, is not yet part of the extent.
const RECENT_MILLIS: i64 = 86_400_000;
/// With fewer means than this, or less than a day, nothing is said.
const FEWEST: usize = 20;

/// The middle between the third lowest and the third highest mean of a stretch of the past, in the memory's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    middle: f32,
}

impl Extent {
    /// Of all that is remembered of the present level but the last day; `None` if that is less than a day.
    pub fn of(memory: &Bins, horizon: Horizon) -> Option<Self> {
        let recent = (RECENT_MILLIS / memory.width()).max(1) as usize;
        let end = memory.means().len().saturating_sub(recent);
        let start = memory.index_of(horizon.since).min(end);
        let means = &memory.means()[start..end];
        let enough = recent.max(FEWEST);
        means.iter().filter(|mean| !mean.is_nan()).nth(enough - 1)?;
        let (low, high) = third_of_either_end(means);
        Some(Self { middle: low / 2.0 + high / 2.0 })
    }

    /// The distance of a mean from the middle.
    pub fn distance(self, mean: f32) -> f64 {
        f64::from((mean - self.middle).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    /// Hourly means of days of 0 and 10 in turns with two spikes, the last day something else.
    fn memory(days: i64) -> Bins {
        let mut memory = Bins::new(3_600_000, 500);
        for hour in 0..24 * days {
            memory.advance(Timestamp::from_millis(hour * 3_600_000));
            let value = match hour {
                _ if hour >= 24 * (days - 1) => 500.0,
                20 | 21 => 500.0,
                _ => (10 * (hour % 2)) as f32,
            };
            memory.learn(value, value);
        }
        memory.advance(Timestamp::from_millis(24 * days * 3_600_000));
        memory
    }

    #[test]
    fn the_last_day_and_two_spikes_are_no_part_of_it() {
        let horizon = Horizon { since: i64::MIN, until: i64::MAX };
        let extent = Extent::of(&memory(3), horizon).unwrap();
        assert_eq!([0.0, 5.0, 10.0, 30.0].map(|mean| extent.distance(mean)), [5.0, 0.0, 5.0, 25.0]);
        assert_eq!(Extent::of(&memory(1), horizon), None, "nothing is older");
        let since = Horizon { since: 40 * 3_600_000, ..horizon };
        assert_eq!(Extent::of(&memory(3), since), None, "eight hours of the present level are");
    }
}
