//! What a series was like: means over bins of fixed width, in the order of time, in single precision.
//!
//! Bins lie on a grid of wall-clock time, so that "the same time yesterday" is a distance in the memory. Short
//! gaps are filled with the last mean, long ones with NaN: nothing is known there. A value never leaves
//! the memory's unit, and the memory never grows.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// Bins that are dropped at once when the memory is full.
const SLACK: usize = 8;
/// A gap of more bins than this is not filled.
const FILLED: i64 = 3;

/// Bins in the longest stretch that is compared with the past.
pub(super) const LONGEST: usize = 36;

/// The last means of one width.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bins {
    /// Width of a bin in milliseconds.
    width: i64,
    /// How many bins are kept at least once so many were seen.
    capacity: usize,
    /// Number of the bin under way, counted from the epoch.
    number: Option<i64>,
    sum: f64,
    /// As `sum`, of what is compared with the past.
    tamed_sum: f64,
    count: u32,
    /// Means of the finished bins, the newest last.
    means: Vec<f32>,
    /// The last of them as they are compared with the past.
    tamed: Vec<f32>,
}

impl Bins {
    /// An empty memory of `capacity` bins of `width` milliseconds (at least 1).
    pub fn new(width: i64, capacity: usize) -> Self {
        Self {
            width: width.max(1),
            capacity,
            number: None,
            sum: 0.0,
            tamed_sum: 0.0,
            count: 0,
            means: Vec::new(),
            tamed: Vec::new(),
        }
    }

    /// Width of a bin in milliseconds.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// The finished bins, the newest last.
    pub fn means(&self) -> &[f32] {
        &self.means
    }

    /// The last `count` bins (at most [`LONGEST`]) as they are compared with the past; `None` if there are fewer, or one
    /// of them is unknown.
    pub fn tamed(&self, count: usize) -> Option<&[f32]> {
        let last = &self.tamed[self.tamed.len().checked_sub(count)?..];
        last.iter().all(|mean| !mean.is_nan()).then_some(last)
    }

    /// The number of the newest finished bin, counted from the epoch.
    pub fn newest(&self) -> i64 {
        self.number.unwrap_or(0) - 1
    }

    /// The mean of the bin under way; `None` while it holds no value.
    pub fn under_way(&self) -> Option<f32> {
        (self.count > 0).then(|| (self.sum / f64::from(self.count)) as f32)
    }

    /// Values in the bin under way.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The index of the first bin that does not begin before `at`, in milliseconds; beyond the bin under way there may be
    /// none, and the index is one larger than its.
    pub fn index_of(&self, at: i64) -> usize {
        let bins = self.means.len() as i64;
        let number = at.div_euclid(self.width) + i64::from(at.rem_euclid(self.width) > 0);
        number.saturating_sub(self.newest() + 1 - bins).clamp(0, bins + 2) as usize
    }

    /// What the mean of the newest bin was at `index`, when so much (`phase`, from 0 to 1) of that bin had passed.
    pub fn head(&self, index: usize, phase: f32) -> f32 {
        let before = self.means[index.saturating_sub(1)];
        before + phase * (self.means[index] - before)
    }

    /// When the bin at `index` began, in milliseconds; the bin under way comes after the finished ones.
    pub fn begins(&self, index: usize) -> i64 {
        (self.newest() + 1 + index as i64 - self.means.len() as i64).saturating_mul(self.width)
    }

    /// Finishes the bin under way if `at` lies beyond it, so that the memory is what it is before `at`.
    pub fn advance(&mut self, at: Timestamp) {
        let number = at.as_millis().div_euclid(self.width);
        let Some(current) = self.number else {
            self.number = Some(number);
            return;
        };
        if number <= current {
            return;
        }
        if self.count > 0 {
            let count = f64::from(self.count);
            self.push((self.sum / count) as f32, (self.tamed_sum / count) as f32);
        }
        let missing = number - current - 1;
        let known = |last: Option<&f32>| last.copied().filter(|_| missing <= FILLED).unwrap_or(f32::NAN);
        let (fill, tamed) = (known(self.means.last()), known(self.tamed.last()));
        for _ in 0..missing.min(self.capacity as i64) {
            self.push(fill, tamed);
        }
        (self.number, self.sum, self.tamed_sum, self.count) = (Some(number), 0.0, 0.0, 0);
    }

    /// Adds a value to the bin under way, which [`Bins::advance`] has made current.
    ///
    /// `tamed` takes its place where the last bins are compared with the past.
    pub fn learn(&mut self, value: f32, tamed: f32) {
        self.sum += f64::from(value);
        self.tamed_sum += f64::from(tamed);
        self.count = self.count.saturating_add(1);
    }

    /// Maps every value to another origin.
    pub fn map(&mut self, to: impl Fn(f32) -> f32) {
        self.means.iter_mut().chain(&mut self.tamed).for_each(|mean| *mean = to(*mean));
        for sum in [&mut self.sum, &mut self.tamed_sum] {
            let count = f64::from(self.count.max(1));
            *sum = if self.count > 0 { f64::from(to((*sum / count) as f32)) * count } else { 0.0 };
        }
    }

    /// Compares the last bins with the past as they were.
    pub fn accept(&mut self) {
        self.tamed_sum = self.sum;
        let count = self.tamed.len().min(self.means.len());
        let (to, from) = (self.tamed.len() - count, self.means.len() - count);
        self.tamed[to..].copy_from_slice(&self.means[from..]);
    }

    fn push(&mut self, mean: f32, tamed: f32) {
        append(&mut self.tamed, tamed, LONGEST);
        if !(self.means.is_empty() && mean.is_nan()) {
            append(&mut self.means, mean, self.capacity);
        }
    }
}

/// Adds a value; of those before, `capacity` stay at least, and a few more.
fn append(values: &mut Vec<f32>, value: f32, capacity: usize) {
    if values.len() >= capacity + SLACK {
        values.copy_within(SLACK.., 0);
        values.truncate(capacity);
    }
    if values.len() == values.capacity() {
        values.reserve_exact(SLACK);
    }
    values.push(value);
}
