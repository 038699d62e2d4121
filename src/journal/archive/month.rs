//! Months in UTC.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Instant};

use crate::model::Timestamp;

/// After a month's end, before it is taken as closed: clocks differ, and what waited is written.
const MARGIN: std::time::Duration = std::time::Duration::from_secs(86_400);

/// A month, by its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Month(Date);

impl Month {
    /// The month that a time is in.
    fn of(time: Timestamp) -> Self {
        let instant = Instant::from_millisecond(time.as_millis()).unwrap_or(Instant::UNIX_EPOCH);
        Self(instant.to_zoned(TimeZone::UTC).date().first_of_month())
    }

    fn next(self) -> Option<Self> {
        self.0.checked_add(Span::new().months(1)).ok().map(Self)
    }

    /// The months that are closed at a time, from that of `first` on.
    pub fn closed(first: Timestamp, now: Timestamp) -> impl Iterator<Item = Self> {
        let open = Self::of(now - MARGIN);
        std::iter::successors(Some(Self::of(first)), |month| month.next())
            .take_while(move |month| month.0 < open.0)
    }

    /// Its first moment.
    pub fn begin(self) -> Timestamp {
        let midnight = self.0.to_zoned(TimeZone::UTC).map(|begin| begin.timestamp().as_millisecond());
        Timestamp::from_millis(midnight.unwrap_or(i64::MAX))
    }

    /// The first moment after it.
    pub fn end(self) -> Timestamp {
        self.next().map_or(Timestamp::from_millis(i64::MAX), Self::begin)
    }

    /// The name of its object.
    pub fn object(self) -> String {
        format!("{}.jsonl.gz", self.0.strftime("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<Instant>().unwrap().as_millisecond())
    }

    #[test]
    fn months_are_closed_a_day_after_their_end() {
        for (case, first, now, expected) in [
            ("the same month", "2026-10-03T00:00:00Z", "2026-10-31T23:59:59Z", vec![]),
            ("not a day after its end", "2026-10-03T00:00:00Z", "2026-11-01T23:59:59Z", vec![]),
            ("a day after its end", "2026-10-03T00:00:00Z", "2026-11-02T00:00:00Z", vec!["2026-10"]),
            (
                "over a year's end",
                "2026-11-30T23:59:59Z",
                "2027-02-27T00:00:00Z",
                vec!["2026-11", "2026-12", "2027-01"],
            ),
            ("a clock that was set back", "2026-10-03T00:00:00Z", "2026-01-01T00:00:00Z", vec![]),
        ] {
            let found: Vec<_> = Month::closed(time(first), time(now)).map(Month::object).collect();
            let expected: Vec<_> = expected.iter().map(|month| format!("{month}.jsonl.gz")).collect();
            assert_eq!(found, expected, "{case}");
        }
    }

    #[test]
    fn a_month_begins_where_the_one_before_ends() {
        let october = Month::of(time("2026-10-15T12:00:00Z"));
        assert_eq!(october.begin(), time("2026-10-01T00:00:00Z"));
        assert_eq!(october.end(), time("2026-11-01T00:00:00Z"));
        assert_eq!(october.next().unwrap().begin(), october.end());
    }
}
