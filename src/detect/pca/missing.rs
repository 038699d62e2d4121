//! Members that are missing from a row: the value that the model expects of them, given the others.
//!
//! The conditional mean of probabilistic PCA (Tipping & Bishop 1999): the scores `t` with the least
//! `|z - P t|² / noise + Σ t² / (variance - noise)` over the members seen, and `P t` for the rest.

use ndarray::{Array1, Array2};

use super::components::Components;

/// The least share of a variance that is not noise, so that every component may take a score.
const LEAST_SIGNAL: f64 = 1e-3;

/// Fills the NaN of a standardised row in.
pub(super) fn fill_in(components: &Components, row: &mut [f64]) {
    let kept = components.variances.len();
    let mut normal = Array2::<f64>::zeros((kept, kept));
    let mut wanted = Array1::<f64>::zeros(kept);
    for (column, value) in row.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        let axis = components.axes.column(column);
        for i in 0..kept {
            wanted[i] += axis[i] * value;
            (0..=i).for_each(|j| normal[(i, j)] += axis[i] * axis[j]);
        }
    }
    for (i, variance) in components.variances.iter().enumerate() {
        let signal = (variance - components.noise).max(LEAST_SIGNAL * variance);
        normal[(i, i)] += components.noise / signal;
    }
    solve(&mut normal, &mut wanted);
    for (column, value) in row.iter_mut().enumerate().filter(|(_, value)| value.is_nan()) {
        *value = components.axes.column(column).dot(&wanted);
    }
}

/// Solves a positive definite system by Cholesky's decomposition; reads and overwrites the lower triangle.
fn solve(matrix: &mut Array2<f64>, right: &mut Array1<f64>) {
    let size = right.len();
    for i in 0..size {
        for j in 0..=i {
            let done: f64 = (0..j).map(|k| matrix[(i, k)] * matrix[(j, k)]).sum();
            let left = matrix[(i, j)] - done;
            matrix[(i, j)] = if i == j { left.max(f64::MIN_POSITIVE).sqrt() } else { left / matrix[(j, j)] };
        }
        let done: f64 = (0..i).map(|k| matrix[(i, k)] * right[k]).sum();
        right[i] = (right[i] - done) / matrix[(i, i)];
    }
    for i in (0..size).rev() {
        let done: f64 = (i + 1..size).map(|k| matrix[(k, i)] * right[k]).sum();
        right[i] = (right[i] - done) / matrix[(i, i)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_system_is_solved() {
        let mut right = array![8.0, 7.0, 3.0];
        solve(&mut array![[4.0, 0.0, 0.0], [2.0, 3.0, 0.0], [0.0, 1.0, 2.0]], &mut right);
        let expected =
            [8.0 - 4.0 * right[0] - 2.0 * right[1], 7.0 - 2.0 * right[0] - 3.0 * right[1] - right[2]];
        assert!(expected.iter().all(|rest| rest.abs() < 1e-12), "{right}");
    }

    #[test]
    fn a_missing_member_follows_the_others() {
        let half = 0.5f64.sqrt();
        let components = Components {
            mean: array![0.0, 0.0],
            per_deviation: array![1.0, 1.0],
            axes: array![[half, half]],
            variances: array![1.98],
            noise: 0.02,
            limits: [1.0; 2],
        };
        let mut row = [3.0, f64::NAN];
        fill_in(&components, &mut row);
        assert!((row[1] - 3.0 * 0.98).abs() < 0.01, "the correlation is 0.98: {row:?}");
        let mut nothing = [f64::NAN; 2];
        fill_in(&components, &mut nothing);
        assert_eq!(nothing, [0.0; 2]);
    }
}
