//! The rows that forests are grown from: a sample of the past in bounded memory.
//!
//! A new row takes the place of a random one. At a chance that falls with the age of the model this is a
//! uniform sample of its life (Vitter 1985, algorithm R); at a constant chance older rows fade
//! exponentially (Aggarwal 2006). So a scrape every 15 seconds remembers as many days as one every hour.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::forest::all_finite;
use super::random::Random;

/// Rows of one length, in no order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reservoir {
    /// Row by row.
    values: Vec<f64>,
    random: Random,
}

impl Reservoir {
    pub fn new(seed: u64) -> Self {
        Self { values: Vec::new(), random: Random::new(seed) }
    }

    /// How many rows it holds.
    pub fn len(&self, columns: usize) -> usize {
        self.values.len() / columns
    }

    /// Takes the row with this chance; once it holds `most`, in the place of another.
    pub fn offer(&mut self, row: &[f64], chance: f64, most: usize) {
        if self.random.unit() >= chance {
            return;
        }
        let held = self.len(row.len());
        if held < most {
            self.values.extend_from_slice(row);
            return;
        }
        let place = self.random.below(held) * row.len();
        self.values[place..place + row.len()].copy_from_slice(row);
    }

    /// Forgets what exceeds `most` rows.
    pub fn shrink(&mut self, most: usize, columns: usize) {
        self.values.truncate(most * columns);
    }

    /// The rows as a matrix.
    pub fn matrix(&self, columns: usize) -> ArrayView2<'_, f64> {
        ArrayView2::from_shape((self.len(columns), columns), &self.values)
            .expect("the rows are of one length and follow each other")
    }

    /// Whether it holds whole finite rows.
    pub fn is_sound(&self, columns: usize) -> bool {
        self.values.len().is_multiple_of(columns) && all_finite(&self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_uniform_sample_at_a_falling_chance() {
        let mut reservoir = Reservoir::new(3);
        for number in 1..=20_000 {
            reservoir.offer(&[f64::from(number)], 500.0 / f64::from(number), 500);
        }
        assert_eq!(reservoir.len(1), 500);
        let mean = reservoir.values.iter().sum::<f64>() / 500.0;
        assert!((mean - 10_000.0).abs() < 3.0 * 5774.0 / 500f64.sqrt(), "{mean}");
    }

    #[test]
    fn older_rows_fade_at_a_constant_chance() {
        let mut reservoir = Reservoir::new(3);
        (0..20_000).for_each(|number| reservoir.offer(&[f64::from(number)], 0.5, 500));
        let age = 20_000.0 - reservoir.values.iter().sum::<f64>() / 500.0;
        assert!((800.0..1200.0).contains(&age), "{age}: 500 rows at a chance of a half are of mean age 1000");
    }

    #[test]
    fn torn_or_infinite_rows_are_not_sound() {
        let check = |values: &[f64], sound| {
            let reservoir = Reservoir { values: values.to_vec(), random: Random::new(0) };
            assert_eq!(reservoir.is_sound(2), sound, "{values:?}");
        };
        check(&[], true);
        check(&[1.0, 2.0], true);
        check(&[1.0, 2.0, 3.0], false);
        check(&[1.0, f64::NAN], false);
    }
}
