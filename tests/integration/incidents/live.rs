//! Incidents that happen while they are watched: a real Prometheus scrapes, its own rule fires, and its own alert is
//! what is delivered.

use std::fmt::Write;
use std::time::Duration;

use serde_json::Value;
use smartcloudops::model::Timestamp;

use super::file::Incident;
use super::judge::judge;
use super::run::{ask, now};
use super::world::{Made, text};
use crate::support::{Daemon, NodeExporter, PATIENCE, Prometheus, TextExporter, http, wait_until};

/// Seconds of history before the first scrape, and between two of its samples.
const HISTORY: i64 = 3 * 3600;
const STEP: i64 = 15;

/// A series that had one value all the time before.
fn was(metric: &str, labels: &[(&str, &str)], value: f64) -> Made {
    let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let now = now();
    let samples = (1..=HISTORY / STEP).rev().map(|step| (now - step * STEP, value)).collect();
    Made { metric: metric.to_owned(), labels, samples }
}

fn config(targets: &[(&str, &str, &str)]) -> String {
    let mut config =
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\nscrape_configs:\n"
            .to_owned();
    for (job, instance, target) in targets {
        let labels = format!("labels: {{instance: '{instance}'}}");
        writeln!(config, "- {{job_name: {job}, static_configs: [{{targets: ['{target}'], {labels}}}]}}")
            .expect("memory");
    }
    config
}

fn rule(alert: &str, expr: &str) -> String {
    format!(
        "groups: [{{name: live, rules: [{{alert: {alert}, expr: '{expr}', labels: {{severity: page}}}}]}}]"
    )
}

/// The first alert that Prometheus itself has; null without one.
async fn alert(client: &reqwest::Client, prometheus: &Prometheus) -> Value {
    let answer =
        client.get(prometheus.process.url("/api/v1/alerts")).send().await.expect("Prometheus answers");
    let answer: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    answer["data"]["alerts"][0].clone()
}

/// Since when it fires, once it does, in seconds since the epoch.
async fn fires(prometheus: &Prometheus) -> i64 {
    let client = http();
    wait_until(PATIENCE, "the alert of Prometheus itself", || async {
        alert(&client, prometheus).await["state"] == "firing"
    })
    .await;
    let since = alert(&client, prometheus).await["activeAt"].as_str().and_then(|at| at.parse().ok());
    let since: Timestamp = since.expect("a time");
    // The whole second after it, once it has come: in the one before, what it tells of may not have been scraped yet.
    let zero = since.as_millis().div_euclid(1000) + 1;
    wait_until(PATIENCE, "the second to come", || async { now() >= zero }).await;
    zero
}

fn incident(text: &str) -> Incident {
    Incident { name: "live-1".to_owned(), ..serde_yaml::from_str(text).expect("it is well-formed") }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_comes_while_it_is_scraped_is_named() {
    let page = |version: &str, started: i64, latency: f64| {
        format!(
            "live_build_info{{version=\"{version}\"}} 1\nprocess_start_time_seconds {started}\nlive_seconds {latency}\n"
        )
    };
    let labels = [("instance", "live-1:8080"), ("job", "live")];
    let begun = now() - HISTORY;
    let mut world = vec![
        was("up", &labels, 1.0),
        was("process_start_time_seconds", &labels, begun as f64),
        was("live_seconds", &labels, 0.2),
        was("live_build_info", &[labels[0], labels[1], ("version", "1")], 1.0),
    ];
    let exporter = TextExporter::start(&page("1", begun, 0.2)).await;
    let config = config(&[("live", "live-1:8080", &exporter.target())]);
    let rules = rule("LiveSlow", "live_seconds > 1");
    let prometheus = Prometheus::start_with_history(&config, &[("rules.yml", &rules)], &text(&world)).await;
    let daemon = Daemon::start(&format!(
        "prometheus: {{url: '{}', retries: 0}}\npresets: []\n",
        prometheus.process.url("")
    ))
    .await;
    let started = now();
    exporter.set(&page("2", started, 3.0));
    let zero = fires(&prometheus).await;
    let made = |metric: &str, more: &[(&str, &str)], value: f64| {
        let labels = labels.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Made {
            metric: metric.to_owned(),
            labels: labels.collect(),
            samples: vec![(started, value), (zero, value)],
        }
    };
    world.push(made("process_start_time_seconds", &[], started as f64));
    world.push(made("live_build_info", &[("version", "2")], 1.0));
    let incident = incident(
        "{kind: live, truth: a new version, alerts: [{labels: {alertname: LiveSlow, instance: 'live-1:8080', job: live}, \
         expr: live_seconds > 1}], expect: {cause: [instance=live-1], because: another version, say: ['version=\"2\"']}}",
    );
    let told = ask(&incident, zero, world, &prometheus, &daemon).await;
    let verdict = judge(&incident, &told);
    let wrong =
        [&verdict.missing, &verdict.unsupported, &verdict.untrue, &verdict.beyond].map(|list| list.len());
    assert!(verdict.first && wrong == [0; 4], "{verdict:#?}\n{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_exporter_that_dies_is_named() {
    let labels = [("instance", "host-1:9100"), ("job", "node")];
    let world = vec![was("up", &labels, 1.0)];
    let exporter = NodeExporter::start().await;
    let target = format!("127.0.0.1:{}", exporter.process.port);
    let rules = rule("TargetDown", "up == 0");
    let prometheus = Prometheus::start_with_history(
        &config(&[("node", "host-1:9100", &target)]),
        &[("rules.yml", &rules)],
        &text(&world),
    )
    .await;
    let daemon = Daemon::start(&format!(
        "prometheus: {{url: '{}', retries: 0}}\nscoring: {{interval: 5s, history: 2h}}\npresets: []\n\
         queries: [{{name: target_up, expr: up, direction: below}}]\n",
        prometheus.process.url("")
    ))
    .await;
    drop(exporter);
    let zero = fires(&prometheus).await;
    wait_until(Duration::from_secs(60), "a score of it", || async {
        daemon
            .metric("anomaly_score{query=\"target_up\",model=\"auto\",instance=\"host-1:9100\",job=\"node\"}")
            .await
            >= Some(1.0)
    })
    .await;
    let incident = incident(
        "{kind: live, truth: the exporter died, alerts: [{labels: {alertname: TargetDown, instance: 'host-1:9100', job: node}, \
         expr: up == 0}], expect: {cause: [instance=host-1], because: target_up, say: ['up is 0']}}",
    );
    let told = ask(&incident, zero, world, &prometheus, &daemon).await;
    let verdict = judge(&incident, &told);
    let wrong =
        [&verdict.missing, &verdict.unsupported, &verdict.untrue, &verdict.beyond].map(|list| list.len());
    assert!(verdict.first && wrong == [0; 4], "{verdict:#?}\n{}", told.text);
}
