//! Cuts a range into requests that stay under Prometheus's limit of points per series.

use std::time::Duration;

use super::QueryError;
use crate::model::Timestamp;

/// Most points per series that Prometheus returns in one answer.
pub(super) const MAX_POINTS: i64 = 11_000;
/// Most requests made of one range: 11 million points per series.
pub(super) const MAX_REQUESTS: i64 = 1_000;

/// The first and the last evaluation time of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// The windows of a range, in order: together they evaluate exactly `start`, `start + step`, … up to
/// `end`, each time once. No window for an empty range (`start` after `end`). A step below 1 ms and a
/// range of more than 11 million points are refused.
pub(super) fn split(start: Timestamp, end: Timestamp, step: Duration) -> Result<Vec<Window>, QueryError> {
    let step = i64::try_from(step.as_millis()).ok().filter(|step| *step > 0);
    let step = step.ok_or_else(|| refuse("the step must be at least 1 ms"))?;
    if start > end {
        return Ok(Vec::new());
    }
    let (first, last) = (start.as_millis(), end.as_millis());
    let steps = last.checked_sub(first).ok_or_else(|| refuse("the range is too long"))? / step;
    if steps / MAX_POINTS >= MAX_REQUESTS {
        return Err(refuse("the range has too many points; take a longer step or a shorter range"));
    }
    let window = |from: i64| Window {
        start: Timestamp::from_millis(first + from * step),
        end: Timestamp::from_millis(first + (from + MAX_POINTS - 1).min(steps) * step),
    };
    Ok((0..=steps / MAX_POINTS).map(|index| window(index * MAX_POINTS)).collect())
}

fn refuse(message: &str) -> QueryError {
    QueryError::Rejected { kind: "range".to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn windows(start: i64, end: i64, step: u64) -> Vec<(i64, i64)> {
        let (start, end) = (Timestamp::from_millis(start), Timestamp::from_millis(end));
        let windows = split(start, end, Duration::from_millis(step)).unwrap();
        windows.iter().map(|window| (window.start.as_millis(), window.end.as_millis())).collect()
    }

    #[test]
    fn ranges_are_cut_at_the_servers_limit() {
        let step = 60_000;
        let limit = 11_000 * 60_000;
        for (name, start, end, expected) in [
            ("a single point", 5, 5, vec![(5, 5)]),
            ("an empty range", 6, 5, vec![]),
            ("an end between two steps is never evaluated", 0, 150_000, vec![(0, 120_000)]),
            ("exactly the limit", 0, limit - step, vec![(0, limit - step)]),
            ("one point more", 0, limit, vec![(0, limit - step), (limit, limit)]),
            ("times before the epoch", -step, step, vec![(-step, step)]),
            (
                "two seams",
                7,
                7 + 2 * limit,
                vec![
                    (7, 7 + limit - step),
                    (7 + limit, 7 + 2 * limit - step),
                    (7 + 2 * limit, 7 + 2 * limit),
                ],
            ),
        ] {
            assert_eq!(windows(start, end, step as u64), expected, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        let far = Timestamp::from_millis(i64::MAX);
        for (start, end, step) in [
            (Timestamp::default(), Timestamp::default(), Duration::ZERO),
            (Timestamp::default(), Timestamp::default(), Duration::from_micros(999)),
            (Timestamp::from_millis(i64::MIN), far, Duration::from_secs(1)),
            (Timestamp::default(), far, Duration::from_secs(1)),
        ] {
            assert!(
                matches!(split(start, end, step), Err(QueryError::Rejected { .. })),
                "{start} {end} {step:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_step_is_evaluated_once(start in -1_000_000_000i64..1_000_000_000, steps in 0i64..40_000, step in 1i64..100_000, rest in 0i64..100_000) {
            let end = start + steps * step + rest % step;
            let mut next = start;
            for (from, to) in windows(start, end, step as u64) {
                prop_assert_eq!(from, next);
                prop_assert_eq!((to - from) % step, 0);
                prop_assert!((to - from) / step < MAX_POINTS);
                next = to + step;
            }
            prop_assert_eq!(next, start + (steps + 1) * step);
        }
    }
}
