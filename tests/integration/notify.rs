//! What happens is told to others by the whole daemon: signed, once, in one message for what happens together, whatever
//! becomes of the receiver or of the daemon.

mod faults;
mod hostile;
mod replicas;
mod requests;

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::{
    Answer, Daemon, FaultServer, PATIENCE, Seen, alert, every, is_signed, message, wait_until,
};

const START: &str = "2026-01-01T00:00:00Z";
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

async fn prometheus() -> FaultServer {
    let result = serde_json::json!({"status": "success", "data": {"resultType": "vector", "result": [
        {"metric": {"alertname": "Down", "instance": "web:80", "alertstate": "firing"}, "value": [1, "1"]}]}});
    FaultServer::start([Answer::new(200, result.to_string())]).await
}

/// A daemon that acts, and tells one receiver as these settings say.
fn config(prometheus: &FaultServer, receiver: &str) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         notify: [{{name: ops, {receiver}}}]\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n\
        \x20 - name: note\n\
        \x20   matchers: ['alertname=\"Down\"']\n\
        \x20   target: {{label: instance, pattern: 'web:80'}}\n\
        \x20   confirm_with: [prometheus]\n\
        \x20   steps: [{{command: {{argv: [/bin/true]}}, verify: {{expr: up, within: 1s}}}}]\n",
        prometheus.url(""),
    )
}

async fn fire(daemon: &Daemon, name: &str, instance: &str, status: &str) {
    let (answer, text) = daemon.post("/webhook", message(&[alert(name, instance, status, START)])).await;
    assert_eq!(answer, 200, "{text}");
}

/// What a receiver was sent, as JSON.
fn told(receiver: &FaultServer) -> Vec<Value> {
    receiver.seen().iter().map(|seen| serde_json::from_slice(&seen.body).expect("JSON")).collect()
}

fn id(seen: &Seen) -> String {
    seen.headers["webhook-id"].to_str().expect("a text").to_owned()
}

async fn until_told(receiver: &FaultServer, messages: usize) {
    wait_until(PATIENCE, "a message", || async { receiver.seen().len() >= messages }).await;
}

/// The count of an outcome.
async fn count(daemon: &Daemon, outcome: &str) -> f64 {
    let series = format!("smartcloudops_notifications_total{{receiver=\"ops\",outcome=\"{outcome}\"}}");
    daemon.metric(&series).await.expect("every outcome is there from the start")
}

async fn until_counted(daemon: &Daemon, outcome: &str, times: f64) {
    wait_until(PATIENCE, outcome, || async { count(daemon, outcome).await >= times }).await;
}

fn secret(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::write(&file, text).expect("a file");
    file.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beginning_a_remediation_and_an_end_are_told_signed_and_once() {
    let (prometheus, receiver) = (prometheus().await, FaultServer::start([Answer::new(204, "")]).await);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = secret(folder.path(), "key", KEY);
    let settings = format!("url: '{}', secret_file: '{key}', group_wait: 0s", receiver.url("/hook"));
    let mut daemon = Daemon::start(&config(&prometheus, &settings)).await;
    fire(&daemon, "Down", "web:80", "firing").await;
    let runs = || {
        told(&receiver)
            .iter()
            .map(|told| told["data"]["remediations"].as_array().map_or(0, Vec::len))
            .sum::<usize>()
    };
    wait_until(PATIENCE, "the remediation", || async { runs() == 1 }).await;
    daemon.stop().await;
    daemon.restart().await;
    fire(&daemon, "Down", "web:80", "resolved").await;
    let over = || told(&receiver).last().is_some_and(|told| told["data"]["resolved"]["total"] == 1);
    wait_until(PATIENCE, "the end", || async { over() }).await;
    until_counted(&daemon, "delivered", 1.0).await;
    let (seen, told) = (receiver.seen(), told(&receiver));
    let firing: Vec<&Value> = told.iter().filter(|told| told["data"]["firing"]["total"] == 1).collect();
    assert_eq!(firing.len(), 1, "a restart repeats nothing: {told:?}");
    let first = firing[0];
    assert_eq!(first["type"], "smartcloudops.notification");
    assert_eq!(first["data"]["firing"]["alerts"][0]["labels"]["instance"], "web:80");
    let text = first["data"]["explanation"]["text"].as_str().expect("an explanation");
    assert!(text.contains("Down") && text.contains("web:80"), "{text}");
    let run = told.iter().find_map(|told| told["data"]["remediations"].get(0)).expect("a run");
    assert_eq!((run["policy"].as_str(), run["outcome"].as_str()), (Some("note"), Some("unproven")));
    let mut ids: Vec<String> = seen.iter().map(id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), seen.len(), "each message has an id of its own");
    for seen in &seen {
        assert!(is_signed(KEY, seen), "{:?}", seen.headers);
        assert_eq!(seen.headers["idempotency-key"], seen.headers["webhook-id"]);
    }
    let mut changed = seen[0].clone();
    changed.body = b"{}".to_vec().into();
    assert!(!is_signed(KEY, &changed), "the signature is over the body");
    assert!(!daemon.log().contains("MfKQ9r8G"), "the key is not logged");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_in_labels_are_not_sent_and_only_what_is_wanted_is() {
    let (prometheus, receiver) = (prometheus().await, FaultServer::start([Answer::new(200, "ok")]).await);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = secret(folder.path(), "url", &receiver.url("/hook?token=hidden-token"));
    let settings =
        format!("url_file: '{url}', on: [firing], matchers: ['alertname=\"Slow\"'], group_wait: 0s");
    let daemon = Daemon::start(&config(&prometheus, &settings)).await;
    fire(&daemon, "Down", "web:80", "firing").await;
    fire(&daemon, "Slow", "postgres://ann:hunter2hunter2@db/x", "firing").await;
    until_told(&receiver, 1).await;
    let told = told(&receiver);
    assert_eq!((told[0]["data"]["firing"]["total"].clone(), told.len()), (1.into(), 1), "{told:?}");
    let text = told[0].to_string();
    assert!(text.contains("Slow") && !text.contains("hunter2"), "{text}");
    assert_eq!(receiver.seen()[0].uri.query(), Some("token=hidden-token"));
    assert!(!daemon.log().contains("hidden-token"), "the address is a secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_alerts_at_once_are_few_messages_of_bounded_size() {
    let (prometheus, receiver) = (prometheus().await, FaultServer::start([Answer::new(200, "ok")]).await);
    let slack = FaultServer::start([Answer::new(200, "ok")]).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = secret(folder.path(), "url", &slack.url("/x"));
    let settings = format!(
        "url: '{}', group_wait: 2s}}, {{name: channel, slack_webhook_url_file: '{url}', group_wait: 2s",
        receiver.url("/hook")
    );
    let daemon = Daemon::start(&config(&prometheus, &settings)).await;
    let mut pace = every(Duration::ZERO);
    for part in 0..10 {
        pace.tick().await;
        let alerts: Vec<Value> = (0..1000)
            .map(|one| alert("Storm", &format!("<!here> host-{part}-{one}"), "firing", START))
            .collect();
        assert_eq!(daemon.post("/webhook", message(&alerts)).await.0, 200);
    }
    let total = |name: &str| {
        told(&receiver).iter().filter_map(|told| told["data"][name]["total"].as_u64()).sum::<u64>()
    };
    wait_until(PATIENCE, "all of them", || async { total("firing") == 10_000 }).await;
    wait_until(PATIENCE, "Slack", || async { !slack.seen().is_empty() }).await;
    assert!(receiver.seen().len() <= 10, "{} messages", receiver.seen().len());
    for (seen, told) in receiver.seen().iter().zip(told(&receiver)) {
        assert!(seen.body.len() < 300 << 10, "{} bytes", seen.body.len());
        assert!(told["data"]["firing"]["alerts"].as_array().is_some_and(|alerts| alerts.len() <= 100));
    }
    for told in told(&slack) {
        let blocks = told["blocks"].as_array().expect("blocks");
        assert!((1..=50).contains(&blocks.len()), "{}", blocks.len());
        for text in blocks.iter().filter_map(|block| block["text"]["text"].as_str()) {
            assert!(text.chars().count() <= 3000 && !text.contains("<!"), "{text}");
        }
    }
}
