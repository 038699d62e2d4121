//! The whole way: an alert that no step helps against calls a person through a real Alertmanager, which delivers
//! that alert back, and nothing is done about it.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use smartcloudops::model::Timestamp;

use super::list;
use crate::support::{Alertmanager, Answer, Daemon, FaultServer, PATIENCE, free_port, wait_until};

/// Prometheus, who knows both alerts as firing and evaluates everything else to 1, but for the proof.
pub(super) async fn prometheus() -> FaultServer {
    let labels = json!({"alertname": "Down", "instance": "web:80", "alertstate": "firing"});
    let result = json!({"status": "success", "data": {"resultType": "vector", "result": [
        {"metric": labels, "value": [1, "1"]}]}});
    FaultServer::start([Answer::new(200, result.to_string())]).await
}

/// Its policy matches whatever has an instance, an escalation too.
fn config(prometheus: &FaultServer, alertmanager: &Alertmanager) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         alertmanager: {{url: '{}', reconcile_interval: 5s}}\n\
         presets: []\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n\
        \x20 - name: page\n\
        \x20   matchers: ['instance=\"web:80\"']\n\
        \x20   target: {{label: instance, pattern: 'web:80'}}\n\
        \x20   steps:\n\
        \x20   - alertmanager: {{alert: {{labels: {{severity: page, instance: '{{{{ target }}}}'}}, annotations: {{summary: '{{{{ alertname }}}} stays'}}}}}}\n\
        \x20   - alertmanager: {{silence: {{lasts: 10m, comment: 'a person looks at it'}}}}\n",
        prometheus.url(""),
        alertmanager.process.url(""),
    )
}

async fn alerts(daemon: &Daemon) -> Vec<Value> {
    daemon.data("/api/v1/alerts?state=all").await.as_array().cloned().unwrap_or_default()
}

fn named<'a>(alerts: &'a [Value], name: &str) -> Option<&'a Value> {
    alerts.iter().find(|alert| alert["alert"]["labels"]["alertname"] == name)
}

fn reasons(alert: &Value) -> Vec<&str> {
    let decisions = alert["decisions"].as_array().map_or(&[][..], Vec::as_slice);
    decisions.iter().map(|one| one["verdict"]["reason"].as_str().unwrap_or("act")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escalation_that_comes_back_is_not_remediated() {
    let port = free_port();
    let alertmanager = Alertmanager::start(&format!(
        "route: {{receiver: smartcloudops, group_by: [alertname], group_wait: 0s, group_interval: 1s}}\n\
         receivers: [{{name: smartcloudops, webhook_configs: [{{url: 'http://127.0.0.1:{port}/webhook'}}]}}]\n"
    ))
    .await;
    let prometheus = prometheus().await;
    let daemon = Daemon::start_on(port, &config(&prometheus, &alertmanager)).await;
    let starts = Timestamp::from(SystemTime::now());
    let down = json!([{"labels": {"alertname": "Down", "instance": "web:80"}, "startsAt": starts.to_string(),
        "endsAt": (starts + Duration::from_secs(3600)).to_string()}]);
    alertmanager.post("alerts", &down).await;

    wait_until(PATIENCE, "the escalation to come back and be decided on", async || {
        let alerts = alerts(&daemon).await;
        let back = named(&alerts, "SmartcloudopsEscalation");
        back.is_some_and(|alert| !reasons(alert).is_empty())
            && !list(&alertmanager, "silences").await.is_empty()
    })
    .await;
    let alerts = alerts(&daemon).await;
    let back = named(&alerts, "SmartcloudopsEscalation").expect("it was there");
    assert_eq!(reasons(back), ["escalation"], "{back}");
    assert_eq!(
        back["alert"]["labels"],
        json!({"alertname": "SmartcloudopsEscalation", "instance": "web:80", "policy": "page", "severity": "page",
            "smartcloudops": "escalation", "target": "web:80"})
    );
    assert_eq!(back["alert"]["annotations"]["summary"], "Down stays");
    let runs = daemon.data("/api/v1/remediations").await;
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "only the first alert is acted on: {runs}");
    let metric = r#"smartcloudops_remediation_decisions_total{policy="",decision="escalation"}"#;
    assert_eq!(daemon.metric(metric).await, Some(1.0));
    assert_escalation_stays_heard(&alertmanager).await;
    let (_, page) = daemon.get("/explain").await;
    assert!(page.contains("raised itself to call a person"), "{page}");
}

/// The silence is for the target, whose label both alerts have, and not for the one that calls a person about it.
async fn assert_escalation_stays_heard(alertmanager: &Alertmanager) {
    let states = async || -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let alerts = list(alertmanager, "alerts").await;
        let mut states: Vec<_> = alerts
            .iter()
            .map(|one| (text(&one["labels"]["alertname"]), text(&one["status"]["state"])))
            .collect();
        states.sort();
        states
    };
    let expected = [("Down", "suppressed"), ("SmartcloudopsEscalation", "active")];
    let expected = expected.map(|(name, state)| (name.to_owned(), state.to_owned()));
    wait_until(PATIENCE, "the silence to count", async || states().await == expected).await;
    let silences = list(alertmanager, "silences").await;
    let comment = silences[0]["comment"].as_str().unwrap_or_default();
    assert!(
        comment.contains("policy page, run 1, steps[1]") && comment.ends_with("a person looks at it"),
        "{comment}"
    );
}
