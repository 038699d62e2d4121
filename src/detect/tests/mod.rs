//! What every model of one series promises, on made-up series whose truth is known.

mod contract;
mod holds;
mod incidents;
mod properties;

use std::time::Duration;

use super::*;
use crate::model::{Direction, Timestamp};

const DAY: i64 = 1440;

const MODELS: [Model; 3] = [Model::Auto, Model::Seasonal, Model::Prophet];

/// Makes a test of each claim for each model.
macro_rules! for_every_model {
    ($module:ident: $model:ident, $($claim:ident)*) => {
        mod $module {
            $(#[test]
            fn $claim() {
                super::$claim(super::Model::$model);
            })*
        }
    };
    ($($claim:ident)*) => {
        for_every_model!(auto: Auto, $($claim)*);
        for_every_model!(seasonal: Seasonal, $($claim)*);
        for_every_model!(prophet: Prophet, $($claim)*);
    };
}
use for_every_model;

fn config() -> Config {
    Config {
        interval: Duration::from_secs(60),
        false_alarms: "1 per 30d".parse().unwrap(),
        narrowing: Narrowing::default(),
        time_zone: jiff::tz::TimeZone::UTC,
        holidays: Default::default(),
    }
}

fn sample(minute: i64, value: f64) -> Sample {
    Sample {
        at: Timestamp::from_millis(1_700_000_040_000 / 86_400_000 * 86_400_000 + minute * 60_000),
        value,
    }
}

/// Normal noise of deviation 1, the same for the same minute.
fn noise(minute: i64) -> f64 {
    let mut random = fastrand::Rng::with_seed(minute as u64);
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

fn run_with(model: Model, config: &Config, minutes: i64, value: impl Fn(i64) -> f64) -> Vec<Score> {
    let mut detector = model.build(config);
    (0..minutes).map(|minute| detector.observe(sample(minute, value(minute))).unwrap()).collect()
}

fn run(model: Model, minutes: i64, value: impl Fn(i64) -> f64) -> Vec<Score> {
    run_with(model, &config(), minutes, value)
}

fn alarms(scores: &[Score]) -> Vec<usize> {
    scores.iter().enumerate().filter(|(_, score)| score.alarm).map(|(minute, _)| minute).collect()
}
