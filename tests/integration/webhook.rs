//! The webhook's contract: the right status for everything that may come, and nothing lost.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Daemon, PATIENCE, alert, message, wait_until};

const START: &str = "2026-01-01T00:00:00Z";

/// A daemon whose Prometheus does not answer: the webhook must not care.
async fn daemon() -> Daemon {
    Daemon::start(
        "prometheus: {url: 'http://127.0.0.1:9', retries: 0}\npresets: []\nweb: {body_timeout: 1s}\n",
    )
    .await
}

async fn wait_for_alerts(daemon: &Daemon, count: usize) {
    wait_until(PATIENCE, "the alerts", || async {
        daemon.data("/api/v1/alerts?limit=10000").await.as_array().is_some_and(|alerts| alerts.len() == count)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_message_gets_its_status() {
    let daemon = daemon().await;
    let nameless = r#"{"version":"4","alerts":[{"status":"firing","labels":{"job":"x"},"startsAt":"2026-01-01T00:00:00Z"}]}"#;
    let unknown =
        r#"{"version":"4","new_field":[1],"alerts":[{"status":"firing","labels":{"a":"b"},"novel":{}}]}"#;
    let partly_bad =
        r#"{"version":"4","alerts":[{"status":"sideways"},{"status":"firing","labels":{"good":"one"}}]}"#;
    for (body, status, sentence) in [
        (message(&[alert("A", "a", "firing", START)]), 200, "an ordinary message"),
        (message(&[alert("A", "a", "firing", START)]), 200, "the same again"),
        (message(&[]), 200, "no alerts at all"),
        (nameless.to_owned(), 200, "an alert without a name"),
        (unknown.to_owned(), 200, "unknown fields"),
        (partly_bad.to_owned(), 200, "one bad alert among good ones"),
        ("not json".to_owned(), 400, "garbage"),
        (r#"{"version":"3","alerts":[]}"#.to_owned(), 400, "version 3"),
        (r#"{"alerts":[]}"#.to_owned(), 400, "no version: a custom payload"),
        ("[".repeat(100_000), 400, "nesting without end"),
        ("x".repeat(17 << 20), 413, "more than the limit"),
    ] {
        let (answer, text) = daemon.post("/webhook", body).await;
        assert_eq!(answer, status, "{sentence}: {text}");
    }
    wait_for_alerts(&daemon, 4).await;
    let quarantined = r#"smartcloudops_webhook_alerts_total{change="quarantined"}"#;
    assert_eq!(daemon.metric(quarantined).await, Some(1.0));
    assert_eq!(
        daemon.metric(r#"smartcloudops_webhook_deliveries_total{outcome="malformed"}"#).await,
        Some(4.0)
    );
    assert_eq!(
        daemon.metric(r#"smartcloudops_webhook_deliveries_total{outcome="too_large"}"#).await,
        Some(1.0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_alerts_in_one_message_are_all_known() {
    let daemon = daemon().await;
    let alerts: Vec<_> =
        (0..10_000).map(|number| alert("Many", &format!("host-{number}"), "firing", START)).collect();
    let (status, text) = daemon.post("/webhook", message(&alerts)).await;
    assert_eq!(status, 200, "{text}");
    wait_for_alerts(&daemon, 10_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_body_is_cut_off_and_others_are_served_meanwhile() {
    let daemon = daemon().await;
    let mut slow = TcpStream::connect(daemon.target()).await.unwrap();
    let head = "POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.unwrap();
    let (status, _) = daemon.post("/webhook", message(&[alert("A", "a", "firing", START)])).await;
    assert_eq!(status, 200);
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_secs(10), slow.read_to_string(&mut answer)).await;
    read.expect("the slow sender is answered in time").expect("the answer can be read");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_of_senders_out_of_order_ends_in_one_resolved_episode() {
    let daemon = daemon().await;
    let mut resolved = alert("Pair", "a", "resolved", START);
    resolved["endsAt"] = "2026-01-01T00:10:00Z".into();
    for alerts in [
        [alert("Pair", "a", "firing", START)],
        [resolved.clone()],
        [alert("Pair", "a", "firing", START)],
        [resolved],
    ] {
        assert_eq!(daemon.post("/webhook", message(&alerts)).await.0, 200);
    }
    let changes = |change: &str| format!("smartcloudops_webhook_alerts_total{{change=\"{change}\"}}");
    wait_until(PATIENCE, "all four messages", || async {
        daemon.metric(&changes("stale")).await == Some(2.0)
    })
    .await;
    assert_eq!(daemon.metric(&changes("opened")).await, Some(1.0));
    assert_eq!(daemon.metric(&changes("resolved")).await, Some(1.0));
    let alerts = daemon.data("/api/v1/alerts?state=all").await;
    assert_eq!(alerts.as_array().map(Vec::len), Some(1), "{alerts}");
    assert_eq!(alerts[0]["alert"]["status"], "resolved");
}
