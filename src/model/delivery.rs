//! One webhook delivery, reduced to what can be trusted and stored.

use serde::{Deserialize, Serialize};

use super::{Alert, Timestamp};

/// The journal's number of a delivery; ascending in the order they were accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeliveryId(pub i64);

/// A delivery as it is written down before it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// When it was received.
    pub received_at: Timestamp,
    /// Who sent it.
    pub source: DeliverySource,
    /// The well-formed alerts, in the order of the message.
    pub alerts: Vec<Alert>,
    /// Alerts that could not be read, as compact JSON cut to 4 KiB each, at most 100.
    pub quarantined: Vec<String>,
    /// How many alerts the sender left out (`max_alerts`).
    pub truncated: u64,
}

/// Where a delivery came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliverySource {
    /// `POST /webhook`.
    Webhook,
    /// The comparison with Alertmanager's list of active alerts.
    Reconciliation,
}
