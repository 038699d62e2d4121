//! The Alertmanager client against the real Alertmanager, and against a server that misbehaves.

use prometheus_client::registry::Registry;
use serde_json::json;
use smartcloudops::alertmanager::{ActiveAlert, AlertState, Client, Config};
use smartcloudops::metrics::prometheus::PrometheusMetrics;
use smartcloudops::model::{AlertStatus, Matcher};

use crate::support::{Alertmanager, Answer, FaultServer, PATIENCE, wait_until};

const CONFIG: &str = "route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n\
    inhibit_rules: [{source_matchers: ['alertname=\"Host\"'], target_matchers: ['alertname=\"Disk\"'], equal: [host]}]\n";

fn client(url: &str) -> Client {
    let metrics = PrometheusMetrics::register(&mut Registry::default());
    Client::new(&Config::new(url.parse().unwrap()), metrics).unwrap()
}

fn named(name: &str) -> Vec<Matcher> {
    vec![format!("alertname=\"{}\"", smartcloudops::model::escape_promql(name)).parse().unwrap()]
}

/// The only alert of a name, in a state.
async fn wait_for(client: &Client, name: &str, state: AlertState) -> ActiveAlert {
    let filter = named(name);
    wait_until(PATIENCE, &format!("{name} to be {state:?}"), async || {
        let found = client.active_alerts(&filter).await.unwrap();
        found.len() == 1 && found[0].state == state
    })
    .await;
    client.active_alerts(&filter).await.unwrap().remove(0)
}

#[tokio::test]
async fn an_alert_is_seen_active_silenced_and_inhibited() {
    let server = Alertmanager::start(CONFIG).await;
    let client = client(&server.process.url("/"));
    assert_eq!(client.active_alerts(&[]).await.unwrap(), []);

    let alert = |name: &str| json!({"labels": {"alertname": name, "host": "a"}, "annotations": {"summary": "x"}, "generatorURL": "http://p/g"});
    let odd = "App \"Down\"\\";
    server.post("alerts", &json!([alert(odd), alert("Disk"), alert("Other")])).await;
    let active = wait_for(&client, odd, AlertState::Active).await;
    assert_eq!((active.alert.name(), active.alert.status), (odd, AlertStatus::Firing));
    assert_eq!((active.alert.ends_at, active.receivers.as_slice()), (None, &["nobody".to_owned()][..]));
    assert_eq!(active.alert.generator_url, "http://p/g");
    assert_eq!((active.silenced_by.len(), active.inhibited_by.len()), (0, 0));
    assert_eq!(client.active_alerts(&[]).await.unwrap().len(), 3);

    let now = jiff::Timestamp::now();
    let matchers = json!([{"name": "alertname", "value": odd, "isRegex": false, "isEqual": true}]);
    let ends = now + jiff::SignedDuration::from_hours(1);
    let silence = json!({"matchers": matchers, "startsAt": now.to_string(), "endsAt": ends.to_string(), "createdBy": "test", "comment": "test"});
    let answer: serde_json::Value = serde_json::from_str(&server.post("silences", &silence).await).unwrap();
    let silenced = wait_for(&client, odd, AlertState::Suppressed).await;
    assert_eq!(silenced.silenced_by, [answer["silenceID"].as_str().unwrap()]);

    server.post("alerts", &json!([alert("Host")])).await;
    let inhibited = wait_for(&client, "Disk", AlertState::Suppressed).await;
    let source = wait_for(&client, "Host", AlertState::Active).await;
    assert_eq!(inhibited.inhibited_by, [source.alert.fingerprint().to_string()]);

    let mut resolved = alert("Other");
    resolved["endsAt"] = json!(now.to_string());
    server.post("alerts", &json!([resolved])).await;
    wait_until(PATIENCE, "the end of the alert", async || {
        client.active_alerts(&named("Other")).await.unwrap().is_empty()
    })
    .await;
}

#[tokio::test]
async fn faults_are_typed_as_prometheuss_are() {
    for (name, answer, expected, requests) in [
        ("a bad filter", Answer::new(400, r#""bad matcher format""#), "rejected", 1),
        ("a login page", Answer::html(200), "malformed", 1),
        ("truncated JSON", Answer::new(200, "[{"), "malformed", 1),
        (
            "an unknown state",
            Answer::new(200, r#"[{"labels":{},"startsAt":"2026-01-01T00:00:00Z","status":{"state":"x"}}]"#),
            "malformed",
            1,
        ),
        ("503", Answer::new(503, ""), "overloaded", 3),
        ("500", Answer::new(500, "\"internal\""), "server", 1),
    ] {
        let server = FaultServer::start([answer]).await;
        let error = client(&server.url("/am")).active_alerts(&named("x")).await.unwrap_err();
        assert_eq!((error.outcome().as_str(), server.seen().len()), (expected, requests), "{name}: {error}");
        let asked = server.seen().remove(0).uri.to_string();
        let filter = "filter=alertname%3D%22x%22";
        assert_eq!(
            asked,
            format!("/am/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true&{filter}")
        );
    }
}
