//! HTTP services, through the metrics of common client libraries.

use super::Row;
use crate::model::Direction::{Above, Both};

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
pub(super) const HTTP: &[Row] = &[
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
