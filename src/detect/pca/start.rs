//! The first rows of a group: remembered until there are enough for a robust beginning, then forgotten.
//!
//! Values far from their column's median are pulled in before the moments are taken, so that an incident
//! at the start does not become the norm.

use serde::{Deserialize, Serialize};

use super::moments::Moments;

/// Rows that are remembered: so many, or so many times the columns if that is more.
const LEAST_ROWS: usize = 100;
const ROWS_PER_COLUMN: usize = 4;
/// How many standard deviations from the median a value may lie.
const LIMIT: f64 = 5.0;
/// A normal distribution's standard deviation in median and in mean absolute deviations.
const BY_MEDIAN: f64 = 1.4826;
const BY_MEAN: f64 = 1.2533;

/// Rows, one after the other; NaN where a member is missing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Start {
    values: Vec<f64>,
}

/// How many rows a start takes.
fn wanted(columns: usize) -> usize {
    LEAST_ROWS.max(ROWS_PER_COLUMN * columns)
}

impl Start {
    /// Takes a row. Once there are enough: the moments of all, and the rows are forgotten.
    pub fn learn(&mut self, row: &[f64], memory: f64) -> Option<Moments> {
        self.values.extend_from_slice(row);
        if self.values.len() < wanted(row.len()) * row.len() {
            return None;
        }
        let mut rows = std::mem::take(&mut self.values);
        (0..row.len()).for_each(|column| pull_in(&mut rows, column, row.len()));
        let mut moments = Moments::new(row.len());
        let mut room = vec![0.0; row.len()];
        rows.chunks_exact(row.len()).for_each(|row| moments.learn(row, 1.0, memory, &mut room));
        Some(moments)
    }

    /// Whether these can be remembered rows of this many columns.
    pub fn is_sound(&self, columns: usize) -> bool {
        self.values.len().is_multiple_of(columns) && self.values.len() < wanted(columns) * columns
    }
}

fn pull_in(rows: &mut [f64], column: usize, columns: usize) {
    let seen = rows.iter().skip(column).step_by(columns).copied();
    let mut seen: Vec<f64> = seen.filter(|value| value.is_finite()).collect();
    let Some(median) = median(&mut seen) else { return };
    seen.iter_mut().for_each(|value| *value = (*value - median).abs());
    let mean = seen.iter().sum::<f64>() / seen.len() as f64;
    let typical = self::median(&mut seen).unwrap_or(0.0);
    let reach = LIMIT * if typical > 0.0 { BY_MEDIAN * typical } else { BY_MEAN * mean };
    for value in rows.iter_mut().skip(column).step_by(columns) {
        *value = value.clamp(median - reach, median + reach);
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_among_the_first_rows_counts_for_little() {
        let mut start = Start::default();
        let moments = (0..100).find_map(|step| {
            let value = f64::from(step % 11 - 5);
            let row = [value, if (40..45).contains(&step) { 1e9 } else { 2.0 * value }, f64::NAN];
            start.learn(&row, 1e9)
        });
        let moments = moments.unwrap();
        assert!(moments.deviation(1) < 5.0 * moments.deviation(0), "{moments:?}");
        assert!(moments.is_sound(3) && moments.deviation(2) == 0.0);
        assert!(start.values.is_empty());
    }

    #[test]
    fn a_start_of_other_columns_or_too_many_rows_is_refused() {
        let start = Start { values: vec![0.0; 12] };
        assert!(start.is_sound(3) && start.is_sound(4) && !start.is_sound(5));
        assert!(!Start { values: vec![0.0; 300] }.is_sound(3));
    }
}
