//! Times as data sets write them: `2014-02-14 14:27:00`, RFC 3339 with or without a fraction and an
//! offset, `2014/02/14`, seconds, milliseconds, microseconds or nanoseconds since the epoch.
//!
//! Without an offset a time is UTC. Dates with the day or the month first are refused: nobody can tell
//! which is which.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// Numbers from here on are milliseconds, then microseconds, then nanoseconds: seconds reach it in the
/// year 5138, milliseconds in 1973.
const MILLISECONDS_FROM: f64 = 1e11;
const MICROSECONDS_FROM: f64 = 1e14;
const NANOSECONDS_FROM: f64 = 1e17;

/// One time by itself; `None` if it is none of the formats.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let mut clock = Clock::default();
    clock.add(text).then(|| clock.finish())?.pop()
}

/// Reads a column of times: the first decides whether they are dates or numbers, the largest number what
/// the numbers count.
#[derive(Debug, Default)]
pub(super) struct Clock {
    dates: Vec<Timestamp>,
    numbers: Vec<f64>,
}

impl Clock {
    /// Reads the next time; `false` if it is none, or not of the kind of those before.
    pub(super) fn add(&mut self, text: &str) -> bool {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && self.dates.is_empty() => self.numbers.push(number),
            Err(_) if self.numbers.is_empty() => match date(text) {
                Some(at) => self.dates.push(at),
                None => return false,
            },
            _ => return false,
        }
        true
    }

    /// All of them, in the order of the file.
    pub(super) fn finish(self) -> Vec<Timestamp> {
        let largest = self.numbers.iter().fold(0.0f64, |largest, number| largest.max(number.abs()));
        let per_millisecond = match largest {
            seconds if seconds < MILLISECONDS_FROM => 1e-3,
            milliseconds if milliseconds < MICROSECONDS_FROM => 1.0,
            microseconds if microseconds < NANOSECONDS_FROM => 1e3,
            _ => 1e6,
        };
        let millis = |number: f64| Timestamp::from_millis((number / per_millisecond).round() as i64);
        if self.numbers.is_empty() { self.dates } else { self.numbers.into_iter().map(millis).collect() }
    }
}

fn date(text: &str) -> Option<Timestamp> {
    let mut text = std::borrow::Cow::Borrowed(text.strip_suffix(" UTC").unwrap_or(text));
    if text.as_bytes().get(4) == Some(&b'/') {
        text = text.replacen('/', "-", 2).into();
    }
    if let Some((civil, offset)) = text.rsplit_once(' ').filter(|(_, offset)| offset.starts_with(['+', '-']))
    {
        text = format!("{civil}{offset}").into();
    }
    let has_offset = text.get(10..)?.contains(['+', '-', 'Z', 'z', '[']);
    let time = if has_offset {
        text.parse::<jiff::Timestamp>().ok()?
    } else {
        TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?
    };
    Some(Timestamp::from_millis(time.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_the_data_sets_is_read() {
        for (text, millis) in [
            ("2014-02-14 14:27:00", 1_392_388_020_000),
            ("2014-02-14T14:27:00", 1_392_388_020_000),
            ("2014-02-14 14:27", 1_392_388_020_000),
            ("2014/02/14 14:27:00", 1_392_388_020_000),
            ("2014-02-14 14:27:00 UTC", 1_392_388_020_000),
            ("2014-02-14 14:27:00.000000", 1_392_388_020_000),
            ("2014-02-14 14:27:00+00:00", 1_392_388_020_000),
            ("2014-02-14 16:27:00 +0200", 1_392_388_020_000),
            ("2014-02-14 14:27:00 +0000 UTC", 1_392_388_020_000),
            ("2014-02-14T14:27:00Z", 1_392_388_020_000),
            ("2014-02-14T14:27:00.250Z", 1_392_388_020_250),
            ("2014-02-14T09:27:00-05:00", 1_392_388_020_000),
            ("2014-02-14", 1_392_336_000_000),
            ("1392388020", 1_392_388_020_000),
            ("1392388020.25", 1_392_388_020_250),
            ("1392388020000", 1_392_388_020_000),
            ("1.392388020e12", 1_392_388_020_000),
            ("1392388020000000", 1_392_388_020_000),
            ("1392388020001000000", 1_392_388_020_001),
            ("0", 0),
            ("-60", -60_000),
            ("1969-12-31T23:59:59Z", -1000),
        ] {
            assert_eq!(parse_time(text).map(Timestamp::as_millis), Some(millis), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            " ",
            "now",
            "NaN",
            "inf",
            "14.02.2014",
            "02/14/2014 14:27",
            "2014-13-14 00:00:00",
            "2014-02-30",
            "14:27:00",
            "2014-02-14 25:00:00",
            "2014-02-14Ω",
            "ΩΩΩΩΩΩΩΩ",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn the_largest_number_says_what_all_of_them_count() {
        let read = |texts: &[&str]| {
            let mut clock = Clock::default();
            assert!(texts.iter().all(|text| clock.add(text)));
            clock.finish().into_iter().map(Timestamp::as_millis).collect::<Vec<_>>()
        };
        assert_eq!(read(&["0", "60"]), [0, 60_000], "seconds");
        assert_eq!(read(&["99999999999", "100000000000"]), [99_999_999_999, 100_000_000_000], "milliseconds");
    }

    #[test]
    fn dates_and_numbers_do_not_mix() {
        for texts in [["2014-02-14", "1392388020"], ["1392388020", "2014-02-14"]] {
            let mut clock = Clock::default();
            assert_eq!(texts.map(|text| clock.add(text)), [true, false]);
        }
    }
}
