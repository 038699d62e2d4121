//! How far the last stretch of a series is from what it did at this time on the days before.
//!
//! For each of the last seven days the best match within a bin earlier or later counts; the second best
//! day decides, so that one odd day neither hides nor makes an anomaly. A week is enough to hold every
//! weekday once. A series without a rhythm is as far from itself as ever, which its calibration knows.

use super::bins::Bins;
use super::views::Horizon;
use super::windows::squared_distance;

/// Days looked back.
const DAYS: usize = 7;
/// Bins earlier or later that are tried.
const SHIFT: i64 = 1;
/// Matches a day.
const MATCHES: usize = 2 * SHIFT as usize + 1;
const DAY_MILLIS: i64 = 86_400_000;

/// Earlier days as far as they do not depend on the newest value.
pub(super) struct SameTime {
    bins: usize,
    days: usize,
    matches: [[Match; MATCHES]; DAYS],
}

#[derive(Clone, Copy)]
struct Match {
    rest: f32,
    end: f32,
}

/// A match that never is the best one.
const NONE: Match = Match { rest: f32::INFINITY, end: 0.0 };

impl SameTime {
    /// Gathers the earlier days for windows of `bins` means (at least 1). `None` before two days are known.
    ///
    /// Two of them must be of the present level.
    pub fn new(memory: &Bins, bins: usize, phase: f32, horizon: Horizon) -> Option<Self> {
        let per_day = DAY_MILLIS / memory.width();
        let means = memory.means();
        let before = bins - 1;
        let query = memory.tamed(before)?;
        let shift = if memory.width() <= 1_800_000 { SHIFT } else { 0 };
        let mut found = Self { bins, days: 0, matches: [[NONE; MATCHES]; DAYS] };
        let mut at_this_level = 0;
        for day in 1..=DAYS as i64 {
            let mut matches = [NONE; MATCHES];
            let (mut any, mut new) = (false, false);
            for (slot, moved) in (-shift..=shift).enumerate() {
                // The bin under way has the index `means.len()`.
                let end = means.len() as i64 - day * per_day + moved;
                let Ok(end) = usize::try_from(end) else { continue };
                if end < before || end + bins > means.len() {
                    continue;
                }
                let rest = squared_distance(query, &means[end - before..end]);
                let head = memory.head(end, phase);
                if !rest.is_nan() && !head.is_nan() {
                    matches[slot] = Match { rest, end: head };
                    any = true;
                    new = memory.begins(end - before) >= horizon.since;
                }
            }
            if any {
                found.matches[found.days] = matches;
                found.days += 1;
                at_this_level += usize::from(new);
            }
        }
        (at_this_level >= 2).then_some(found)
    }

    /// The distance to the second nearest day if the newest mean is `newest`.
    pub fn distance(&self, newest: f32) -> f64 {
        let [mut first, mut second] = [f32::INFINITY; 2];
        for matches in &self.matches[..self.days] {
            let square = |one: &Match| one.rest + (newest - one.end) * (newest - one.end);
            let best = matches.iter().map(square).fold(f32::INFINITY, f32::min);
            if best < first {
                (first, second) = (best, first);
            } else if best < second {
                second = best;
            }
        }
        (f64::from(second) / self.bins as f64).sqrt()
    }
}
