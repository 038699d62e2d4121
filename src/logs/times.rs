//! Times as people write them in a parameter. Pure.

use crate::model::{Timestamp, parse_duration};

/// What a time may be written as, for an error.
const FORMS: &str = "a time such as 2026-11-23T03:17:00Z, in seconds since 1970, or so long ago, such as 15m";

/// RFC 3339, seconds since 1970, or a duration before `now`.
///
/// # Errors
/// It is none of these; the text is what follows the name of what was read.
pub fn read(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(ago) = parse_duration(text) {
        return Ok(now - ago);
    }
    let is_number = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    match text.parse::<f64>() {
        Ok(seconds) if is_number && seconds.is_finite() => Ok(Timestamp::from_seconds(seconds)),
        _ => text.parse().map_err(|_| format!("is not {FORMS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_three_forms() {
        let now: Timestamp = "2026-11-23T03:30:00Z".parse().unwrap();
        for (text, expected) in [
            ("2026-11-23T03:17:00Z", Some("2026-11-23T03:17:00Z")),
            ("2026-11-23T04:17:00+01:00", Some("2026-11-23T03:17:00Z")),
            ("1795403820", Some("2026-11-23T03:17:00Z")),
            ("1795403820.5", Some("2026-11-23T03:17:00.5Z")),
            ("15m", Some("2026-11-23T03:15:00Z")),
            ("1h30m", Some("2026-11-23T02:00:00Z")),
            ("0", Some("2026-11-23T03:30:00Z")),
            ("", None),
            ("yesterday", None),
            ("-15m", None),
            ("nan", None),
            ("1e9", None),
            ("2026-11-23", None),
            ("15 m", None),
        ] {
            let read = read(text, now).ok().map(|time| time.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
