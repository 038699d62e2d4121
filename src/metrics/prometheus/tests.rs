//! What is on the page of `/metrics`.

use super::*;
use crate::metrics::page;

#[test]
fn everything_is_there_at_zero() {
    let mut registry = Registry::default();
    PrometheusMetrics::register(&mut registry);
    let page = page(&registry);
    let requests = page.lines().filter(|line| line.starts_with("smartcloudops_prometheus_requests_total{"));
    assert_eq!(requests.count(), 11 * Outcome::ALL.len());
    for line in [
        r#"smartcloudops_prometheus_requests_total{server="alertmanager",kind="alerts",outcome="timed_out"} 0"#,
        r#"smartcloudops_prometheus_request_duration_seconds_count{server="prometheus",kind="range"} 0"#,
        r#"smartcloudops_prometheus_up{server="prometheus"} 0"#,
        r#"smartcloudops_prometheus_retries_total{server="alertmanager"} 0"#,
        "smartcloudops_prometheus_duplicate_series_total 0",
    ] {
        assert!(page.contains(line), "{line} is missing in:\n{page}");
    }
}

#[test]
fn a_refused_expression_still_means_up() {
    let mut registry = Registry::default();
    let metrics = PrometheusMetrics::register(&mut registry);
    for (outcome, up) in [(Outcome::Success, 1), (Outcome::TimedOut, 0), (Outcome::Rejected, 1)] {
        metrics.answered(Server::Prometheus, Kind::Instant, outcome, Duration::from_millis(3));
        let line = format!("smartcloudops_prometheus_up{{server=\"prometheus\"}} {up}");
        assert!(page(&registry).contains(&line), "{line}");
    }
}
