//! What speaks for a place: changes and anomalies there, each as a number from 0 to 1 and in words. Pure.

use std::time::Duration;

use super::super::changes::Change;
use crate::model::{ScoredSeries, Timestamp, format_duration, format_number as number};

/// A change so long before the first alert speaks half as much for its place as one just before it, in minutes.
const HALF: f64 = 15.0;
/// What an anomaly says that began after the first alert.
const LATE: f64 = 0.4;

/// A change speaks by its kind, and the less the longer it was before the first alert; one after it is hardly the cause.
pub(super) fn speaks(change: &Change, first: Timestamp) -> f64 {
    let before = first.since(change.about()).as_secs_f64() / 60.0;
    let after = change.about().since(first).as_secs_f64() / 60.0;
    // Alerts begin later than what they tell of, and clocks differ.
    let near = if after > 2.0 { 0.2 } else { 1.0 / (1.0 + before / HALF) };
    0.9 * change.kind.weight() * near
}

/// The same in words.
pub(super) fn told(change: &Change, first: Timestamp) -> String {
    match change.at {
        Some(at) if at <= first => {
            format!("{}, {} before the first alert", change.words(), seconds(first.since(at)))
        }
        _ => change.words(),
    }
}

/// An anomaly speaks by its score, and less where it began after the first alert.
pub(super) fn anomaly(scored: &ScoredSeries, first: Timestamp) -> (f64, String) {
    let ScoredSeries { query, labels, .. } = scored;
    let strength = 1.0 - 1.0 / (1.0 + scored.score.score);
    let since = scored.absent_since.or(scored.since);
    let early = since.is_some_and(|since| since <= first);
    let when = match since {
        Some(since) if early => {
            format!("since {since}, {} before the first alert", seconds(first.since(since)))
        }
        Some(since) => format!("since {since}"),
        None => "just now".to_owned(),
    };
    let what = match scored.absent_since {
        Some(_) => "is missing from Prometheus".to_owned(),
        None => format!(
            "is {}, expected {} (score {})",
            number(scored.score.value),
            number(scored.score.expected),
            number(scored.score.score)
        ),
    };
    (strength * if early { 1.0 } else { LATE }, format!("{query} {labels} {what} {when}"))
}

fn seconds(duration: Duration) -> String {
    format_duration(Duration::from_secs(duration.as_secs()))
}
