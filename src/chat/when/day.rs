//! A day or a part of one: `yesterday`, `last night`, `this morning`, `monday`, `2026-11-27`, `last week`. Pure.

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, Zoned};

use super::clock::TimeOfDay;
use super::{Ends, stamp};

/// When evenings, nights and mornings begin and end, in hours of the local clock.
const MORNING: (i8, i8) = (5, 12);
const AFTERNOON: (i8, i8) = (12, 18);
const EVENING: (i8, i8) = (17, 23);
/// From the evening to the morning after.
const NIGHT: (i8, i8) = (20, 8);

/// Days that a question can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Day {
    /// So many days ago, the whole day or these hours of it.
    Ago(i32, Option<(i8, i8)>),
    /// The night that was last, or that it is.
    Night,
    /// The latest one, today excepted.
    Weekday(Weekday),
    Date(Date),
    ThisWeek,
    LastWeek,
    Weekend,
}

impl Day {
    /// Reads one, and where it ends.
    pub(super) fn read(words: &[&str], start: usize) -> Option<(Self, usize)> {
        let (first, second) = (*words.get(start)?, words.get(start + 1).copied().unwrap_or_default());
        let day = match (first, second) {
            ("last" | "this" | "yesterday" | "during" | "over", "night") => (Self::Night, 2),
            ("overnight" | "tonight", _) => (Self::Night, 1),
            ("this" | "today", "morning") => (Self::Ago(0, Some(MORNING)), 2),
            ("this" | "today", "afternoon") => (Self::Ago(0, Some(AFTERNOON)), 2),
            ("this" | "today", "evening") => (Self::Ago(0, Some(EVENING)), 2),
            ("yesterday", "morning") => (Self::Ago(1, Some(MORNING)), 2),
            ("yesterday", "afternoon") => (Self::Ago(1, Some(AFTERNOON)), 2),
            ("yesterday" | "last", "evening") => (Self::Ago(1, Some(EVENING)), 2),
            ("today", _) => (Self::Ago(0, None), 1),
            ("yesterday", _) => (Self::Ago(1, None), 1),
            ("this", "week") => (Self::ThisWeek, 2),
            ("last" | "previous", "week") => (Self::LastWeek, 2),
            ("last" | "this" | "the", "weekend") => (Self::Weekend, 2),
            ("on" | "last", named) if weekday(named).is_some() => (Self::Weekday(weekday(named)?), 2),
            (named, _) if weekday(named).is_some() => (Self::Weekday(weekday(named)?), 1),
            (dated, _) => (Self::Date(dated.parse().ok().filter(|_| dated.len() == 10)?), 1),
        };
        Some((day.0, start + day.1))
    }

    /// The date that a time of this day has.
    pub(super) fn date(&self, now: &Zoned, time: &TimeOfDay) -> Option<Date> {
        match self {
            Self::Ago(days, _) => now.date().checked_sub(days.days()).ok(),
            Self::Night if time.is_late() => night(now),
            Self::Night => night(now)?.tomorrow().ok(),
            Self::Weekday(day) => latest(now, *day),
            Self::Date(date) => Some(*date),
            Self::ThisWeek | Self::LastWeek | Self::Weekend => None,
        }
    }

    /// From its beginning to its end, which may be to come.
    pub(super) fn ends(&self, now: &Zoned) -> Option<Ends> {
        match self {
            Self::Ago(days, hours) => {
                let date = now.date().checked_sub(days.days()).ok()?;
                match hours {
                    Some((from, to)) => between(now, date, *from, date, *to),
                    None => whole(now, date, 1),
                }
            }
            Self::Night => {
                let evening = night(now)?;
                between(now, evening, NIGHT.0, evening.tomorrow().ok()?, NIGHT.1)
            }
            Self::Weekday(day) => whole(now, latest(now, *day)?, 1),
            Self::Date(date) => whole(now, *date, 1),
            Self::ThisWeek => whole(now, monday(now)?, 7),
            Self::LastWeek => whole(now, monday(now)?.checked_sub(7.days()).ok()?, 7),
            Self::Weekend => {
                let begun = matches!(now.weekday(), Weekday::Saturday | Weekday::Sunday);
                let monday = if begun { monday(now)? } else { monday(now)?.checked_sub(7.days()).ok()? };
                whole(now, monday.checked_add(5.days()).ok()?, 2)
            }
        }
    }
}

/// The evening with which the last night began: today's once it is evening.
fn night(now: &Zoned) -> Option<Date> {
    if now.hour() >= NIGHT.0 { Some(now.date()) } else { now.date().yesterday().ok() }
}

fn monday(now: &Zoned) -> Option<Date> {
    now.date().checked_sub(i32::from(now.weekday().to_monday_zero_offset()).days()).ok()
}

fn latest(now: &Zoned, day: Weekday) -> Option<Date> {
    let ago = i32::from(now.weekday().since(day));
    now.date().checked_sub(if ago == 0 { 7 } else { ago }.days()).ok()
}

fn whole(now: &Zoned, first: Date, days: i32) -> Option<Ends> {
    let zone = now.time_zone();
    let from = first.to_zoned(zone.clone()).ok()?;
    let to = first.checked_add(days.days()).ok()?.to_zoned(zone.clone()).ok()?;
    Some((stamp(&from), stamp(&to)))
}

fn between(now: &Zoned, first: Date, from: i8, last: Date, to: i8) -> Option<Ends> {
    let at = |date: Date, hour: i8| date.at(hour, 0, 0, 0).to_zoned(now.time_zone().clone()).ok();
    Some((stamp(&at(first, from)?), stamp(&at(last, to)?)))
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}
