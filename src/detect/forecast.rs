//! The next sample's deviation from the level and the time of day: of a few simple forecasts the one
//! that has been best of late.
//!
//! White noise is best forecast by no deviation at all, a wandering series by its last value, most series
//! by something in between.

use serde::{Deserialize, Serialize};

/// Smoothing factors; the first means "as the last sample".
const FACTORS: [f64; 3] = [1.0, 0.3, 0.1];
/// Samples over which the forecasts' errors are averaged.
const TRIAL_SAMPLES: f64 = 300.0;
/// How small a forecast's error must be, as a share of the error without it, to be preferred.
const WORTH_IT: f64 = 0.97;

/// Smoothed deviations, each with its error; the first error belongs to "no deviation".
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Forecasts {
    deviations: [f64; FACTORS.len()],
    errors: [f64; FACTORS.len() + 1],
    samples: f64,
}

impl Forecasts {
    /// The deviation to expect next.
    pub fn best(&self) -> f64 {
        let mut best = (WORTH_IT * self.errors[0], 0.0);
        for (error, deviation) in self.errors[1..].iter().zip(self.deviations) {
            if *error < best.0 {
                best = (*error, deviation);
            }
        }
        best.1
    }

    /// Learns a deviation; `limit` bounds what one sample says about the forecasts.
    pub fn learn(&mut self, deviation: f64, limit: f64) {
        self.samples = (self.samples + 1.0).min(TRIAL_SAMPLES);
        let gain = 1.0 / self.samples;
        let forecasts = std::iter::once(0.0).chain(self.deviations);
        for (error, forecast) in self.errors.iter_mut().zip(forecasts) {
            *error += gain * ((deviation - forecast).abs().min(limit) - *error);
        }
        for (held, factor) in self.deviations.iter_mut().zip(FACTORS) {
            *held += factor * (deviation - *held);
        }
    }

    /// Starts again from a deviation, after a gap or at a new level; what is known of the errors stays.
    pub fn restart(&mut self, deviation: f64) {
        self.deviations = [deviation; FACTORS.len()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(values: impl Iterator<Item = f64>) -> Forecasts {
        let mut forecasts = Forecasts::default();
        values.for_each(|value| forecasts.learn(value, 1e9));
        forecasts
    }

    #[test]
    fn noise_is_forecast_by_the_level() {
        let mut random = fastrand::Rng::with_seed(1);
        assert_eq!(after((0..500).map(|_| random.f64() - 0.5)).best(), 0.0);
    }

    #[test]
    fn a_wandering_series_is_forecast_by_its_last_value() {
        let (mut random, mut at) = (fastrand::Rng::with_seed(2), 0.0);
        let walk: Vec<f64> = (0..500)
            .map(|_| {
                at += random.f64() - 0.5;
                at
            })
            .collect();
        assert_eq!(after(walk.iter().copied()).best(), at);
    }

    #[test]
    fn after_a_restart_the_forecast_is_the_new_deviation() {
        let mut forecasts = after((0..500).map(f64::from));
        forecasts.restart(3.0);
        assert_eq!(forecasts.best(), 3.0);
    }
}
