//! What a plot needs of a series, in constant memory: for each of at most 400 stretches of time the lowest and
//! the highest value and the highest score, and the band as it was at the stretch's first tick. Pure.

use std::time::Duration;

use crate::model::{Score, Timestamp};

/// Most stretches of one plot: two or three for each pixel of a phone, one for two of a screen.
const MOST_BUCKETS: i64 = 400;

/// The stretches of time of one query: whole intervals, all of one length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    first: i64,
    width: i64,
    /// How many there are.
    pub count: usize,
}

impl Grid {
    /// As few ticks to a stretch as the bound on their number allows.
    pub fn new((first, last): (Timestamp, Timestamp), interval: Duration) -> Self {
        let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
        let ticks = (last.as_millis() - first.as_millis()) / interval + 1;
        let width = interval.saturating_mul((ticks + MOST_BUCKETS - 1) / MOST_BUCKETS);
        let count = (last.as_millis() - first.as_millis()) / width + 1;
        Self { first: first.as_millis(), width, count: count as usize }
    }

    /// Whether a tick is the first of its stretch.
    pub fn opens(&self, tick: Timestamp) -> bool {
        (tick.as_millis() - self.first) % self.width == 0
    }

    /// Where a time lies, from 0 at the beginning of the first stretch to 1 at the end of the last; beyond, these.
    pub fn place(&self, at: Timestamp) -> f64 {
        let whole = self.width as f64 * self.count as f64;
        ((at.as_millis() - self.first) as f64 / whole).clamp(0.0, 1.0)
    }

    /// The time at such a place.
    pub fn time(&self, place: f64) -> Timestamp {
        Timestamp::from_millis(self.first + (place * self.width as f64 * self.count as f64) as i64)
    }

    fn bucket(&self, at: Timestamp) -> usize {
        let bucket = (at.as_millis() - self.first).max(0) / self.width;
        (bucket as usize).min(self.count - 1)
    }
}

/// A series as its plot shows it. Values are kept as their distance from the first one, in which single precision
/// is finer than any picture.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    origin: Option<f64>,
    buckets: Box<[Bucket]>,
}

/// One stretch; NaN where there is nothing.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    low: f32,
    high: f32,
    expected: f32,
    lower: f32,
    upper: f32,
    score: f32,
}

/// One stretch of a plot, in the unit of the series. NaN where there is no finite number; the edges of a band
/// may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Column {
    /// The lowest value.
    pub low: f64,
    /// The highest value.
    pub high: f64,
    /// What was expected of the first sample.
    pub expected: f64,
    /// The lower edge of its band.
    pub lower: f64,
    /// The upper edge of its band.
    pub upper: f64,
    /// The highest score.
    pub score: f64,
}

const NOTHING: Bucket = Bucket {
    low: f32::NAN,
    high: f32::NAN,
    expected: f32::NAN,
    lower: f32::NAN,
    upper: f32::NAN,
    score: f32::NAN,
};

impl Envelope {
    /// Nothing seen yet.
    pub fn new(grid: &Grid) -> Self {
        Self { origin: None, buckets: vec![NOTHING; grid.count].into() }
    }

    /// Takes a score in.
    pub fn enter(&mut self, grid: &Grid, score: &Score) {
        if self.origin.is_none() && score.value.is_finite() {
            self.origin = Some(score.value);
        }
        let origin = self.origin.unwrap_or(0.0);
        let near = |number: f64| (number - origin) as f32;
        let bucket = &mut self.buckets[grid.bucket(score.at)];
        if bucket.score.is_nan() {
            bucket.expected = near(score.expected);
            (bucket.lower, bucket.upper) = (near(score.lower), near(score.upper));
        }
        let value = near(score.value);
        if value.is_finite() {
            bucket.low = bucket.low.min(value);
            bucket.high = bucket.high.max(value);
        }
        bucket.score = bucket.score.max(score.score as f32);
    }

    /// The stretches in the order of time.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        let origin = self.origin.unwrap_or(0.0);
        let far = move |number: f32| origin + f64::from(number);
        self.buckets.iter().map(move |bucket| Column {
            low: far(bucket.low),
            high: far(bucket.high),
            expected: far(bucket.expected),
            lower: far(bucket.lower),
            upper: far(bucket.upper),
            score: f64::from(bucket.score),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AnomalyState;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(minute * 60_000)
    }

    fn grid(first: i64, last: i64) -> Grid {
        Grid::new((at(first), at(last)), Duration::from_secs(60))
    }

    fn score(minute: i64, value: f64, score: f64) -> Score {
        let state = AnomalyState::Normal;
        let (expected, lower, upper) = (value + 1.0, value - 5.0, value + 5.0);
        Score { at: at(minute), value, expected, lower, upper, score, state, alarm: false }
    }

    #[test]
    fn a_grid_has_at_most_so_many_stretches_of_whole_intervals() {
        for (ticks, width, count) in
            [(1, 1, 1), (400, 1, 400), (401, 2, 201), (800, 2, 400), (801, 3, 267), (20_160, 51, 396)]
        {
            let grid = grid(7, 7 + ticks - 1);
            assert_eq!((grid.width, grid.count), (width * 60_000, count), "{ticks}");
            let opening = (7..7 + ticks).filter(|&minute| grid.opens(at(minute))).count();
            assert_eq!(opening, count, "each stretch has one first tick");
        }
    }

    #[test]
    fn times_and_places_belong_together() {
        let grid = grid(10, 19);
        for (minute, place) in [(10, 0.0), (15, 0.5), (20, 1.0), (5, 0.0), (25, 1.0)] {
            assert_eq!(grid.place(at(minute)), place, "{minute}");
        }
        assert_eq!(grid.time(0.5), at(15));
    }

    #[test]
    fn a_stretch_keeps_its_extremes_its_highest_score_and_its_first_band() {
        let grid = grid(0, 799);
        let mut envelope = Envelope::new(&grid);
        for it in [score(0, 5.0, 0.5), score(1, 9.0, 2.0), score(2, f64::NAN, 0.0), score(3, 4.0, 0.1)] {
            envelope.enter(&grid, &it);
        }
        let columns: Vec<Column> = envelope.columns().collect();
        let first = Column { low: 5.0, high: 9.0, expected: 6.0, lower: 0.0, upper: 10.0, score: 2.0 };
        assert_eq!(columns[0], first);
        assert_eq!((columns[1].low, columns[1].high), (4.0, 4.0));
        assert!(columns[1].expected.is_nan() && columns[2].score.is_nan() && columns.len() == 400);
    }

    #[test]
    fn small_changes_of_large_values_are_kept() {
        let grid = grid(0, 9);
        let mut envelope = Envelope::new(&grid);
        for minute in 0..10 {
            envelope.enter(&grid, &score(minute, 1.7e12 + minute as f64, 0.0));
        }
        let values: Vec<f64> = envelope.columns().map(|column| column.low - 1.7e12).collect();
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    }

    #[test]
    fn infinite_values_leave_no_mark_and_edges_may_be_infinite() {
        let grid = grid(0, 0);
        let mut envelope = Envelope::new(&grid);
        envelope.enter(&grid, &Score { lower: f64::NEG_INFINITY, ..score(0, 3.0, 0.0) });
        envelope.enter(&grid, &score(0, f64::INFINITY, 0.0));
        let column = envelope.columns().next().unwrap();
        assert_eq!((column.low, column.high, column.lower), (3.0, 3.0, f64::NEG_INFINITY));
    }
}
