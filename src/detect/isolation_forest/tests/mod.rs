//! What the forest promises, on made-up rows whose truth is known.

mod forest;
mod group;
mod parity;
mod properties;
mod stream;

use ndarray::{Array2, ArrayView2};

use super::random::Random;
use super::{Config, Forest};

/// A forest with the default settings.
fn fit(matrix: ArrayView2<'_, f64>) -> Forest {
    Forest::fit(&Config::default(), matrix).unwrap()
}

/// Normal noise of deviation 1.
fn normal(random: &mut Random) -> f64 {
    (-2.0 * (1.0 - random.unit()).ln()).sqrt() * (std::f64::consts::TAU * random.unit()).cos()
}

/// A cloud around 0, of deviation 1 in every column.
fn cloud(rows: usize, columns: usize) -> Array2<f64> {
    let mut random = Random::new(42);
    Array2::from_shape_simple_fn((rows, columns), || normal(&mut random))
}
