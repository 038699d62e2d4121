//! Eigenvalues and eigenvectors of a small symmetric matrix by Jacobi's rotations (cyclic, as in Golub &
//! Van Loan, "Matrix Computations", section 8.5). For at most 64 columns it takes a few milliseconds, needs
//! no other library, and gives the same bits everywhere.

use ndarray::{Array1, Array2, ArrayView2};

/// Sweeps over all pairs at most; eight are usual for 64 columns.
const MAX_SWEEPS: usize = 40;
/// Off-diagonal elements below this share of the diagonal are zero.
const PRECISION: f64 = 1e-14;

/// Values in falling order; row `i` of `vectors` is the unit vector of value `i`, its largest element
/// positive.
#[derive(Clone, Debug)]
pub(super) struct Eigen {
    pub values: Array1<f64>,
    pub vectors: Array2<f64>,
}

/// Decomposes a symmetric matrix of finite numbers; only its upper triangle is read.
pub(super) fn decompose(matrix: ArrayView2<'_, f64>) -> Eigen {
    let size = matrix.nrows();
    let mut work = Array2::from_shape_fn((size, size), |(i, j)| matrix[(i.min(j), i.max(j))]);
    let mut rows = Array2::eye(size);
    for _ in 0..MAX_SWEEPS {
        if !sweep(&mut work, &mut rows) {
            break;
        }
    }
    sorted(&work, &rows)
}

/// Turns every pair once. Whether anything was turned.
fn sweep(work: &mut Array2<f64>, rows: &mut Array2<f64>) -> bool {
    let mut turned = false;
    for p in 0..work.nrows() {
        for q in p + 1..work.nrows() {
            let (app, aqq, apq) = (work[(p, p)], work[(q, q)], work[(p, q)]);
            if apq.abs() <= PRECISION * (app.abs() * aqq.abs()).sqrt() || apq.abs() < f64::MIN_POSITIVE {
                continue;
            }
            turned = true;
            let theta = (aqq - app) / (2.0 * apq);
            // No `hypot`: that of glibc 2.35 is missing on Amazon Linux 2023. Where the square overflows, nothing is turned.
            let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
            let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
            rotate(work, rows, (p, q), (cosine, cosine * tangent));
        }
    }
    turned
}

/// Turns the axes `p` and `q` by an angle, in the matrix and in the vectors.
fn rotate(work: &mut Array2<f64>, rows: &mut Array2<f64>, (p, q): (usize, usize), angle: (f64, f64)) {
    turn_rows(work, (p, q), angle);
    let (cosine, sine) = angle;
    for mut row in work.rows_mut() {
        let (a, b) = (row[p], row[q]);
        row[p] = cosine * a - sine * b;
        row[q] = sine * a + cosine * b;
    }
    turn_rows(rows, (p, q), angle);
}

fn turn_rows(matrix: &mut Array2<f64>, (p, q): (usize, usize), (cosine, sine): (f64, f64)) {
    let (first, second) = matrix.multi_slice_mut((ndarray::s![p, ..], ndarray::s![q, ..]));
    ndarray::Zip::from(first).and(second).for_each(|a, b| {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    });
}

fn sorted(work: &Array2<f64>, rows: &Array2<f64>) -> Eigen {
    let mut order: Vec<usize> = (0..work.nrows()).collect();
    order.sort_by(|a, b| work[(*b, *b)].total_cmp(&work[(*a, *a)]));
    let values = order.iter().map(|index| work[(*index, *index)]).collect();
    let mut vectors = rows.select(ndarray::Axis(0), &order);
    for mut vector in vectors.rows_mut() {
        let largest =
            vector.iter().copied().fold(0.0, |most: f64, x| if x.abs() > most.abs() { x } else { most });
        if largest < 0.0 {
            vector.mapv_inplace(|element| -element);
        }
    }
    Eigen { values, vectors }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn random(size: usize) -> Array2<f64> {
        let mut random = fastrand::Rng::with_seed(size as u64);
        let factor = Array2::from_shape_simple_fn((size, size), || random.f64() - 0.5);
        factor.dot(&factor.t())
    }

    #[test]
    fn a_known_matrix_has_its_known_values() {
        let found = decompose(array![[2.0, 1.0], [1.0, 2.0]].view());
        assert!((found.values[0] - 3.0).abs() < 1e-12 && (found.values[1] - 1.0).abs() < 1e-12);
        assert!((found.vectors[(0, 0)] - 0.5f64.sqrt()).abs() < 1e-12, "{}", found.vectors);
    }

    #[test]
    fn values_and_vectors_give_the_matrix_back() {
        for size in [1, 2, 3, 8, 33, 64] {
            let matrix = random(size);
            let Eigen { values, vectors } = decompose(matrix.view());
            let back = vectors.t().dot(&Array2::from_diag(&values)).dot(&vectors);
            let unit = vectors.dot(&vectors.t()) - Array2::<f64>::eye(size);
            assert!((back - &matrix).iter().all(|error| error.abs() < 1e-10), "{size}");
            assert!(unit.iter().all(|error| error.abs() < 1e-12), "{size}");
            assert!(values.windows(2).into_iter().all(|pair| pair[0] >= pair[1]), "{values}");
        }
    }

    #[test]
    fn degenerate_matrices_are_no_special_case() {
        let zeros = Array2::<f64>::zeros((5, 5));
        assert!(decompose(zeros.view()).values.iter().all(|value| *value == 0.0));
        let ones = Array2::<f64>::ones((5, 5));
        let found = decompose(ones.view());
        assert!((found.values[0] - 5.0).abs() < 1e-12 && found.values[4].abs() < 1e-12);
        assert!(found.vectors.iter().all(|element| element.is_finite()));
    }
}
