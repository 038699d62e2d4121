//! What only the present can show: series that vanish, and samples that come late. Real targets, scraped every second.

use std::fmt::Write;
use std::time::Duration;

use ::http::Response;
use ::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Full};
use serde_json::Value;

use super::made::noise;
use crate::support::serve::{Serving, serve};
use crate::support::{Daemon, PATIENCE, Prometheus, TextExporter, http, wait_until};

/// Seconds of past, one sample every five.
const PAST: i64 = 1200;
/// An outage is one after a minute at the earliest; a loaded machine may take longer.
const OUTAGE: Duration = Duration::from_secs(150);
/// The shipped rules.
const ANOMALIES: &str = include_str!("../../../rules/anomalies.yml");

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("the clock is right").as_secs() as i64
}

fn calm(second: i64) -> f64 {
    100.0 + 3.0 * noise(7, second)
}

/// One target's series by device.
fn page(devices: &[&str]) -> String {
    let mut text = String::from("# TYPE level gauge\n");
    for device in devices {
        writeln!(text, "level{{device=\"{device}\"}} {}", calm(now())).expect("a String can be written");
    }
    text
}

struct Scene {
    stays: TextExporter,
    leaves: TextExporter,
    prometheus: Prometheus,
    daemon: Daemon,
    _slow: Serving,
}

/// A way to a Prometheus on which every answer takes longer.
async fn slowed(prometheus: &Prometheus, delay: Duration) -> Serving {
    let there = prometheus.process.url("");
    serve(None, move |request| {
        let url = format!("{there}{}", request.uri());
        async move {
            tokio::time::sleep(delay).await;
            let (parts, body) = request.into_parts();
            let body = body.collect().await.expect("the daemon sends its question").to_bytes();
            let form = "application/x-www-form-urlencoded";
            let question = http().request(parts.method, url).header(CONTENT_TYPE, form).body(body);
            let answer = question.send().await.expect("Prometheus answers");
            let builder =
                Response::builder().status(answer.status()).header(CONTENT_TYPE, "application/json");
            let body = Full::from(answer.bytes().await.expect("Prometheus answers in whole"));
            builder.body(body.map_err(|never| match never {}).boxed_unsync()).expect("the status is valid")
        }
    })
    .await
}

impl Scene {
    /// Values deviate too little to count: whatever alarms here is an absence. The query does not look back for five
    /// minutes, as it would over a past without staleness markers.
    async fn start() -> Self {
        Self::start_behind(Duration::ZERO).await
    }

    /// The daemon waits this long for each answer of Prometheus.
    async fn start_behind(delay: Duration) -> Self {
        let (stays, leaves) = (TextExporter::start("").await, TextExporter::start("").await);
        let daemon_port = crate::support::free_port();
        let targets = [stays.target(), leaves.target()];
        let config = prometheus_config(&targets, daemon_port);
        let rules = ANOMALIES.replace("interval: 30s", "interval: 1s").replace("keep_firing_for: 3m", "");
        let rules = [("anomalies.yml", rules.as_str())];
        let prometheus = Prometheus::start_with_history(&config, &rules, &past(&targets)).await;
        let slow = slowed(&prometheus, delay).await;
        let daemon = Daemon::start_on(
            daemon_port,
            &format!(
                "prometheus: {{url: 'http://{}'}}\n\
                 scoring: {{interval: 1s, history: 20m, vanished_after: 5m}}\n\
                 presets: []\n\
                 queries: [{{name: level, expr: 'last_over_time(level[10s])', false_alarms: 1 per 10m, min_deviation: 50}}]\n",
                slow.address
            ),
        )
        .await;
        let scene = Self { stays, leaves, prometheus, daemon, _slow: slow };
        // The past alone would do for the first values that a test waits for.
        let both: &[&str] = &["a", "b"];
        scene.wait(PATIENCE, [both, both], "up{job=\"app\"}", 2).await;
        scene
    }

    fn set(&self, stays: &[&str], leaves: &[&str]) {
        self.stays.set(&page(stays));
        self.leaves.set(&page(leaves));
    }

    /// How many series an expression has.
    async fn count(&self, expr: &str) -> usize {
        let url = self.prometheus.process.url("/api/v1/query");
        let answer = http().get(url).query(&[("query", expr)]).send().await.expect("Prometheus answers");
        let json: Value = answer.json().await.expect("Prometheus answers JSON");
        json["data"]["result"].as_array().map_or(0, Vec::len)
    }

    /// Keeps the targets alive until a condition on Prometheus holds.
    async fn wait(&self, within: Duration, devices: [&[&str]; 2], expr: &str, series: usize) {
        wait_until(within, expr, || async {
            self.set(devices[0], devices[1]);
            self.count(expr).await == series
        })
        .await;
    }
}

fn prometheus_config(targets: &[String], daemon_port: u16) -> String {
    let quoted: Vec<String> = targets.iter().map(|target| format!("'{target}'")).collect();
    format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
         rule_files: [anomalies.yml]\n\
         scrape_configs:\n\
         - {{job_name: app, static_configs: [{{targets: [{}]}}]}}\n\
         - {{job_name: smartcloudops, honor_labels: true, static_configs: [{{targets: ['127.0.0.1:{daemon_port}']}}]}}\n",
        quoted.join(", ")
    )
}

/// `a` and `b` on either target, and `sparse` on the first: there for half a minute of every two.
fn past(targets: &[String]) -> String {
    let mut text = String::from("# TYPE level gauge\n");
    let end = now() - 5;
    for (index, target) in targets.iter().enumerate() {
        for second in (end - PAST..end).step_by(5) {
            let devices: &[&str] =
                if index == 0 && (end - second) % 120 < 20 { &["a", "b", "sparse"] } else { &["a", "b"] };
            for device in devices {
                let labels = format!("device=\"{device}\",instance=\"{target}\",job=\"app\"");
                writeln!(text, "level{{{labels}}} {} {second}", calm(second))
                    .expect("a String can be written");
            }
        }
    }
    text + "# EOF\n"
}

const MISSED: &str = "smartcloudops_scoring_missed_ticks_total";
const ALERT: &str = "ALERTS{alertname=\"AnomalySeriesVanished\",alertstate=\"firing\"}";

#[tokio::test(flavor = "multi_thread")]
async fn what_vanishes_is_an_outage_unless_its_target_goes_or_it_comes_and_goes() {
    let scene = Scene::start().await;
    let (all, both): (&[&str], &[&str]) = (&["a", "b", "sparse"], &["a", "b"]);
    scene.wait(PATIENCE, [all, both], "anomaly_value{query=\"level\"}", 5).await;
    assert_eq!(scene.count(ALERT).await, 0);

    // `b` vanishes while its target and its peers stay; `sparse` goes as it always does; the other target goes by a
    // rollout.
    let remaining = prometheus_config(&[scene.stays.target()], port(&scene.daemon));
    scene.prometheus.reload("prometheus.yml", &remaining).await;
    scene.wait(PATIENCE, [&["a"], both], "anomaly_value{query=\"level\"}", 1).await;
    let left = format!("anomaly_score{{query=\"level\",instance=\"{}\"}}", scene.leaves.target());
    scene.wait(PATIENCE, [&["a"], both], &left, 0).await;
    let outage = "anomaly_state{query=\"level\",device=\"b\"} == 1 and on (device) anomaly_score >= 1";
    scene.wait(OUTAGE, [&["a"], both], outage, 1).await;
    scene.wait(PATIENCE, [&["a"], both], &format!("{ALERT} and on (device) level{{device!=\"b\"}}"), 0).await;
    scene.wait(PATIENCE, [&["a"], both], ALERT, 1).await;
    assert_eq!(scene.count(&format!("{ALERT} unless on (device) anomaly_state{{device=\"b\"}}")).await, 0);
    assert_eq!(scene.count("anomaly_value{device=\"b\"}").await, 0, "there is no value to show");
    let absent = "smartcloudops_scoring_absent_series{query=\"level\"}";
    assert_eq!(scene.daemon.metric(absent).await, Some(1.0));
    let listed = scene.daemon.data("/api/v1/anomalies").await;
    assert!(listed[0]["absent_since"].is_string(), "{listed}");

    scene.wait(PATIENCE, [both, both], "anomaly_value{device=\"b\"}", 1).await;
    scene.wait(PATIENCE, [both, both], ALERT, 0).await;
    let log = scene.daemon.log();
    assert_eq!(log.matches("a series has vanished").count(), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_never_keeps_up_still_sees_an_outage() {
    let scene = Scene::start_behind(Duration::from_millis(2200)).await;
    let both: &[&str] = &["a", "b"];
    scene.wait(PATIENCE, [both, both], "anomaly_value{query=\"level\"}", 4).await;
    let missed = scene.daemon.metric(MISSED).await.expect("it is always there");
    let outage = format!("anomaly_state{{device=\"b\",instance=\"{}\"}} == 1", scene.stays.target());
    scene.wait(OUTAGE, [&["a"], both], &outage, 1).await;
    let missed = scene.daemon.metric(MISSED).await.expect("it is always there") - missed;
    assert!(missed > 30.0, "it kept up: {missed}");
}

fn port(daemon: &Daemon) -> u16 {
    daemon.target().rsplit(':').next().and_then(|port| port.parse().ok()).expect("host:port")
}

#[tokio::test(flavor = "multi_thread")]
async fn late_and_repeated_samples_change_nothing() {
    let scene = Scene::start().await;
    let both: &[&str] = &["a", "b"];
    scene.wait(PATIENCE, [both, both], "anomaly_value{query=\"level\"}", 4).await;
    // Each scrape repeats the sample before, then brings one from the past: Prometheus takes neither.
    let begun = now();
    let evaluations = "smartcloudops_scoring_evaluations_total{query=\"level\",outcome=\"success\"}";
    let before = scene.daemon.metric(evaluations).await.expect("the query is scored");
    wait_until(PATIENCE, "thirty evaluations", || async {
        let at = if now() % 2 == 0 { begun - 5 } else { begun - 600 };
        let line = format!("level{{device=\"a\"}} 5000 {}\n", at * 1000);
        scene.stays.set(&format!("{}{line}", page(&["b"])));
        scene.leaves.set(&page(both));
        scene.daemon.metric(evaluations).await.is_some_and(|count| count >= before + 30.0)
    })
    .await;
    let of_stays = format!("instance=\"{}\"", scene.stays.target());
    assert_eq!(scene.count(&format!("anomaly_score{{device=\"b\",{of_stays}}} < 1")).await, 1);
    assert_eq!(scene.count(&format!("anomaly_score{{instance=\"{}\"}} < 1", scene.leaves.target())).await, 2);
    assert_eq!(scene.count("max_over_time(anomaly_value[5m]) > 1000").await, 0);
    let log = scene.daemon.log();
    assert!(!log.contains("ERROR") && !log.contains("level=error"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_on_request_survives_a_restart_until_it_is_released() {
    let mut scene = Scene::start().await;
    let both: &[&str] = &["a", "b"];
    scene.wait(PATIENCE, [both, both], "anomaly_value{query=\"level\"}", 4).await;
    let body = r#"{"query":"level","match":["device=\"a\""],"for":"1h","reason":"a load test"}"#;
    let (status, text) = scene.daemon.post("/api/v1/scoring/hold", body).await;
    assert_eq!(status, 200, "{text}");
    let held = "smartcloudops_scoring_held_series{query=\"level\",cause=\"request\"}";
    for _ in 0..2 {
        wait_until(PATIENCE, "two series to be held", || async {
            scene.set(both, both);
            scene.daemon.metric(held).await == Some(2.0)
        })
        .await;
        let holds = scene.daemon.data("/status").await["holds"].take();
        assert_eq!(
            (&holds[0]["reason"], &holds[0]["match"][0]),
            (&"a load test".into(), &"device=\"a\"".into())
        );
        scene.daemon.kill();
        scene.daemon.restart().await;
    }
    for (body, part) in [
        (r#"{"reason":"r","for":"1000d"}"#, "30d"),
        (r#"{"reason":"r","for":"1h","query":"none"}"#, "'none'"),
        (r#"{"reason":"r"}"#, "either until"),
        ("{", "EOF"),
    ] {
        let (status, text) = scene.daemon.post("/api/v1/scoring/hold", body).await;
        assert!(status == 400 && text.contains(part), "{status} {text}");
    }
    let release = || http().delete(scene.daemon.url("/api/v1/scoring/hold/0")).send();
    assert_eq!(release().await.expect("the daemon answers").status(), 200);
    assert_eq!(release().await.expect("the daemon answers").status(), 404);
    wait_until(PATIENCE, "no series to be held", || async {
        scene.set(both, both);
        scene.daemon.metric(held).await == Some(0.0)
    })
    .await;
}
