//! The inhibition of deploy/compose/alertmanager.yml, in a real Alertmanager: what a shared cause explains is held
//! back, what it does not goes on.

use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use smartcloudops::alertmanager::{AlertState, Client, Config};
use smartcloudops::metrics::prometheus::PrometheusMetrics;

use crate::support::{Alertmanager, PATIENCE, wait_until};

/// The example's rules, with a receiver that tells nobody.
fn config() -> String {
    let example: serde_yaml::Value =
        serde_yaml::from_str(include_str!("../../deploy/compose/alertmanager.yml")).expect("it is YAML");
    let rules = serde_yaml::to_string(&json!({"inhibit_rules": example["inhibit_rules"]}));
    format!(
        "route: {{receiver: nobody}}\nreceivers: [{{name: nobody}}]\n{}",
        rules.expect("it can be written")
    )
}

/// `name label=value …` as an alert of Alertmanager's API.
fn alert(text: &str) -> Value {
    let mut words = text.split(' ');
    let mut labels = json!({"alertname": words.next()});
    for (name, value) in words.filter_map(|word| word.split_once('=')) {
        labels[name] = value.into();
    }
    json!({"labels": labels})
}

#[tokio::test]
async fn a_shared_cause_holds_back_what_it_explains_and_nothing_else() {
    let rows: [(&str, &[&str], &[&str]); 5] = [
        (
            "AnomalousHost instance=db1:9100",
            &[
                "AnomalyDetected instance=db1:9100 query=node_cpu_busy",
                "AnomalySeriesVanished instance=db1:9100",
            ],
            &["AnomalyDetected instance=db2:9100 query=node_cpu_busy", "HighCpu instance=db1:9100"],
        ),
        (
            "AnomalousService job=shop",
            &["AnomalyDetected job=shop query=http_error_ratio"],
            &[
                "AnomalyDetected job=shop query=node_cpu_busy",
                "AnomalyDetected job=mail query=http_error_ratio",
            ],
        ),
        (
            "HostUnreachable instance=db1:9100",
            &["AnomalousHost instance=db1:9100"],
            &["AnomalousHost instance=db2:9100", "ServiceDown instance=db1:9100"],
        ),
        (
            "AnomaliesWidespread",
            &["AnomalousHost instance=db1:9100", "AnomalousService job=shop", "AnomalyDetected query=x"],
            &["AnomalyNewLevel query=x", "NodeNearlyExhausted instance=db1:9100", "Watchdog"],
        ),
        (
            "SmartcloudopsPrometheusUnreachable job=s instance=a:1",
            &["SmartcloudopsScoringStalled job=s instance=a:1 query=x"],
            &[
                "SmartcloudopsScoringStalled job=s instance=b:1 query=x",
                "SmartcloudopsDown job=s instance=a:1",
            ],
        ),
    ];
    for (source, held_back, goes_on) in rows {
        let server = Alertmanager::start(&config()).await;
        let all: Vec<Value> = [&[source], held_back, goes_on].concat().into_iter().map(alert).collect();
        server.post("alerts", &json!(all)).await;
        let metrics = PrometheusMetrics::register(&mut Registry::default());
        let url = server.process.url("/").parse().expect("it is a URL");
        let client = Client::new(&Config::new(url), metrics).expect("the configuration is valid");
        let named = |state| {
            let client = &client;
            async move {
                let alerts = client.active_alerts(&[]).await.expect("Alertmanager answers");
                alerts.into_iter().filter(|alert| alert.state == state).count()
            }
        };
        // Alertmanager judges an alert when it is asked for it.
        wait_until(PATIENCE, &format!("{source} to hold back {held_back:?} and not {goes_on:?}"), || async {
            named(AlertState::Suppressed).await == held_back.len()
                && named(AlertState::Active).await == goes_on.len() + 1
        })
        .await;
    }
}
