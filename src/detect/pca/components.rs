//! The fitted model: the directions in which a group's standardised rows move together, and the limits of
//! both statistics.
//!
//! T2 (Hotelling) is the distance within the retained components, in their own spreads; Q (squared
//! prediction error) is what they leave unexplained. Q's limit is Jackson & Mudholkar's ("Control Procedures
//! for Residuals Associated with Principal Component Analysis", Technometrics 1979); where their
//! approximation has no root, Box's scaled chi-square stands in. T2's is the chi-square of as many degrees.

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::eigen::{Eigen, decompose};
use super::moments::Moments;

/// The probability beyond a limit, and the standard normal deviate there.
const BEYOND: f64 = 1e-3;
const DEVIATE: f64 = 3.0902;
/// A column that varies by less than this share of its mean is constant.
const ROUNDING: f64 = 1e-9;
/// The least variance of a direction, as a share of a column's: what lies below is rounding.
const LEAST_VARIANCE: f64 = 1e-8;
/// Jackson & Mudholkar's exponent at least; nearer to zero the approximation breaks down.
const LEAST_EXPONENT: f64 = 0.05;

/// A fitted model of `n` columns with `k` retained components.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Components {
    pub mean: Array1<f64>,
    /// The reciprocal of each column's standard deviation; 0 for a constant column, which takes no part.
    pub per_deviation: Array1<f64>,
    /// The retained components, `k` unit rows of `n`.
    pub axes: Array2<f64>,
    /// The variance along each of them.
    pub variances: Array1<f64>,
    /// The mean variance along the others.
    pub noise: f64,
    /// What T2 and Q exceed once in a thousand rows, were the rows normally distributed.
    pub limits: [f64; 2],
}

impl Components {
    /// Fits to the moments so that a share of the variance is retained; `None` if fewer than two columns
    /// vary.
    pub fn fit(moments: &Moments, retained: f64) -> Option<Self> {
        let columns = moments.mean.len();
        let per_deviation = Array1::from_shape_fn(columns, |column| {
            let deviation = moments.deviation(column);
            let varies =
                deviation > ROUNDING * moments.mean[column].abs() && deviation > f64::MIN_POSITIVE.sqrt();
            if varies { 1.0 / deviation } else { 0.0 }
        });
        let varying = per_deviation.iter().filter(|scale| **scale > 0.0).count();
        if varying < 2 {
            return None;
        }
        let correlation = Array2::from_shape_fn((columns, columns), |(i, j)| {
            moments.covariance(i, j) * per_deviation[i] * per_deviation[j]
        });
        let Eigen { values, vectors } = decompose(correlation.view());
        let values = values.mapv(|value| value.max(LEAST_VARIANCE));
        let kept = kept(&values, varying, retained);
        let others = values.slice(ndarray::s![kept..varying]);
        Some(Self {
            mean: Array1::from(moments.mean.clone()),
            per_deviation,
            axes: vectors.slice(ndarray::s![..kept, ..]).to_owned(),
            variances: values.slice(ndarray::s![..kept]).to_owned(),
            noise: others.sum() / others.len() as f64,
            limits: [chi_square(kept as f64), q_limit(others.iter().copied())],
        })
    }

    /// Whether all parts are of this many columns, and such that no division goes astray.
    pub fn is_sound(&self, columns: usize) -> bool {
        let kept = self.variances.len();
        let positive = |number: f64| number.is_finite() && number > 0.0;
        let finite = |numbers: &Array1<f64>| numbers.iter().all(|number| number.is_finite());
        self.mean.len() == columns
            && self.per_deviation.len() == columns
            && self.axes.dim() == (kept, columns)
            && (1..columns).contains(&kept)
            && finite(&self.mean)
            && finite(&self.per_deviation)
            && self.axes.iter().all(|element| element.abs() <= 1.0 + 1e-9)
            && self.variances.iter().chain(&self.limits).all(|number| positive(*number))
            && positive(self.noise)
    }
}

/// How many components explain the share, leaving at least one direction for Q.
fn kept(values: &Array1<f64>, varying: usize, share: f64) -> usize {
    let wanted = share.clamp(0.0, 1.0) * values.slice(ndarray::s![..varying]).sum();
    let mut explained = 0.0;
    let enough = values.iter().take(varying).take_while(|value| {
        let more = explained < wanted;
        explained += **value;
        more
    });
    enough.count().clamp(1, varying - 1)
}

/// What a chi-square variable of so many degrees of freedom exceeds with probability [`BEYOND`].
fn chi_square(degrees: f64) -> f64 {
    // The degrees are above 0, so there is such a distribution.
    ChiSquared::new(degrees).map_or(degrees, |chi| chi.inverse_cdf(1.0 - BEYOND))
}

/// The limit of Q from the variances along the directions not retained.
fn q_limit(variances: impl Iterator<Item = f64>) -> f64 {
    let [first, second, third] = variances.fold([0.0; 3], |[a, b, c], v| [a + v, b + v * v, c + v * v * v]);
    let exponent = 1.0 - 2.0 * first * third / (3.0 * second * second);
    if exponent < LEAST_EXPONENT {
        return second / first * chi_square(first * first / second);
    }
    let spread = DEVIATE * (2.0 * second * exponent * exponent).sqrt() / first;
    let shift = second * exponent * (exponent - 1.0) / (first * first);
    first * (1.0 + spread + shift).powf(1.0 / exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_q_is_that_of_a_sum_of_squares() {
        for variances in [&[1.0; 5][..], &[1.0], &[0.5, 0.3, 0.1, 0.01], &[0.2; 30], &[1.0, 1e-8, 1e-8]] {
            let limit = q_limit(variances.iter().copied());
            let mut random = fastrand::Rng::with_seed(3);
            let mut normal =
                || (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos();
            let beyond =
                (0..200_000).filter(|_| variances.iter().map(|v| v * normal().powi(2)).sum::<f64>() > limit);
            let share = beyond.count() as f64 / 200_000.0;
            assert!((0.5e-3..2e-3).contains(&share), "{variances:?}: {share}");
        }
    }

    #[test]
    fn as_many_components_are_kept_as_the_share_asks_for() {
        for (share, expected) in [(0.0, 1), (0.4, 1), (0.5, 1), (0.6, 2), (0.9, 3), (1.0, 3), (7.0, 3)] {
            assert_eq!(kept(&ndarray::array![2.0, 1.0, 0.7, 0.3, 0.0], 4, share), expected, "{share}");
        }
    }
}
