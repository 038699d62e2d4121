//! How far the last stretch of a series is from everything it did before: the distance of a window of means to
//! its nearest earlier windows.
//!
//! A window is compared as it is, level included, with windows that ended before it began. Distances are
//! root mean squares in the unit of the memory. (k-NN distance as an anomaly score: Ramaswamy, Rastogi
//! and Shim, SIGMOD 2000; windows of one series against their past: the left matrix profile, Yeh et al., ICDM 2016.)
//!
//! Windows of several lengths are nested, the newest mean in common, so the sums of a longer one go on where those of a
//! shorter one end.

use std::ops::Range;

use lanes::{BLOCK, add_squares, between, nearest, part, third_nearest};

use super::bins::{Bins, LONGEST};
use super::views::Horizon;

/// Earlier windows that are looked at, the newest ones.
pub(super) const CANDIDATES: usize = 416;
/// With fewer earlier windows than this nothing is said.
pub(super) const FEWEST: usize = 20;
/// Longer windows than this may end at every other bin only.
const SHORT: usize = 3;
/// Room for one value of every window, and for those before the first that the longest reaches back to.
const ROOM: usize = CANDIDATES + LONGEST + 1;

/// One length of window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Length {
    /// Means in a window, the newest included; from 1 to [`LONGEST`].
    pub bins: usize,
    /// The distance to the how many-th nearest counts: 1 or 3.
    pub rank: usize,
}

/// Earlier windows of `LENGTHS` lengths as far as they do not depend on the newest value.
pub(super) struct Windows<const LENGTHS: usize> {
    lengths: [Length; LENGTHS],
    /// Which windows of each length count; none where nothing can be said.
    known: [Range<usize>; LENGTHS],
    /// Sums of squared differences without the newest mean.
    rests: [[f32; CANDIDATES]; LENGTHS],
    /// The newest mean of each window.
    ends: [f32; CANDIDATES],
}

/// The ends of earlier windows in a memory: the indices `first + stride * n`.
#[derive(Clone, Copy)]
struct Ends {
    first: usize,
    stride: usize,
    count: usize,
}

impl Ends {
    /// The newest ends on a grid of absolute time.
    fn new(memory: &Bins, shortest: usize) -> Self {
        let stride = if shortest > SHORT { 2 } else { 1 };
        let bins = memory.means().len();
        // The number of the bin at index 0, on whose grid the ends lie.
        let number = memory.newest() + 1 - bins as i64;
        let offset = (-number).rem_euclid(stride as i64) as usize;
        let all = bins.saturating_sub(offset).div_ceil(stride);
        let count = all.min(CANDIDATES);
        Self { first: offset + stride * (all - count), stride, count }
    }

    /// How many ends come before the bin at `index`.
    fn before(&self, index: usize) -> usize {
        index.saturating_sub(self.first).div_ceil(self.stride).min(self.count)
    }
}

/// The means of a memory, apart by their distance to the ends, so that one lag of all windows is a slice.
struct Lags {
    columns: [[f32; ROOM]; 2],
    stride: usize,
}

impl Lags {
    fn new(means: &[f32], ends: Ends) -> Self {
        let Ends { first, stride, count } = ends;
        // So many whole strides lie before the first end, as far as a window may reach back.
        let back = (first / stride).min(LONGEST);
        let start = first - back * stride;
        let mut lags = Self { columns: [[f32::NAN; ROOM]; 2], stride };
        let (from, places) = (means.get(start..).unwrap_or_default(), LONGEST - back..LONGEST + count);
        if stride == 1 {
            lags.columns[0][places].copy_from_slice(&from[..back + count]);
            return lags;
        }
        // A mean with an odd distance to the ends has the place of the end after it.
        let [even, odd] = &mut lags.columns;
        let (pairs, rest) = from.as_chunks::<2>();
        let pairs = &pairs[..pairs.len().min(places.len())];
        let (even_places, odd_places) = (places.start, places.start + 1);
        part(pairs, &mut even[even_places..][..pairs.len()], &mut odd[odd_places..][..pairs.len()]);
        if let ([last], Some(end)) = (rest, even[places].last_mut()) {
            *end = *last;
        }
        if let Some(before) = start.checked_sub(1).and_then(|before| means.get(before)) {
            odd[LONGEST - back] = *before;
        }
        lags
    }

    /// What each of `lanes` windows has `lag` bins before its end.
    fn at(&self, lag: usize, lanes: usize) -> &[f32] {
        let start = LONGEST - lag / self.stride;
        &self.columns[lag % self.stride][start..start + lanes]
    }
}

impl<const LENGTHS: usize> Windows<LENGTHS> {
    /// No windows yet, of these lengths, the shortest first.
    pub fn new(lengths: [Length; LENGTHS]) -> Self {
        Self {
            lengths,
            known: std::array::from_fn(|_| 0..0),
            rests: [[0.0; CANDIDATES]; LENGTHS],
            ends: [0.0; CANDIDATES],
        }
    }

    /// Gathers the earlier windows, once. `phase` is the share of the newest mean that lies in the bin under way.
    pub fn gather(&mut self, memory: &Bins, phase: f32, horizon: Horizon) {
        let ends = Ends::new(memory, self.lengths[0].bins);
        let lanes = ends.count.next_multiple_of(BLOCK);
        let lags = Lags::new(memory.means(), ends);
        between(lags.at(1, lanes), lags.at(0, lanes), phase, &mut self.ends[..lanes]);
        let mut summed = 0;
        for index in 0..LENGTHS {
            let before = self.lengths[index].bins - 1;
            let Some(query) = memory.tamed(before) else { break };
            if let Some(shorter) = index.checked_sub(1) {
                self.rests.copy_within(shorter..index, index);
            }
            let mut values = [&lags.columns[0][..0]; LONGEST];
            let mut asked = [0f32; LONGEST];
            for lag in summed + 1..=before {
                values[lag - summed - 1] = lags.at(lag, lanes);
                asked[lag - summed - 1] = query[before - lag];
            }
            let added = before - summed;
            add_squares(&asked[..added], &values[..added], &mut self.rests[index][..lanes]);
            self.known[index] = self.known(memory, ends, index, horizon);
            summed = before;
        }
    }

    /// Which windows of a length are known and over; none if too few are of the present level.
    fn known(&self, memory: &Bins, ends: Ends, index: usize, horizon: Horizon) -> Range<usize> {
        let before = self.lengths[index].bins - 1;
        // The window that ends in the bin under way covers `before` finished bins; an earlier one ends before those.
        let last = memory.means().len().saturating_sub(before);
        let begun = memory.index_of(horizon.until.saturating_add(1));
        let over = ends.before(last.min(begun.saturating_sub(1)));
        let from = ends.before(before).min(over);
        let at_this_level =
            ends.before(memory.index_of(horizon.since).saturating_add(before)).clamp(from, over);
        let known = self.rests[index][at_this_level..over].iter().zip(&self.ends[at_this_level..over]);
        let enough = known.filter(|(rest, end)| !(**rest + **end).is_nan()).nth(FEWEST - 1);
        if enough.is_some() { from..over } else { 0..0 }
    }

    /// The distance of a length if the newest mean is `newest`; `None` where the last bins are unknown, and while
    /// there are too few earlier windows of the present level.
    pub fn distance(&self, index: usize, newest: f32) -> Option<f64> {
        let known = self.known[index].clone();
        if known.is_empty() {
            return None;
        }
        let (rests, ends) = (&self.rests[index][known.clone()], &self.ends[known]);
        let Length { bins, rank } = self.lengths[index];
        let square =
            if rank == 1 { nearest(rests, ends, newest) } else { third_nearest(rests, ends, newest) };
        Some((f64::from(square) / bins as f64).sqrt())
    }
}
