//! Self-metrics of the webhook.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::model::{Delivery, EpisodeChange, Timestamp};

/// In bytes: from one alert to the usual limit.
const SIZE_BUCKETS: [f64; 6] = [1024.0, 4096.0, 16_384.0, 131_072.0, 1_048_576.0, 16_777_216.0];

/// What became of a delivery; the label `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeliveryOutcome {
    /// Stored, answered with 200.
    Accepted,
    /// Not a webhook message: 400, sent again without end.
    Malformed,
    /// Not let in: 401 or 403, sent again without end.
    Unauthorized,
    /// Larger than the limit: 413, sent again without end.
    TooLarge,
    /// The body came too slowly: 408.
    TimedOut,
    /// It could not be stored: 503, the sender comes again.
    Unavailable,
}

impl DeliveryOutcome {
    const ALL: [Self; 6] = [
        Self::Accepted,
        Self::Malformed,
        Self::Unauthorized,
        Self::TooLarge,
        Self::TimedOut,
        Self::Unavailable,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Malformed => "malformed",
            Self::Unauthorized => "unauthorized",
            Self::TooLarge => "too_large",
            Self::TimedOut => "timed_out",
            Self::Unavailable => "unavailable",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChangeLabel {
    change: &'static str,
}

const CHANGES: [&str; 6] = ["opened", "repeated", "resolved", "stale", "collision", "quarantined"];

/// What the webhook counts.
#[derive(Clone, Debug)]
pub struct WebhookMetrics {
    deliveries: Family<OutcomeLabel, Counter>,
    alerts: Family<ChangeLabel, Counter>,
    truncated: Counter,
    last_delivery: Gauge<f64, AtomicU64>,
    body_size: Histogram,
}

impl WebhookMetrics {
    /// Registers everything, at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            deliveries: Family::default(),
            alerts: Family::default(),
            truncated: Counter::default(),
            last_delivery: Gauge::default(),
            body_size: Histogram::new(SIZE_BUCKETS),
        };
        for outcome in DeliveryOutcome::ALL {
            drop(metrics.deliveries.get_or_create(&OutcomeLabel { outcome: outcome.as_str() }));
        }
        for change in CHANGES {
            drop(metrics.alerts.get_or_create(&ChangeLabel { change }));
        }
        metrics.describe(registry);
        metrics
    }

    fn describe(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_webhook_deliveries",
            "Webhook deliveries by what became of them",
            self.deliveries.clone(),
        );
        registry.register(
            "smartcloudops_webhook_alerts",
            "Alerts of deliveries and reconciliations by what they changed",
            self.alerts.clone(),
        );
        registry.register(
            "smartcloudops_webhook_truncated_alerts",
            "Alerts that senders left out of their messages",
            self.truncated.clone(),
        );
        registry.register(
            "smartcloudops_webhook_last_delivery_timestamp_seconds",
            "When the last delivery was received, in seconds since the Unix epoch; 0 before the first",
            self.last_delivery.clone(),
        );
        registry.register(
            "smartcloudops_webhook_body_size_bytes",
            "Sizes of webhook bodies that could be read",
            self.body_size.clone(),
        );
    }

    /// A delivery was answered with this status.
    pub fn answered(&self, status: u16) {
        let outcome = match status {
            200 => DeliveryOutcome::Accepted,
            401 | 403 => DeliveryOutcome::Unauthorized,
            408 => DeliveryOutcome::TimedOut,
            413 => DeliveryOutcome::TooLarge,
            500.. => DeliveryOutcome::Unavailable,
            _ => DeliveryOutcome::Malformed,
        };
        self.deliveries.get_or_create(&OutcomeLabel { outcome: outcome.as_str() }).inc();
    }

    /// A delivery of `size` bytes was read.
    pub fn received(&self, delivery: &Delivery, size: usize, now: Timestamp) {
        self.truncated.inc_by(delivery.truncated);
        self.last_delivery.set(now.as_seconds());
        self.body_size.observe(size as f64);
        self.count("quarantined", delivery.quarantined.len() as u64);
    }

    /// An alert was applied.
    pub fn change(&self, change: &EpisodeChange) {
        let name = match change {
            EpisodeChange::Opened(_) => "opened",
            EpisodeChange::Repeated(_) => "repeated",
            EpisodeChange::Resolved(_) => "resolved",
            EpisodeChange::Stale(_) => "stale",
            EpisodeChange::Collision(_) => "collision",
        };
        self.count(name, 1);
    }

    fn count(&self, change: &'static str, count: u64) {
        self.alerts.get_or_create(&ChangeLabel { change }).inc_by(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_exists_at_zero() {
        let mut registry = Registry::default();
        WebhookMetrics::register(&mut registry);
        let mut page = String::new();
        prometheus_client::encoding::text::encode(&mut page, &registry).unwrap();
        for line in [
            "smartcloudops_webhook_deliveries_total{outcome=\"too_large\"} 0",
            "smartcloudops_webhook_alerts_total{change=\"quarantined\"} 0",
            "smartcloudops_webhook_alerts_total{change=\"collision\"} 0",
            "smartcloudops_webhook_truncated_alerts_total 0",
        ] {
            assert!(page.contains(line), "{page}");
        }
    }
}
