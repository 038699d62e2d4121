//! How long: `2 hours`, `half an hour`, `90m`, `a couple of days`. Pure.

use std::time::Duration;

use crate::model::parse_duration;

/// Longest time that is meant.
const MAX: Duration = Duration::from_secs(366 * 86_400);

const NUMBERS: [(&str, u64); 22] = [
    ("a", 1),
    ("an", 1),
    ("one", 1),
    ("two", 2),
    ("couple", 2),
    ("three", 3),
    ("few", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("fourty", 40),
    ("forty", 40),
    ("sixty", 60),
];

/// A number and a unit, or both in one word; and where it ends.
pub(super) fn read(words: &[&str], start: usize) -> Option<(Duration, usize)> {
    let first = *words.get(start)?;
    if first == "half" {
        let skipped =
            start + 1 + usize::from(words.get(start + 1).is_some_and(|word| ["a", "an"].contains(word)));
        let (length, end) = unit(words, skipped)?;
        return Some((length / 2, end));
    }
    if first.starts_with(|c: char| c.is_ascii_digit())
        && let Ok(length) = parse_duration(first)
        && !length.is_zero()
    {
        return Some((length.min(MAX), start + 1));
    }
    let (count, mut end) = number(words, start)?;
    end += usize::from(words.get(end) == Some(&"of"));
    let (length, end) = unit(words, end)?;
    Some((length.checked_mul(u32::try_from(count).ok()?)?.min(MAX), end))
}

/// `2`, `two`, `a couple`.
fn number(words: &[&str], start: usize) -> Option<(u64, usize)> {
    let named = |word: &str| NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, count)| *count);
    let first = *words.get(start)?;
    if first == "a" && words.get(start + 1).is_some_and(|next| ["couple", "few"].contains(next)) {
        return number(words, start + 1);
    }
    let count = first.parse().ok().filter(|count| *count > 0).or_else(|| named(first))?;
    Some((count, start + 1))
}

/// A unit alone.
pub(super) fn unit(words: &[&str], start: usize) -> Option<(Duration, usize)> {
    let seconds = match *words.get(start)? {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 7 * 86_400,
        _ => return None,
    };
    Some((Duration::from_secs(seconds), start + 1))
}
