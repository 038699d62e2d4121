//! What a query counts as an anomaly, what that costs of its budget, and why a series has its score: a daemon that
//! reads half a day from a real Prometheus.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::{Daemon, PATIENCE, Prometheus, wait_until};

/// Seconds between samples.
const STEP: u64 = 10;
/// Seconds that the daemon reads.
const HISTORY: u64 = 11 * 3600;
/// Seconds of samples that are still to come when it starts: no series ends while the test runs.
const AHEAD: u64 = 1800;
/// The same load for an hour, in seconds before the end: then, and now.
const BUSY: [std::ops::Range<u64>; 2] = [AHEAD + 5 * 3600..AHEAD + 6 * 3600, 0..AHEAD + 3600];

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs()
}

/// A load between 20 and 21, of `b` 0.3 more in its busy hours, by the seconds before the last sample. That of `a` is
/// 500 once while the daemon warms up, and once for half a minute.
fn load(instance: &str, before_end: u64) -> f64 {
    // Random, though the same in each run: one that repeats exactly is judged by smaller differences than a real one.
    let calm = 20.0 + fastrand::Rng::with_seed(before_end.wrapping_mul(0x9E37_79B9_7F4A_7C15)).f64();
    match before_end {
        _ if instance == "b" => {
            calm + if BUSY.iter().any(|busy| busy.contains(&before_end)) { 0.3 } else { 0.0 }
        }
        _ if (AHEAD + HISTORY - 300..AHEAD + HISTORY - 280).contains(&before_end) => 500.0,
        _ if (AHEAD + 7200..AHEAD + 7230).contains(&before_end) => 500.0,
        _ => calm,
    }
}

fn history() -> String {
    let mut text = String::from("# TYPE load gauge\n");
    let end = now() / STEP * STEP + AHEAD;
    for instance in ["a", "b"] {
        for step in (0..(AHEAD + HISTORY + 1800) / STEP).rev() {
            let before_end = step * STEP;
            let (value, at) = (load(instance, before_end), end - before_end);
            writeln!(text, "load{{instance=\"{instance}\"}} {value} {at}").expect("a String can be written");
        }
    }
    text + "# EOF\n"
}

fn config(prometheus: &Prometheus) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         scoring: {{interval: {STEP}s, history: {HISTORY}s, time_zone: Europe/Berlin}}\n\
         presets: []\n\
         queries:\n\
         - {{name: plain, expr: load}}\n\
         - {{name: alone, expr: 'load{{instance=\"a\"}}'}}\n\
         - {{name: patient, expr: 'load{{instance=\"a\"}}', min_duration: 2m}}\n\
         - {{name: relative, expr: 'load{{instance=\"a\"}}', min_relative_deviation: 50}}\n\
         - {{name: ranged, expr: 'load{{instance=\"a\"}}', data_range: [0, 100], min_relative_deviation: 50}}\n",
        prometheus.process.url("")
    )
}

async fn start() -> (Prometheus, Daemon) {
    let prometheus = Prometheus::start_with_history("{}", &[], &history()).await;
    let daemon = Daemon::start(&config(&prometheus)).await;
    wait_until(PATIENCE, "the first evaluation of every query", || async {
        let (_, page) = daemon.get("/metrics").await;
        ["plain", "alone", "patient", "relative", "ranged"]
            .iter()
            .all(|query| page.contains(&format!("anomaly_value{{query=\"{query}\"")))
    })
    .await;
    (prometheus, daemon)
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_query_decide_what_is_an_anomaly_and_history_spends_no_budget() {
    let (_prometheus, daemon) = start().await;
    let metric = |name: &'static str, query: &'static str| {
        let daemon = &daemon;
        async move { daemon.metric(&format!("smartcloudops_{name}_total{{query=\"{query}\"}}")).await }
    };
    for (query, expected) in [("alone", 1.0), ("patient", 0.0), ("relative", 0.0), ("ranged", 2.0)] {
        assert_eq!(metric("scoring_alarms", query).await, Some(expected), "{query}");
    }
    wait_until(PATIENCE, "live evaluations", || async {
        metric("false_alarm_budget_expected", "plain").await > Some(0.0)
    })
    .await;
    // One alarm in 30 days, two series, 10 s each.
    let samples =
        metric("false_alarm_budget_expected", "plain").await.unwrap() * 30.0 * 86_400.0 / STEP as f64;
    assert!((2.0..40.0).contains(&samples) && (samples - samples.round()).abs() < 1e-6, "{samples}");
    assert_eq!(metric("false_alarm_budget_seen", "alone").await, Some(0.0), "its alarm is of the history");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_is_taken_apart_and_a_restart_admits_what_it_does_not_know() {
    let (prometheus, mut daemon) = start().await;
    let of = |query: &str, instance: &str| {
        format!("/api/v1/anomalies/why?query={query}&match[]=%7Binstance%3D%22{instance}%22%7D")
    };
    let why = daemon.data(&of("plain", "b")).await;
    assert_eq!(
        (&why["query"], &why["model"], &why["labels"]["instance"]),
        (&"plain".into(), &"auto".into(), &"b".into())
    );
    assert!((20.0..22.0).contains(&why["score"]["value"].as_f64().unwrap()), "{why}");
    let parts = &why["explanation"];
    assert!(parts["samples_seen"].as_u64() >= Some(HISTORY / STEP), "{why}");
    assert_eq!((&parts["samples_to_warm_up"], &parts["outside_data_range"]), (&0.into(), &false.into()));
    assert_eq!((&parts["gate"], &parts["learning"]), (&"alarm_line".into(), &"full".into()), "{why}");
    assert_eq!(why["gates_passed"], serde_json::json!(["finite", "warm_up"]));
    assert!(parts["evidence"].as_f64() < parts["alarm_line"].as_f64(), "{why}");
    let evidences = parts["evidences"].as_array().unwrap();
    let probability = |name: &str| {
        let evidence =
            evidences.iter().find(|evidence| evidence["name"] == name).expect("a view of this name");
        evidence["probability"].as_f64()
    };
    assert!(probability("forecast").is_some_and(|p| (0.0..=1.0).contains(&p)), "{why}");
    assert_eq!(probability("day_1h"), None, "half a day holds no day before");
    is_like_the_earlier_load(&why);

    prometheus_goes(prometheus, &mut daemon).await;
    let why = daemon.data(&of("plain", "b")).await;
    assert_eq!(why["explanation"], Value::Null);
    assert!(
        why["note"].as_str().is_some_and(|note| note.contains("the next sample will be explained")),
        "{why}"
    );
    assert!(why["score"]["value"].is_f64(), "the last score is known: {why}");
    is_like_the_earlier_load(&why);
}

/// The busy hour of five hours ago lies in one of the stretches that are told.
fn is_like_the_earlier_load(why: &Value) {
    let occurrences = why["occurrences"].as_array().unwrap();
    let at = |text: &Value| text.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second() as u64;
    let begun = now() + AHEAD - BUSY[0].start - 1800;
    let holds = |one: &&Value| at(&one["from"]) <= begun && begun <= at(&one["to"]);
    let earlier = occurrences.iter().find(holds).unwrap_or_else(|| panic!("{why}"));
    assert!(earlier["distance"].as_f64() < Some(1.0) && earlier["followed_by"].is_f64(), "{why}");
}

/// Restarts the daemon while there is no Prometheus to give it a sample.
async fn prometheus_goes(prometheus: Prometheus, daemon: &mut Daemon) {
    drop(prometheus);
    assert!(daemon.stop().await.success());
    daemon.restart().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_names_no_series_or_many_is_answered_with_names() {
    let (_prometheus, daemon) = start().await;
    for (question, status, expected) in [
        (
            "query=plain",
            400,
            "more than one series of 'plain' matches; name one by match[]: there are {instance=",
        ),
        (
            "query=plain&match[]=%7Binstance%3D%22c%22%7D",
            404,
            "no series of 'plain' matches; there are {instance=",
        ),
        (
            "query=plane",
            404,
            "no query 'plane' is scored; there are 5, for example alone, patient, plain, ranged",
        ),
        ("query=plain&match[]=load%7B%7D", 400, "is not a matcher"),
        ("match[]=a%3Db", 400, "the parameter query is missing"),
        ("query=plain&instance=a", 400, "the parameters are query and match[]"),
    ] {
        let (got, text) = daemon.get(&format!("/api/v1/anomalies/why?{question}")).await;
        let error: Value = serde_json::from_str(&text).expect("the API answers JSON");
        let sentence = error["error"].as_str().unwrap_or_default();
        assert!(got == status && sentence.contains(expected), "{question}: {got} {text}");
    }
    let ranged = daemon.data("/api/v1/anomalies/why?query=ranged").await;
    assert_eq!(ranged["labels"]["instance"], "a", "the only series needs no selector");
    assert_eq!(ranged["score"]["upper"].as_f64(), Some(100.0), "the band ends where the range does");
}
