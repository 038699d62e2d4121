//! Models of groups against a real Prometheus: a member that leaves the others within its own range is found
//! and named, on `/metrics` and in the API, and `score` says the same of an export.

use std::fmt::Write;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::{Daemon, PATIENCE, Prometheus, TextExporter, wait_until};

/// Seconds of history before the test begins, one sample each.
const HISTORY: u64 = 900;
/// Series of the host: metric, further labels.
const MEMBERS: [(&str, &str); 4] =
    [("app_cpu", ""), ("app_disk", ",device=\"sda\""), ("app_disk", ",device=\"sdb\""), ("app_net", "")];
const MODELS: [&str; 2] = ["pca", "isolation_forest"];

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs()
}

/// All members follow one load that is low or high for some seconds. Where told, `sdb` goes the other way.
fn value(member: usize, second: u64, is_broken: bool) -> f64 {
    let is_high = (second / 20).is_multiple_of(2) != (is_broken && member == 2);
    let mut random = fastrand::Rng::with_seed(second * 7 + member as u64);
    let level = if is_high { 30.0 } else { 10.0 };
    level + random.f64() + random.f64()
}

fn page(second: u64, is_broken: bool) -> String {
    let mut text = String::new();
    for (index, (metric, labels)) in MEMBERS.iter().enumerate() {
        writeln!(text, "{metric}{{host=\"a\"{labels}}} {}", value(index, second, is_broken)).unwrap();
    }
    text
}

fn history(instance: &str, end: u64) -> String {
    let mut text = String::new();
    for metric in ["app_cpu", "app_disk", "app_net"] {
        writeln!(text, "# TYPE {metric} gauge").unwrap();
        for (index, (name, labels)) in MEMBERS.iter().enumerate().filter(|(_, (name, _))| *name == metric) {
            for second in end - HISTORY..end {
                let value = value(index, second, false);
                let target = format!("instance=\"{instance}\",job=\"app\"");
                writeln!(text, "{name}{{host=\"a\"{labels},{target}}} {value} {second}").unwrap();
            }
        }
    }
    text + "# EOF\n"
}

fn daemon_config(prometheus: &Prometheus) -> String {
    let models = MODELS.map(|kind| {
        format!("- {{name: host_{kind}, type: {kind}, queries: [cpu, disk, net], group_by: [host], false_alarms: 1 per 1h}}\n")
    });
    format!(
        "prometheus: {{url: '{}'}}\nscoring: {{interval: 1s, history: 14m, snapshot_interval: 1s}}\npresets: []\n\
         queries: [{{name: cpu, expr: app_cpu}}, {{name: disk, expr: app_disk}}, {{name: net, expr: app_net}}]\n\
         models:\n{}",
        prometheus.process.url(""),
        models.concat()
    )
}

struct Scene {
    exporter: TextExporter,
    prometheus: Prometheus,
    daemon: Daemon,
}

impl Scene {
    async fn start() -> Self {
        let exporter = TextExporter::start(&page(now(), false)).await;
        let config = format!(
            "global: {{scrape_interval: 1s}}\n\
             scrape_configs: [{{job_name: app, static_configs: [{{targets: ['{}']}}]}}]\n",
            exporter.target()
        );
        let history = history(&exporter.target(), now());
        let prometheus = Prometheus::start_with_history(&config, &[], &history).await;
        let daemon = Daemon::start(&daemon_config(&prometheus)).await;
        Self { exporter, prometheus, daemon }
    }

    /// Feeds the exporter until the page of the daemon is as wanted.
    async fn feed_until(&self, is_broken: bool, what: &str, wanted: impl Fn(&str) -> bool) {
        wait_until(PATIENCE, what, || async {
            self.exporter.set(&page(now(), is_broken));
            wanted(&self.daemon.get("/metrics").await.1)
        })
        .await;
    }
}

/// The value of the first line of the page that begins so.
fn number(page: &str, beginning: &str) -> Option<f64> {
    page.lines().find(|line| line.starts_with(beginning))?.rsplit(' ').next()?.parse().ok()
}

fn score(page: &str, kind: &str) -> Option<f64> {
    number(page, &format!("anomaly_score{{query=\"host_{kind}\",model=\"{kind}\",host=\"a\"}}"))
}

fn share(page: &str, kind: &str, feature: &str) -> Option<f64> {
    let feature = feature.replace('"', "\\\"");
    number(
        page,
        &format!(
            "anomaly_contribution{{query=\"host_{kind}\",model=\"{kind}\",feature=\"{feature}\",host=\"a\"}}"
        ),
    )
}

const SDB: &str = r#"disk{device="sdb"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_leaves_its_group_is_found_and_named() {
    let mut scene = Scene::start().await;
    let calm = |page: &str| MODELS.iter().all(|kind| score(page, kind).is_some_and(|score| score < 1.0));
    scene.feed_until(false, "calm scores of the group", calm).await;
    for kind in MODELS {
        let broken = |page: &str| {
            let of = |feature: &str| share(page, kind, feature).unwrap_or(0.0);
            let others = ["cpu", r#"disk{device="sda"}"#, "net"].into_iter().map(of).fold(0.0, f64::max);
            score(page, kind).is_some_and(|score| score >= 1.0) && of(SDB) > others
        };
        scene.feed_until(true, kind, broken).await;
    }
    let (_, page) = scene.daemon.get("/metrics").await;
    assert_eq!(number(&page, "anomaly_state{query=\"host_pca\",host=\"a\"}"), Some(1.0), "{page}");
    assert!(!page.contains("anomaly_value{query=\"host_"), "a group has no value but its score");

    let anomalies = scene.daemon.data("/api/v1/anomalies?min_score=0&query=host_pca").await;
    let host = &anomalies[0];
    assert_eq!((&host["labels"]["host"], host["since"].is_string()), (&Value::from("a"), true), "{host}");
    let contributors = host["contributors"].as_array().expect("a group has contributors");
    assert!(
        contributors.iter().any(|one| one["feature"] == SDB && one["labels"]["device"] == "sdb"),
        "{host}"
    );
    assert!(contributors.iter().all(|one| one["share"].is_number() && one["score"].is_number()), "{host}");
    is_taken_apart(&scene.daemon).await;

    scene.daemon.stop().await;
    scene.daemon.restart().await;
    let log = scene.daemon.log();
    let again = log.rsplit("listening").next().unwrap_or_default();
    assert!(!again.contains("reading the history"), "the state was taken up: {again}");
    assert!(
        number(&scene.daemon.get("/metrics").await.1, "anomaly_state{query=\"host_pca\",host=\"a\"}")
            .is_some()
    );
    let quiet = |page: &str| calm(page) && !page.contains("anomaly_contribution{query=\"host_pca\"");
    scene.feed_until(false, "what is over to vanish", quiet).await;
}

/// The score of a group, its statistics, and its members by their own onsets; 400 is for what is not one group.
async fn is_taken_apart(daemon: &Daemon) {
    let why = daemon.data("/api/v1/anomalies/why?query=host_pca&match[]=%7Bhost%3D%22a%22%7D").await;
    assert_eq!((&why["model"], &why["labels"]["host"]), (&Value::from("pca"), &Value::from("a")), "{why}");
    let parts = &why["explanation"];
    let names: Vec<&str> =
        parts["evidences"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!((names, &why["occurrences"]), (vec!["t2", "q"], &serde_json::json!([])), "{why}");
    let ratio = parts["evidence"].as_f64().unwrap() / parts["alarm_line"].as_f64().unwrap();
    assert_eq!(Some(ratio), why["score"]["score"].as_f64(), "{why}");
    assert!(parts["samples_seen"].as_u64() > Some(100) && parts["samples_to_warm_up"] == 0, "{why}");
    let members = why["contributors"].as_array().expect("a group has contributors");
    assert!(members.iter().any(|one| one["feature"] == SDB && one["score"].is_number()), "{why}");
    let onsets: Vec<Option<&str>> = members.iter().map(|one| one["since"].as_str()).collect();
    assert!(onsets.is_sorted_by_key(|onset| (onset.is_none(), *onset)), "{why}");
    let single = daemon.data("/api/v1/anomalies/why?query=cpu").await;
    assert!(single.get("contributors").is_none(), "{single}");
}

/// What the daemon publishes is what `score` says of the same rows: a group of all, exported column by column.
#[tokio::test(flavor = "multi_thread")]
async fn live_scores_are_those_of_the_command() {
    let scene = Scene::start().await;
    scene.feed_until(true, "scores", |page| score(page, "pca").is_some_and(|score| score > 0.0)).await;
    let anomalies = scene.daemon.data("/api/v1/anomalies?min_score=0&query=host_pca").await;
    let (at, score) =
        (anomalies[0]["score"]["at"].as_str().unwrap(), anomalies[0]["score"]["score"].as_f64().unwrap());
    let log = scene.daemon.log();
    let begun = log.lines().find(|line| line.contains("reading the history") && line.contains("host_pca"));
    let from = begun
        .and_then(|line| line.split("from=").nth(1)?.split_whitespace().next())
        .unwrap()
        .trim_matches('"');
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_smartcloudops"))
            .args(arguments)
            .current_dir(folder.path())
            .output();
        let output = output.expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let url = format!("--prometheus.url={}", scene.prometheus.process.url("/"));
    let range = [format!("--start={from}"), format!("--end={at}")];
    let mut columns: Vec<Vec<String>> = Vec::new();
    for (metric, labels) in MEMBERS {
        let expr = format!("{metric}{{{}}}", labels.trim_start_matches(','));
        run(&["export", &expr, &url, &range[0], &range[1], "--step=1s", "--output=one.csv"]);
        let text = std::fs::read_to_string(folder.path().join("one.csv")).unwrap();
        columns.push(text.lines().skip(1).map(str::to_owned).collect());
    }
    let mut wide = String::from("timestamp,cpu,sda,sdb,net\n");
    for row in 0..columns[0].len() {
        let cells = columns.iter().enumerate().map(|(index, column)| {
            let (time, value) = column[row].split_once(',').unwrap();
            if index == 0 { format!("{time},{value}") } else { value.to_owned() }
        });
        writeln!(wide, "{}", cells.collect::<Vec<_>>().join(",")).unwrap();
    }
    std::fs::write(folder.path().join("wide.csv"), wide).unwrap();
    run(&["score", "wide.csv", "scored.csv", "--model=pca", "--interval=1s", "--false-alarms=1 per 1h"]);
    let scored = std::fs::read_to_string(folder.path().join("scored.csv")).unwrap();
    let last: Vec<&str> = scored.lines().last().unwrap().split(',').collect();
    assert_eq!((last[0], last[1].parse::<f64>().unwrap().to_bits()), (at, score.to_bits()), "{scored}");
}
