//! `POST /webhook`: parsed, written down durably, answered. Nothing is decided here.

use axum::body::Bytes;
use axum::extract::State;

use super::{Daemon, clock};
use crate::alerts;
use crate::http::error::{ApiError, ErrorKind};

/// Bodies larger than this are parsed beside the connections.
const LARGE_BODY: usize = 64 << 10;

/// 200 once the delivery is on disk; 503 where it cannot be; 400 only for what can never be accepted.
pub(super) async fn receive(State(daemon): State<Daemon>, body: Bytes) -> Result<&'static str, ApiError> {
    let now = clock();
    let size = body.len();
    let parsed = if size > LARGE_BODY {
        let parse = tokio::task::spawn_blocking(move || alerts::parse(&body, now));
        parse.await.map_err(|error| ApiError::internal(&error))?
    } else {
        alerts::parse(&body, now)
    };
    let metrics = &daemon.webhook_metrics;
    let delivery = parsed.map_err(|error| {
        tracing::warn!(%error, size, "a webhook delivery cannot be read");
        ApiError::new(ErrorKind::BadData, error.to_string())
    })?;
    metrics.received(&delivery, size, now);
    if !delivery.quarantined.is_empty() {
        tracing::warn!(
            alerts = delivery.quarantined.len(),
            "a webhook delivery holds alerts that cannot be read"
        );
    }
    daemon.journal.record_delivery(delivery).await.map_err(|error| {
        ApiError::new(ErrorKind::Unavailable, "the delivery cannot be stored now").because(&error)
    })?;
    daemon.remediation.delivered();
    Ok("{\"status\":\"success\"}\n")
}
