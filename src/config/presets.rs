//! Queries that make sense on most Prometheus servers. Each names the metrics it needs: where they
//! do not exist, it is not evaluated. Rates look back five minutes, which suits scrape intervals of
//! up to one. What is a share lies between 0 and 1, and where nothing is counted the value is 0
//! rather than absent, as far as PromQL allows: absence is itself scored.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::detect::{self, Narrowing};
use crate::model::{Direction, Rate};
use crate::scoring::Query;

use Direction::{Above, Below, Both};

/// A set of queries that is chosen by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preset {
    /// Hosts, through the node exporter.
    Node,
    /// The targets Prometheus scrapes.
    Up,
    /// HTTP services, through the metrics of common client libraries.
    Http,
}

impl Preset {
    /// Every preset with the name it has in the file.
    pub const NAMES: [(&str, Preset); 3] =
        [("node", Preset::Node), ("up", Preset::Up), ("http", Preset::Http)];
}

/// The budget of a query that does not say otherwise: one false alarm per series in 30 days.
pub(super) fn false_alarms() -> Rate {
    Rate::new(1, Duration::from_secs(30 * 86_400)).expect("neither the count nor the window is zero")
}

/// The queries of a preset.
pub(super) fn queries(preset: Preset, interval: Duration, zone: &TimeZone) -> impl Iterator<Item = Query> {
    let rows = match preset {
        Preset::Node => NODE,
        Preset::Up => UP,
        Preset::Http => HTTP,
    };
    rows.iter().map(move |row| row.query(interval, zone))
}

/// Name, expression, metrics needed, direction, smallest deviation that counts.
struct Row(&'static str, &'static str, &'static [&'static str], Direction, f64);

impl Row {
    fn query(&self, interval: Duration, zone: &TimeZone) -> Query {
        let Row(name, expr, requires, direction, min_deviation) = *self;
        Query {
            name: name.to_owned(),
            expr: expr.to_owned(),
            requires: requires.iter().map(|metric| (*metric).to_owned()).collect(),
            with_band: true,
            model: detect::Model::Auto,
            while_firing: None,
            detect: detect::Config {
                interval,
                false_alarms: false_alarms(),
                narrowing: Narrowing { direction, min_deviation, ..Narrowing::default() },
                time_zone: zone.clone(),
                holidays: Default::default(),
            },
        }
    }
}

/// File systems that hold no data of their own.
macro_rules! real_filesystems {
    () => {
        r#"fstype!~"autofs|cgroup2?|devpts|devtmpfs|fuse.*|iso9660|nsfs|overlay|proc|ramfs|rootfs|squashfs|sysfs|tmpfs|tracefs""#
    };
}

/// Devices that carry traffic between hosts.
macro_rules! real_interfaces {
    () => {
        r#"device!~"lo|veth.*|docker.*|br-.*|cali.*|cni.*|flannel.*|virbr.*|lxc.*""#
    };
}

const NODE: &[Row] = &[
    Row(
        "node_cpu_busy",
        r#"1 - avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="idle"}[5m]))"#,
        &["node_cpu_seconds_total"],
        Above,
        0.05,
    ),
    Row(
        "node_load_per_cpu",
        r#"node_load5 / count without (cpu, mode) (node_cpu_seconds_total{mode="idle"})"#,
        &["node_load5", "node_cpu_seconds_total"],
        Above,
        0.5,
    ),
    Row(
        "node_memory_used",
        "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
        &["node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"],
        Above,
        0.05,
    ),
    Row(
        "node_disk_used",
        concat!(
            "1 - node_filesystem_avail_bytes{",
            real_filesystems!(),
            "} / (node_filesystem_size_bytes{",
            real_filesystems!(),
            "} > 0)"
        ),
        &["node_filesystem_avail_bytes", "node_filesystem_size_bytes"],
        Above,
        0.05,
    ),
    Row(
        "node_inodes_used",
        concat!(
            "1 - node_filesystem_files_free{",
            real_filesystems!(),
            "} / (node_filesystem_files{",
            real_filesystems!(),
            "} > 0)"
        ),
        &["node_filesystem_files_free", "node_filesystem_files"],
        Above,
        0.05,
    ),
    Row(
        "node_disk_busy",
        r#"rate(node_disk_io_time_seconds_total{device!~"loop.*|ram.*|sr.*|fd.*|zram.*"}[5m])"#,
        &["node_disk_io_time_seconds_total"],
        Above,
        0.1,
    ),
    Row(
        "node_network_receive_bytes",
        concat!(
            "sum without (device) (rate(node_network_receive_bytes_total{",
            real_interfaces!(),
            "}[5m]))"
        ),
        &["node_network_receive_bytes_total"],
        Both,
        100_000.0,
    ),
    Row(
        "node_network_transmit_bytes",
        concat!(
            "sum without (device) (rate(node_network_transmit_bytes_total{",
            real_interfaces!(),
            "}[5m]))"
        ),
        &["node_network_transmit_bytes_total"],
        Both,
        100_000.0,
    ),
    Row(
        "node_network_errors",
        concat!(
            "sum without (device) (rate(node_network_receive_errs_total{",
            real_interfaces!(),
            "}[5m]) + rate(node_network_transmit_errs_total{",
            real_interfaces!(),
            "}[5m]))"
        ),
        &["node_network_receive_errs_total", "node_network_transmit_errs_total"],
        Above,
        1.0,
    ),
];

const UP: &[Row] = &[
    Row("up_targets_down", "1 - avg by (job) (up)", &["up"], Above, 0.01),
    Row("up_targets", "count by (job) (up)", &["up"], Below, 0.5),
    Row(
        "up_scrape_seconds",
        "avg by (job) (scrape_duration_seconds)",
        &["scrape_duration_seconds"],
        Above,
        0.25,
    ),
];

/// The share of requests with a status of 500 or more. `or` takes the first label that a job uses.
macro_rules! error_ratio {
    ($counter:literal, $($label:literal),+) => {
        concat!(
            "(",
            $("sum by (job) (rate(", $counter, "{", $label, "=~\"5..\"}[5m])) or ",)+
            "0 * sum by (job) (rate(", $counter, "[5m]))) / clamp_min(sum by (job) (rate(", $counter,
            "[5m])), 1e-9)"
        )
    };
}

macro_rules! request_rate {
    ($counter:literal) => {
        concat!("sum by (job) (rate(", $counter, "[5m]))")
    };
}

/// Without requests it is NaN: nothing was measured, but the series has not vanished.
macro_rules! p99 {
    ($bucket:literal) => {
        concat!("histogram_quantile(0.99, sum by (job, le) (rate(", $bucket, "[5m])))")
    };
}

/// First the names of Prometheus's own client libraries, then OpenTelemetry's, then Micrometer's.
const HTTP: &[Row] = &[
    Row("http_request_rate", request_rate!("http_requests_total"), &["http_requests_total"], Both, 0.5),
    Row(
        "http_error_ratio",
        error_ratio!("http_requests_total", "code", "status", "status_code"),
        &["http_requests_total"],
        Above,
        0.01,
    ),
    Row(
        "http_latency_p99",
        p99!("http_request_duration_seconds_bucket"),
        &["http_request_duration_seconds_bucket"],
        Above,
        0.05,
    ),
    Row(
        "http_server_request_rate",
        request_rate!("http_server_request_duration_seconds_count"),
        &["http_server_request_duration_seconds_count"],
        Both,
        0.5,
    ),
    Row(
        "http_server_error_ratio",
        error_ratio!("http_server_request_duration_seconds_count", "http_response_status_code"),
        &["http_server_request_duration_seconds_count"],
        Above,
        0.01,
    ),
    Row(
        "http_server_latency_p99",
        p99!("http_server_request_duration_seconds_bucket"),
        &["http_server_request_duration_seconds_bucket"],
        Above,
        0.05,
    ),
    Row(
        "spring_request_rate",
        request_rate!("http_server_requests_seconds_count"),
        &["http_server_requests_seconds_count"],
        Both,
        0.5,
    ),
    Row(
        "spring_error_ratio",
        error_ratio!("http_server_requests_seconds_count", "status"),
        &["http_server_requests_seconds_count"],
        Above,
        0.01,
    ),
    Row(
        "spring_latency_p99",
        p99!("http_server_requests_seconds_bucket"),
        &["http_server_requests_seconds_bucket"],
        Above,
        0.05,
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> impl Iterator<Item = Query> {
        Preset::NAMES.into_iter().flat_map(|(_, preset)| {
            queries(preset, Duration::from_secs(60), &TimeZone::UTC).collect::<Vec<_>>()
        })
    }

    #[test]
    fn every_expression_is_promql() {
        for query in all() {
            let parsed = promql_parser::parser::parse(&query.expr);
            assert!(parsed.is_ok(), "{}: {} {:?}", query.name, query.expr, parsed.err());
        }
    }

    #[test]
    fn names_differ_between_all_presets() {
        let names: BTreeSet<String> = all().map(|query| query.name).collect();
        assert_eq!(names.len(), all().count());
    }

    #[test]
    fn every_metric_required_occurs_in_its_expression() {
        for query in all() {
            assert!(!query.requires.is_empty(), "{}", query.name);
            for metric in &query.requires {
                assert!(query.expr.contains(metric.as_str()), "{}: {metric}", query.name);
            }
        }
    }
}
