//! How far the last stretch of a series is from everything it did before: the distance of a window of means to
//! its nearest earlier windows.
//!
//! A window is compared as it is, level included, with windows that ended before it began. Distances are
//! root mean squares in the unit of the memory. (k-NN distance as an anomaly score: Ramaswamy, Rastogi
//! and Shim, SIGMOD 2000; windows of one series against their past: the left matrix profile, Yeh et al., ICDM 2016.)

use super::bins::Bins;
use super::views::Horizon;

/// Earlier windows that are looked at, the newest ones.
pub(super) const CANDIDATES: usize = 400;
/// With fewer earlier windows than this nothing is said.
pub(super) const FEWEST: usize = 20;

/// One length of window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Length {
    /// Means in a window, the newest included; from 1 to [`super::bins::LONGEST`].
    pub bins: usize,
    /// Every how many bins an earlier window ends.
    pub stride: usize,
    /// The distance to the how many-th nearest counts: 1 or 3.
    pub rank: usize,
}

/// Earlier windows as far as they do not depend on the newest value: what is already between them and now.
pub(super) struct Gathered {
    length: Length,
    count: usize,
    /// Sum of squared differences without the newest mean.
    rests: [f32; CANDIDATES],
    /// The newest mean of each earlier window.
    ends: [f32; CANDIDATES],
}

impl Gathered {
    /// Gathers the earlier windows. `None` where the last bins are unknown, and while there are too few of the present
    /// level.
    pub fn new(memory: &Bins, length: Length, phase: f32, horizon: Horizon) -> Option<Box<Self>> {
        let Length { bins, stride, .. } = length;
        let means = memory.means();
        let before = bins - 1;
        let query = memory.tamed(before)?;
        let mut gathered =
            Box::new(Self { length, count: 0, rests: [0.0; CANDIDATES], ends: [0.0; CANDIDATES] });
        // The window that ends in the bin under way covers `before` finished bins; an earlier one ends before those.
        let last = means.len().checked_sub(before + 1)?;
        let offset = (memory.newest() - (means.len() - 1 - last) as i64).rem_euclid(stride as i64) as usize;
        let mut end = last.checked_sub(offset)?;
        let mut at_this_level = 0;
        while gathered.count < CANDIDATES && end >= before {
            let rest = squared_distance(query, &means[end - before..end]);
            let head = memory.head(end, phase);
            let over = memory.begins(end + 1) <= horizon.until;
            if over && !rest.is_nan() && !head.is_nan() {
                gathered.rests[gathered.count] = rest;
                gathered.ends[gathered.count] = head;
                gathered.count += 1;
                at_this_level += usize::from(memory.begins(end - before) >= horizon.since);
            }
            match end.checked_sub(stride) {
                Some(next) => end = next,
                None => break,
            }
        }
        (at_this_level >= FEWEST).then_some(gathered)
    }

    /// The distance if the newest mean is `newest`.
    pub fn distance(&self, newest: f32) -> f64 {
        let (rests, ends) = (&self.rests[..self.count], &self.ends[..self.count]);
        let squares = rests.iter().zip(ends).map(|(rest, end)| rest + (newest - end) * (newest - end));
        let square = if self.length.rank == 1 {
            squares.fold(f32::INFINITY, |best, square| if square < best { square } else { best })
        } else {
            third_smallest(squares)
        };
        (f64::from(square) / self.length.bins as f64).sqrt()
    }
}

fn third_smallest(values: impl Iterator<Item = f32>) -> f32 {
    let [mut first, mut second, mut third] = [f32::INFINITY; 3];
    for value in values {
        if value < third {
            if value < first {
                (first, second, third) = (value, first, second);
            } else if value < second {
                (second, third) = (value, second);
            } else {
                third = value;
            }
        }
    }
    third
}

/// Sum of squared differences in four lanes, so that the compiler may use vector registers.
pub(super) fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0f32; 4];
    let (heads, tails) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f32 = heads.remainder().iter().zip(tails.remainder()).map(|(a, b)| (a - b) * (a - b)).sum();
    for (a, b) in heads.zip(tails) {
        for lane in 0..4 {
            let difference = a[lane] - b[lane];
            lanes[lane] += difference * difference;
        }
    }
    lanes.iter().sum::<f32>() + rest
}
