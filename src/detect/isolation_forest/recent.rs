//! The rows of the last hours with their scores: whether the present is still what the forest has learnt.

use serde::{Deserialize, Serialize};

use super::Forest;
use super::forest::all_finite;

/// How many rows the window holds.
pub(super) const RECENT_ROWS: usize = 128;
const QUARTER: usize = RECENT_ROWS / 4;

/// A ring of rows that lie a least time apart.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Recent {
    /// Row by row.
    rows: Vec<f64>,
    scores: Vec<f64>,
    /// The place of the oldest row once the window is full.
    next: u32,
    /// Time of the newest row, in milliseconds.
    newest: Option<i64>,
}

impl Recent {
    /// Takes a row unless it is less than `apart` milliseconds later than the last one taken.
    pub fn offer(&mut self, at: i64, apart: i64, row: &[f64], score: f64) {
        if self.newest.is_some_and(|newest| at.saturating_sub(newest) < apart) {
            return;
        }
        self.newest = Some(at);
        if self.scores.len() < RECENT_ROWS {
            self.rows.extend_from_slice(row);
            self.scores.push(score);
            return;
        }
        let place = self.next as usize;
        self.rows[place * row.len()..][..row.len()].copy_from_slice(row);
        self.scores[place] = score;
        self.next = (self.next + 1) % RECENT_ROWS as u32;
    }

    /// The smallest mean score of the four quarters of a full window: high only if every part of it is.
    pub fn least_mean(&self) -> Option<f64> {
        if self.scores.len() < RECENT_ROWS {
            return None;
        }
        let (newer, older) = self.scores.split_at(self.next as usize);
        let in_order: Vec<f64> = older.iter().chain(newer).copied().collect();
        let means = in_order.chunks_exact(QUARTER).map(|part| part.iter().sum::<f64>() / QUARTER as f64);
        means.min_by(f64::total_cmp)
    }

    /// The rows, in no order.
    pub fn rows(&self, columns: usize) -> impl Iterator<Item = &[f64]> + Clone {
        self.rows.chunks_exact(columns)
    }

    /// Scores the rows anew, by another forest.
    pub fn rescore(&mut self, forest: &Forest) {
        for (score, row) in self.scores.iter_mut().zip(self.rows.chunks_exact(forest.columns())) {
            *score = forest.score(row).unwrap_or(*score);
        }
    }

    /// Begins a new window.
    pub fn clear(&mut self) {
        *self = Self { newest: self.newest, ..Self::default() };
    }

    /// Whether it holds whole finite rows, and no more than it may.
    pub fn is_sound(&self, columns: usize) -> bool {
        self.scores.len() <= RECENT_ROWS
            && self.rows.len() == self.scores.len() * columns
            && (self.next as usize) < RECENT_ROWS
            && all_finite(&self.rows)
            && all_finite(&self.scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_last_rows_that_lie_apart() {
        let mut recent = Recent::default();
        for minute in 0..300 {
            let number = minute as f64;
            recent.offer(minute * 60_000, 120_000, &[number, -number], number);
            assert_eq!(recent.least_mean().is_some(), minute >= 254, "{minute}");
        }
        // Rows 44, 46, ..., 298; the oldest 32 of them are the least.
        assert_eq!(recent.least_mean(), Some((44.0 + 106.0) / 2.0));
        assert!(recent.is_sound(2) && recent.rows(2).all(|row| row[0] == -row[1]));
    }

    #[test]
    fn one_quiet_quarter_is_the_least() {
        for quiet in 0..5 {
            let mut recent = Recent::default();
            for number in 0..5 * QUARTER as i64 {
                let score = if number / QUARTER as i64 == quiet { 0.25 } else { 0.75 };
                recent.offer(number, 1, &[0.0], score);
            }
            assert_eq!(recent.least_mean(), Some(if quiet == 0 { 0.75 } else { 0.25 }), "{quiet}");
        }
    }

    #[test]
    fn a_cleared_window_begins_anew_and_keeps_its_distance() {
        let mut recent = Recent::default();
        (0..200).for_each(|number| recent.offer(number, 1, &[0.0], 0.5));
        recent.clear();
        recent.offer(200, 2, &[0.0], 0.5);
        assert!(recent.least_mean().is_none() && recent.rows(1).count() == 0);
        (201..201 + RECENT_ROWS as i64).for_each(|number| recent.offer(number, 1, &[0.0], 0.5));
        assert_eq!(recent.least_mean(), Some(0.5));
    }

    #[test]
    fn another_forest_scores_the_window_anew() {
        let rows = ndarray::Array2::from_shape_fn((200, 1), |(row, _)| row as f64);
        let forest = Forest::fit(&super::super::Config::default(), rows.view()).unwrap();
        let mut recent = Recent::default();
        (0..RECENT_ROWS as i64).for_each(|number| recent.offer(number, 1, &[500.0], 0.1));
        recent.rescore(&forest);
        let (anew, score) = (recent.least_mean().unwrap(), forest.score(&[500.0]).unwrap());
        assert!((anew - score).abs() < 1e-9, "{anew} {score}");
    }

    #[test]
    fn a_torn_window_is_not_sound() {
        let window = |rows: usize, scores: usize, next| Recent {
            rows: vec![0.0; rows],
            scores: vec![0.5; scores],
            next,
            newest: None,
        };
        assert!(window(4, 2, 0).is_sound(2));
        assert!(!window(5, 2, 0).is_sound(2));
        assert!(!window(4, 2, RECENT_ROWS as u32).is_sound(2));
        assert!(!window(2 * RECENT_ROWS + 2, RECENT_ROWS + 1, 0).is_sound(2));
        assert!(!Recent { scores: vec![f64::NAN; 2], ..window(4, 2, 0) }.is_sound(2));
    }
}
