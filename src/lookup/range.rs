//! PromQL within limits: how long an expression is, and how much time and how many points are asked for. Pure.

use std::time::Duration;

use crate::logs::read_time;
use crate::model::{Timestamp, format_duration, parse_duration};

/// Bytes of an expression.
pub(super) const MAX_EXPR: usize = 2048;
/// The longest range.
pub(super) const MAX_RANGE: Duration = Duration::from_secs(14 * 86_400);
/// The range unless another one is asked for.
const DEFAULT_RANGE: Duration = Duration::from_secs(3600);
/// Points of one series at most, and as many as a step is chosen for.
pub(super) const MAX_POINTS: u32 = 500;
const CHOSEN_POINTS: u32 = 60;
/// Steps that are chosen.
const STEPS: [u64; 12] = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600];

/// An expression at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Instant {
    /// PromQL.
    pub expr: String,
    /// When.
    pub at: Timestamp,
}

/// An expression over a range of at most [`MAX_POINTS`] steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// PromQL.
    pub expr: String,
    /// The first point.
    pub start: Timestamp,
    /// The last point, or up to a step later.
    pub end: Timestamp,
    /// From one point to the next.
    pub step: Duration,
}

impl Instant {
    /// At the present where no time is given.
    pub(super) fn new(expr: String, at: Option<Timestamp>, now: Timestamp) -> Result<Self, String> {
        Ok(Self { expr: checked(expr)?, at: at.unwrap_or(now) })
    }
}

impl Range {
    /// The last hour where no time is given, and a step that suits where none is.
    pub(super) fn new(
        expr: String,
        (since, until): (Option<Timestamp>, Option<Timestamp>),
        step: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, String> {
        let expr = checked(expr)?;
        let end = until.unwrap_or(now);
        let start = since.unwrap_or(end - DEFAULT_RANGE);
        let length = end.since(start);
        if start >= end {
            return Err("since must be earlier than until".to_owned());
        }
        if length > MAX_RANGE {
            return Err(format!("the range may be {}", format_duration(MAX_RANGE)));
        }
        let step = step.map_or_else(|| Ok(chosen(length)), given)?;
        if length.as_secs_f64() / step.as_secs_f64() > f64::from(MAX_POINTS) {
            let least = format_duration(chosen(length));
            return Err(format!("step: more than {MAX_POINTS} points; a step of {least} suits this range"));
        }
        Ok(Self { expr, start, end, step })
    }
}

/// A time as people write it.
pub(super) fn time(name: &str, text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, String> {
    let read = |text| read_time(text, now).map_err(|fault| format!("{name} {fault}"));
    text.map(read).transpose()
}

fn checked(expr: String) -> Result<String, String> {
    match expr.trim() {
        "" => Err("expr is empty; write PromQL".to_owned()),
        trimmed if trimmed.len() > MAX_EXPR => Err(format!("expr may be {MAX_EXPR} bytes long")),
        trimmed => Ok(trimmed.to_owned()),
    }
}

fn given(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(step) if step >= Duration::from_secs(1) => Ok(step),
        Ok(_) => Err("step must be 1s at least".to_owned()),
        Err(error) => Err(format!("step: {error}")),
    }
}

/// The smallest usual step that gives no more points than a reader takes in.
fn chosen(length: Duration) -> Duration {
    let least = length.as_secs().div_ceil(u64::from(CHOSEN_POINTS));
    Duration::from_secs(STEPS.into_iter().find(|step| *step >= least).unwrap_or(STEPS[STEPS.len() - 1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_bounded_whatever_is_asked_for() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        for (since, until, step, expected) in [
            (None, None, None, Ok((3600, 60))),
            (Some("2h"), None, None, Ok((7200, 120))),
            (Some("14d"), None, None, Ok((1_209_600, 21_600))),
            (Some("10m"), None, Some("5s"), Ok((600, 5))),
            (Some("2026-11-23T10:00:00Z"), Some("2026-11-23T10:05:00Z"), None, Ok((300, 15))),
            (Some("15d"), None, None, Err("the range may be 14d")),
            (Some("1h"), Some("2h"), None, Err("since must be earlier")),
            (Some("1d"), None, Some("1m"), Err("more than 500 points; a step of 30m suits")),
            (Some("1h"), None, Some("1ms"), Err("step must be 1s")),
            (Some("1h"), None, Some("often"), Err("step:")),
        ] {
            let read = || {
                let since = time("since", since, now)?;
                let until = time("until", until, now)?;
                Range::new("up".to_owned(), (since, until), step, now)
            };
            match (read(), expected) {
                (Ok(range), Ok((length, step))) => {
                    let found = (range.end.since(range.start).as_secs(), range.step.as_secs());
                    assert_eq!(found, (length, step), "{since:?} {until:?}");
                }
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (found, expected) => panic!("{since:?} {until:?} {step:?}: {found:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn an_expression_has_a_length() {
        let now = Timestamp::from_millis(0);
        assert!(Instant::new(" up ".to_owned(), None, now).is_ok_and(|found| found.expr == "up"));
        assert!(Instant::new("  ".to_owned(), None, now).is_err_and(|error| error.contains("write PromQL")));
        assert!(Instant::new("x".repeat(2049), None, now).is_err_and(|error| error.contains("2048")));
    }
}
