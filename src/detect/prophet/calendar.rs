//! A time as a clock on the wall has it, and what that says: phases of year, week and day, and holidays.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use jiff::civil::date;
use jiff::tz::TimeZone;

use super::config::Config;
use crate::model::Timestamp;

const DAY_MILLIS: i64 = 86_400_000;
/// The periods of the seasons in milliseconds: a year of 365.25 days, a week, a day.
pub(super) const PERIODS: [i64; 3] = [31_557_600_000, 7 * DAY_MILLIS, DAY_MILLIS];

/// What jiff can say the local time of: years -9999 to 9999, less a day at either end.
const FIRST_MILLIS: i64 = -377_705_023_201_000;
const LAST_MILLIS: i64 = 253_402_207_200_000;

/// Milliseconds since the epoch. Times beyond the calendar count as its ends, so that differences do not
/// overflow.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millis().clamp(FIRST_MILLIS, LAST_MILLIS)
}

/// Milliseconds since the epoch on the clocks of a time zone.
pub(super) fn local(zone: &TimeZone, at: i64) -> i64 {
    let offset = jiff::Timestamp::from_millisecond(at).map_or(0, |at| zone.to_offset(at).seconds());
    at + 1000 * i64::from(offset)
}

/// The day of a local time, counted from the epoch.
pub(super) fn day(local: i64) -> i64 {
    local.div_euclid(DAY_MILLIS)
}

/// Sine and cosine of a period's harmonics, from the first on without end.
pub(super) fn harmonics(local: i64, period: i64) -> impl Iterator<Item = (f64, f64)> {
    let (sin, cos) = (TAU * local.rem_euclid(period) as f64 / period as f64).sin_cos();
    std::iter::successors(Some((sin, cos)), move |(high_sin, high_cos)| {
        Some((high_sin * cos + high_cos * sin, high_cos * cos - high_sin * sin))
    })
}

/// Which holiday, and which day of its window.
pub(super) type Column<'a> = (&'a str, i8);

/// The days of the holidays of a configuration.
#[derive(Debug, Default)]
pub(super) struct Holidays<'a> {
    /// A coefficient each.
    pub columns: Vec<Column<'a>>,
    /// Day and column, in order.
    days: Vec<(i64, usize)>,
}

impl<'a> Holidays<'a> {
    pub fn new(config: &'a Config) -> Self {
        let mut columns = BTreeMap::new();
        for holiday in &config.holidays {
            columns.extend(holiday.window().map(|offset| ((holiday.name.as_str(), offset), 0)));
        }
        for (number, column) in columns.values_mut().enumerate() {
            *column = number;
        }
        let mut days = Vec::new();
        for holiday in &config.holidays {
            for (holiday_date, offset) in
                holiday.dates.iter().flat_map(|date| holiday.window().map(move |offset| (*date, offset)))
            {
                let from_epoch = holiday_date.duration_since(date(1970, 1, 1)).as_hours() / 24;
                days.push((from_epoch + i64::from(offset), columns[&(holiday.name.as_str(), offset)]));
            }
        }
        days.sort_unstable();
        days.dedup();
        Self { columns: columns.into_keys().collect(), days }
    }

    /// Day and column of what a day is.
    pub fn on(&self, day: i64) -> &[(i64, usize)] {
        on(&self.days, day)
    }

    /// Day and column of all days.
    pub fn days(&self) -> &[(i64, usize)] {
        &self.days
    }
}

/// Those of some days in order that are this day.
pub(super) fn on<T>(days: &[(i64, T)], day: i64) -> &[(i64, T)] {
    let from = days.partition_point(|entry| entry.0 < day);
    let count = days[from..].partition_point(|entry| entry.0 == day);
    &days[from..from + count]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmonics_are_those_of_the_phase() {
        for at in [-1, 0, 1, 12_345_678_901, 1_790_000_000_000] {
            for (index, (sin, cos)) in harmonics(at, PERIODS[0]).take(50).enumerate() {
                let phase = TAU * (index + 1) as f64 * at as f64 / PERIODS[0] as f64;
                assert!((sin - phase.sin()).abs() < 1e-9, "{at} {index}");
                assert!((cos - phase.cos()).abs() < 1e-9, "{at} {index}");
            }
        }
    }

    #[test]
    fn the_ends_of_time_have_a_local_time() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for at in [i64::MIN, i64::MAX] {
            let at = millis(Timestamp::from_millis(at));
            assert!((local(&zone, at) - at - 3_600_000).abs() <= 3_600_000);
            assert!(jiff::Timestamp::from_millisecond(at).is_ok());
        }
    }
}
