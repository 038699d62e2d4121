//! Whether each change that is told of happened: looked up in the series as they were written, not in Prometheus.

use std::collections::BTreeMap;

use serde_json::Value;
use smartcloudops::model::Timestamp;

use super::world::Made;

/// Seconds after its last sample for which a series is there, as Prometheus has it.
const LOOKBACK: i64 = 300;

/// The changes that did not happen, in words.
pub fn untrue(json: &Value, world: &[Made]) -> Vec<String> {
    let changes = json["changes"].as_array().into_iter().flatten();
    changes.filter(|change| !happened(change, world)).map(Value::to_string).collect()
}

fn happened(change: &Value, world: &[Made]) -> bool {
    let labels: BTreeMap<&str, &str> = change["labels"]
        .as_object()
        .expect("labels")
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
        .collect();
    let (start, end) = (time(&change["window"][0]), time(&change["window"][1]));
    let at = (!change["at"].is_null()).then(|| time(&change["at"]));
    // `of` is the metric's name, which a version is told with.
    let is = |made: &Made| {
        made.labels.iter().all(|(name, value)| labels.get(name.as_str()) == Some(&value.as_str()))
            && labels.keys().all(|name| *name == "of" || made.labels.contains_key(*name))
    };
    let all =
        |metric: &'static str| world.iter().filter(move |made| made.metric.ends_with(metric) && is(made));
    let says = |metric: &'static str| {
        all(metric).any(|made| last(made, end).is_some_and(|value| Some(value as i64) == at))
    };
    let grows = |metric: &'static str| {
        all(metric).any(|made| match (last(made, start), last(made, end)) {
            (Some(before), Some(after)) => after > before,
            (None, Some(after)) => after > 0.0,
            _ => false,
        })
    };
    match change["kind"].as_str().expect("a kind") {
        "restart" => says("process_start_time_seconds"),
        "expired" => says("probe_ssl_earliest_cert_expiry"),
        "reboot" => says("node_boot_time_seconds"),
        "configuration" => says("_config_last_reload_success_timestamp_seconds"),
        "version" => all("_build_info").any(|made| last(made, end).is_some() && last(made, start).is_none()),
        "vanished" => all("up").any(|made| last(made, end).is_none() && within(made, start, end)),
        "appeared" => all("up").any(|made| last(made, start).is_none() && within(made, start, end)),
        "rollout" => grows("kube_deployment_status_observed_generation"),
        "container_restart" => grows("kube_pod_container_status_restarts_total"),
        // What an expression of the configuration says is the configuration's matter.
        "configured" => true,
        _ => false,
    }
}

fn time(value: &Value) -> i64 {
    let at: Timestamp =
        value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value} is a time"));
    at.as_millis().div_euclid(1000)
}

/// The value that Prometheus would show at a time.
fn last(made: &Made, at: i64) -> Option<f64> {
    let before = made.samples.iter().rev().find(|(when, _)| *when <= at)?;
    (at - before.0 < LOOKBACK).then_some(before.1)
}

fn within(made: &Made, start: i64, end: i64) -> bool {
    made.samples.iter().any(|(when, _)| (start..=end).contains(when))
}
