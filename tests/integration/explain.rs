//! `/explain` against a real Prometheus: what changed, what was measured, what it likely comes from, and what it says
//! where Prometheus says nothing.

mod graph;
mod load;
mod summary;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::support::{Answer, Daemon, FaultServer, Prometheus, free_port};

/// Seconds of history, and between two samples.
const HISTORY: u64 = 5_400;
const STEP: u64 = 15;
/// How long ago the alert began, its service was deployed, and another target went away.
const BEGAN: u64 = 600;
const DEPLOYED: u64 = 700;
const GONE: u64 = 2_000;

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs()
}

pub fn rfc3339(seconds: u64) -> String {
    smartcloudops::model::Timestamp::from_millis(i64::try_from(seconds * 1000).expect("a time")).to_string()
}

/// web-1 gets a new version and is slow from then on; web-2 stays as it was; db-1 goes away.
fn history(now: u64) -> String {
    let (web1, web2) = (r#"instance="web-1:80",job="shop""#, r#"instance="web-2:80",job="shop""#);
    let version = |number: &str| format!(r#"{web1},version="{number}""#);
    let deployed = |age: u64, before: f64, after: f64| Some(if age > DEPLOYED { before } else { after });
    let always = |value: f64| move |_: u64| Some(value);
    let up = samples(now, "up", web1, always(1.0))
        + &samples(now, "up", web2, always(1.0))
        + &samples(now, "up", r#"instance="db-1:5432",job="db""#, |age| (age > GONE).then_some(1.0));
    let latency = samples(now, "latency_seconds", web1, |age| deployed(age, 0.2, 2.5))
        + &samples(now, "latency_seconds", web2, always(0.2));
    let start = samples(now, "process_start_time_seconds", web1, |age| {
        deployed(age, (now - 90_000) as f64, (now - DEPLOYED) as f64)
    });
    let build = samples(now, "shop_build_info", &version("1.1"), |age| (age > DEPLOYED).then_some(1.0))
        + &samples(now, "shop_build_info", &version("1.2"), |age| (age <= DEPLOYED).then_some(1.0));
    [up, latency, start, build].map(|metric| typed(&metric)).concat() + "# EOF\n"
}

/// The samples of one series, oldest first; `value` is asked by their age in seconds.
pub fn samples(now: u64, metric: &str, labels: &str, value: impl Fn(u64) -> Option<f64>) -> String {
    let ages = (0..=HISTORY / STEP).rev().map(|step| step * STEP);
    let line = |age| Some(format!("{metric}{{{labels}}} {} {}\n", value(age)?, now - age));
    ages.filter_map(line).collect()
}

/// The samples of one metric behind its type.
pub fn typed(samples: &str) -> String {
    let (metric, _) = samples.split_once('{').expect("a sample has labels");
    format!("# TYPE {metric} gauge\n{samples}")
}

fn alert(instance: &str, starts_at: u64) -> Value {
    json!({
        "status": "firing",
        "labels": {"alertname": "ShopSlow", "instance": instance, "job": "shop", "severity": "page"},
        "annotations": {"summary": "The shop is slow.", "runbook_url": "https://runbooks.example/shop"},
        "startsAt": rfc3339(starts_at),
        "generatorURL": "http://p:9090/graph?g0.expr=latency_seconds+%3E+1&g0.tab=1",
    })
}

fn message(alerts: &[Value]) -> String {
    json!({"version": "4", "alerts": alerts}).to_string()
}

fn config(prometheus: &str) -> String {
    format!("prometheus: {{url: '{prometheus}'}}\npresets: []\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_and_what_was_measured_is_told_and_ranked() {
    let now = now();
    let prometheus = Prometheus::start_with_history("scrape_configs: []\n", &[], &history(now)).await;
    let more = "explain: {changes: ['shop_build_info{version=\"1.2\"} * 0 + time() - 60']}\n";
    let daemon = Daemon::start(&(config(&prometheus.process.url("")) + more)).await;
    let body = message(&[alert("web-1:80", now - BEGAN)]);

    let (status, text) = daemon.post("/explain?format=json", body.clone()).await;
    let explanation: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(status, 200, "{text}");
    let data = &explanation["data"];
    assert_eq!(data["troubles"], json!([]), "{text}");
    let cause = &data["causes"][0];
    assert_eq!(cause["place"], "instance=web-1", "{text}");
    assert!(cause["reasons"][0].as_str().is_some_and(|told| told.contains("version")), "{cause}");
    let measured = &data["alerts"][0]["measured"];
    assert_eq!(
        (&measured["expr"], &measured["limit"], &measured["before"], &measured["at_start"]),
        (&json!("latency_seconds"), &json!("> 1"), &json!(0.2), &json!(2.5)),
        "{measured}"
    );
    let evidence = data["evidence"].to_string();
    assert!(evidence.len() <= 16 << 10, "{} bytes", evidence.len());
    assert_eq!(data["evidence"]["items"][0]["id"], "e1");

    let (_, text) = daemon.post("/explain?format=text", body).await;
    let started = rfc3339(now - DEPLOYED);
    for part in [
        "Likely causes:",
        "instance=web-1",
        &format!(r#"version="1.2"}} runs another version at {started}, 1m40s before the first alert"#),
        &format!(r#"{started}: {{instance="web-1:80",job="shop"}} was started"#),
        r#": {instance="db-1:5432",job="db"} is not scraped any more"#,
        "version=\"1.2\"} changed",
        "measured: latency_seconds is 2.5",
        "0.2 in the half hour before (median); the alert fires where it is > 1, which it is since",
        "Follow the runbook: https://runbooks.example/shop",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert!(!text.contains("web-2"), "nothing is wrong with it:\n{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_prometheus_the_rest_is_told_in_time_and_why_it_is_less() {
    let never = || Answer::new(200, "{}").after(Duration::from_secs(30));
    let slow = FaultServer::start((0..64).map(|_| never())).await;
    let dead = format!("http://127.0.0.1:{}", free_port());
    for (url, expected) in [
        (dead, "Prometheus could not be asked"),
        (slow.url(""), "did not answer everything within 2 seconds"),
    ] {
        let daemon = Daemon::start(&config(&url)).await;
        let begun = Instant::now();
        let (status, text) =
            daemon.post("/explain?format=text", message(&[alert("web-1:80", now() - BEGAN)])).await;
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        assert_eq!(status, 200, "{text}");
        assert!(text.contains(expected) && text.contains("ShopSlow"), "{expected} is missing in:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_reaches_prometheus_as_a_text_and_nothing_else() {
    let prometheus = Prometheus::start("scrape_configs: []\n", &[]).await;
    let daemon = Daemon::start(&config(&prometheus.process.url(""))).await;
    for value in ["x\"} or up{a=\"", "$1${0}", "a\\", "{{ 7*7 }}", "\n# x", "'; DROP TABLE episode; --"] {
        let (status, text) =
            daemon.post("/explain?format=json", message(&[alert(value, now() - BEGAN)])).await;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((status, &answer["data"]["troubles"]), (200, &json!([])), "{value}: {text}");
    }
}
