//! Mean and covariance of the rows, slowly forgetting. What a row teaches is bounded by its weight; a member
//! that is missing teaches nothing of itself, and the others go on without it.

use serde::{Deserialize, Serialize};

/// Per column a mean and how many rows it was seen in; per pair a covariance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Moments {
    /// In the unit of each column.
    pub mean: Vec<f64>,
    /// The lower triangle by rows: (0,0), (1,0), (1,1), (2,0), …
    covariance: Vec<f64>,
    /// Rows, at most the memory, by which each column was learnt.
    rows: Vec<f64>,
}

impl Moments {
    /// Of nothing.
    pub fn new(columns: usize) -> Self {
        let pairs = columns * (columns + 1) / 2;
        Self { mean: vec![0.0; columns], covariance: vec![0.0; pairs], rows: vec![0.0; columns] }
    }

    /// Learns a row; columns that are not finite are missing. The weight of the row is from 0 to 1;
    /// `memory` is in rows. `off` is room for as many numbers as there are columns.
    pub fn learn(&mut self, row: &[f64], weight: f64, memory: f64, off: &mut [f64]) {
        for (column, value) in row.iter().enumerate() {
            if value.is_finite() {
                self.rows[column] = (self.rows[column] + weight).min(memory);
                off[column] = value - self.mean[column];
                self.mean[column] += self.gain(column, weight) * off[column];
            } else {
                off[column] = f64::NAN;
            }
        }
        let mut start = 0;
        for column in 0..row.len() {
            let pairs = start..=start + column;
            start += column + 1;
            if off[column].is_nan() {
                continue;
            }
            let gain = self.gain(column, weight);
            for (held, other) in self.covariance[pairs].iter_mut().zip(&*off) {
                // A missing column leaves NaN; comparing is cheaper than branching.
                let learnt = (1.0 - gain) * (*held + gain * off[column] * other);
                *held = if learnt.is_nan() { *held } else { learnt };
            }
        }
    }

    fn gain(&self, column: usize, weight: f64) -> f64 {
        if self.rows[column] > 0.0 { weight / self.rows[column] } else { 0.0 }
    }

    /// The covariance of two columns.
    pub fn covariance(&self, first: usize, second: usize) -> f64 {
        let (low, high) = (first.min(second), first.max(second));
        self.covariance[high * (high + 1) / 2 + low]
    }

    /// The standard deviation of a column.
    pub fn deviation(&self, column: usize) -> f64 {
        self.covariance(column, column).max(0.0).sqrt()
    }

    /// Whether all parts are of this many columns, and finite.
    pub fn is_sound(&self, columns: usize) -> bool {
        let finite = |numbers: &[f64]| numbers.iter().all(|number| number.is_finite());
        self.mean.len() == columns
            && self.rows.len() == columns
            && self.covariance.len() == columns * (columns + 1) / 2
            && finite(&self.mean)
            && finite(&self.covariance)
            && finite(&self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(rows: &[[f64; 2]], memory: f64) -> Moments {
        let mut moments = Moments::new(2);
        rows.iter().for_each(|row| moments.learn(row, 1.0, memory, &mut [0.0; 2]));
        moments
    }

    #[test]
    fn while_nothing_is_forgotten_they_are_the_plain_ones() {
        let moments = learnt(&[[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]], 1e9);
        assert!((moments.mean[0] - 2.0).abs() < 1e-12 && (moments.mean[1] - 20.0).abs() < 1e-12);
        assert!((moments.covariance(0, 0) - 2.0 / 3.0).abs() < 1e-12);
        assert!((moments.covariance(1, 0) - 10.0 / 3.0).abs() < 1e-12);
        assert!((moments.deviation(1) - (200.0f64 / 3.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_past_fades() {
        let mut rows = vec![[100.0, 0.0]; 50];
        rows.extend([[1.0, 5.0]; 2000]);
        let moments = learnt(&rows, 100.0);
        assert!((moments.mean[0] - 1.0).abs() < 1e-6 && moments.deviation(0) < 1e-2);
    }

    #[test]
    fn a_missing_column_leaves_the_others_alone() {
        let rows: Vec<[f64; 2]> = (0..50).map(|step| [f64::from(step % 7), f64::NAN]).collect();
        let moments = learnt(&rows, 1e9);
        assert!(moments.deviation(0) > 1.9 && moments.deviation(1) == 0.0);
        assert_eq!((moments.mean[1], moments.covariance(0, 1)), (0.0, 0.0));
        assert!(moments.is_sound(2) && !moments.is_sound(3));
    }
}
