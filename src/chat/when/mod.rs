//! Which time a question is about: `last night`, `in the last 2 hours`, `since 14:00`, `between 2 and 4`. Pure.
//!
//! Days and clocks are local to the zone that is configured. Whatever is understood is a [`Span`], whose ends an
//! answer says, so that nobody has to guess what was meant by a night.

mod clock;
mod day;
mod length;

use std::ops::Range;
use std::time::Duration;

use jiff::Zoned;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::model::Timestamp;
use clock::TimeOfDay;
use day::Day;

/// How far on each side of a single time is looked.
const AROUND: Duration = Duration::from_secs(30 * 60);

/// From one time to another, the second not before the first and neither in the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The first time.
    pub from: Timestamp,
    /// The last.
    pub to: Timestamp,
}

impl Span {
    /// So long until now.
    pub fn last(length: Duration, now: Timestamp) -> Self {
        Self { from: now - length, to: now }
    }

    /// In words, in a zone: `from 2026-11-27 20:00 to 2026-11-28 08:00 UTC`.
    pub fn words(&self, zone: &TimeZone) -> String {
        let name = zone.iana_name().unwrap_or("local time");
        format!("from {} to {} {name}", written(self.from, zone), written(self.to, zone))
    }
}

fn written(at: Timestamp, zone: &TimeZone) -> String {
    match jiff::Timestamp::from_millisecond(at.as_millis()) {
        Ok(at) => at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => at.to_string(),
    }
}

/// A span, and the words that named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub range: Range<usize>,
    pub span: Span,
}

/// The first time that the words name. They are in lower case, without punctuation at their ends.
pub(super) fn find(words: &[&str], now: Timestamp, zone: &TimeZone) -> Option<Found> {
    let at = jiff::Timestamp::from_millisecond(now.as_millis()).ok()?;
    let reader = Reader { words, now: at.to_zoned(zone.clone()) };
    (0..words.len()).find_map(|start| {
        let (span, end) = reader.at(start)?;
        let span = Span { from: span.0.min(now), to: span.1.min(now) };
        (span.from <= span.to).then_some(Found { range: start..end, span })
    })
}

/// How long, at one place of the words, behind `for` or not: `2h`, `90 minutes`.
pub(super) fn length(words: &[&str], start: usize) -> Option<(Range<usize>, Duration)> {
    // `a` alone is no number here: `restart a minute hand`.
    words.get(start).filter(|word| word.starts_with(|c: char| c.is_ascii_digit()) || word.len() > 2)?;
    let (length, end) = length::read(words, start)?;
    Some((start..end, length))
}

type Ends = (Timestamp, Timestamp);

/// The words, read from one place on; every reading says where it ends.
struct Reader<'w> {
    words: &'w [&'w str],
    now: Zoned,
}

impl Reader<'_> {
    fn at(&self, start: usize) -> Option<(Ends, usize)> {
        let next = start + 1;
        match *self.words.get(start)? {
            "between" => self.between(next, &["and", "to"]),
            "from" => self.between(next, &["to", "until", "till"]),
            "since" => self.since(next),
            "last" | "past" | "previous" => self.lasting(next).or_else(|| self.day_at(start)),
            "at" | "around" | "about" => self.around(next),
            _ => self.ago(start).or_else(|| self.day_at(start)),
        }
    }

    /// `2 and 4 pm yesterday`, behind `between`.
    fn between(&self, start: usize, joints: &[&str]) -> Option<(Ends, usize)> {
        let (first, end) = TimeOfDay::read(self.words, start)?;
        if !self.words.get(end).is_some_and(|word| joints.contains(word)) {
            return None;
        }
        let (last, end) = TimeOfDay::read(self.words, end + 1)?;
        let first = first.beside(&last);
        let (from, end) = self.on_a_day(&first, end)?;
        let mut to = last.on(from.date(), from.time_zone())?;
        if to <= from {
            to = last.on(from.date().tomorrow().ok()?, from.time_zone())?;
        }
        Some(((stamp(&from), stamp(&to)), end))
    }

    /// `14:00`, `yesterday at 9`, `monday`, `2 hours ago`, behind `since`.
    fn since(&self, start: usize) -> Option<(Ends, usize)> {
        let now = stamp(&self.now);
        if let Some((length, end)) = length::read(self.words, start) {
            let end = end + usize::from(self.words.get(end) == Some(&"ago"));
            return Some(((now - length, now), end));
        }
        if let Some((day, end)) = Day::read(self.words, start) {
            let clock = end + usize::from(self.words.get(end) == Some(&"at"));
            if let Some((time, end)) = TimeOfDay::read(self.words, clock) {
                return Some(((stamp(&time.on(day.date(&self.now, &time)?, self.zone())?), now), end));
            }
            return Some(((day.ends(&self.now)?.0, now), end));
        }
        let (time, end) = TimeOfDay::read(self.words, start)?;
        let (from, end) = self.on_a_day(&time, end)?;
        Some(((stamp(&from), now), end))
    }

    /// `2 hours`, `hour`, behind `last`.
    fn lasting(&self, start: usize) -> Option<(Ends, usize)> {
        let (length, end) = length::read(self.words, start).or_else(|| length::unit(self.words, start))?;
        let now = stamp(&self.now);
        Some(((now - length, now), end))
    }

    /// `2 hours ago`: what was around then.
    fn ago(&self, start: usize) -> Option<(Ends, usize)> {
        let (length, end) = length::read(self.words, start)?;
        if self.words.get(end) != Some(&"ago") {
            return None;
        }
        let then = stamp(&self.now) - length;
        let around = AROUND.min(length / 4);
        Some(((then - around, then + around), end + 1))
    }

    /// `3am yesterday`, behind `at`.
    fn around(&self, start: usize) -> Option<(Ends, usize)> {
        let (time, end) = TimeOfDay::read(self.words, start)?;
        let (then, end) = self.on_a_day(&time, end)?;
        Some(((stamp(&then) - AROUND, stamp(&then) + AROUND), end))
    }

    /// `last night`, `yesterday`, `on monday`; with `at 14:00` behind it around that time.
    fn day_at(&self, start: usize) -> Option<(Ends, usize)> {
        let (day, end) = Day::read(self.words, start)?;
        let is_clock = self.words.get(end).is_some_and(|word| ["at", "around"].contains(word));
        if let Some((time, end)) = TimeOfDay::read(self.words, end + 1).filter(|_| is_clock) {
            let then = stamp(&time.on(day.date(&self.now, &time)?, self.zone())?);
            return Some(((then - AROUND, then + AROUND), end));
        }
        Some((day.ends(&self.now)?, end))
    }

    /// A time of day on the day behind it, or else the last time it was that late.
    fn on_a_day(&self, time: &TimeOfDay, end: usize) -> Option<(Zoned, usize)> {
        if let Some((day, end)) = Day::read(self.words, end) {
            return Some((time.on(day.date(&self.now, time)?, self.zone())?, end));
        }
        let today = time.on(self.now.date(), self.zone())?;
        match today <= self.now {
            true => Some((today, end)),
            false => Some((time.on(self.now.date().yesterday().ok()?, self.zone())?, end)),
        }
    }

    fn zone(&self) -> &TimeZone {
        self.now.time_zone()
    }
}

fn stamp(at: &Zoned) -> Timestamp {
    Timestamp::from_millis(at.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests;
