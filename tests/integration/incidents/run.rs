//! An incident as it comes: a real Prometheus with its past, a real daemon over it, the alerts by the webhook, and what
//! `/explain` answers.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use smartcloudops::model::Timestamp;

use super::called::{Called, called};
use super::file::{Fired, Incident, Watch};
use super::petshop::Scenario;
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
    /// And what it answers about services, where the daemon was told who calls whom.
    pub called: Called,
    /// The daemon's `/metrics`, read before and after.
    pub metrics: String,
    /// Anomalies, and alerts with what was decided about them, by the daemon's API.
    pub anomalies: Value,
    pub decided: Value,
    /// How many series are scored, and how many of them are outside their band, before and after.
    pub scored: [(usize, usize); 2],
    /// `/explain`, as JSON and as text.
    pub json: Value,
    /// The evidence as it was after the text.
    pub evidence: Vec<Value>,
    pub text: String,
    /// How long the slower of both took.
    pub took: Duration,
    /// Before the first and after the last of both, in seconds since the epoch.
    pub asked: (i64, i64),
    /// When the evidence of the text was read.
    pub read: f64,
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
        Some(issue) => petshop().world(issue, zero),
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
    let asking = Asking { client: http(), daemon };
    asking.deliver(incident, zero).await;
    asking.scored(incident).await;
    let before = asking.get("/metrics").await;
    let begun = now();
    let ((json, first), (text, second)) = (
        asking.timed("/explain?format=json").await,
        asking.timed("/explain?format=text&summary=false").await,
    );
    let again = asking.get("/explain?format=json&summary=false").await;
    let mut json: Value = serde_json::from_str(&json).expect("JSON");
    let again: Value = serde_json::from_str(&again).expect("JSON");
    let asked = (begun, now());
    let after = asking.get("/metrics").await;
    let read = read_at(&text);
    let mut measured = Vec::new();
    for alert in &incident.alerts {
        measured.push(own_answer(&asking.client, prometheus, alert, begins(alert, zero, read)).await);
    }
    let called = match incident.calls {
        true => called(&asking.client, prometheus, zero + incident.alerts[0].at * 60).await,
        false => Called::default(),
    };
    Told {
        zero,
        world,
        measured,
        called,
        scored: [scored(&before), scored(&after)],
        metrics: before + &after,
        anomalies: asking.data("/api/v1/anomalies?min_score=0&limit=1000").await,
        decided: asking.data("/api/v1/alerts").await,
        json: json["data"].take(),
        evidence: again["data"]["evidence"]["items"].as_array().cloned().unwrap_or_default(),
        text,
        took: first.max(second),
        asked,
        read,
    }
}

/// When the evidence of a text was read, by its own word, in seconds since the epoch.
fn read_at(text: &str) -> f64 {
    let read = text.lines().find_map(|line| line.strip_prefix("Read at ")?.strip_suffix('.')?.parse().ok());
    let read: Timestamp = read.expect("a text says when it was read");
    read.as_millis() as f64 / 1000.0
}

/// When an alert began; of one that begins in the future, by more than clocks differ, nothing is known but what is now, and Prometheus is asked about
/// whole multiples of ten seconds.
pub fn begins(alert: &Fired, zero: i64, read: f64) -> f64 {
    let at = (zero + alert.at * 60) as f64;
    if at <= read + 2.0 { at } else { (read / 10.0).floor() * 10.0 }
}

fn scored(metrics: &str) -> (usize, usize) {
    let values = metrics.lines().filter_map(|line| line.strip_prefix("anomaly_score{")?.rsplit_once(' '));
    let values: Vec<f64> = values.filter_map(|(_, value)| value.parse().ok()).collect();
    (values.len(), values.iter().filter(|value| **value >= 1.0).count())
}

/// One client for all questions to one daemon.
struct Asking<'d> {
    client: reqwest::Client,
    daemon: &'d Daemon,
}

impl Asking<'_> {
    async fn get(&self, path: &str) -> String {
        let answer = self.client.get(self.daemon.url(path)).send().await.expect("the daemon answers");
        let status = answer.status();
        let text = answer.text().await.expect("the whole answer");
        assert!(status.is_success(), "{path}: {text}");
        text
    }

    async fn timed(&self, path: &str) -> (String, Duration) {
        let begun = Instant::now();
        (self.get(path).await, begun.elapsed())
    }

    async fn data(&self, path: &str) -> Value {
        let mut json: Value = serde_json::from_str(&self.get(path).await).expect("JSON");
        json["data"].take()
    }

    /// Earlier episodes first, each with its beginning and its end.
    async fn deliver(&self, incident: &Incident, zero: i64) {
        let minute = |minute: i64| zero + minute * 60;
        for earlier in &incident.earlier {
            let alert = &incident.alerts[earlier.alert];
            for end in [None, Some(minute(earlier.to))] {
                self.post(vec![posted(alert, minute(earlier.from), end)]).await;
            }
        }
        let firing = incident.alerts.iter().map(|alert| posted(alert, minute(alert.at), None));
        self.post(firing.collect()).await;
    }

    async fn post(&self, alerts: Vec<Value>) {
        let request = self.client.post(self.daemon.url("/webhook")).body(crate::support::message(&alerts));
        let answer = request.send().await.expect("the daemon answers");
        assert_eq!(answer.status(), 200);
    }

    /// What is delivered is answered once it is written down, and is told of once it has been applied.
    async fn scored(&self, incident: &Incident) {
        let firing = format!("smartcloudops_remediation_episodes_firing {}\n", incident.alerts.len());
        let read = |watch: &Watch| {
            format!(
                "smartcloudops_scoring_evaluations_total{{query=\"{}\",outcome=\"success\"}} 0\n",
                watch.name
            )
        };
        wait_until(PATIENCE, "the alerts to be known and the history to be scored", || async {
            let page = self.get("/metrics").await;
            page.contains(&firing) && !incident.watch.iter().any(|watch| page.contains(&read(watch)))
        })
        .await;
    }
}

fn petshop() -> Scenario {
    Scenario::named().expect("INCIDENTS_PETSHOP is a scenario of PetShop")
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
    if incident.calls {
        explain["graph"] = petshop().graph();
    }
    // What the data set has is of five minutes together.
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

/// The side of an alert's expression that is compared.
async fn own_answer(client: &reqwest::Client, prometheus: &Prometheus, alert: &Fired, begins: f64) -> Value {
    let times = (begins - 1800.0, (begins + 1800.0).min(now() as f64 + 1.0));
    range(client, prometheus, compared(&alert.expr).0, times, 60).await
}

/// What Prometheus answers over a range in seconds since the epoch, asked as anybody would.
pub async fn range(
    client: &reqwest::Client,
    prometheus: &Prometheus,
    expr: &str,
    (start, end): (impl ToString, impl ToString),
    step: i64,
) -> Value {
    let parameters = [
        ("query", expr.to_owned()),
        ("start", start.to_string()),
        ("end", end.to_string()),
        ("step", step.to_string()),
    ];
    let url = prometheus.process.url("/api/v1/query_range");
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&parameters).finish();
    let answer = client.get(format!("{url}?{query}")).send().await.expect("Prometheus answers");
    let answer: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    assert_eq!(answer["status"], "success", "{expr}: {answer}");
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
