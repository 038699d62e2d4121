//! Who belongs to a group: members are counted over some rows, and those that were in at least half of them
//! belong to it until the next count.
//!
//! The first count takes a few rows, so that a group is learnt at once; later ones take the time between
//! two trainings, so that what comes and goes within a day changes nothing. A group that is lost, because most of
//! its members have gone, is counted anew at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Rows of a short count.
const SHORT_ROWS: u32 = 10;
/// Rows in a row that could not be judged, after which a group is lost.
const LOST_ROWS: u32 = 60;

/// A count under way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Census {
    /// Time of its first row, in milliseconds.
    began: Option<i64>,
    rows: u32,
    is_short: bool,
    /// Rows since the last that could be judged.
    lost: u32,
}

/// What a row means for the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It goes on.
    Counting,
    /// It begins anew: what was counted before is void.
    Restart,
    /// It is complete.
    Complete,
}

impl Census {
    /// The first count of a group.
    pub fn first() -> Self {
        Self { began: None, rows: 0, is_short: true, lost: 0 }
    }

    /// Counts a row; `is_lost` says that too few members have a value for it to be judged.
    pub fn row(&mut self, at: Timestamp, is_lost: bool, every: Duration) -> Step {
        self.lost = if is_lost { self.lost.saturating_add(1) } else { 0 };
        if self.lost > 0 && self.lost.is_multiple_of(LOST_ROWS) && !self.is_short {
            *self = Self { lost: self.lost, ..Self::first() };
            return Step::Restart;
        }
        let began = *self.began.get_or_insert(at.as_millis());
        self.rows = self.rows.saturating_add(1);
        let complete = match self.is_short {
            true => self.rows >= SHORT_ROWS,
            false => at.since(Timestamp::from_millis(began)) >= every,
        };
        if complete { Step::Complete } else { Step::Counting }
    }

    /// Whether a member seen in so many rows of this count belongs to the group.
    pub fn admits(&self, seen: u32) -> bool {
        seen > 0 && u64::from(seen) * 2 >= u64::from(self.rows)
    }

    /// The count after this one: short while the group has no panel.
    pub fn next(&self, has_panel: bool) -> Self {
        Self { is_short: !has_panel, lost: self.lost, ..Self::first() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn steps(census: &mut Census, minutes: std::ops::Range<i64>, is_lost: bool) -> Vec<(i64, Step)> {
        let row = |minute: i64| (minute, census.row(Timestamp::from_millis(minute * 60_000), is_lost, HOUR));
        minutes.map(row).filter(|(_, step)| *step != Step::Counting).collect()
    }

    #[test]
    fn the_first_count_is_short_and_the_next_takes_its_time() {
        let mut census = Census::first();
        assert_eq!(steps(&mut census, 0..10, false), [(9, Step::Complete)]);
        assert!(census.admits(5) && !census.admits(4) && !census.admits(0));
        let mut census = census.next(true);
        assert_eq!(steps(&mut census, 10..71, false), [(70, Step::Complete)]);
        assert_eq!(census.next(false), Census::first(), "without a panel the next is short again");
    }

    #[test]
    fn a_group_that_is_lost_is_counted_anew_at_once() {
        let mut census = Census::first().next(true);
        assert_eq!(steps(&mut census, 0..59, true), []);
        assert_eq!(steps(&mut census, 59..60, true), [(59, Step::Restart)]);
        assert_eq!(steps(&mut census, 60..70, true), [(69, Step::Complete)]);
    }
}
