//! A time of day: `14:00`, `2pm`, `2 am`, `noon`, or an hour alone. Pure.

use jiff::Zoned;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// A time of day as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    hour: i8,
    minute: i8,
    half: Option<Half>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
}

impl TimeOfDay {
    /// Reads one, and where it ends.
    pub(super) fn read(words: &[&str], start: usize) -> Option<(Self, usize)> {
        let word = *words.get(start)?;
        match word {
            "noon" | "midday" => return Some((Self { hour: 12, minute: 0, half: None }, start + 1)),
            "midnight" => return Some((Self { hour: 0, minute: 0, half: None }, start + 1)),
            _ => {}
        }
        let (digits, half) = match word.strip_suffix("am").zip(Some(Half::Am)) {
            Some((digits, half)) => (digits, Some(half)),
            None => match word.strip_suffix("pm") {
                Some(digits) => (digits, Some(Half::Pm)),
                None => (word, None),
            },
        };
        let (hour, minute) = numbers(digits)?;
        let next = match words.get(start + 1) {
            Some(&"am") if half.is_none() => Some(Half::Am),
            Some(&"pm") if half.is_none() => Some(Half::Pm),
            _ => None,
        };
        let o_clock =
            next.is_none() && words.get(start + 1).is_some_and(|word| ["o'clock", "oclock"].contains(word));
        let end = start + 1 + usize::from(next.is_some() || o_clock);
        let half = half.or(next);
        let is_hour = match half {
            Some(_) => (1..=12).contains(&hour),
            None => (0..24).contains(&hour),
        };
        is_hour.then_some((Self { hour, minute, half }, end))
    }

    /// The same in the half of the day that is said of the other: `2 and 4 pm`.
    pub(super) fn beside(self, other: &Self) -> Self {
        let follows = self.half.is_none() && (1..=12).contains(&self.hour) && self.hour <= other.hour % 12;
        Self { half: if follows { other.half } else { self.half }, ..self }
    }

    /// Whether it is after noon.
    pub(super) fn is_late(&self) -> bool {
        self.hours() >= 12
    }

    /// On a date; in an hour that daylight saving skips, an hour later.
    pub(super) fn on(&self, date: Date, zone: &TimeZone) -> Option<Zoned> {
        let time = Time::new(self.hours(), self.minute, 0, 0).ok()?;
        date.to_datetime(time).to_zoned(zone.clone()).ok()
    }

    fn hours(&self) -> i8 {
        match self.half {
            Some(Half::Am) => self.hour % 12,
            Some(Half::Pm) => self.hour % 12 + 12,
            None => self.hour,
        }
    }
}

/// `14`, `14:05`, `14h`, `14h05`.
fn numbers(text: &str) -> Option<(i8, i8)> {
    let (hour, minute) = text.split_once([':', 'h']).unwrap_or((text, ""));
    let is_number = |part: &str| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if hour.is_empty() || !is_number(hour) || !is_number(minute) || (minute.is_empty() && text.ends_with(':'))
    {
        return None;
    }
    let minute = if minute.is_empty() { 0 } else { minute.parse().ok()? };
    Some((hour.parse().ok()?, minute)).filter(|(_, minute)| *minute < 60)
}
