//! What may be said of services by who calls whom: asked of Prometheus by a client of its own, and worked out here anew.

use serde_json::Value;

use super::figures::median;
use super::petshop::Scenario;
use super::run::{now, range};
use crate::support::Prometheus;

/// Seconds between two values, before the alerts that are unusual already, and before these that are usual.
const STEP: i64 = 120;
const LEAD: i64 = 600;
const USUAL: i64 = 6 * 3600;

/// The figures of all services.
#[derive(Default)]
pub struct Called {
    /// What is usual of each, and every value since; three digits are told, and shares of failed calls in percent.
    pub numbers: Vec<f64>,
    /// When the values since were, in seconds since the epoch.
    pub times: Vec<i64>,
}

/// Of alerts that began then.
pub async fn called(client: &reqwest::Client, prometheus: &Prometheus, begins: i64) -> Called {
    let unusual = (begins - LEAD).div_euclid(STEP) * STEP;
    let mut called =
        Called { times: (unusual..=now()).step_by(STEP as usize).collect(), ..Called::default() };
    let graph = Scenario::named().expect("a scenario is played").graph();
    let expr = |measure: &str| {
        let expr = graph["measures"][measure].as_str().expect("an expression");
        expr.replace("{{ services }}", ".+").replace("{{ window }}", &format!("{STEP}s"))
    };
    let share = format!("{} / {}", expr("failures"), expr("requests"));
    for (expr, unit) in [(expr("latency"), 1.0), (share, 100.0)] {
        let answer = range(client, prometheus, &expr, (unusual - USUAL, now()), STEP).await;
        for series in answer.as_array().into_iter().flatten() {
            called.add(series, unusual, unit);
        }
    }
    called
}

impl Called {
    fn add(&mut self, series: &Value, unusual: i64, unit: f64) {
        let value = |pair: &Value| Some((pair[0].as_f64()? as i64, pair[1].as_str()?.parse::<f64>().ok()?));
        let values = series["values"].as_array().into_iter().flatten().filter_map(value);
        let (before, since): (Vec<_>, Vec<_>) =
            values.filter(|(_, value)| value.is_finite()).partition(|(at, _)| *at < unusual);
        let usual = median(before.iter().map(|(_, value)| *value));
        let all = usual.into_iter().chain(since.iter().map(|(_, value)| *value));
        self.numbers.extend(all.map(|value| three_digits(value * unit)));
    }
}

fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().expect("a number")
}
