//! Days of the Gregorian calendar as numbers since 1970-01-01.

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"];

/// The number of a day; `None` for one that the calendar does not have, such as 30 February.
pub(super) fn day(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // Years begin in March, so that the leap day is their last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (1..=length).contains(&day).then_some(days)
}

/// The year, month and day of a number.
pub(super) fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

/// The number of a month by its name or the first three letters of it.
pub(super) fn month(name: &str) -> Option<i64> {
    let lower = name.to_ascii_lowercase();
    MONTHS.iter().position(|short| lower.starts_with(short)).map(|index| index as i64 + 1)
}

/// Which day of the week a name is, as [`weekday`] counts.
pub(super) fn weekday_named(name: &str) -> Option<i64> {
    WEEKDAYS.iter().position(|day| day.eq_ignore_ascii_case(name)).map(|index| index as i64)
}

/// Which day of the week a day is; 0 is a Thursday.
pub(super) fn weekday(days: i64) -> i64 {
    days.rem_euclid(7)
}
