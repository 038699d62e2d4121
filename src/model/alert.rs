//! An alert as Alertmanager tells it, stripped to what can be trusted to be there.

use serde::{Deserialize, Serialize};

use super::{Fingerprint, Labels, Timestamp};

/// Firing or resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertStatus {
    /// The condition holds.
    Firing,
    /// The condition ended, or its series vanished, or its source died: no proof of recovery.
    Resolved,
}

/// One alert of a notification. Label and annotation values are untrusted text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Firing or resolved.
    pub status: AlertStatus,
    /// Identity. `alertname` may be absent.
    pub labels: Labels,
    /// Text for people.
    pub annotations: Labels,
    /// When the condition began, as this sender sees it: peers differ.
    pub starts_at: Timestamp,
    /// When it ended; `None` while firing.
    pub ends_at: Option<Timestamp>,
    /// Link to the expression's graph; never fetched.
    pub generator_url: String,
}

impl Alert {
    /// The value of `alertname`, or `(no alertname)`.
    pub fn name(&self) -> &str {
        self.labels.get("alertname").unwrap_or("(no alertname)")
    }

    /// Identity over deliveries, groups and peers: computed from the labels alone.
    pub fn fingerprint(&self) -> Fingerprint {
        self.labels.fingerprint()
    }
}
