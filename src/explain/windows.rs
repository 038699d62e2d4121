//! The times around which changes are looked for: alerts that begin together share one. Pure.

use std::time::Duration;

use super::changes::{AFTER, BEFORE};
use crate::model::Timestamp;

/// Beginnings so close to each other share a window.
const TOGETHER: Duration = Duration::from_secs(900);
/// Windows at most, those of the latest beginnings.
const MAX_WINDOWS: usize = 3;

/// From before the first beginning of some that lie together until after it, and no later than `now`; the latest first.
pub fn windows(starts: impl Iterator<Item = Timestamp>, now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let mut starts: Vec<Timestamp> = starts.map(|start| start.min(now)).collect();
    starts.sort_unstable();
    let mut firsts: Vec<Timestamp> = Vec::new();
    for start in starts {
        if firsts.last().is_none_or(|first| start.since(*first) > TOGETHER) {
            firsts.push(start);
        }
    }
    let latest = firsts.into_iter().rev().take(MAX_WINDOWS);
    latest.map(|first| (first - BEFORE, (first + AFTER).min(now))).collect()
}

/// When the first of those began that began together last, and no later than `now`; `None`: there is none.
pub fn last_beginning(starts: impl Iterator<Item = Timestamp>, now: Timestamp) -> Option<Timestamp> {
    windows(starts, now).first().map(|(start, _)| *start + BEFORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn alerts_that_begin_together_share_a_window() {
        for (starts, now, expected, sentence) in [
            (vec![], 10_000, vec![], "none"),
            (vec![5000], 10_000, vec![(1400, 5300)], "one"),
            (vec![5000], 5010, vec![(1400, 5010)], "the future is not asked for"),
            (vec![5900, 5000], 10_000, vec![(1400, 5300)], "a quarter of an hour apart"),
            (vec![5000, 5901], 10_000, vec![(2301, 6201), (1400, 5300)], "farther apart"),
            (
                vec![5000, 7000, 9000, 9950],
                10_000,
                vec![(6350, 10_000), (5400, 9300), (3400, 7300)],
                "the latest three",
            ),
            (vec![20_000], 10_000, vec![(6400, 10_000)], "a clock that is wrong"),
        ] {
            let found = windows(starts.into_iter().map(at), at(now));
            let expected: Vec<_> = expected.into_iter().map(|(start, end)| (at(start), at(end))).collect();
            assert_eq!(found, expected, "{sentence}");
        }
    }
}
