//! A quadratic with an absolute-value penalty, minimised exactly.
//!
//! Hinges of neighbouring changepoints are almost the same column, where coordinate descent crawls. An
//! active set ends after finitely many small systems instead (feature-sign search: Lee, Battle, Raina and
//! Ng, 2007, with the step cut at the first sign change).

use ndarray::Array2;

use super::cholesky::Cholesky;

/// Systems solved before the search is cut off; a fit takes some dozen.
const MOST_SYSTEMS: usize = 1000;
/// How far a gradient may exceed the penalty, as a share of the largest linear term: rounding.
const TOLERANCE: f64 = 1e-12;

/// `x' quadratic x / 2 - linear' x + penalty |x|`.
pub(super) struct Lasso<'a> {
    pub quadratic: &'a Array2<f64>,
    pub linear: &'a [f64],
    pub penalty: f64,
}

impl Lasso<'_> {
    /// Moves `x` to the minimum. Starting near it saves time and changes nothing else.
    pub fn minimise(&self, x: &mut [f64]) {
        let mut signs: Vec<f64> = x.iter().map(|value| sign(*value)).collect();
        for _ in 0..MOST_SYSTEMS {
            if self.step(x, &mut signs) {
                match self.violated(x, &signs) {
                    Some((entering, sign)) => signs[entering] = sign,
                    None => return,
                }
            }
        }
    }

    /// Goes towards the minimum for these signs, up to the first value that would change its own; that one
    /// is then out. Says whether the minimum was reached.
    fn step(&self, x: &mut [f64], signs: &mut [f64]) -> bool {
        let active: Vec<usize> = (0..x.len()).filter(|index| signs[*index] != 0.0).collect();
        let mut target: Vec<f64> =
            active.iter().map(|index| self.linear[*index] - self.penalty * signs[*index]).collect();
        let size = active.len();
        let matrix = Array2::from_shape_fn((size, size), |(a, b)| self.quadratic[[active[a], active[b]]]);
        Cholesky::new(matrix).solve(&mut target);
        let mut share = 1.0;
        let mut leaving = None;
        for (index, goal) in active.iter().zip(&target) {
            // Only what lies at 0 or passes it on the way can leave.
            if goal * signs[*index] <= 0.0 {
                let way = x[*index] / (x[*index] - goal);
                let way = if way.is_finite() { way.clamp(0.0, 1.0) } else { 0.0 };
                if leaving.is_none() || way < share {
                    (share, leaving) = (way, Some(*index));
                }
            }
        }
        for (index, goal) in active.iter().zip(&target) {
            x[*index] += share * (goal - x[*index]);
        }
        if let Some(leaving) = leaving {
            (x[leaving], signs[leaving]) = (0.0, 0.0);
        }
        leaving.is_none()
    }

    /// The value at 0 that would lower the sum most if it left, and in which direction.
    fn violated(&self, x: &[f64], signs: &[f64]) -> Option<(usize, f64)> {
        let largest = self.linear.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        let mut allowed = self.penalty + TOLERANCE * largest;
        let mut found = None;
        for (index, row) in self.quadratic.outer_iter().enumerate() {
            let product: f64 = row.iter().zip(x).map(|(a, b)| a * b).sum();
            let pull = self.linear[index] - product;
            if signs[index] == 0.0 && pull.abs() > allowed {
                allowed = pull.abs();
                found = Some((index, sign(pull)));
            }
        }
        found
    }
}

/// -1, 0 or 1.
fn sign(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value.signum() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    /// A random problem of hinge columns, whose neighbours are almost the same.
    fn problem(seed: u64, size: usize) -> (Array2<f64>, Vec<f64>) {
        let mut random = fastrand::Rng::with_seed(seed);
        let rows = 200;
        let columns = Array2::from_shape_fn((rows, size), |(row, column)| {
            (row as f64 / rows as f64 - 0.8 * column as f64 / size as f64).max(0.0)
        });
        let values = Array1::from_shape_fn(rows, |_| random.f64() - 0.4);
        (columns.t().dot(&columns), columns.t().dot(&values).to_vec())
    }

    #[test]
    fn the_minimum_meets_its_conditions() {
        for seed in 0..50 {
            for penalty in [1e-9, 1e-3, 0.1, 1.0, 1e3] {
                let (quadratic, linear) = problem(seed, 25);
                let mut x = vec![0.0; 25];
                Lasso { quadratic: &quadratic, linear: &linear, penalty }.minimise(&mut x);
                let gradient = quadratic.dot(&Array1::from(x.clone())) - Array1::from(linear);
                for (value, slope) in x.iter().zip(gradient) {
                    let excess = if *value == 0.0 {
                        slope.abs() - penalty
                    } else {
                        (slope + penalty * sign(*value)).abs()
                    };
                    assert!(excess < 1e-7, "seed {seed}, penalty {penalty}: {excess}");
                }
            }
        }
    }

    #[test]
    fn the_start_does_not_matter() {
        let (quadratic, linear) = problem(7, 12);
        let lasso = Lasso { quadratic: &quadratic, linear: &linear, penalty: 0.02 };
        let (mut from_nothing, mut from_afar) = (vec![0.0; 12], vec![5.0; 12]);
        from_afar[3] = -7.0;
        lasso.minimise(&mut from_nothing);
        lasso.minimise(&mut from_afar);
        for (a, b) in from_nothing.iter().zip(&from_afar) {
            assert!((a - b).abs() < 1e-6, "{from_nothing:?} {from_afar:?}");
        }
    }

    #[test]
    fn a_large_penalty_leaves_nothing() {
        let (quadratic, linear) = problem(1, 8);
        let mut x = vec![1.0; 8];
        Lasso { quadratic: &quadratic, linear: &linear, penalty: 1e6 }.minimise(&mut x);
        assert_eq!(x, [0.0; 8]);
    }
}
