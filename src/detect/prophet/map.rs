//! The most probable parameters (MAP), which Prophet leaves to Stan's L-BFGS.
//!
//! For a known noise the problem is a ridge regression with an absolute-value penalty on the changes of
//! slope: the parameters with normal priors are eliminated, the rest is exact ([`Lasso`]). For known
//! parameters the noise is the root of a quadratic equation. Either step lowers the objective, so the two in
//! turn end where neither can: at the mode that Stan seeks. It starts from the noise of a model that
//! explains nothing.

use ndarray::{Array2, s};

use super::cholesky::Cholesky;
use super::lasso::Lasso;
use super::moments::NormalEquations;

/// Standard deviation of the noise's half-normal prior.
const NOISE_PRIOR_SCALE: f64 = 0.5;
/// Most turns; a usual history takes five.
const MOST_TURNS: usize = 100;
/// By what share the noise may still move at the end.
const TOLERANCE: f64 = 1e-9;
/// The least noise, as a share of the values' own variation: below, the sum of squares is rounding.
const LEAST_NOISE: f64 = 1e-7;

/// Inverse widths of the priors.
pub(super) struct Priors {
    /// 1 / variance of each parameter with a normal prior.
    pub precision: Vec<f64>,
    /// What is added to the level before its prior applies: values are fitted from their centre.
    pub centre: f64,
    /// Scale of the Laplace prior on the changes of slope.
    pub changepoint_scale: f64,
}

/// The most probable parameters.
pub(super) struct Mode {
    /// In the order of the normal equations: level from the centre, slope, waves, holidays.
    pub smooth: Vec<f64>,
    /// Changes of slope.
    pub changes: Vec<f64>,
    /// Standard deviation of the noise.
    pub noise: f64,
}

/// Finds the mode for `samples` samples.
pub(super) fn mode(equations: &NormalEquations, priors: &Priors, samples: usize) -> Mode {
    let samples = samples as f64;
    let own = (equations.squares / samples).sqrt().max(f64::MIN_POSITIVE);
    let mut changes = vec![0.0; equations.linear.len() - equations.smooth];
    let mut noise = own;
    let mut smooth = Vec::new();
    for _ in 0..MOST_TURNS {
        smooth = given_noise(equations, priors, noise * noise, &mut changes);
        let before = noise;
        noise = most_probable_noise(residual_squares(equations, &smooth, &changes), samples);
        noise = noise.max(LEAST_NOISE * own);
        if (noise - before).abs() <= TOLERANCE * before {
            break;
        }
    }
    Mode { smooth, changes, noise }
}

/// The parameters for a known variance of the noise; `changes` is where to start, and the result.
fn given_noise(equations: &NormalEquations, priors: &Priors, variance: f64, changes: &mut [f64]) -> Vec<f64> {
    let split = equations.smooth;
    let mut smooth_part = equations.quadratic.slice(s![..split, ..split]).to_owned();
    for (index, precision) in priors.precision.iter().enumerate() {
        smooth_part[[index, index]] += variance * precision;
    }
    let factor = Cholesky::new(smooth_part);
    let mut target = equations.linear[..split].to_vec();
    target[0] -= variance * priors.precision[0] * priors.centre;
    factor.forward(&mut target);
    let mut mixed: Array2<f64> = equations.quadratic.slice(s![split.., ..split]).to_owned();
    for mut row in mixed.outer_iter_mut() {
        factor.forward(row.as_slice_mut().expect("rows are contiguous"));
    }
    let quadratic = &equations.quadratic.slice(s![split.., split..]) - &mixed.dot(&mixed.t());
    let explained = |row: usize| mixed.row(row).iter().zip(&target).map(|(a, b)| a * b).sum::<f64>();
    let linear: Vec<f64> =
        equations.linear[split..].iter().enumerate().map(|(row, value)| value - explained(row)).collect();
    let penalty = variance / priors.changepoint_scale;
    Lasso { quadratic: &quadratic, linear: &linear, penalty }.minimise(changes);
    for (row, change) in mixed.outer_iter().zip(&*changes) {
        target.iter_mut().zip(row).for_each(|(value, factor)| *value -= factor * change);
    }
    factor.backward(&mut target);
    target
}

/// The sum of the squared residuals; never negative.
fn residual_squares(equations: &NormalEquations, smooth: &[f64], changes: &[f64]) -> f64 {
    let parameters: Vec<f64> = smooth.iter().chain(changes).copied().collect();
    let mut sum = equations.squares;
    for (index, row) in equations.quadratic.outer_iter().enumerate() {
        let product: f64 = row.iter().zip(&parameters).map(|(a, b)| a * b).sum();
        sum += parameters[index] * (product - 2.0 * equations.linear[index]);
    }
    sum.max(0.0)
}

/// Minimises `samples ln s + squares / 2s² + s² / 2p²`: a quadratic equation in `s²`.
fn most_probable_noise(squares: f64, samples: f64) -> f64 {
    let prior = NOISE_PRIOR_SCALE * NOISE_PRIOR_SCALE;
    (2.0 * squares / (samples + (samples * samples + 4.0 * squares / prior).sqrt())).sqrt()
}
