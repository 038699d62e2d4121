//! Which time of day and of week a sample has where people live: local time, through daylight saving.

use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// Time zones change their offset at quarters of an hour; within one it is looked up once.
const QUARTER_MILLIS: i64 = 900_000;

/// The offset from UTC, remembered for the quarter of an hour under way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    quarter: Option<i64>,
    offset_millis: i64,
}

impl Clock {
    /// Milliseconds of local time since 1970-01-01T00:00:00 of local time. Times beyond the years that
    /// the time zone knows count as UTC.
    pub fn local(&mut self, zone: &TimeZone, at: Timestamp) -> i64 {
        let at = at.as_millis();
        let quarter = at.div_euclid(QUARTER_MILLIS);
        if self.quarter != Some(quarter) {
            let begin = jiff::Timestamp::from_millisecond(quarter.saturating_mul(QUARTER_MILLIS));
            let seconds = begin.map_or(0, |begin| zone.to_offset(begin).seconds());
            *self = Self { quarter: Some(quarter), offset_millis: i64::from(seconds) * 1000 };
        }
        at.saturating_add(self.offset_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Central European time, as a rule, so that no tzdata is needed.
    fn zone() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn local(clock: &mut Clock, zone: &TimeZone, at: &str) -> String {
        Timestamp::from_millis(clock.local(zone, at.parse().unwrap())).to_string()
    }

    #[test]
    fn local_time_jumps_where_the_clocks_do() {
        let mut clock = Clock::default();
        for (at, expected) in [
            ("2026-01-15T12:00:00Z", "2026-01-15T13:00:00Z"),
            ("2026-03-29T00:59:59Z", "2026-03-29T01:59:59Z"),
            ("2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),
            ("2026-07-15T12:00:00Z", "2026-07-15T14:00:00Z"),
            ("2026-10-25T00:59:59Z", "2026-10-25T02:59:59Z"),
            ("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"),
        ] {
            assert_eq!(local(&mut clock, &zone(), at), expected);
        }
    }

    #[test]
    fn the_ends_of_time_are_harmless() {
        for at in [i64::MIN, -1, 0, i64::MAX] {
            let local = Clock::default().local(&zone(), Timestamp::from_millis(at));
            assert!(local.abs_diff(at) <= 3_600_000);
        }
    }
}
