//! When a series was like this before: the stretches of its memory that are nearest to the last hours, and what followed
//! them. Looked for when somebody asks, from the coarser bins: a week at one sample a minute.

use super::bins::Bins;
use super::explanation::Occurrence;
use super::memory::Memory;
use crate::model::Timestamp;

/// How long the stretches are that are compared, in milliseconds; at least two bins.
const STRETCH_MILLIS: i64 = 3 * 3_600_000;
/// How long what followed is looked at, in milliseconds; at least one bin.
const FOLLOWING_MILLIS: i64 = 3_600_000;
/// How many are told.
const MOST: usize = 5;

/// The nearest stretches, the nearest first. None overlaps another or the last hours.
pub(super) fn occurrences(memory: &Memory) -> Vec<Occurrence> {
    let bins = memory.coarse();
    let (length, following) = (count(bins, STRETCH_MILLIS).max(2), count(bins, FOLLOWING_MILLIS).max(1));
    let mut means = bins.means().to_vec();
    means.extend(bins.under_way());
    let Some(now) = means.len().checked_sub(length) else { return Vec::new() };
    let told = |(square, start): (f32, usize)| Occurrence {
        from: Timestamp::from_millis(bins.begins(start)),
        to: Timestamp::from_millis(bins.begins(start + length)),
        distance: (f64::from(square) / length as f64).sqrt() * memory.unit(),
        followed_by: mean(&means[start + length..means.len().min(start + length + following)])
            .map(|mean| memory.outward(mean)),
    };
    nearest(&means, now, length).into_iter().map(told).collect()
}

fn count(bins: &Bins, millis: i64) -> usize {
    usize::try_from(millis / bins.width()).unwrap_or(0)
}

/// Squared distances and starts of the nearest stretches that end where the one at `now` begins, or earlier.
fn nearest(means: &[f32], now: usize, length: usize) -> Vec<(f32, usize)> {
    let distance = |start: usize| squared_distance(&means[start..start + length], &means[now..]);
    let mut found: Vec<(f32, usize)> =
        (0..(now + 1).saturating_sub(length)).map(|start| (distance(start), start)).collect();
    found.retain(|(square, _)| square.is_finite());
    found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut nearest: Vec<(f32, usize)> = Vec::new();
    for one in found {
        if nearest.len() < MOST && nearest.iter().all(|other| one.1.abs_diff(other.1) >= length) {
            nearest.push(one);
        }
    }
    nearest
}

fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The mean of what is known.
fn mean(means: &[f32]) -> Option<f32> {
    let known = means.iter().filter(|mean| !mean.is_nan());
    let (sum, count) = known.fold((0.0, 0), |(sum, count), mean| (sum + mean, count + 1));
    (count > 0).then(|| sum / count as f32)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 1440;

    fn remembered(minutes: i64, value: impl Fn(i64) -> f64) -> Memory {
        let mut memory = Memory::new(Duration::from_secs(60));
        for minute in 0..minutes {
            let value = value(minute);
            memory.settle(value);
            memory.advance(Timestamp::from_millis(minute * MINUTE));
            memory.learn(value, value);
        }
        memory
    }

    #[test]
    fn a_rare_load_is_found_where_it_was_with_what_followed() {
        let load = |minute: i64| match minute {
            2000..2180 => 50.0,
            2180..2240 => 80.0,
            7020.. => 50.5,
            _ => 10.0 + (minute / 20 % 3) as f64,
        };
        let found = occurrences(&remembered(5 * DAY, load));
        let Occurrence { from, to, distance, followed_by } = found[0];
        assert_eq!((from.as_millis(), to.as_millis()), (2000 * MINUTE, 2180 * MINUTE));
        assert!((distance - 0.5).abs() < 1e-3 && (followed_by.unwrap() - 80.0).abs() < 1e-3, "{found:?}");
        assert!(found[1].distance > 10.0 && found.len() == MOST, "{found:?}");
    }

    #[test]
    fn stretches_do_not_overlap_each_other_or_the_present() {
        let found = occurrences(&remembered(3 * DAY, |minute| (minute / 20 % 72) as f64));
        assert!(
            found[0].distance < 1e-3 && found[0].from.as_millis() == (3 * DAY - 180 - DAY) * MINUTE,
            "{found:?}"
        );
        for (index, one) in found.iter().enumerate() {
            assert!(one.to.as_millis() <= (3 * DAY - 180) * MINUTE);
            let apart = |other: &Occurrence| one.to <= other.from || other.to <= one.from;
            assert!(found[..index].iter().all(apart), "{found:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        assert_eq!(occurrences(&remembered(0, |_| 1.0)), []);
        assert_eq!(occurrences(&remembered(300, |minute| minute as f64)), []);
        let mut gap = remembered(DAY, |minute| (minute % 7) as f64);
        gap.advance(Timestamp::from_millis(2 * DAY * MINUTE));
        gap.learn(1.0, 1.0);
        assert_eq!(occurrences(&gap), [], "of the last hours nothing is known");
    }
}
