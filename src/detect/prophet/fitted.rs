//! A fitted model, and its forecasts.

use jiff::tz::TimeZone;

use super::calendar::{self, Holidays, PERIODS};
use super::config::Config;
use super::state::{State, StateError};
use crate::model::Timestamp;

/// A forecast for one time, in the series' unit. Every number is finite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Forecast {
    /// The expected value: trend and components together.
    pub value: f64,
    /// The piecewise linear trend.
    pub trend: f64,
    /// What is added to the trend.
    pub components: Components,
    /// Standard deviation of an observation from `value`. It holds the noise and, behind the history, what
    /// the trend may still do: Prophet's assumption that changes of slope come as often and as large as
    /// before, in closed form where Prophet draws samples. It leaves out, as Prophet does, that the
    /// parameters themselves are uncertain.
    pub deviation: f64,
}

/// The additive parts of a forecast, in the series' unit; 0 where the model has none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Components {
    /// By the time of the year.
    pub yearly: f64,
    /// By the time of the week.
    pub weekly: f64,
    /// By the time of the day.
    pub daily: f64,
    /// By the holidays on this day.
    pub holidays: f64,
}

/// A model that forecasts.
#[derive(Clone, Debug)]
pub struct Fitted {
    state: State,
    zone: TimeZone,
    /// Day and effect of the holidays, in order.
    holidays: Vec<(i64, f64)>,
    /// Variance of the trend behind the history at time 2, in Prophet's units.
    trend_variance: f64,
}

impl Fitted {
    /// A model from what was learnt. The configuration gives the dates of the holidays, so new ones count
    /// without a new fit, and the time zone; all else is the state's.
    ///
    /// # Errors
    /// A damaged state, one of another time zone, or a configuration that cannot be.
    pub fn restore(state: State, config: &Config) -> Result<Self, StateError> {
        config.check()?;
        let configured = config.zone_name()?;
        if configured != state.time_zone {
            return Err(StateError::TimeZone { fitted: state.time_zone, configured });
        }
        state.check()?;
        Ok(Self::new(state, &Holidays::new(config), config.time_zone.clone()))
    }

    pub(super) fn new(state: State, holidays: &Holidays<'_>, zone: TimeZone) -> Self {
        let learnt: Vec<f64> = holidays.columns.iter().map(|column| state.effect(*column)).collect();
        let holidays = holidays.days().iter().map(|(day, column)| (*day, learnt[*column])).collect();
        let count = state.changes.len() as f64;
        let mean = state.changes.iter().map(|(_, change)| change.abs()).sum::<f64>() / count.max(1.0);
        // A Poisson process of `count` Laplace changes of variance 2 mean², each integrated from its time
        // to time 2.
        let trend_variance = count * 2.0 * mean * mean / 3.0;
        Self { state, zone, holidays, trend_variance }
    }

    /// The forecast for a time, before, in or behind the history.
    pub fn predict(&self, at: Timestamp) -> Forecast {
        let state = &self.state;
        let at = calendar::millis(at);
        let share = (at - state.start) as f64 / state.span as f64;
        let local = calendar::local(&self.zone, at);
        let [yearly, weekly, daily] =
            std::array::from_fn(|season| self.in_unit(wave(local, PERIODS[season], &state.waves[season])));
        let on_this_day = calendar::on(&self.holidays, calendar::day(local));
        let holidays = self.in_unit(on_this_day.iter().map(|(_, effect)| effect).sum());
        let components = Components { yearly, weekly, daily, holidays };
        let trend = self.in_unit(self.trend(share));
        let ahead = (share - 1.0).max(0.0);
        let variance = state.noise * state.noise + self.trend_variance * ahead * ahead * ahead;
        Forecast {
            value: finite(trend + finite(yearly + weekly + daily + holidays)),
            trend,
            components,
            deviation: self.in_unit(variance.sqrt()),
        }
    }

    /// Standard deviation of the noise in the history, in the series' unit.
    pub fn noise(&self) -> f64 {
        self.in_unit(self.state.noise)
    }

    /// What was learnt, for a snapshot.
    pub fn state(&self) -> &State {
        &self.state
    }

    fn trend(&self, share: f64) -> f64 {
        let state = &self.state;
        let passed = state.changes.iter().take_while(|(from, _)| *from <= share);
        state.level + state.slope * share + passed.map(|(from, change)| change * (share - from)).sum::<f64>()
    }

    fn in_unit(&self, value: f64) -> f64 {
        finite(value * self.state.scale)
    }
}

fn wave(local: i64, period: i64, coefficients: &[f64]) -> f64 {
    if coefficients.is_empty() {
        return 0.0;
    }
    let pairs = coefficients.chunks_exact(2).zip(calendar::harmonics(local, period));
    pairs.map(|(pair, (sin, cos))| pair[0] * sin + pair[1] * cos).sum()
}

/// A number within the range of its type; sums and products of finite numbers are never NaN here.
fn finite(value: f64) -> f64 {
    value.clamp(-f64::MAX, f64::MAX)
}
