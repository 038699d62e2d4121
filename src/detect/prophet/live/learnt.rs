//! What `prophet` learns of a series, and what follows from it.

use serde::{Deserialize, Serialize};

use super::history::Recent;
use crate::detect::Config;
use crate::detect::habit::Habit;
use crate::detect::prophet::{Components, Config as Settings, Fitted, Prophet, State as FitState};
use crate::detect::residual::{LARGEST, Trial};
use crate::model::Timestamp;

pub(super) const DAY_MILLIS: i64 = 86_400_000;
/// A fit is made once the history is longer by this share of itself, but at least once a day.
const GROWTH: i64 = 8;
/// The share of the time to the next fit over which the series of a query are spread.
const SPREAD: i64 = 4;
/// The time over which the fits after a change of level are spread.
pub(super) const SOON_MILLIS: i64 = 3_600_000;
/// Days of the history that say how much a new season explains.
const JUDGED_DAYS: i64 = 7;
/// The least by which errors are taken to shrink.
const LEAST_GROWTH: f64 = 0.01;

/// What is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learnt {
    /// The history.
    pub recent: Recent,
    /// The last fit.
    pub fit: Option<Fit>,
    /// When the next fit is due, in milliseconds.
    pub due: i64,
    /// Whether the seasons have made the forecasts better.
    pub seasons: Trial,
    /// Surprises at this time of day.
    pub(super) habit: Habit,
}

/// A fitted model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fit {
    /// When it was made, in milliseconds.
    pub at: i64,
    /// What is 0 in the model.
    pub origin: f64,
    /// The model itself.
    pub model: FitState,
}

impl Fit {
    /// How many seasons it knows.
    pub fn seasons(&self) -> usize {
        self.model.waves.iter().filter(|wave| !wave.is_empty()).count()
    }
}

/// A forecast taken apart.
#[derive(Clone, Copy, Default)]
pub struct Parts {
    /// Where the series is without the seasons.
    pub trend: f64,
    /// What seasons and holidays add.
    pub seasons: f64,
}

impl Learnt {
    /// The forecast for a time, 0 before the first fit.
    pub fn forecast(&self, fitted: Option<&Fitted>, at: Timestamp) -> Parts {
        let (Some(fit), Some(fitted)) = (&self.fit, fitted) else { return Parts::default() };
        let forecast = fitted.predict(at);
        let until = Timestamp::from_millis(if fit.seasons() > 0 { self.due } else { fit.at });
        let trend = if at > until { fitted.predict(until).trend } else { forecast.trend };
        let Components { yearly, weekly, daily, holidays } = forecast.components;
        let within = |value: f64| value.clamp(-LARGEST, LARGEST);
        Parts { trend: within(fit.origin + trend), seasons: within(yearly + weekly + daily + holidays) }
    }

    /// Fits the history, if there is enough of it; the settings have been checked with the configuration.
    pub fn refit(&self, config: &Config, at: i64) -> Option<(Fit, Fitted)> {
        let (times, mut values) = self.recent.history();
        let origin = values.iter().copied().fold(f64::INFINITY, f64::min);
        values.iter_mut().for_each(|value| *value -= origin);
        let fitted = Prophet::fit(&times, &values, &settings(config)).ok()?;
        Some((Fit { at, origin, model: fitted.state().clone() }, fitted))
    }

    /// What a model misses of the last days in the history, the smallest first.
    pub fn misses(&self, fit: &Fit, fitted: &Fitted, days: i64) -> Vec<f64> {
        let (times, values) = self.recent.history();
        let last = times.last().copied().unwrap_or_default();
        let from = last.as_millis().saturating_sub(days * DAY_MILLIS);
        let newest = times.iter().zip(values).filter(|(at, _)| at.as_millis() > from);
        let mut misses: Vec<f64> =
            newest.map(|(at, value)| value - fit.origin - fitted.predict(*at).value).collect();
        misses.sort_unstable_by(f64::total_cmp);
        misses
    }

    /// How many times what the model before missed the new one is to miss. Asked where a season has come in: the errors
    /// made without it say too much. Means hide noise, so what they show of it is taken as that of one sample.
    pub fn growth(
        &self,
        (before, old): (&Fit, &Fitted),
        (now, new): (&Fit, &Fitted),
        config: &Config,
    ) -> f64 {
        let spread = |fit, fitted| spread(&self.misses(fit, fitted, JUDGED_DAYS));
        let hidden = self.recent.width() as f64 / (1000.0 * config.interval.as_secs_f64()).max(1.0);
        let growth = spread(now, new) / spread(before, old) * hidden.max(1.0).sqrt();
        if growth.is_finite() { growth.clamp(LEAST_GROWTH, 1.0) } else { 1.0 }
    }

    /// When the fit after one at this time is due, in milliseconds. The ups and downs of the last means decide where
    /// in the last part of the way, so that not all series of a query are fitted at one tick.
    pub fn due_after(&self, at: Timestamp) -> i64 {
        let way = (self.recent.span() / GROWTH).clamp(1, DAY_MILLIS);
        at.as_millis().saturating_add(way - self.recent.ups_and_downs(way / SPREAD))
    }

    /// When the fit after a change of level at this time is due, in milliseconds: within the hour, as what changes the
    /// level of one series often changes that of many.
    pub fn due_soon_after(&self, at: Timestamp) -> i64 {
        at.as_millis().saturating_add(self.recent.ups_and_downs(SOON_MILLIS))
    }
}

/// The settings of a fit.
pub(super) fn settings(config: &Config) -> Settings {
    Settings {
        holidays: config.holidays.to_vec(),
        time_zone: config.time_zone.clone(),
        ..Settings::default()
    }
}

/// The mean distance of sorted values from their median; NaN for none.
pub(super) fn spread(sorted: &[f64]) -> f64 {
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    sorted.iter().map(|value| (value - median).abs()).sum::<f64>() / sorted.len() as f64
}
