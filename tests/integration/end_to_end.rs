//! The whole path: Prometheus data in, scores out, an alert on the score and one on a dead service, the
//! webhook, a policy, an action, its proof, the journal, the explanation. Real Prometheus, real Alertmanager.

use std::fmt::Write;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::{
    Alertmanager, Answer, Daemon, FaultServer, PATIENCE, Prometheus, Service, TextExporter, free_port, http,
    wait_until,
};

/// Seconds of history before the test begins, one sample each.
const HISTORY: u64 = 600;
const ANOMALIES: &str = include_str!("../../rules/anomalies.yml");

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs()
}

/// A queue that is a little restless around 20.
fn calm(second: u64) -> f64 {
    20.0 + (second * 7 % 11) as f64 / 10.0
}

fn page(value: f64) -> String {
    let metric = |name: &str, value| format!("# TYPE {name} gauge\n{name}{{query=\"orders\"}} {value}\n");
    metric("queue_length", value) + &metric("queue_workers", calm(now() + 3))
}

/// Everything that runs.
struct Scene {
    queue: TextExporter,
    service: Service,
    prometheus: Prometheus,
    daemon: Daemon,
    _alertmanager: Alertmanager,
    /// Is told what happens, and asked as a language model that makes no sense.
    people: FaultServer,
}

impl Scene {
    async fn start() -> Self {
        let queue = TextExporter::start(&page(calm(0))).await;
        let service = Service::start();
        let daemon_port = free_port();
        let alertmanager = Alertmanager::start(&format!(
            "route: {{receiver: smartcloudops, group_by: [alertname, instance], group_wait: 0s, group_interval: 1s}}\n\
             receivers: [{{name: smartcloudops, webhook_configs: [{{url: 'http://127.0.0.1:{daemon_port}/webhook'}}]}}]\n"
        ))
        .await;
        let config = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
             alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]}}\n\
             rule_files: [anomalies.yml, service.yml, budget.yml]\n\
             scrape_configs:\n\
             - {{job_name: queue, static_configs: [{{targets: ['{}']}}]}}\n\
             - {{job_name: service, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}\n\
             - {{job_name: smartcloudops, honor_labels: true, static_configs: [{{targets: ['127.0.0.1:{daemon_port}']}}]}}\n",
            alertmanager.process.port,
            queue.target(),
            service.port,
        );
        let rule = "groups: [{name: service, rules: [{alert: ServiceDown, expr: 'up{job=\"service\"} == 0', labels: {severity: critical}}]}]";
        // The shipped rules, evaluated as often as this Prometheus scrapes.
        let anomalies = ANOMALIES.replace("interval: 30s", "interval: 1s");
        let budget = crate::dashboards::budget_rules();
        let rules =
            [("anomalies.yml", anomalies.as_str()), ("service.yml", rule), ("budget.yml", budget.as_str())];
        let prometheus = Prometheus::start_with_history(&config, &rules, &history(&queue.target())).await;
        let people = FaultServer::start([Answer::new(200, "{}")]).await;
        let config = daemon_config(&prometheus, &alertmanager, &service, &people);
        let daemon = Daemon::start_on(daemon_port, &config).await;
        Self { queue, service, prometheus, daemon, _alertmanager: alertmanager, people }
    }

    /// A value of Prometheus, `None` if the result is empty.
    async fn query(&self, expr: &str) -> Option<f64> {
        let url = self.prometheus.process.url("/api/v1/query");
        let answer = http().get(url).query(&[("query", expr)]).send().await.expect("Prometheus answers");
        let json: Value = answer.json().await.expect("Prometheus answers JSON");
        json["data"]["result"][0]["value"][1].as_str()?.parse().ok()
    }

    async fn wait_for(&self, expr: &str) {
        wait_until(PATIENCE, expr, || async { self.query(expr).await.is_some() }).await;
    }

    /// Keeps the queue restless around its usual length, or a multiple of it.
    fn tick(&self, factor: f64) {
        self.queue.set(&page(calm(now()) * factor));
    }

    async fn wait_ticking(&self, factor: f64, expr: &str) {
        wait_until(PATIENCE, expr, || async {
            self.tick(factor);
            self.query(expr).await.is_some()
        })
        .await;
    }
}

fn history(instance: &str) -> String {
    let mut text = String::new();
    let end = now() - 5;
    for (name, shift) in [("queue_length", 0), ("queue_workers", 3)] {
        writeln!(text, "# TYPE {name} gauge").expect("a String can be written");
        for second in end - HISTORY..end {
            let labels = format!("instance=\"{instance}\",job=\"queue\",query=\"orders\"");
            writeln!(text, "{name}{{{labels}}} {} {second}", calm(second + shift))
                .expect("a String can be written");
        }
    }
    text + "# EOF\n"
}

fn daemon_config(
    prometheus: &Prometheus,
    alertmanager: &Alertmanager,
    service: &Service,
    people: &FaultServer,
) -> String {
    let mut arguments = service.arguments();
    arguments.pop();
    arguments.push("--web.listen-address={{ target }}".to_owned());
    arguments.insert(0, "/sbin/start-stop-daemon".to_owned());
    let key = service.path("model.key");
    std::fs::write(&key, "sk-test").expect("the folder can be written");
    let argv = serde_json::to_string(&arguments).expect("texts are JSON");
    format!(
        "prometheus: {{url: '{}'}}\n\
         alertmanager: {{url: '{}', reconcile_interval: 5s}}\n\
         scoring: {{interval: 1s, history: 9m}}\n\
         presets: []\n\
         queries:\n\
         - {{name: queue, expr: queue_length, false_alarms: 1 per 1h}}\n\
         - {{name: workers, expr: queue_workers, false_alarms: 1 per 30d}}\n\
         notify: [{{name: people, url: '{}', on: [remediation], group_wait: 1s}}]\n\
         explain: {{openai: {{base_url: '{}', model: gpt-5-mini, api_key_file: '{}'}}}}\n\
         models: [{{name: balance, type: pca, queries: [queue, workers], group_by: [instance]}}]\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n\
        \x20 - name: restart\n\
        \x20   matchers: ['alertname=\"ServiceDown\"']\n\
        \x20   target: {{label: instance, pattern: '127\\.0\\.0\\.1:\\d+'}}\n\
        \x20   steps: [{{command: {{argv: {argv}}}, verify: {{expr: 'up{{job=\"service\",instance=\"{{{{ target }}}}\"}} == 1', within: 30s}}}}]\n\
        \x20 - {{name: watch, mode: earned, matchers: ['alertname=\"ServiceDown\"'], steps: [{{command: {{argv: [/bin/true]}}}}],\n\
        \x20    target: {{label: instance, pattern: '127\\.0\\.0\\.1:\\d+'}}}}\n",
        prometheus.process.url(""),
        alertmanager.process.url(""),
        people.url(""),
        people.url("/v1"),
        key.display(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_path_holds() {
    let scene = Scene::start().await;
    scene
        .wait_ticking(1.0, "anomaly_score{query=\"queue\",exported_query=\"orders\",job=\"queue\"} < 1")
        .await;
    scene.wait_ticking(5.0, "anomaly_score{query=\"queue\"} >= 1").await;
    scene
        .wait_ticking(5.0, "ALERTS{alertname=\"AnomalyDetected\",alertstate=\"firing\",job=\"queue\"}")
        .await;
    // The alert follows the episode; within it the score may dip below the line for a moment.
    scene.wait_ticking(5.0, "anomaly_value > anomaly_expected_upper").await;

    scene.service.kill();
    scene.wait_for("ALERTS{alertname=\"ServiceDown\",alertstate=\"firing\"}").await;
    wait_until(PATIENCE, "the proof of effect", || async {
        scene.tick(5.0);
        let runs = scene.daemon.data("/api/v1/remediations").await;
        runs[0]["ended"][1] == "helped"
    })
    .await;
    scene.wait_for("up{job=\"service\"} == 1").await;

    let runs = scene.daemon.data("/api/v1/remediations").await;
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "one episode, one run: {runs}");
    assert_eq!(runs[0]["plan"]["key"]["policy"], "restart");
    assert_eq!(runs[0]["steps"][0]["verified"][1], "helped");
    let told = |body: &[u8]| String::from_utf8_lossy(body).contains("helped");
    wait_until(PATIENCE, "people to be told", || async {
        scene.people.seen().iter().any(|seen| told(&seen.body))
    })
    .await;
    let policies = scene.daemon.data("/api/v1/policies").await;
    assert_eq!((&policies[0]["name"], &policies[0]["runs"]["helped"]), (&"restart".into(), &1.into()));
    assert_eq!((&policies[0]["success"]["ratio"], &policies[0]["success"]["runs"]), (&1.0.into(), &1.into()));
    let ratio = scene.daemon.metric("smartcloudops_remediation_success_ratio{policy=\"restart\"}").await;
    assert_eq!(ratio, Some(1.0));
    tells_the_story(&scene).await;

    wait_until(PATIENCE, "the resolved alert", || async {
        let alerts = scene.daemon.data("/api/v1/alerts?state=all").await;
        let of_service = alerts
            .as_array()
            .into_iter()
            .flatten()
            .find(|alert| alert["alert"]["labels"]["alertname"] == "ServiceDown");
        of_service.is_some_and(|alert| alert["alert"]["status"] == "resolved")
    })
    .await;
    pages_are_well_formed(&scene).await;
}

async fn tells_the_story(scene: &Scene) {
    let (_, text) = scene.daemon.get("/explain?format=text").await;
    for part in ["AnomalyDetected", "Firing for", "queue", "No policy matches this alert"] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    let body = format!(
        r#"{{"version":"4","alerts":[{{"status":"firing","labels":{{"alertname":"ServiceDown","instance":"127.0.0.1:{}"}}}}]}}"#,
        scene.service.port
    );
    let (status, posted) = scene.daemon.post("/explain?format=markdown", body).await;
    assert_eq!(status, 200, "{posted}");
    assert!(posted.contains("## ServiceDown"), "{posted}");
    let status = scene.daemon.data("/status").await;
    assert_eq!(status["prometheus"]["up"], true, "{status}");
    assert_eq!(status["alertmanager"]["up"], true, "{status}");
    let anomalies = scene.daemon.data("/api/v1/anomalies").await;
    let is_of_queue = |anomaly: &Value| anomaly["query"] == "queue";
    assert!(anomalies.as_array().is_some_and(|all| all.iter().any(is_of_queue)), "{anomalies}");
}

/// The scrape passes promtool's lint, and Prometheus took it whole.
async fn pages_are_well_formed(scene: &Scene) {
    let (_, page) = scene.daemon.get("/metrics").await;
    let file = scene.daemon.path("page");
    std::fs::write(&file, page).expect("the folder can be written");
    let input = std::fs::File::open(&file).expect("the page was written");
    let output = Command::new("promtool").args(["check", "metrics"]).stdin(input).output();
    let output = output.expect("promtool comes with: apt-get install prometheus");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(scene.query("up{job=\"smartcloudops\"}").await, Some(1.0));
    assert!(scene.query("smartcloudops_build_info").await.is_some());
    let (_, page) = scene.daemon.get("/metrics").await;
    let (ours, _prometheus_own) = include_str!("../platform/metrics.txt")
        .split_once("# Prometheus's own.")
        .expect("the list ends with them");
    let listed = ours.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in listed {
        assert!(page.contains(&format!("# TYPE {line}\n")), "a rule may name {line}, but the page lacks it");
    }
}
