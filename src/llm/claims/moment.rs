//! Points in time as texts have them: `2026-11-23T03:17:00Z`, 14:05 UTC, 3 pm, 23 November.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::calendar;

/// Seconds of a day.
pub(super) const DAY: f64 = 86_400.0;

/// A time or a date in a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Moment {
    /// A time of a day: seconds since the epoch, and the seconds of its last place.
    At(f64, f64),
    /// A time of any day: seconds since midnight, and the seconds of its last place.
    Clock(f64, f64),
    /// A day since the epoch.
    Day(i64),
    /// A day of any year: month and day.
    DayOfYear(i64, i64),
    /// What looks like a time and is none, or one of a zone other than UTC.
    Strange,
}

/// `2026-11-23`, with or without a time.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}(?:[.,][0-9]{1,9})?))?";
    let zone = r"(?: ?(?i:(Z|UTC|GMT)|([+-])([0-9]{2}):?([0-9]{2})))?";
    Regex::new(&format!("([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})(?:(?i:T| ){time}{zone})?"))
        .expect("it is valid")
});

/// `14:05`, `14:05:33`, `2:05 pm`, `3 am`, with a zone.
static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    let half = r"(?: ?(?i:([ap])\.?m\b\.?))";
    let zone = r"(?: ?(?:(UTC|GMT|Z)|(CES?T|E[SD]?T|C[SD]T|M[SD]T|P[SD]?T|BST|JST|EES?T|MSK|AE[SD]T))\b)?";
    let minutes = r":([0-9]{2})(?::([0-9]{2}(?:\.[0-9]{1,9})?))?";
    Regex::new(&format!("([0-9]{{1,2}})(?:{minutes}{half}?|{half}){zone}")).expect("it is valid")
});

const MONTH: &str = concat!(
    r"(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|",
    r"Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
);

/// `23 November 2026`, `November 23rd`.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let day = r"([0-9]{1,2})(?:st|nd|rd|th)?";
    let year = r"(?:,? ([0-9]{4}))?";
    Regex::new(&format!(r"\b(?:{day} (?:of )?{MONTH}{year}|{MONTH} {day}{year})\b")).expect("it is valid")
});

/// Every time and date in a text, with its place, in order.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, Moment)> {
    let stamps = STAMP
        .captures_iter(text)
        .filter(|found| stands_alone(text, found))
        .map(|found| pair(&found, stamp(&found)));
    let dates = DATE.captures_iter(text).map(|found| pair(&found, date(&found)));
    let clocks = CLOCK
        .captures_iter(text)
        .filter(|found| stands_alone(text, found))
        .map(|found| pair(&found, clock(&found)));
    let mut all: Vec<_> = stamps.chain(dates).chain(clocks).collect();
    all.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
    let mut end = 0;
    all.retain(|(range, _)| {
        let apart = range.start >= end;
        end = end.max(range.end);
        apart
    });
    all
}

fn pair(found: &Captures<'_>, moment: Option<Moment>) -> (Range<usize>, Moment) {
    (found.get_match().range(), moment.unwrap_or(Moment::Strange))
}

/// Whether nothing before or behind makes a port, a version or a name of it.
fn stands_alone(text: &str, found: &Captures<'_>) -> bool {
    let range = found.get_match().range();
    let mut before = text[..range.start].chars().rev();
    let glued = match before.next() {
        Some('-') => !before.next().is_some_and(|c| c.is_ascii_digit()),
        Some(c) => c.is_alphanumeric() || "._:/@".contains(c),
        None => false,
    };
    let mut after = text[range.end..].chars();
    let goes_on = match after.next() {
        Some('.' | ':' | '-') => {
            after.next().is_some_and(|c| c.is_alphanumeric()) && !text[range.end..].starts_with('-')
        }
        Some(c) => c.is_alphanumeric() || "_/@".contains(c),
        None => false,
    };
    !glued && !goes_on
}

fn number(found: &Captures<'_>, group: usize) -> Option<f64> {
    found.get(group)?.as_str().replace(',', ".").parse().ok()
}

fn stamp(found: &Captures<'_>) -> Option<Moment> {
    let part = |group| number(found, group).map(|number| number as i64);
    let day = calendar::day(part(1)?, part(2)?, part(3)?)?;
    if found.get(4).is_none() {
        return Some(Moment::Day(day));
    }
    let (seconds, place) = time_of_day(found, [4, 5, 6], None)?;
    let sign = if found.get(8).is_some_and(|sign| sign.as_str() == "-") { -1.0 } else { 1.0 };
    let offset = sign * (number(found, 9).unwrap_or(0.0) * 3600.0 + number(found, 10).unwrap_or(0.0) * 60.0);
    Some(Moment::At(day as f64 * DAY + seconds - offset, place))
}

fn clock(found: &Captures<'_>) -> Option<Moment> {
    if found.get(7).is_some() {
        return None;
    }
    let half = found.get(4).or_else(|| found.get(5)).map(|half| half.as_str().eq_ignore_ascii_case("p"));
    let (seconds, place) = time_of_day(found, [1, 2, 3], half)?;
    Some(Moment::Clock(seconds, place))
}

/// Seconds since midnight, and those of the last place; `afternoon` for a clock of twelve hours.
fn time_of_day(found: &Captures<'_>, groups: [usize; 3], afternoon: Option<bool>) -> Option<(f64, f64)> {
    let hour = number(found, groups[0])?;
    let minute = number(found, groups[1]).unwrap_or(0.0);
    let second = number(found, groups[2]);
    let hour = match afternoon {
        None => hour,
        Some(_) if !(1.0..=12.0).contains(&hour) => return None,
        Some(afternoon) => hour % 12.0 + if afternoon { 12.0 } else { 0.0 },
    };
    let exists = hour < 24.0 && minute < 60.0 && second.unwrap_or(0.0) < 61.0;
    let decimals = found.get(groups[2]).map_or(0, |second| second.len().saturating_sub(3));
    let place = if second.is_some() { 10f64.powi(-(decimals as i32)) } else { 60.0 };
    exists.then(|| (hour * 3600.0 + minute * 60.0 + second.unwrap_or(0.0), place))
}

fn date(found: &Captures<'_>) -> Option<Moment> {
    let text = |first, second| found.get(first).or_else(|| found.get(second)).map(|part| part.as_str());
    let month = calendar::month(text(2, 4)?)?;
    let day: i64 = text(1, 5)?.parse().ok()?;
    match text(3, 6) {
        Some(year) => calendar::day(year.parse().ok()?, month, day).map(Moment::Day),
        None => calendar::day(2000, month, day).map(|_| Moment::DayOfYear(month, day)),
    }
}
