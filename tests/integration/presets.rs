//! With nothing but an address the daemon watches what that Prometheus has, and nothing else.

use serde_json::Value;

use crate::support::{Daemon, NodeExporter, PATIENCE, Prometheus, http, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_enough() {
    let node = NodeExporter::start().await;
    let config = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: node, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]\n",
        node.process.port
    );
    let prometheus = Prometheus::start(&config, &[]).await;
    wait_until(PATIENCE, "two scrapes of the node exporter", || async {
        let url = prometheus.process.url("/api/v1/query");
        let query = [("query", "count_over_time(node_load1[5m]) >= 2")];
        let answer = http().get(url).query(&query).send().await.expect("Prometheus answers");
        let json: Value = answer.json().await.expect("Prometheus answers JSON");
        json["data"]["result"].as_array().is_some_and(|result| !result.is_empty())
    })
    .await;
    let daemon = Daemon::start(&format!("prometheus: {{url: '{}'}}\n", prometheus.process.url(""))).await;
    wait_until(PATIENCE, "scores of the node exporter", || async {
        let (_, page) = daemon.get("/metrics").await;
        ["node_cpu_busy", "node_memory_used"]
            .iter()
            .all(|query| page.contains(&format!("anomaly_value{{query=\"{query}\"")))
    })
    .await;
    let (_, page) = daemon.get("/metrics").await;
    let of_http = page.lines().filter(|line| line.starts_with("anomaly_value{query=\"http_"));
    assert_eq!(of_http.count(), 0, "this Prometheus has no HTTP metrics");
}
