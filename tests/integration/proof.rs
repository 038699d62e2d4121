//! The alert itself as the proof of an effect: a real Prometheus with alerts of two services, of which one recovers.

use serde_json::{Value, json};

use crate::support::{Daemon, PATIENCE, Prometheus, TextExporter, alert, http, message, wait_until};

const START: &str = "2026-01-01T00:00:00Z";

fn page(web: u8) -> String {
    format!("# TYPE app_ok gauge\napp_ok{{instance=\"web\"}} {web}\napp_ok{{instance=\"db\"}} 0\n")
}

async fn prometheus(apps: &TextExporter) -> Prometheus {
    let config = format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
         rule_files: [rules.yml]\n\
         scrape_configs: [{{job_name: apps, honor_labels: true, static_configs: [{{targets: ['{}']}}]}}]\n",
        apps.target()
    );
    let rules = "groups: [{name: apps, rules: [\
        {alert: Down, expr: 'app_ok{instance=\"web\"} == 0'}, {alert: Slow, expr: 'app_ok{instance=\"db\"} == 0'}]}]";
    Prometheus::start(&config, &[("rules.yml", rules)]).await
}

/// Each policy with its alert and its proof.
fn config(prometheus: &Prometheus, policies: [(&str, &str, String); 2]) -> String {
    let policy = |(name, alert, proof): (&str, &str, String)| {
        format!(
            "  - name: {name}\n\
             \x20   matchers: ['alertname=\"{alert}\"']\n\
             \x20   confirm_with: [prometheus]\n\
             \x20   target: {{label: instance, pattern: '[a-z]+'}}\n\
             \x20   steps: [{{command: {{argv: [/bin/true]}}, verify: {proof}}}]\n"
        )
    };
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n{}",
        prometheus.process.url(""),
        policies.map(policy).concat(),
    )
}

async fn fire(daemon: &Daemon, prometheus: &Prometheus, name: &str, instance: &str) {
    wait_until(PATIENCE, "the alert in Prometheus", || async {
        let url = prometheus.process.url("/api/v1/query");
        let expr = format!("ALERTS{{alertname=\"{name}\",alertstate=\"firing\"}}");
        let answer = http().get(url).query(&[("query", expr)]).send().await.expect("Prometheus answers");
        let json: Value = answer.json().await.expect("Prometheus answers JSON");
        json["data"]["result"][0].is_object()
    })
    .await;
    let mut one = alert(name, instance, "firing", START);
    one["labels"]["job"] = "apps".into();
    let (status, text) = daemon.post("/webhook", message(&[one])).await;
    assert_eq!(status, 200, "{text}");
}

/// How the newest run of a policy ended; null while it is under way, or there is none.
async fn outcome(daemon: &Daemon, policy: &str) -> Option<Value> {
    let runs = daemon.data(&format!("/api/v1/remediations?policy={policy}")).await;
    runs.get(0).map(|run| run["ended"][1].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_expression_the_alert_proves_whether_a_policy_helped() {
    let apps = TextExporter::start(&page(0)).await;
    let prometheus = prometheus(&apps).await;
    let proof = |within: &str| format!("{{within: {within}}}");
    let policies = [("restart", "Down", proof("15s")), ("kick", "Slow", proof("3s"))];
    let daemon = Daemon::start(&config(&prometheus, policies)).await;
    fire(&daemon, &prometheus, "Down", "web").await;
    fire(&daemon, &prometheus, "Slow", "db").await;
    wait_until(PATIENCE, "the run on web", || async { outcome(&daemon, "restart").await.is_some() }).await;
    apps.set(&page(1));
    for (policy, expected) in [("kick", "no_effect"), ("restart", "helped")] {
        wait_until(PATIENCE, expected, || async { outcome(&daemon, policy).await == Some(json!(expected)) })
            .await;
    }
}

/// The app is well for a moment: that has helped, until its alert begins again.
#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_begins_again_soon_takes_back_that_its_run_has_helped() {
    let apps = TextExporter::start(&page(0)).await;
    let prometheus = prometheus(&apps).await;
    let proof =
        |instance: &str| format!("{{expr: 'app_ok{{instance=\"{instance}\"}} == 1', within: 60s, for: 0s}}");
    let policies = [("restart", "Down", proof("web")), ("kick", "Slow", proof("db"))];
    let mut daemon = Daemon::start(&config(&prometheus, policies)).await;
    fire(&daemon, &prometheus, "Down", "web").await;
    wait_until(PATIENCE, "the action", || async {
        daemon.data("/api/v1/remediations").await[0]["steps"][0]["acted"].is_array()
    })
    .await;
    apps.set(&page(1));
    wait_until(PATIENCE, "help", || async { outcome(&daemon, "restart").await == Some(json!("helped")) })
        .await;
    daemon.kill();
    daemon.restart().await;
    apps.set(&page(0));
    let began = smartcloudops::model::Timestamp::from(std::time::SystemTime::now()).to_string();
    let again = alert("Down", "web", "firing", &began);
    let (status, text) = daemon.post("/webhook", message(&[again])).await;
    assert_eq!(status, 200, "{text}");
    let run = async || daemon.data("/api/v1/remediations?policy=restart").await[0].clone();
    wait_until(PATIENCE, "the relapse", || async { run().await["relapsed"].is_array() }).await;
    assert_eq!(run().await["ended"][1], "helped", "what was proved then was so");
    let counted = "smartcloudops_remediation_runs_total{policy=\"restart\",outcome=\"did_not_last\"}";
    assert_eq!(daemon.metric(counted).await, Some(1.0));
    let policies = daemon.data("/api/v1/policies").await;
    assert_eq!(policies[0]["runs"], json!({"did_not_last": 1}), "{policies}");
    assert_eq!(policies[0]["success"]["ratio"].as_f64(), Some(0.0), "{policies}");
}
