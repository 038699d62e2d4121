//! Maintenance windows: once, or every week at the same local time.

use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::Timestamp;

/// The longest name of a window, in bytes.
pub const LONGEST_NAME: usize = 64;

/// A time in which people work on what is watched: nothing is learnt, nothing alarms, nothing is done.
#[derive(Clone, Debug, PartialEq)]
pub struct MaintenanceWindow {
    /// What it is called.
    pub name: String,
    /// When it is.
    pub when: When,
}

/// When a window is open: from its beginning up to, not including, its end.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// Once.
    Once {
        /// The beginning.
        starts: Timestamp,
        /// The end.
        ends: Timestamp,
    },
    /// Every week.
    Weekly(Weekly),
}

/// On these days of the week, from one local time to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Weekly {
    /// The days it begins on.
    pub days: Vec<Weekday>,
    /// Minutes since midnight, below 1440.
    pub from: u16,
    /// Minutes since midnight, up to 1440; not after `from`: the next day's.
    pub to: u16,
    /// Whose clock counts. An hour that daylight saving skips is not, one that it repeats is twice.
    pub zone: TimeZone,
}

impl MaintenanceWindow {
    /// Whether the window is open.
    pub fn covers(&self, at: Timestamp) -> bool {
        match &self.when {
            When::Once { starts, ends } => *starts <= at && at < *ends,
            When::Weekly(weekly) => weekly.covers(at),
        }
    }
}

impl Weekly {
    fn covers(&self, at: Timestamp) -> bool {
        // Times that no calendar has are in no window.
        let Ok(at) = jiff::Timestamp::from_millisecond(at.as_millis()) else { return false };
        let local = at.to_zoned(self.zone.clone());
        let (today, minute) = (local.weekday(), local.hour() as u16 * 60 + local.minute() as u16);
        let overnight = self.to <= self.from;
        let begun = self.days.contains(&today) && minute >= self.from && (overnight || minute < self.to);
        begun || (overnight && self.days.contains(&today.previous()) && minute < self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weekly(days: &[Weekday], from: u16, to: u16) -> MaintenanceWindow {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        MaintenanceWindow {
            name: "w".to_owned(),
            when: When::Weekly(Weekly { days: days.to_vec(), from, to, zone }),
        }
    }

    #[test]
    fn a_window_is_open_from_its_beginning_up_to_its_end() {
        let once = MaintenanceWindow {
            name: "w".to_owned(),
            when: When::Once {
                starts: "2026-11-28T22:00:00Z".parse().unwrap(),
                ends: "2026-11-29T02:00:00Z".parse().unwrap(),
            },
        };
        let saturday = weekly(&[Weekday::Saturday], 120, 270);
        let night = weekly(&[Weekday::Saturday], 1380, 60);
        let day = weekly(&[Weekday::Saturday], 0, 1440);
        for (window, at, open, sentence) in [
            (&once, "2026-11-28T21:59:59.999Z", false, "before its beginning"),
            (&once, "2026-11-28T22:00:00Z", true, "at its beginning"),
            (&once, "2026-11-29T02:00:00Z", false, "at its end"),
            (&saturday, "2026-11-28T01:00:00Z", true, "Saturday, 2 o'clock in Berlin"),
            (&saturday, "2026-11-28T03:30:00Z", false, "Saturday, half past 4 in Berlin"),
            (&saturday, "2026-07-25T00:00:00Z", true, "Saturday, 2 o'clock in summer"),
            (&saturday, "2026-11-27T01:00:00Z", false, "Friday"),
            (&night, "2026-11-28T22:00:00Z", true, "Saturday, 23 o'clock"),
            (&night, "2026-11-28T23:59:00Z", true, "the first hour of the Sunday after"),
            (&night, "2026-11-29T00:00:00Z", false, "Sunday, 1 o'clock"),
            (&night, "2026-11-29T22:30:00Z", false, "Sunday, half past 23"),
            (&day, "2026-11-28T22:59:00Z", true, "the last minute of the day"),
            (&day, "2026-11-28T23:00:00Z", false, "the next day"),
            (
                &weekly(&[Weekday::Sunday], 150, 180),
                "2026-03-29T01:00:00Z",
                false,
                "an hour that was skipped",
            ),
            (&weekly(&[Weekday::Sunday], 150, 180), "2026-10-25T00:30:00Z", true, "an hour, and"),
            (&weekly(&[Weekday::Sunday], 150, 180), "2026-10-25T01:30:00Z", true, "the same hour again"),
        ] {
            assert_eq!(window.covers(at.parse().unwrap()), open, "{sentence}");
        }
        assert!(!day.covers(Timestamp::from_millis(i64::MAX)));
    }
}
