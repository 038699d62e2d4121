//! Durations as Prometheus writes them: `1m`, `14d`, `1h30m`, `500ms`, and `0`.

use std::time::Duration;

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a duration; write it as Prometheus does, for example 30s, 5m, 1h30m or 14d")]
pub struct DurationError(String);

/// Units from the largest to the smallest, in milliseconds; a year is 365 days, as in Prometheus.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Reads a Prometheus duration: each unit at most once, from the largest to the smallest.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let refuse = || DurationError(text.chars().take(40).collect());
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    if text.is_empty() {
        return Err(refuse());
    }
    let (mut rest, mut total, mut next_unit) = (text, 0u64, 0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(refuse)?;
        let count: u64 = rest[..digits].parse().map_err(|_| refuse())?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = UNITS.iter().position(|(name, _)| *name == &rest[..letters]);
        let unit = unit.filter(|unit| *unit >= next_unit).ok_or_else(refuse)?;
        let millis = count.checked_mul(UNITS[unit].1).ok_or_else(refuse)?;
        total = total.checked_add(millis).ok_or_else(refuse)?;
        rest = &rest[letters..];
        next_unit = unit + 1;
    }
    Ok(Duration::from_millis(total))
}

/// Writes a duration the way [`parse_duration`] reads it; weeks and years are written in days.
pub fn format_duration(duration: Duration) -> String {
    let mut text = String::with_capacity(16);
    push_duration(&mut text, duration);
    text
}

/// The same at the end of a text.
pub fn push_duration(text: &mut String, duration: Duration) {
    let mut millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if millis == 0 {
        text.push_str("0s");
    }
    for (name, size) in &UNITS[2..] {
        if millis >= *size {
            text.push_str(itoa::Buffer::new().format(millis / size));
            text.push_str(name);
            millis %= size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_durations_are_read() {
        for (text, millis) in [
            ("0", 0),
            ("500ms", 500),
            ("30s", 30_000),
            ("1h30m", 5_400_000),
            ("14d", 14 * 86_400_000),
            ("1w", 7 * 86_400_000),
        ] {
            assert_eq!(parse_duration(text).unwrap().as_millis(), millis, "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in ["", "5", "m", "1.5h", "30m1h", "5m5m", "-5m", "5 m", "5x", "99999999999999999999y"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        for millis in [0, 1, 999, 61_000, 5_400_000, 90_061_001] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }
    }
}
