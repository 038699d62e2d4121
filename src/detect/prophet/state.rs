//! What is kept of a fitted model in a snapshot, and what of it is refused.

use serde::{Deserialize, Serialize};

use super::calendar;
use super::config::ConfigError;
use crate::model::Timestamp;

/// Most coefficients of one kind that a state may have: more than a configuration allows to be fitted.
const MOST_COEFFICIENTS: usize = 1024;
/// The largest coefficient of a state, in units of the largest value.
const LARGEST_COEFFICIENT: f64 = 1e12;

/// What was learnt of a history, in Prophet's units: values from 0 to ±1, the history from time 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Milliseconds since the epoch of the first sample.
    pub start: i64,
    /// Milliseconds from the first to the last sample; at least 1.
    pub span: i64,
    /// Prophet's unit in the series' own.
    pub scale: f64,
    /// The trend at the start, Prophet's `m`.
    pub level: f64,
    /// The trend's slope at the start, Prophet's `k`.
    pub slope: f64,
    /// Where the slope may change, in order, and by how much: Prophet's `delta`.
    pub changes: Vec<(f64, f64)>,
    /// Coefficients of year, week and day: sin and cos of each harmonic in turn.
    pub waves: [Vec<f64>; 3],
    /// Each holiday's name, day of its window, and effect.
    pub holidays: Vec<(String, i8, f64)>,
    /// Standard deviation of the noise.
    pub noise: f64,
    /// The time zone whose clocks the seasons followed.
    pub time_zone: String,
}

/// Why a state is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StateError {
    /// The configuration that should go with it.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Seasons that followed other clocks say nothing about these.
    #[error("the model was fitted in time zone {fitted}, not {configured}")]
    TimeZone {
        /// Of the state.
        fitted: String,
        /// Of the configuration.
        configured: String,
    },
    /// Numbers no fit gives.
    #[error("the model's state is damaged: {0}")]
    Damaged(&'static str),
}

impl State {
    /// The effect learnt of a holiday; 0 if it was not in the history.
    pub(super) fn effect(&self, (name, offset): calendar::Column<'_>) -> f64 {
        let learnt = self.holidays.iter().find(|(own, day, _)| own == name && *day == offset);
        learnt.map_or(0.0, |(_, _, effect)| *effect)
    }

    /// Refuses what no fit gives, and what a forecast could not be computed from.
    pub(super) fn check(&self) -> Result<(), StateError> {
        let is_time = |at| calendar::millis(Timestamp::from_millis(at)) == at;
        let is_end = self.start.checked_add(self.span).is_some_and(is_time);
        if !(is_time(self.start) && self.span >= 1 && is_end) {
            return Err(StateError::Damaged("its history is not in time"));
        }
        if !(self.scale > 0.0 && self.scale.is_finite()) {
            return Err(StateError::Damaged("its scale is not positive"));
        }
        if !(0.0..=LARGEST_COEFFICIENT).contains(&self.noise) {
            return Err(StateError::Damaged("its noise is not positive"));
        }
        let in_history = self.changes.iter().all(|(from, _)| (0.0..=1.0).contains(from));
        if !(in_history && self.changes.is_sorted_by(|a, b| a.0 <= b.0)) {
            return Err(StateError::Damaged("its changepoints are not in order"));
        }
        if self.waves.iter().any(|waves| waves.len() % 2 != 0) {
            return Err(StateError::Damaged("a wave has no cosine"));
        }
        let sizes = [self.changes.len(), self.holidays.len()];
        if sizes.into_iter().chain(self.waves.iter().map(Vec::len)).any(|size| size > MOST_COEFFICIENTS) {
            return Err(StateError::Damaged("it has too many coefficients"));
        }
        if !self.coefficients().all(|value| value.abs() <= LARGEST_COEFFICIENT) {
            return Err(StateError::Damaged("a coefficient is not a number of its size"));
        }
        Ok(())
    }

    fn coefficients(&self) -> impl Iterator<Item = f64> + '_ {
        let changes = self.changes.iter().map(|(_, change)| *change);
        let holidays = self.holidays.iter().map(|(_, _, effect)| *effect);
        let waves = self.waves.iter().flatten().copied();
        [self.level, self.slope].into_iter().chain(changes).chain(holidays).chain(waves)
    }
}
