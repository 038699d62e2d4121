//! An incident as it comes: a real Prometheus with its past, a real daemon over it, the alerts by the webhook, and what
//! `/explain` answers.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use smartcloudops::model::Timestamp;

use super::file::{Fired, Incident};
use super::petshop;
use super::world::{Made, SCORED, text, world};
use crate::support::{Daemon, PATIENCE, Prometheus, http, wait_until};

/// A language model to be asked besides.
#[derive(Clone, Debug)]
pub struct Model {
    pub base_url: String,
    pub model: String,
    pub key_file: String,
}

/// Everything that was there, and what was said of it.
pub struct Told {
    /// When minute 0 was, in seconds since the epoch.
    pub zero: i64,
    pub world: Vec<Made>,
    /// What Prometheus answers on its own: of each alert its expression, from half an hour before it began on.
    pub measured: Vec<Value>,
    /// The daemon's `/metrics`, read before and after.
    pub metrics: String,
    /// Anomalies by the daemon's API.
    pub anomalies: Value,
    /// How many series are scored, and how many of them are outside their band.
    pub scored: (usize, usize),
    /// `/explain`, as JSON and as text.
    pub json: Value,
    pub text: String,
    /// How long the slower of both took.
    pub took: Duration,
    /// Before the first and after the last of both, in seconds since the epoch.
    pub asked: (i64, i64),
}

pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right");
    i64::try_from(now.as_secs()).expect("a time")
}

pub fn rfc3339(seconds: i64) -> String {
    Timestamp::from_millis(seconds * 1000).to_string()
}

/// Plays an incident; a model is asked where there is one.
pub async fn play(incident: &Incident, model: Option<&Model>) -> Told {
    let zero = now() / 60 * 60 - incident.after * 60;
    let world = match &incident.petshop {
        Some(issue) => petshop::world(issue, zero),
        None => world(incident, zero),
    };
    let prometheus = Prometheus::start_with_history("scrape_configs: []\n", &[], &text(&world)).await;
    let daemon = Daemon::start(&config(incident, &prometheus.process.url(""), model)).await;
    ask(incident, zero, world, &prometheus, &daemon).await
}

/// Delivers the alerts and asks about them, once everything has been scored.
pub async fn ask(
    incident: &Incident,
    zero: i64,
    world: Vec<Made>,
    prometheus: &Prometheus,
    daemon: &Daemon,
) -> Told {
    deliver(incident, zero, daemon).await;
    scored(incident, daemon).await;
    let (_, before) = daemon.get("/metrics").await;
    let begun = now();
    let (json, first) = explained(daemon, "json").await;
    let (text, second) = explained(daemon, "text").await;
    let mut json: Value = serde_json::from_str(&json).expect("JSON");
    let asked = (begun, now());
    let (_, after) = daemon.get("/metrics").await;
    let values = before.lines().filter_map(|line| line.strip_prefix("anomaly_score{")?.rsplit_once(' '));
    let values: Vec<f64> = values.filter_map(|(_, value)| value.parse().ok()).collect();
    let mut measured = Vec::new();
    for alert in &incident.alerts {
        measured.push(own_answer(prometheus, alert, zero).await);
    }
    Told {
        zero,
        world,
        measured,
        scored: (values.len(), values.iter().filter(|value| **value >= 1.0).count()),
        metrics: before + &after,
        anomalies: daemon.data("/api/v1/anomalies?min_score=0&limit=1000").await,
        json: json["data"].take(),
        text,
        took: first.max(second),
        asked,
    }
}

async fn explained(daemon: &Daemon, format: &str) -> (String, Duration) {
    let begun = Instant::now();
    let (status, text) = daemon.get(&format!("/explain?format={format}")).await;
    assert_eq!(status, 200, "{text}");
    (text, begun.elapsed())
}

fn config(incident: &Incident, prometheus: &str, model: Option<&Model>) -> String {
    let queries: Vec<Value> = incident
        .watch
        .iter()
        .map(|watch| json!({"name": watch.name, "expr": watch.expr, "direction": watch.direction}))
        .collect();
    let mut explain = json!({"changes": incident.changes});
    if let Some(Model { base_url, model, key_file }) = model {
        explain["openai"] = json!({"base_url": base_url, "model": model, "api_key_file": key_file});
    }
    let interval = if incident.petshop.is_some() { "5m" } else { "1m" };
    json!({
        "prometheus": {"url": prometheus, "retries": 0},
        "scoring": {"interval": interval, "history": format!("{}m", SCORED)},
        "presets": incident.presets,
        "queries": queries,
        "explain": explain,
    })
    .to_string()
}

/// Earlier episodes first, each with its beginning and its end.
async fn deliver(incident: &Incident, zero: i64, daemon: &Daemon) {
    let minute = |minute: i64| zero + minute * 60;
    for earlier in &incident.earlier {
        let alert = &incident.alerts[earlier.alert];
        for end in [None, Some(minute(earlier.to))] {
            post(daemon, vec![posted(alert, minute(earlier.from), end)]).await;
        }
    }
    post(daemon, incident.alerts.iter().map(|alert| posted(alert, minute(alert.at), None)).collect()).await;
}

async fn post(daemon: &Daemon, alerts: Vec<Value>) {
    let (status, text) = daemon.post("/webhook", crate::support::message(&alerts)).await;
    assert_eq!(status, 200, "{text}");
}

fn posted(alert: &Fired, starts: i64, ends: Option<i64>) -> Value {
    let link: String = url::form_urlencoded::byte_serialize(alert.expr.as_bytes()).collect();
    let mut annotations = json!({});
    if let Some(says) = &alert.says {
        annotations["summary"] = json!(says);
    }
    json!({
        "status": if ends.is_some() { "resolved" } else { "firing" },
        "labels": alert.labels,
        "annotations": annotations,
        "startsAt": rfc3339(starts),
        "endsAt": ends.map_or("0001-01-01T00:00:00Z".to_owned(), rfc3339),
        "generatorURL": format!("http://prometheus.example/graph?g0.expr={link}&g0.tab=1"),
    })
}

async fn scored(incident: &Incident, daemon: &Daemon) {
    for watch in &incident.watch {
        let read =
            format!("smartcloudops_scoring_evaluations_total{{query=\"{}\",outcome=\"success\"}}", watch.name);
        wait_until(PATIENCE, "the history to be scored", || async {
            daemon.metric(&read).await.is_some_and(|count| count >= 1.0)
        })
        .await;
    }
}

/// The side of an alert's expression that is compared, asked as anybody would.
async fn own_answer(prometheus: &Prometheus, alert: &Fired, zero: i64) -> Value {
    let begins = zero + alert.at * 60;
    let parameters = [
        ("query", compared(&alert.expr).0.to_owned()),
        ("start", (begins - 1800).to_string()),
        ("end", (begins + 1800).min(now()).to_string()),
        ("step", "60".to_owned()),
    ];
    let url = prometheus.process.url("/api/v1/query_range");
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&parameters).finish();
    let answer = http().get(format!("{url}?{query}")).send().await.expect("Prometheus answers");
    let answer: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    assert_eq!(answer["status"], "success", "{}: {answer}", alert.expr);
    answer["data"]["result"].clone()
}

/// `a > 1`: `a`, `>` and 1; the expression alone where it says more.
pub fn compared(expr: &str) -> (&str, Option<(&str, f64)>) {
    let [.., operator, limit] = expr.split_whitespace().collect::<Vec<_>>()[..] else { return (expr, None) };
    match limit.parse() {
        Ok(number) if [">", "<", ">=", "<=", "=="].contains(&operator) => {
            let left = expr.len() - limit.len();
            let left = expr[..left].trim_end().strip_suffix(operator).expect("it stands there");
            (left.trim(), Some((operator, number)))
        }
        _ => (expr, None),
    }
}
