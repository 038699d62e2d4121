//! How far the last stretch of a series is from what it did at this time on the days before.
//!
//! For each of the last seven days the best match within a bin earlier or later counts; the second best
//! day decides, so that one odd day neither hides nor makes an anomaly. A week is enough to hold every
//! weekday once. A series without a rhythm is as far from itself as ever, which its calibration knows.

use super::bins::Bins;
use super::views::Horizon;

/// Days looked back.
const DAYS: usize = 7;
/// Bins earlier or later that are tried.
const SHIFT: i64 = 1;
/// Matches a day.
const MATCHES: usize = 2 * SHIFT as usize + 1;
const DAY_MILLIS: i64 = 86_400_000;
/// In wider bins only the same bin is tried, in milliseconds.
const WIDE_MILLIS: i64 = 1_800_000;
/// Days of the present level without which nothing is said.
const FEWEST: usize = 2;

/// Earlier days as far as they do not depend on the newest value, for windows of `LENGTHS` lengths.
pub(super) struct SameTime<const LENGTHS: usize> {
    /// Means in a window, the newest included.
    bins: [usize; LENGTHS],
    days: [usize; LENGTHS],
    matches: [[[Match; MATCHES]; DAYS]; LENGTHS],
}

#[derive(Clone, Copy)]
struct Match {
    rest: f32,
    end: f32,
}

/// What is compared with the earlier days.
struct Now<'a, const LENGTHS: usize> {
    memory: &'a Bins,
    phase: f32,
    /// The index of the first bin of the present level.
    since: usize,
    /// The last bins without the newest mean.
    queries: [Option<&'a [f32]>; LENGTHS],
}

/// A match that never is the best one.
const NONE: Match = Match { rest: f32::INFINITY, end: 0.0 };

impl<const LENGTHS: usize> SameTime<LENGTHS> {
    /// No days yet, for windows of `bins` means (at least 1, the shortest first).
    pub fn new(bins: [usize; LENGTHS]) -> Self {
        Self { bins, days: [0; LENGTHS], matches: [[[NONE; MATCHES]; DAYS]; LENGTHS] }
    }

    /// Gathers the earlier days, once. Nothing is said of a length before two days of the present level are known.
    pub fn gather(&mut self, memory: &Bins, phase: f32, horizon: Horizon) {
        let since = memory.index_of(horizon.since);
        let now = Now { memory, phase, since, queries: self.bins.map(|bins| memory.tamed(bins - 1)) };
        let mut at_this_level = [0; LENGTHS];
        for day in 1..=DAYS as i64 {
            let new = self.add_day(&now, day);
            for (length, new) in new.into_iter().enumerate() {
                self.days[length] += usize::from(new.is_some());
                at_this_level[length] += usize::from(new == Some(true));
            }
        }
        for (days, at_this_level) in self.days.iter_mut().zip(at_this_level) {
            *days = if at_this_level < FEWEST { 0 } else { *days };
        }
    }

    /// Adds the matches of one day; for each length whether there are any, and if so whether the last is of the present
    /// level.
    fn add_day(&mut self, now: &Now<'_, LENGTHS>, day: i64) -> [Option<bool>; LENGTHS] {
        let Now { memory, phase, since, queries } = now;
        let per_day = DAY_MILLIS / memory.width();
        let shift = if memory.width() <= WIDE_MILLIS { SHIFT } else { 0 };
        let mut new = [None; LENGTHS];
        for (slot, moved) in (-shift..=shift).enumerate() {
            // The bin under way has the index `means.len()`.
            let end = memory.means().len() as i64 - day * per_day + moved;
            let Ok(end) = usize::try_from(end) else { continue };
            let head = memory.head(end, *phase);
            for (length, rest) in rests(memory.means(), end, queries).into_iter().enumerate() {
                if let Some(rest) = rest.filter(|rest| !(rest + head).is_nan()) {
                    self.matches[length][self.days[length]][slot] = Match { rest, end: head };
                    new[length] = Some(end - (self.bins[length] - 1) >= *since);
                }
            }
        }
        new
    }

    /// The distance of a length to the second nearest day if the newest mean is `newest`; `None` where nothing can be
    /// said.
    pub fn distance(&self, length: usize, newest: f32) -> Option<f64> {
        if self.days[length] == 0 {
            return None;
        }
        let [mut first, mut second] = [f32::INFINITY; 2];
        for matches in &self.matches[length][..self.days[length]] {
            let square = |one: &Match| one.rest + (newest - one.end) * (newest - one.end);
            let best = matches.iter().map(square).fold(f32::INFINITY, f32::min);
            if best < first {
                (first, second) = (best, first);
            } else if best < second {
                second = best;
            }
        }
        Some((f64::from(second) / self.bins[length] as f64).sqrt())
    }
}

/// Sums of squared differences between the last bins and those before the bin at `end`, one for each length; `None` where
/// the bins do not reach back so far, the last ones are unknown, or the windows overlap.
fn rests<const LENGTHS: usize>(
    means: &[f32],
    end: usize,
    queries: &[Option<&[f32]>; LENGTHS],
) -> [Option<f32>; LENGTHS] {
    let (mut sum, mut summed) = (0.0, 0);
    queries.map(|query| {
        let query = query?;
        let before = query.len();
        if end < before || end + before >= means.len() {
            return None;
        }
        let earlier = &means[end - before..end];
        let added = before - summed;
        for (mean, other) in query[..added].iter().zip(&earlier[..added]) {
            sum += (mean - other) * (mean - other);
        }
        summed = before;
        Some(sum)
    })
}
