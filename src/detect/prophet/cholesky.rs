//! Positive definite systems of some dozen unknowns.

use ndarray::Array2;

/// By how much each diagonal entry is enlarged, as a share of itself: columns that are the same up to
/// rounding share their effect instead of dividing by nothing.
const RIDGE: f64 = 1e-12;

/// The lower factor `L` of `A = L L'`.
pub(super) struct Cholesky(Array2<f64>);

impl Cholesky {
    /// Factors a positive semi-definite matrix; only its lower half is read.
    pub fn new(mut matrix: Array2<f64>) -> Self {
        for row in 0..matrix.nrows() {
            let diagonal = matrix[[row, row]] * (1.0 + RIDGE);
            for column in 0..row {
                let known = dot(&matrix, row, column, column);
                matrix[[row, column]] = (matrix[[row, column]] - known) / matrix[[column, column]];
            }
            // Rounding may leave less than the ridge, or less than nothing.
            let left = (diagonal - dot(&matrix, row, row, row)).max(RIDGE * diagonal);
            matrix[[row, row]] = left.max(f64::MIN_POSITIVE).sqrt();
        }
        Self(matrix)
    }

    /// Replaces `b` by `L^-1 b`.
    pub fn forward(&self, b: &mut [f64]) {
        for row in 0..b.len() {
            let factors = self.0.row(row);
            let known: f64 = factors.iter().zip(&*b).take(row).map(|(factor, value)| factor * value).sum();
            b[row] = (b[row] - known) / factors[row];
        }
    }

    /// Replaces `b` by `L'^-1 b`.
    pub fn backward(&self, b: &mut [f64]) {
        for row in (0..b.len()).rev() {
            let factors = self.0.row(row);
            b[row] /= factors[row];
            let own = b[row];
            for (value, factor) in b[..row].iter_mut().zip(factors) {
                *value -= factor * own;
            }
        }
    }

    /// Replaces `b` by `A^-1 b`.
    pub fn solve(&self, b: &mut [f64]) {
        self.forward(b);
        self.backward(b);
    }
}

/// The product of the beginnings of two rows.
fn dot(matrix: &Array2<f64>, row: usize, other: usize, length: usize) -> f64 {
    matrix.row(row).iter().zip(matrix.row(other)).take(length).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_system_is_solved() {
        let matrix = array![[4.0, 2.0, 0.6], [2.0, 5.0, 1.0], [0.6, 1.0, 3.0]];
        let mut x = matrix.dot(&array![1.0, -2.0, 3.0]).to_vec();
        Cholesky::new(matrix).solve(&mut x);
        for (got, want) in x.iter().zip([1.0, -2.0, 3.0]) {
            assert!((got - want).abs() < 1e-9, "{x:?}");
        }
    }

    #[test]
    fn two_columns_that_are_the_same_share_the_effect() {
        let mut x = [3.0, 3.0];
        Cholesky::new(array![[1.0, 1.0], [1.0, 1.0]]).solve(&mut x);
        assert!((x[0] + x[1] - 3.0).abs() < 1e-3, "{x:?}");
        assert!(x.iter().all(|value| value.is_finite()));
    }

    #[test]
    fn nothing_is_solved_by_finite_numbers() {
        let mut x = [0.0, 0.0];
        Cholesky::new(Array2::zeros((2, 2))).solve(&mut x);
        assert_eq!(x, [0.0, 0.0]);
    }
}
