//! Ten series that Python Prophet fitted: `tools/parity/prophet.py` wrote them.

use std::time::Duration;

use serde::Deserialize;

use super::objective;
use crate::detect::prophet::{Config, Fitted, Forecast, Holiday, Prophet};
use crate::model::Timestamp;

/// Median distance allowed, as a share of the series' standard deviation.
const MOST_DIFFERENCE: f64 = 0.02;

#[derive(Deserialize)]
struct Reference {
    start: i64,
    /// Seconds between samples: one for all, or each.
    steps: Vec<i64>,
    y: Vec<Option<f64>>,
    holidays: Vec<ReferenceHoliday>,
    /// Epoch seconds, first those in the history.
    at: Vec<i64>,
    fitted: usize,
    default: Answers,
    newton: Answers,
}

/// What Prophet says after one of its optimisers.
#[derive(Deserialize)]
struct Answers {
    value: Vec<f64>,
    trend: Vec<f64>,
    sigma: f64,
    /// Standard deviation of the simulated values at the last time.
    spread: f64,
    /// Minus the logarithm of the posterior that was reached.
    objective: f64,
}

#[derive(Deserialize)]
struct ReferenceHoliday {
    name: String,
    dates: Vec<jiff::civil::Date>,
    before: u8,
    after: u8,
}

macro_rules! references {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../../tests/fixtures/prophet/", $name, ".json")))),*]
    };
}

const REFERENCES: [(&str, &str); 10] = references![
    "daily",
    "trend_daily_weekly",
    "changepoints",
    "yearly",
    "holidays",
    "gaps",
    "noise",
    "minutes",
    "steps_on_a_high_level",
    "irregular_walk",
];

/// A series, Prophet's answers, and ours.
struct Case {
    name: &'static str,
    reference: Reference,
    times: Vec<Timestamp>,
    values: Vec<f64>,
    fitted: Fitted,
}

impl Case {
    fn all() -> impl Iterator<Item = Self> {
        REFERENCES.into_iter().map(|(name, json)| Self::new(name, serde_json::from_str(json).unwrap()))
    }

    fn new(name: &'static str, reference: Reference) -> Self {
        let mut at = Timestamp::from_millis(1000 * reference.start);
        let mut times = vec![at];
        for number in 1..reference.y.len() {
            at = at + Duration::from_secs(reference.steps[(number - 1) % reference.steps.len()] as u64);
            times.push(at);
        }
        let values: Vec<f64> = reference.y.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        let holiday = |holiday: &ReferenceHoliday| Holiday {
            name: holiday.name.clone(),
            dates: holiday.dates.clone(),
            days_before: holiday.before,
            days_after: holiday.after,
        };
        let config =
            Config { holidays: reference.holidays.iter().map(holiday).collect(), ..Config::default() };
        let fitted = Prophet::fit(&times, &values, &config).unwrap();
        Self { name, reference, times, values, fitted }
    }

    fn samples(&self) -> impl Iterator<Item = (Timestamp, f64)> {
        let samples = self.times.iter().copied().zip(self.values.iter().copied());
        samples.filter(|(_, value)| value.is_finite())
    }

    /// The series' standard deviation.
    fn deviation(&self) -> f64 {
        let count = self.samples().count() as f64;
        let mean = self.samples().map(|(_, value)| value).sum::<f64>() / count;
        (self.samples().map(|(_, value)| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
    }

    fn forecast(&self, index: usize) -> Forecast {
        self.fitted.predict(Timestamp::from_millis(1000 * self.reference.at[index]))
    }

    /// What Prophet says where its optimiser came nearer to the mode.
    fn prophet(&self) -> &Answers {
        let Reference { default, newton, .. } = &self.reference;
        if newton.objective < default.objective { newton } else { default }
    }

    /// Median distance from values of Prophet in the history, and beyond it, in standard deviations.
    fn differences(&self, ours: impl Fn(Forecast) -> f64, prophets: &[f64]) -> [f64; 2] {
        let deviation = self.deviation();
        let difference = |index: usize| (ours(self.forecast(index)) - prophets[index]).abs() / deviation;
        [0..self.reference.fitted, self.reference.fitted..prophets.len()].map(|range| {
            let mut differences: Vec<f64> = range.map(difference).collect();
            differences.sort_by(f64::total_cmp);
            differences[differences.len() / 2]
        })
    }

    fn objective(&self) -> f64 {
        objective(&self.fitted, self.samples())
    }
}

#[test]
fn values_in_the_history_and_beyond_are_prophets() {
    let value = |forecast: Forecast| forecast.value;
    for case in Case::all() {
        let differences = case.differences(value, &case.prophet().value);
        println!(
            "{:<24} {differences:.4?}; to the default optimiser {:.4?}",
            case.name,
            case.differences(value, &case.reference.default.value)
        );
        assert!(differences.into_iter().all(|it| it < MOST_DIFFERENCE), "{}: {differences:?}", case.name);
    }
}

#[test]
fn the_trend_is_prophets() {
    for case in Case::all() {
        let differences = case.differences(|forecast| forecast.trend, &case.prophet().trend);
        assert!(differences.into_iter().all(|it| it < MOST_DIFFERENCE), "{}: {differences:?}", case.name);
    }
}

/// Where Prophet's default optimiser came near to the mode, it too says the same. On two of the ten series
/// it stops 1.2 and 2.4 short of it, with forecasts 4 % and 9 % of a standard deviation away.
#[test]
fn prophets_default_optimiser_agrees_where_it_reached_the_mode() {
    let mut reached = 0;
    for case in Case::all() {
        let default = &case.reference.default;
        if default.objective - case.objective() < 1.0 {
            reached += 1;
            let differences = case.differences(|forecast| forecast.value, &default.value);
            assert!(differences.into_iter().all(|it| it < MOST_DIFFERENCE), "{}: {differences:?}", case.name);
        }
    }
    assert_eq!(reached, 8);
}

#[test]
fn the_mode_is_at_least_as_probable_as_prophets() {
    for case in Case::all() {
        let ours = case.objective();
        let short = [&case.reference.default, &case.reference.newton].map(|it| it.objective - ours);
        println!("{:<24} the optimisers stop short by {short:.4?}", case.name);
        assert!(short.into_iter().all(|it| it > -1e-3), "{}: {short:?}", case.name);
    }
}

#[test]
fn the_noise_and_the_spread_of_the_forecast_are_prophets() {
    for case in Case::all() {
        let last = case.forecast(case.reference.at.len() - 1);
        let prophet = case.prophet();
        let [noise, spread] = [case.fitted.noise() / prophet.sigma, last.deviation / prophet.spread];
        println!("{:<24} noise {noise:.4} spread {spread:.4}", case.name);
        assert!((noise - 1.0).abs() < 0.01, "{}: noise {noise}", case.name);
        assert!((spread - 1.0).abs() < 0.1, "{}: spread {spread}", case.name);
    }
}
