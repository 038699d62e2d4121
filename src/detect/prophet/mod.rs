//! Prophet (Taylor and Letham, "Forecasting at Scale", 2018): a piecewise linear trend, seasons of the year,
//! week and day as Fourier series, and holidays, fitted to a history as the most probable model.
//!
//! It is Python Prophet's model with its default priors and automatic rules. Its forecasts agree to within
//! 2 % of a series' standard deviation with those of Prophet (`tests/parity.rs`), of whose two optimisers the
//! one that came nearer to the mode is taken; the mode here is exact. It costs one pass over the samples, then
//! small systems. What is left out: logistic and flat growth, multiplicative seasons, extra regressors,
//! sampling of the posterior. What is added: seasons and holidays that follow a time zone's clocks.

mod calendar;
mod cholesky;
mod config;
mod fitted;
mod history;
mod lasso;
mod live;
mod map;
mod moments;
mod state;

pub use config::{Config, ConfigError, Holiday};
pub use fitted::{Components, Fitted, Forecast};
pub use live::{ProphetDetector, ProphetState};
pub use state::{State, StateError};

use calendar::Holidays;
use history::History;
use map::{Mode, Priors};
use moments::Design;

use crate::model::Timestamp;

/// Standard deviation of the priors on the trend's level and slope at the start.
const TREND_PRIOR_SCALE: f64 = 5.0;
/// The noise of a series that is always the same, in Prophet's units.
const NOISE_OF_A_CONSTANT: f64 = 1e-9;

/// Why nothing was fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FitError {
    /// The configuration cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A value without a time, or a time without a value.
    #[error("{times} times and {values} values")]
    Lengths {
        /// How many times.
        times: usize,
        /// How many values.
        values: usize,
    },
    /// A trend needs values at two times.
    #[error("a fit needs finite values at two different times")]
    TooFew,
}

/// The model's name, for its fit.
#[derive(Clone, Copy, Debug)]
pub struct Prophet;

impl Prophet {
    /// Fits a history. NaN and infinite values are skipped; times may come in any order, irregular, and
    /// more than once. The cost is linear in the samples; memory is 16 bytes a sample while fitting and some
    /// hundred numbers after. As with Prophet, fewer samples than coefficients leave no noise: the model then
    /// goes through every sample, and its deviation says nothing.
    ///
    /// # Errors
    /// Fewer than two different times with a finite value, or a configuration that cannot be.
    pub fn fit(times: &[Timestamp], values: &[f64], config: &Config) -> Result<Fitted, FitError> {
        config.check()?;
        let zone_name = config.zone_name()?;
        let history = History::new(times, values)?;
        let holidays = Holidays::new(config);
        let changepoints = history.changepoints(config);
        let design = Design {
            orders: history.orders(config),
            holidays: &holidays,
            changepoints: &changepoints,
            zone: &config.time_zone,
        };
        let mode = if history.is_constant {
            constant(&design)
        } else {
            let priors = priors(&history, &design, config);
            map::mode(&design.normal_equations(&history), &priors, history.samples.len())
        };
        let state = state(&history, &design, &mode, zone_name);
        Ok(Fitted::new(state, &holidays, config.time_zone.clone()))
    }
}

fn priors(history: &History, design: &Design<'_>, config: &Config) -> Priors {
    let waves = 2 * design.orders.iter().sum::<usize>();
    let scales = [TREND_PRIOR_SCALE; 2]
        .into_iter()
        .chain(std::iter::repeat_n(config.seasonality_prior_scale, waves))
        .chain(std::iter::repeat_n(config.holidays_prior_scale, design.holidays.columns.len()));
    Priors {
        precision: scales.map(|scale| 1.0 / (scale * scale)).collect(),
        centre: history.centre,
        changepoint_scale: config.changepoint_prior_scale,
    }
}

/// A series that never moved goes on as it was.
fn constant(design: &Design<'_>) -> Mode {
    Mode {
        smooth: vec![0.0; design.smooth()],
        changes: vec![0.0; design.changepoints.len()],
        noise: NOISE_OF_A_CONSTANT,
    }
}

fn state(history: &History, design: &Design<'_>, mode: &Mode, time_zone: String) -> State {
    let mut coefficients = mode.smooth.iter().copied();
    let mut next = || coefficients.next().unwrap_or_default();
    let (level, slope) = (next(), next());
    let waves = design.orders.map(|order| (0..2 * order).map(|_| next()).collect());
    let holidays = design.holidays.columns.iter().map(|(name, day)| (name.to_string(), *day, next()));
    State {
        start: history.start,
        span: history.span,
        scale: history.scale,
        level: history.centre + level,
        slope,
        waves,
        holidays: holidays.collect(),
        changes: design.changepoints.iter().copied().zip(mode.changes.iter().copied()).collect(),
        noise: mode.noise,
        time_zone,
    }
}

#[cfg(test)]
mod tests;
