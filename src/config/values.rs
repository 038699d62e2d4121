//! Single values: text, numbers, durations, sizes. Each function says what is wrong and
//! what to write instead; none of them knows which key it reads.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use regex::Regex;

use crate::detect::DataRange;
use crate::model::{Matcher, Rate, format_duration, parse_duration};

use super::document::{Node, Value};
use super::item::Parsed;

/// Text that is not empty.
pub(super) fn text(node: &Node) -> Parsed<&str> {
    match any_text(node)? {
        text if text.trim().is_empty() => Err("must not be empty".to_owned()),
        text => Ok(text),
    }
}

/// Text, also the empty one.
pub(super) fn any_text(node: &Node) -> Parsed<&str> {
    match &node.value {
        Value::Text(text) if text.contains('\0') => Err("must not hold a NUL character".to_owned()),
        Value::Text(text) => Ok(text),
        Value::Integer(_) | Value::Float(_) | Value::Bool(_) => {
            Err(format!("must be text, not {}; put it in quotes", node.kind()))
        }
        _ => Err(format!("must be text, not {}", node.kind())),
    }
}

/// `true` or `false`.
pub(super) fn boolean(node: &Node) -> Parsed<bool> {
    match node.value {
        Value::Bool(value) => Ok(value),
        _ => Err(format!("must be true or false without quotes, not {}", node.kind())),
    }
}

/// A duration within bounds, for example `1h30m`.
pub(super) fn duration(bounds: RangeInclusive<Duration>) -> impl Fn(&Node) -> Parsed<Duration> {
    move |node| {
        let duration = match &node.value {
            Value::Text(text) => parse_duration(text.trim()).map_err(|error| error.to_string())?,
            Value::Integer(0) => Duration::ZERO,
            Value::Integer(_) | Value::Float(_) => {
                return Err("is a duration without a unit; write for example 30s, 5m or 14d".to_owned());
            }
            _ => return Err(format!("must be a duration such as 30s, 5m or 14d, not {}", node.kind())),
        };
        within(duration, &bounds, format_duration)
    }
}

/// Durations from `first` to `last` seconds.
pub(super) fn seconds(first: u64, last: u64) -> RangeInclusive<Duration> {
    Duration::from_secs(first)..=Duration::from_secs(last)
}

/// A whole number within bounds.
pub(super) fn whole<T>(bounds: RangeInclusive<T>) -> impl Fn(&Node) -> Parsed<T>
where
    T: TryFrom<i128> + PartialOrd + Display,
{
    move |node| {
        let (first, last) = (bounds.start(), bounds.end());
        match node.value {
            Value::Integer(value) => T::try_from(value)
                .ok()
                .filter(|value| bounds.contains(value))
                .ok_or_else(|| format!("must be from {first} to {last}, not {value}")),
            Value::Float(value) => Err(format!("must be a whole number from {first} to {last}, not {value}")),
            _ => Err(format!("must be a whole number from {first} to {last}, not {}", node.kind())),
        }
    }
}

/// A finite number of at least 0.
pub(super) fn magnitude(node: &Node) -> Parsed<f64> {
    let value = number(node)?;
    let usable = value >= 0.0 && value.is_finite();
    if usable { Ok(value) } else { Err(format!("must be a finite number of at least 0, not {value}")) }
}

/// Any number, NaN and the infinities among them.
fn number(node: &Node) -> Parsed<f64> {
    match node.value {
        Value::Integer(value) => Ok(value as f64),
        Value::Float(value) => Ok(value),
        _ => Err(format!("must be a number, not {}", node.kind())),
    }
}

/// The lowest and the highest value that can be.
pub(super) fn data_range(node: &Node) -> Parsed<DataRange> {
    let hint = "write the lowest and the highest value that can be, for example [0, 1] or [0, .inf]";
    let Value::List(ends) = &node.value else {
        return Err(format!("must be a list of two numbers, not {}; {hint}", node.kind()));
    };
    let [low, high] = ends.as_slice() else {
        return Err(format!("must be a list of two numbers, not of {}; {hint}", ends.len()));
    };
    let (low, high) = (number(low)?, number(high)?);
    DataRange::new(low, high)
        .ok_or_else(|| format!("begins at {low}, which is not below its end {high}; {hint}"))
}

/// A number of bytes within bounds, for example `16MiB`.
pub(super) fn bytes(bounds: RangeInclusive<u64>) -> impl Fn(&Node) -> Parsed<u64> {
    move |node| {
        let refusal = || "must be a size in B, KiB, MiB or GiB, for example 16MiB".to_owned();
        let Value::Text(text) = &node.value else { return Err(refusal()) };
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(refusal)?;
        let shift = match text[digits..].trim_start() {
            "B" => 0,
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            _ => return Err(refusal()),
        };
        let count: u64 = text[..digits].parse().map_err(|_| refusal())?;
        let size = count.checked_mul(1 << shift).ok_or_else(refusal)?;
        within(size, &bounds, format_bytes)
    }
}

fn format_bytes(size: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| size > 0 && size.is_multiple_of(1 << shift));
    unit.map_or_else(|| format!("{size}B"), |(shift, name)| format!("{}{name}", size >> shift))
}

fn within<T: PartialOrd + Copy>(
    value: T,
    bounds: &RangeInclusive<T>,
    format: impl Fn(T) -> String,
) -> Parsed<T> {
    if bounds.contains(&value) {
        return Ok(value);
    }
    let (first, last) = (format(*bounds.start()), format(*bounds.end()));
    Err(format!("must be from {first} to {last}, not {}", format(value)))
}

/// A count per window, for example `1 per 30d`.
pub(super) fn rate(node: &Node) -> Parsed<Rate> {
    match &node.value {
        Value::Text(text) => text.trim().parse().map_err(|error: crate::model::RateError| error.to_string()),
        _ => Err(format!("must be a count per window such as '1 per 30d', not {}", node.kind())),
    }
}

/// One of a few words.
pub(super) fn choice<T: Copy>(choices: &[(&str, T)]) -> impl Fn(&Node) -> Parsed<T> {
    move |node| {
        let word = text(node)?;
        let found = choices.iter().find(|(name, _)| *name == word);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            format!("'{}' is not one of {}", word.chars().take(40).collect::<String>(), names.join(", "))
        })
    }
}

/// An Alertmanager matcher.
pub(super) fn matcher(node: &Node) -> Parsed<Matcher> {
    text(node)?.parse().map_err(|error: crate::model::MatcherError| error.to_string())
}

/// A regular expression that has to match the whole of a value, and never an empty one.
pub(super) fn anchored_pattern(node: &Node) -> Parsed<Regex> {
    let source = text(node)?;
    // Alone first: `a)|(b` is only an expression once it is put into the group.
    let reason = |error: regex::Error| {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim();
        format!("is not a regular expression: {}", reason.trim_start_matches("error: "))
    };
    Regex::new(source).map_err(reason)?;
    let pattern = Regex::new(&format!("^(?:{source})$")).map_err(reason)?;
    if pattern.is_match("") {
        return Err("matches empty text; write what a target looks like, for example [a-z0-9.-]+".to_owned());
    }
    Ok(pattern)
}

/// Whether exactly one text matches: the pattern has nothing but characters that stand for themselves, some behind `\`.
pub(super) fn matches_one(pattern: &Regex) -> bool {
    let source = pattern.as_str();
    let source = source.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$")).unwrap_or(source);
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.next().is_some_and(|escaped| escaped.is_ascii_punctuation()) => {}
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                return false;
            }
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(value: Value) -> Node {
        Node { line: 1, value }
    }

    #[test]
    fn sizes_are_read_in_binary_units_only() {
        let read = |text: &str| bytes(1..=1 << 40)(&node(Value::Text(text.to_owned()))).ok();
        for (text, expected) in [
            ("16MiB", Some(16 << 20)),
            ("1 GiB", Some(1 << 30)),
            ("512B", Some(512)),
            ("4KiB", Some(4096)),
            ("16MB", None),
            ("16", None),
            ("MiB", None),
            ("1.5MiB", None),
            ("-1MiB", None),
            ("0B", None),
            ("99999999999999999999GiB", None),
            ("18446744073709551615GiB", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn sizes_print_in_the_largest_unit_that_fits() {
        for (size, text) in [(0, "0B"), (1000, "1000B"), (1 << 10, "1KiB"), (3 << 29, "1536MiB")] {
            assert_eq!(format_bytes(size), text);
        }
    }

    #[test]
    fn only_finite_numbers_from_zero_are_magnitudes() {
        for (value, accepted) in
            [(0.0, true), (0.05, true), (-0.1, false), (f64::NAN, false), (f64::INFINITY, false)]
        {
            assert_eq!(magnitude(&node(Value::Float(value))).is_ok(), accepted, "{value}");
        }
    }

    #[test]
    fn a_pattern_without_anything_special_matches_one_value() {
        for (source, expected) in [
            ("localhost:8080", true),
            (r"10\.0\.0\.5:9100", true),
            (r"a\-b\_c", true),
            ("10.0.0.5:9100", false),
            (r"web\d", false),
            ("web|db", false),
            ("web[12]", false),
            ("(?i)web", false),
            ("we?b", false),
            ("web{1,2}", false),
        ] {
            let pattern = anchored_pattern(&node(Value::Text(source.to_owned()))).unwrap();
            assert_eq!(matches_one(&pattern), expected, "{source}");
        }
    }

    #[test]
    fn a_pattern_matches_whole_values_only() {
        let pattern = anchored_pattern(&node(Value::Text("a|b".to_owned()))).unwrap();
        for (value, expected) in [("a", true), ("b", true), ("ab", false), ("a\n", false), ("", false)] {
            assert_eq!(pattern.is_match(value), expected, "{value:?}");
        }
    }
}
