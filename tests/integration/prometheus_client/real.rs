//! Against the real Prometheus and the real VictoriaMetrics.

use std::collections::HashSet;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

use smartcloudops::model::Timestamp;
use smartcloudops::prometheus::{Client, Config};

use super::{Probe, at, config, outcome};
use crate::support::{NodeExporter, PATIENCE, Prometheus, TextExporter, VictoriaMetrics, wait_until};

/// 2026-01-01T00:00:07Z: on no round minute, as a daemon may be started.
const START: i64 = 1_767_225_607;
/// More than two of Prometheus's 11,000-point answers.
const POINTS: i64 = 25_000;

/// Two series, one sample a second; the value is the second's number.
fn history(millis_per_unit: i64) -> String {
    let mut text = String::from("# TYPE app_load gauge\n");
    for instance in ["a", "b"] {
        for second in 0..POINTS {
            let time = (START + second) * 1000 / millis_per_unit;
            writeln!(text, "app_load{{instance=\"{instance}\"}} {second} {time}").unwrap();
        }
    }
    text + "# EOF\n"
}

/// What every server that speaks the API must answer alike about [`history`].
async fn answers_alike(client: &Client) {
    let (end, second) = (START + POINTS - 1, Duration::from_secs(1));
    let half_a_second_later = Timestamp::from_millis(end * 1000 + 500);
    let mut series = client.query_range("app_load", at(START), half_a_second_later, second).await.unwrap();
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    assert_eq!(series.len(), 2);
    for (series, instance) in series.iter().zip(["a", "b"]) {
        assert_eq!(series.labels.to_string(), format!(r#"{{__name__="app_load",instance="{instance}"}}"#));
        assert_eq!(series.samples.len() as i64, POINTS, "every point once");
        for (number, sample) in (0..).zip(&series.samples) {
            assert_eq!((sample.at, sample.value), (at(START + number), number as f64));
        }
    }

    // The times are those asked for, not the multiples of the step that some servers prefer.
    let minutes =
        client.query_range("sum(app_load)", at(START), at(START + 7200), 60 * second).await.unwrap();
    let times: Vec<i64> = minutes[0].samples.iter().map(|sample| sample.at.as_millis() / 1000).collect();
    assert_eq!(times, (0..=120).map(|minute| START + 60 * minute).collect::<Vec<_>>());

    let now = at(START + 100);
    let vector = client.query("sum by (instance) (app_load)", now).await.unwrap();
    let values: Vec<f64> = vector.iter().map(|series| series.samples[0].value).collect();
    assert_eq!((values, vector[0].samples[0].at), (vec![100.0, 100.0], now));
    let none = client.query("no_such_metric", now).await.unwrap();
    assert_eq!(none, []);
    let nan = client.query(r#"app_load{instance="a"} * NaN"#, now).await.unwrap();
    assert!(nan.iter().flat_map(|series| &series.samples).all(|sample| sample.value.is_nan()));

    let bad = client.query("sum(", now).await;
    assert_eq!(outcome(&bad), "rejected", "{bad:?}");
    let bad = client.query_range("rate(app_load", at(START), at(end), second).await;
    assert_eq!(outcome(&bad), "rejected", "{bad:?}");
    client.build_info().await.unwrap();
}

#[tokio::test]
async fn prometheus_answers_ranges_beyond_its_limit() {
    let server = Prometheus::start_with_history("{}", &[], &history(1000)).await;
    let probe = Probe::new(&config(&server.process.url("/"))).unwrap();
    answers_alike(&probe.client).await;
    let version = probe.client.build_info().await.unwrap().version;
    assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{version}");
    let ranges =
        r#"smartcloudops_prometheus_requests_total{server="prometheus",kind="range",outcome="success"}"#;
    assert_eq!(probe.metric(ranges), 4.0, "three pieces and a short range");

    let scalar = probe.client.query("scalar(vector(7))", at(START)).await.unwrap();
    assert_eq!((scalar[0].labels.len(), scalar[0].samples[0].value), (0, 7.0));
    let infinite = probe.client.query("vector(1) / 0", at(START)).await.unwrap();
    assert_eq!(infinite[0].samples[0].value, f64::INFINITY);
    for expr in ["app_load[5m]", r#""text""#] {
        let result = probe.client.query(expr, at(START + 100)).await;
        assert_eq!(outcome(&result), "rejected", "{expr}: {result:?}");
    }
}

#[tokio::test]
async fn victoria_metrics_answers_as_prometheus_does() {
    let server = VictoriaMetrics::start().await;
    server.import(history(1).replace("# EOF\n", "")).await;
    let probe = Probe::new(&config(&server.process.url("/prometheus"))).unwrap();
    answers_alike(&probe.client).await;

    // Unless it is told otherwise it answers for the present with what was 30 s ago.
    let now = Timestamp::from(SystemTime::now());
    let recent = |age: u64| format!("fresh {age} {}\n", (now - Duration::from_secs(age)).as_millis());
    server.import((0..=60).map(recent).collect()).await;
    let fresh = probe.client.query("fresh", now).await.unwrap();
    assert_eq!(fresh[0].samples[0].value, 0.0);
}

fn scrape(target: &str) -> String {
    format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [rules.yml]\n\
         scrape_configs: [{{job_name: test, static_configs: [{{targets: ['{target}']}}]}}]\n"
    )
}

const NO_RULES: (&str, &str) = ("rules.yml", "groups: []");

#[tokio::test]
async fn the_metrics_that_exist_are_found() {
    let exporter = NodeExporter::start().await;
    let target = format!("127.0.0.1:{}", exporter.process.port);
    let server = Prometheus::start(&scrape(&target), &[NO_RULES]).await;
    let client = Probe::new(&config(&server.process.url("/"))).unwrap().client;
    let mut names: Vec<String> = (0..150).map(|number| format!("no_such_metric_{number}")).collect();
    names.extend(["node_load1", "node_cpu_seconds_total", "node.load1", "up"].map(str::to_owned));
    let expected: HashSet<String> = ["node_load1", "node_cpu_seconds_total", "up"].map(str::to_owned).into();
    wait_until(PATIENCE, "the first scrape", async || {
        client.metrics_present(&names).await.unwrap() == expected
    })
    .await;
    assert!(client.metrics_present(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_alert_is_seen_firing_and_resolved() {
    let rules =
        r#"groups: [{name: g, rules: [{alert: 'App "Down"', expr: app_up == 0, labels: {severity: page}}]}]"#;
    let exporter = TextExporter::start("app_up 0\n").await;
    let server = Prometheus::start(&scrape(&exporter.target()), &[("rules.yml", rules)]).await;
    let client = Probe::new(&config(&server.process.url("/"))).unwrap().client;
    let firing = async || client.alerts_firing("App \"Down\"").await.unwrap();
    wait_until(PATIENCE, "the alert", async || firing().await.len() == 1).await;
    let labels = firing().await.remove(0);
    let names: Vec<&str> = labels.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["alertname", "instance", "job", "severity"]);
    exporter.set("app_up 1\n");
    wait_until(PATIENCE, "the end of the alert", async || firing().await.is_empty()).await;
    exporter.set("app_up 0\n");
    wait_until(PATIENCE, "the alert again", async || firing().await.len() == 1).await;
    server.reload("rules.yml", NO_RULES.1).await;
    wait_until(PATIENCE, "the end of the rule", async || firing().await.is_empty()).await;
}

#[tokio::test]
async fn a_prometheus_that_hangs_or_dies_is_told_apart_and_comes_back() {
    let mut server = Prometheus::start("{}", &[]).await;
    let config = Config { timeout: Duration::from_secs(1), retries: 0, ..config(&server.process.url("/")) };
    let probe = Probe::new(&config).unwrap();
    let ask = async || outcome(&probe.client.query("vector(1)", at(START)).await);
    assert_eq!((ask().await, probe.up()), ("success", 1.0));
    server.process.suspend().await;
    assert_eq!((ask().await, probe.up()), ("timed_out", 0.0));
    server.process.resume();
    wait_until(PATIENCE, "an answer", async || ask().await == "success").await;
    server.process.kill();
    assert_eq!((ask().await, probe.up()), ("unreachable", 0.0));
    server.process.restart().await;
    assert_eq!((ask().await, probe.up()), ("success", 1.0));
}
