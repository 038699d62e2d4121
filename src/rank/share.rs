//! How much of one profile others account for, by least squares with bounds.

/// Rounds of descent over the coefficients; each round lowers the error, and few callees take few.
const ROUNDS: usize = 50;

/// The share of a profile's squared length that a multiple of another accounts for, from 0 to 1: R² without an
/// intercept, for neither has one: both are excesses. The multiple is at least 0 and at most `most`.
pub(super) fn share(whole: &[f64], part: &[f64], most: f64) -> f64 {
    let (all, length) = (product(whole, whole), product(part, part));
    if all <= 0.0 || length <= 0.0 {
        return 0.0;
    }
    let multiple = (product(whole, part) / length).clamp(0.0, most);
    let left: f64 = whole.iter().zip(part).map(|(whole, part)| (whole - multiple * part).powi(2)).sum();
    (1.0 - left / all).max(0.0)
}

/// A profile that may account for others, and the largest multiple of it.
pub(super) struct Part {
    /// By row, at least 0.
    pub rows: Vec<f64>,
    /// The largest multiple.
    pub most: f64,
}

/// What is left of a profile after the multiples of all parts that fit best together, at least 0, and the multiples.
/// (Least squares with bounds by coordinate descent: C. L. Lawson & R. J. Hanson, Solving Least Squares Problems,
/// 1974, chapter 23; P. Tseng, JOTA 109, 2001, for its convergence.)
pub(super) fn remainder(whole: &[f64], parts: &[Part]) -> (Vec<f64>, Vec<f64>) {
    let mut left = whole.to_vec();
    let mut multiples = vec![0.0; parts.len()];
    for _ in 0..ROUNDS {
        let before = multiples.clone();
        for (part, multiple) in parts.iter().zip(&mut multiples) {
            let length = product(&part.rows, &part.rows);
            if length > 0.0 {
                let better = (*multiple + product(&left, &part.rows) / length).clamp(0.0, part.most);
                let step = better - *multiple;
                left.iter_mut().zip(&part.rows).for_each(|(left, row)| *left -= step * row);
                *multiple = better;
            }
        }
        if before == multiples {
            break;
        }
    }
    left.iter_mut().for_each(|left| *left = left.max(0.0));
    (left, multiples)
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_needs_the_size_and_the_shape() {
        for (whole, part, most, expected) in [
            (&[0.0, 4.0, 4.0], &[0.0, 4.0, 4.0], 1.0, 1.0),
            (&[0.0, 4.0, 4.0], &[0.0, 8.0, 8.0], 1.0, 1.0),
            (&[0.0, 4.0, 4.0], &[0.0, 2.0, 2.0], 1.0, 0.75),
            (&[0.0, 4.0, 4.0], &[0.0, 2.0, 2.0], f64::INFINITY, 1.0),
            (&[0.0, 4.0, 4.0], &[0.0, 4.0, 0.0], 1.0, 0.5),
            (&[0.0, 4.0, 4.0], &[9.0, 0.0, 0.0], 1.0, 0.0),
            (&[0.0, 0.0, 0.0], &[9.0, 0.0, 0.0], 1.0, 0.0),
            (&[1.0, 0.0, 0.0], &[0.0, 0.0, 0.0], 1.0, 0.0),
        ] {
            assert!((share(whole, part, most) - expected).abs() < 1e-12, "{whole:?} {part:?}");
        }
    }

    #[test]
    fn parts_account_for_a_whole_together() {
        let part = |rows: [f64; 3], most| Part { rows: rows.to_vec(), most };
        let (left, multiples) =
            remainder(&[6.0, 4.0, 1.0], &[part([6.0, 0.0, 0.0], 1.0), part([0.0, 8.0, 0.0], 1.0)]);
        assert_eq!((left, multiples), (vec![0.0, 0.0, 1.0], vec![1.0, 0.5]));
        let (left, multiples) = remainder(&[6.0, 6.0, 0.0], &[part([2.0, 2.0, 0.0], 1.0)]);
        assert_eq!((left, multiples), (vec![4.0, 4.0, 0.0], vec![1.0]));
        assert_eq!(remainder(&[1.0, 2.0], &[]), (vec![1.0, 2.0], vec![]));
    }
}
