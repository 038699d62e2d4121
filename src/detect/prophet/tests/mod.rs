//! The fit as a whole: against Python Prophet, and on histories that would break a careless one.

mod clocks;
mod histories;
mod parity;
mod states;

use jiff::tz::TimeZone;

use super::{Config, Fitted, Prophet};
use crate::model::Timestamp;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// 2026-03-01, a Sunday.
const MARCH: i64 = 1_772_323_200_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// `count` samples from March on, `step` apart.
fn history(count: i64, step: i64, value: impl Fn(i64) -> f64) -> (Vec<Timestamp>, Vec<f64>) {
    (0..count).map(|number| MARCH + number * step).map(|millis| (at(millis), value(millis))).unzip()
}

fn fit(history: &(Vec<Timestamp>, Vec<f64>), config: &Config) -> Fitted {
    Prophet::fit(&history.0, &history.1, config).unwrap()
}

/// An hourly series of three weeks with a daily wave and noise.
fn usual() -> (Vec<Timestamp>, Vec<f64>) {
    history(504, HOUR, |millis| 100.0 + 20.0 * phase(millis, DAY).sin() + noise(millis))
}

fn phase(millis: i64, period: i64) -> f64 {
    std::f64::consts::TAU * millis.rem_euclid(period) as f64 / period as f64
}

fn noise(millis: i64) -> f64 {
    fastrand::Rng::with_seed(millis as u64).f64() - 0.5
}

/// Central European time by its rule, which needs no file.
fn berlin() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

/// Minus the logarithm of the posterior, as `prophet.stan` has it, from the samples themselves.
fn objective(fitted: &Fitted, samples: impl Iterator<Item = (Timestamp, f64)>) -> f64 {
    let state = fitted.state();
    let (mut count, mut squares) = (0.0, 0.0);
    for (time, value) in samples {
        count += 1.0;
        squares += ((value - fitted.predict(time).value) / state.scale).powi(2);
    }
    let effects = state.holidays.iter().map(|(_, _, effect)| *effect);
    let ridge: f64 = state.waves.iter().flatten().copied().chain(effects).map(|b| b * b).sum();
    let bends: f64 = state.changes.iter().map(|(_, change)| change.abs()).sum();
    let variance = state.noise * state.noise;
    count * state.noise.ln()
        + squares / (2.0 * variance)
        + (state.level * state.level + state.slope * state.slope) / 50.0
        + bends / 0.05
        + ridge / 200.0
        + 2.0 * variance
}
