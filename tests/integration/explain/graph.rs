//! `/explain` with a dependency graph, of a service map in a real Prometheus: the service at the end of the calls is named,
//! with the calls that lead there.

use serde_json::{Value, json};

use super::{now, rfc3339, typed};
use crate::support::{Daemon, Prometheus, free_port};

/// Seconds of history, and between two samples.
const HISTORY: u64 = 7 * 3600;
const STEP: u64 = 30;
/// How long ago the alert began, and db became slow.
const BEGAN: u64 = 300;
const SLOW: u64 = 600;

/// Who calls whom, and the seconds that a request takes, usually and since db is slow. The cache gets slower as well, by
/// far more of its own deviations and by too little to matter; mail is slow, and has nothing to do with the web.
const CALLS: [(&str, &str, f64, f64); 6] = [
    ("user", "web", 0.2, 1.2),
    ("web", "api", 0.1, 1.1),
    ("api", "db", 0.05, 1.05),
    ("web", "cache", 0.001, 0.03),
    ("user", "mail", 0.1, 9.0),
    ("mail", "smtp", 0.05, 8.9),
];

/// The counters of a service graph, ten requests a second along each call.
fn history(now: u64) -> String {
    let mut metrics: [String; 3] = Default::default();
    for (client, server, usual, slow) in CALLS {
        let labels = format!("client=\"{client}\",server=\"{server}\"");
        let (mut requests, mut seconds) = (0.0, 0.0);
        for age in (0..=HISTORY / STEP).rev().map(|step| step * STEP) {
            let wobble = 1.0 + ((age / STEP * 7) % 10) as f64 / 500.0;
            let added = 10.0 * STEP as f64;
            requests += added;
            seconds += added * wobble * if age <= SLOW { slow } else { usual };
            let at = now - age;
            let values = [
                ("traces_service_graph_request_total", requests),
                ("traces_service_graph_request_server_seconds_sum", seconds),
                ("traces_service_graph_request_failed_total", 0.0),
            ];
            for (metric, (name, value)) in metrics.iter_mut().zip(values) {
                *metric += &format!("{name}{{{labels}}} {value} {at}\n");
            }
        }
    }
    metrics.map(|metric| typed(&metric)).concat() + "# EOF\n"
}

fn message(now: u64, service: &str) -> String {
    let alert = json!({
        "status": "firing",
        "labels": {"alertname": "Slow", "service": service, "instance": format!("{service}-1:80")},
        "annotations": {},
        "startsAt": rfc3339(now - BEGAN),
    });
    json!({"version": "4", "alerts": [alert]}).to_string()
}

async fn explained(daemon: &Daemon, service: &str) -> Value {
    let (status, text) = daemon.post("/explain?format=json", message(now(), service)).await;
    assert_eq!(status, 200, "{text}");
    let mut answer: Value = serde_json::from_str(&text).expect("JSON");
    answer["data"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_that_the_alert_comes_from_is_named_with_the_calls_that_lead_there() {
    let prometheus = Prometheus::start_with_history("scrape_configs: []\n", &[], &history(now())).await;
    let config = format!(
        "prometheus: {{url: '{}'}}\npresets: []\nexplain: {{service_map: {{preset: tempo}}}}\n",
        prometheus.process.url("")
    );
    let daemon = Daemon::start(&config).await;

    let told = explained(&daemon, "web").await;
    assert_eq!(told["troubles"], json!([]), "{told}");
    let cause = &told["causes"][0];
    assert_eq!(cause["place"], "server=db", "{told}");
    let reason = cause["reasons"][0].as_str().expect("a reason");
    assert!(reason.starts_with("web calls api calls db; db's latency rose from 0.05"), "{reason}");
    let items = told["evidence"]["items"].as_array().expect("items");
    let says =
        |item: &Value| item["text"].as_str().is_some_and(|text| text.contains("web calls api calls db"));
    assert!(items.iter().any(says), "{told}");
    let causes = told["causes"].to_string();
    assert!(!causes.contains("mail") && !causes.contains("smtp"), "a stranger is no cause: {causes}");
    assert!(told["evidence"].to_string().len() <= 16 << 10);

    let (_, text) = daemon.post("/explain?format=text", message(now(), "web")).await;
    assert!(text.contains("Along the calls:") && text.contains("web's latency rose from 0.2"), "{text}");

    let told = explained(&daemon, "nobody").await;
    let troubles = told["troubles"].to_string();
    assert!(troubles.contains("No alert names a service of the dependency graph"), "{troubles}");
    assert_eq!(told["alerts"][0]["name"], "Slow", "the rest is told as ever: {told}");
    assert_eq!(told["causes"], json!([]), "that an alert fires is no reason: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_that_cannot_be_read_is_said_and_the_rest_is_told() {
    let empty = Prometheus::start("scrape_configs: []\n", &[]).await;
    let dead = format!("http://127.0.0.1:{}", free_port());
    let graph = "graph: {calls: [{from: web, to: [db]}, {from: db, to: [web]}], measures: {label: service, latency: 'x[1'}}";
    for (url, settings, expected) in [
        (dead, "service_map: {preset: istio}", "Prometheus could not be asked"),
        (empty.process.url(""), "service_map: {preset: istio}", "The service map has no calls"),
        (empty.process.url(""), graph, "Prometheus could not be asked"),
        (
            empty.process.url(""),
            &graph.replace("x[1", "x"),
            "Nothing is known of how web did: no series names it by the label service.",
        ),
    ] {
        let config =
            format!("prometheus: {{url: '{url}', retries: 0}}\npresets: []\nexplain: {{{settings}}}\n");
        let daemon = Daemon::start(&config).await;
        let told = explained(&daemon, "web").await;
        let troubles = told["troubles"].to_string();
        assert!(troubles.contains(expected), "{settings}: {troubles}");
        assert_eq!((&told["alerts"][0]["name"], &told["causes"]), (&json!("Slow"), &json!([])), "{told}");
    }
}
