//! `backtest` against a real Prometheus whose past holds a known incident.

mod groups;

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use smartcloudops::cli::backtest::report::{Episode, Report};
use smartcloudops::model::Timestamp;
use tempfile::TempDir;

use crate::support::{Prometheus, free_port};

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;
/// Time between samples, in seconds; the same as `scoring.interval`.
const STEP: i64 = 300;
const DAY: i64 = 86_400;
/// Four days of history.
const POINTS: i64 = 4 * DAY / STEP;
/// On the fourth day, at noon.
const INCIDENT: i64 = START + 3 * DAY + DAY / 2;
/// One hour.
const INCIDENT_LENGTH: i64 = 3600;
/// The range that is reported: the last two days.
const FIRST: i64 = START + 2 * DAY;

/// A load with noise and, on one of two instances, an incident; and errors that never come.
fn history() -> String {
    let mut text = String::from("# TYPE app_load gauge\n");
    for (series, instance) in ["a:1", "b<i>:2"].into_iter().enumerate() {
        for point in 0..POINTS {
            let at = START + STEP * point;
            let is_incident = series == 0 && (INCIDENT..INCIDENT + INCIDENT_LENGTH).contains(&at);
            let noise = (point * 7919 + series as i64 * 31) % 101;
            let load = if is_incident { 400 } else { 100 } + noise / 10;
            writeln!(text, "app_load{{instance=\"{instance}\"}} {load} {at}").unwrap();
        }
    }
    text.push_str("# TYPE app_errors gauge\n");
    for point in 0..POINTS {
        writeln!(text, "app_errors {} {}", (point * 37) % 11, START + STEP * point).unwrap();
    }
    text + "# EOF\n"
}

/// The first query's ticks are at the full interval, the second's in between.
const CONFIG: &str = "\
scoring: {interval: 5m, history: 2d}
presets: [node]
queries:
  - {name: app_load, expr: app_load, false_alarms: 1 per 30d}
  - {name: app_errors, expr: app_errors, false_alarms: 2 per 10d}
";

fn run(arguments: &[&str], folder: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_smartcloudops");
    Command::new(program)
        .arg("backtest")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

fn succeed(arguments: &[&str], folder: &Path) -> String {
    let output = run(arguments, folder);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What the program says when it fails with exit code 1.
fn fail(arguments: &[&str], folder: &Path) -> String {
    let output = run(arguments, folder);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
    text
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("config.yml"), CONFIG).unwrap();
    folder
}

fn range() -> Vec<String> {
    let end = START + STEP * (POINTS - 1);
    let times = [format!("--start={FIRST}"), format!("--end={end}")];
    ["--config.file=config.yml".to_owned()].into_iter().chain(times).collect()
}

fn seconds(at: Timestamp) -> i64 {
    at.as_millis() / 1000
}

fn incident(report: &Report) -> &Episode {
    let alarms: Vec<&Episode> = report.episodes.iter().filter(|episode| episode.alarm.is_some()).collect();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    alarms[0]
}

#[tokio::test]
async fn a_known_incident_is_found_where_it_was_and_told_in_every_form() {
    let server = Prometheus::start_with_history("{}", &[], &history()).await;
    let folder = folder();
    let url = format!("--prometheus.url={}", server.process.url("/"));
    let range = range();
    let asked: Vec<&str> = range.iter().map(String::as_str).chain([url.as_str()]).collect();
    let with = |more: &[&str]| succeed(&[asked.as_slice(), more].concat(), folder.path());

    let json = with(&["--output=json", "--threads=1"]);
    assert_eq!(json, with(&["--output=json", "--threads=2"]), "threads change nothing");
    let report: Report = serde_json::from_str(&json).unwrap();
    let found = incident(&report);
    assert_eq!((found.query.as_str(), found.labels.get("instance")), ("app_load", Some("a:1")));
    let alarm = seconds(found.alarm.unwrap());
    assert!((INCIDENT..=INCIDENT + 2 * STEP).contains(&alarm), "{alarm} for an incident at {INCIDENT}");
    assert!(found.peak.value >= 400.0 && (90.0..120.0).contains(&found.peak.expected), "{found:?}");
    let end = seconds(found.end);
    assert!((INCIDENT + INCIDENT_LENGTH - end).abs() <= 6 * STEP && found.resolved.is_some(), "{found:?}");

    let load = &report.queries[0];
    assert_eq!((load.name.as_str(), load.series, load.samples), ("app_load", 2, 2 * 2 * (DAY / STEP) as u64));
    assert_eq!((load.series_days, load.alarms, load.alarms_per_series_day), (4.0, 1, 0.25));
    assert!((load.expected_false_alarms - 4.0 / 30.0).abs() < 1e-9, "{load:?}");
    assert_eq!((report.queries[1].budget.as_str(), report.queries[1].series), ("2 per 10d", 1));
    let presets = &report.queries[2..];
    assert!(
        !presets.is_empty() && presets.iter().all(|query| !query.missing_metrics.is_empty()),
        "{presets:?}"
    );
    assert_eq!((report.top_series.len(), &report.top_series[0].labels), (3, &found.labels));

    let text = with(&["--query=app_load"]);
    let series = r#"app_load{instance="a:1"}"#;
    assert!(text.contains(&found.onset.to_string()) && text.contains(series), "{text}");
    assert!(with(&["--out=report.html", "--top=2"]).is_empty(), "a file leaves the standard output empty");
    let html = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert_eq!(html.matches("<figure>").count(), 2);
    assert!(html.contains("b&lt;i&gt;:2") && !html.contains("<i>:2") && html.trim_end().ends_with("</html>"));
    for refused in ["<script", "src=", "href=", "url(", "http:", "https:"] {
        assert!(!html.contains(refused), "{refused}");
    }
}

/// The command `score`, over an export of the same ticks, says the same to the last digit.
#[tokio::test]
async fn a_backtest_and_the_scores_of_an_export_are_the_same_numbers() {
    let server = Prometheus::start_with_history("{}", &[], &history()).await;
    for model in ["auto", "prophet"] {
        backtest_and_score(model, &format!("--prometheus.url={}", server.process.url("/")));
    }
}

fn backtest_and_score(model: &str, url: &str) {
    let folder = folder();
    let config = CONFIG.replace("expr: app_load,", &format!("expr: app_load, model: {model},"));
    std::fs::write(folder.path().join("config.yml"), config).unwrap();
    let range = range();
    let asked: Vec<&str> = range.iter().map(String::as_str).chain([url]).collect();
    let json = succeed(&[asked.as_slice(), &["--output=json", "--query=app_load"]].concat(), folder.path());
    let report: Value = serde_json::from_str(&json).unwrap();

    let program = env!("CARGO_BIN_EXE_smartcloudops");
    // The history begins after its first moment, as the daemon's does.
    let start = format!("--start={}", START + STEP);
    let expr = r#"app_load{instance="a:1"}"#;
    for arguments in [
        vec!["export", expr, url, &start, range[2].as_str(), "--step=5m", "--output=load.csv"],
        vec!["score", "load.csv", "scores.csv", "--false-alarms=1 per 30d", "--model", model],
    ] {
        let output = Command::new(program).args(&arguments).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let scores = std::fs::read_to_string(folder.path().join("scores.csv")).unwrap();
    let peak = &report["top_series"][0]["peak"];
    let row = scores.lines().find(|line| line.starts_with(peak["at"].as_str().unwrap())).unwrap();
    let cells: Vec<&str> = row.split(',').skip(1).take(5).collect();
    assert_eq!(cells[0], peak["value"].as_f64().unwrap().to_string(), "{row}");
    // As text, for reading JSON may round the last digit.
    for (key, cell) in [("expected", cells[1]), ("score", cells[4])] {
        assert!(json.contains(&format!("\"{key}\": {cell}")), "{row}\n{peak}");
    }
    // The history is scored as well, and not reported.
    let reported = scores.lines().filter(|line| *line >= "2026-01-03" && line.starts_with("2026"));
    let alarms = reported.filter(|line| line.split(',').nth(6) == Some("1"));
    let alarms: Vec<&str> = alarms.filter_map(|line| line.split(',').next()).collect();
    let told = report["episodes"].as_array().unwrap().iter().filter_map(|it| it["alarm"].as_str());
    assert_eq!(alarms, told.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_backtest_that_fails_says_what_to_do_and_writes_nothing() {
    let server = Prometheus::start_with_history("{}", &[], &history()).await;
    let folder = folder();
    let bad = "presets: []\nqueries: [{name: bad, expr: 'rate('}]\n";
    std::fs::write(folder.path().join("bad.yml"), bad).unwrap();
    let url = format!("--prometheus.url={}", server.process.url("/"));
    let dead = format!("--prometheus.url=http://127.0.0.1:{}", free_port());
    let config = "--config.file=config.yml";
    let (start, end) = ("--start=2026-01-03", "--end=2026-01-04");
    for (arguments, expected) in [
        ([config, &dead, start, end, "--top=1"], "is the Prometheus running, and is --prometheus.url"),
        (
            [config, &url, "--start=2020-01-01", "--end=2020-01-02", "--top=1"],
            "no query has a sample from 2020-01-01",
        ),
        ([config, &url, start, end, "--query=app_loads"], "did you mean app_load?"),
        ([config, &url, "--start=2026-01-05", end, "--top=1"], "swap them"),
        (["--config.file=bad.yml", &url, start, end, "--top=1"], "query bad: the server refuses the request"),
    ] {
        let text = fail(&[arguments.as_slice(), &["--out=report.json"]].concat(), folder.path());
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert!(!folder.path().join("report.json").exists(), "{arguments:?}");
    }
    let text = fail(&[config, &url, start, end, "--out=none/report.html"], folder.path());
    assert!(text.contains("there is no folder none"), "{text}");
}
