//! The configurations of everything in the scene.

use serde_json::{Value, json};

use crate::support::{Answer, FaultServer, ModelServer, Service};

/// What somebody asks the daemon.
pub const QUESTION: &str = "what is wrong with the shop?";

/// The alerts of the scene beside the shipped ones.
const ALERTS: &str = r#"groups:
- name: shop
  rules:
  - {alert: ShopDown, expr: 'up{job="app"} == 0', labels: {severity: critical}}
  - {alert: PoolExhausted, expr: 'label_replace(vector(1), "instance", "shop:80", "", "")', labels: {severity: warning}}
  - {alert: HostOverloaded, expr: 'label_replace(vector(1), "instance", "shop:80", "", "")', labels: {severity: warning}}
  - {alert: TrafficHigh, expr: 'label_replace(vector(1), "instance", "shop:80", "", "")', labels: {severity: info}}
  - {alert: DiskAlmostFull, expr: 'label_replace(vector(1), "instance", "shop:80", "", "")', labels: {severity: info}}
"#;

/// Alertmanager, who tells the daemon everything at once.
pub fn alertmanager(daemon: u16) -> String {
    format!(
        "route: {{receiver: smartcloudops, group_by: [alertname, instance], group_wait: 0s, group_interval: 1s}}\n\
         receivers: [{{name: smartcloudops, webhook_configs: [{{url: 'http://127.0.0.1:{daemon}/webhook'}}]}}]\n"
    )
}

/// Prometheus, who scrapes and evaluates every second: the shop, its service, the host, the daemon
/// and another one.
pub fn prometheus(alertmanager: u16, [shop, service, node, daemon, fleet]: &[String; 5]) -> String {
    let files: Vec<String> = rules().into_iter().map(|(name, _)| name).collect();
    format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
         alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{alertmanager}']}}]}}]}}\n\
         rule_files: [{}]\n\
         scrape_configs:\n\
         - {{job_name: shop, static_configs: [{{targets: ['{shop}']}}]}}\n\
         - {{job_name: app, static_configs: [{{targets: ['{service}']}}]}}\n\
         - {{job_name: node, static_configs: [{{targets: ['{node}']}}]}}\n\
         - {{job_name: smartcloudops, honor_labels: true, static_configs: [{{targets: ['{daemon}']}}]}}\n\
         - {{job_name: fleet, scrape_interval: 5s, honor_labels: true, static_configs: [{{targets: ['{fleet}']}}]}}\n",
        files.join(", "),
    )
}

/// The shipped rules, evaluated as often as this Prometheus scrapes, and the scene's own.
pub fn rules() -> Vec<(String, String)> {
    let interval = regex::Regex::new(r"(?m)^( +interval:) \w+$").expect("it is valid");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let files =
        std::fs::read_dir(folder).expect("the folder exists").map(|entry| entry.expect("a file").path());
    let shipped = files.filter(|path| path.extension().is_some_and(|end| end == "yml")).map(|path| {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        (name.to_owned(), interval.replace_all(&text, "$1 1s").into_owned())
    });
    shipped.chain([("shop.yml".to_owned(), ALERTS.to_owned())]).collect()
}

/// Somebody who is told everything.
pub async fn people() -> FaultServer {
    FaultServer::start([Answer::new(200, "{}")]).await
}

/// What the language model answers: a summary with a sentence that nothing bears out, and a look-up before its answer.
pub fn answers() -> Vec<Value> {
    let statement = |text: &str| json!({"text": text, "evidence": ["e1"]});
    let summary = json!({
        "headline": "The shop is down.", "impact": statement("The shop is down. It is 97 % full."),
        "likely_cause": statement("The shop is down."), "done": statement("The shop was started."),
        "next_steps": ["Look at the shop."], "confidence": "high",
    });
    let of_question = |has_result: bool| json!({"userMessage": QUESTION, "hasToolResult": has_result});
    let call = json!({"id": "call_1", "name": "alerts", "arguments": {}});
    let answer = json!({"statements": [{"text": "The shop is down.", "lookups": ["l1"]}]});
    let alerts =
        ["AnomalyDetected", "ShopDown", "PoolExhausted", "HostOverloaded", "TrafficHigh", "DiskAlmostFull"];
    let of_alert =
        |name: &str| json!({"match": {"userMessage": name}, "response": {"content": summary.to_string()}});
    let of_questions = [
        json!({"match": of_question(false), "response": {"toolCalls": [call]}}),
        json!({"match": of_question(true), "response": {"content": answer.to_string()}}),
    ];
    of_questions.into_iter().chain(alerts.into_iter().map(of_alert)).collect()
}

/// The daemon with the presets, queries of the shop, and a policy for each alert; `urls`: of Prometheus, of Alertmanager
/// and of people.
pub fn daemon(
    [prometheus, alertmanager, people]: &[String; 3],
    service: &Service,
    model: &ModelServer,
) -> String {
    let (url, key) = (model.url(), model.key_file().display().to_string());
    format!(
        "prometheus: {{url: '{prometheus}'}}\n\
         alertmanager: {{url: '{alertmanager}', reconcile_interval: 5s}}\n\
         scoring: {{interval: 2s, history: {}s, snapshot_interval: 10s}}\n\
         presets: [node, up]\n\
         queries:\n\
         - {{name: orders, expr: shop_orders_waiting, false_alarms: 1 per 1h}}\n\
         - {{name: workers, expr: shop_workers_busy}}\n\
         - {{name: shard_lag, expr: shop_shard_lag_seconds}}\n\
         models: [{{name: balance, type: pca, queries: [orders, workers], group_by: [instance]}}]\n\
         notify: [{{name: people, url: '{people}', on: [firing, remediation], group_wait: 1s}}]\n\
         explain: {{openai: {{base_url: '{url}', model: gpt-5-mini, api_key_file: '{key}', prices: {{input: 0.25, output: 2}}}}}}\n\
         remediation:\n  mode: enforce\n  startup_grace: 0s\n  storm: {{total: 1000/1m, per_alert: 1000/1m}}\n  policies:\n{}",
        super::history::LEARNT,
        policies(service),
    )
}

fn policies(service: &Service) -> String {
    let restart =
        serde_json::to_string(&[vec!["/sbin/start-stop-daemon".to_owned()], service.arguments()].concat());
    let (restart, shop) = (restart.expect("texts are JSON"), r"'shop:80'");
    let policy = |name: &str,
                  alert: &str,
                  target: &str,
                  more: &str,
                  argv: &str,
                  (verify, within): (&str, &str)| {
        format!(
            "  - {{name: {name}, matchers: ['alertname=\"{alert}\"'], target: {{label: instance, pattern: {target}}}, {more}\
             steps: [{{command: {{argv: {argv}}}, verify: {{expr: '{verify}', within: {within}}}}}]}}\n"
        )
    };
    let (here, idle) = (format!(r"'127\.0\.0\.1:{}'", service.port), r#"["/bin/true"]"#);
    let back = format!(r#"up{{job="app",instance="127.0.0.1:{}"}} == 1"#, service.port);
    let never = r#"up{job="nobody"}"#;
    [
        policy("restart-shop", "ShopDown", &here, "", &restart, (&back, "30s")),
        policy("watch-shop", "ShopDown", &here, "mode: earned, ", idle, (&back, "30s")),
        policy("grow-pool", "PoolExhausted", shop, "", idle, (never, "5s")),
        policy("drain-host", "HostOverloaded", shop, "mode: ask, ", idle, (never, "5s")),
        policy("scale-out", "TrafficHigh", shop, "conditions: ['vector(0)'], ", idle, (never, "5s")),
        policy("clean-disk", "DiskAlmostFull", shop, "mode: shadow, ", idle, (never, "5s")),
    ]
    .concat()
}
