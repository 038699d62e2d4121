//! What the loop works with.

use crate::act::Actor;
use crate::journal::Journal;
use crate::metrics::remediation::RemediationMetrics;
use crate::metrics::webhook::WebhookMetrics;

use super::handle::Clients;

/// What the loop works with.
pub struct Surroundings {
    /// Asked whether an alert still fires and whether an action helped.
    pub prometheus: crate::prometheus::Client,
    /// Asked whether an alert is active and not silenced.
    pub alertmanager: Option<(crate::alertmanager::Client, crate::alertmanager::Config)>,
    /// Where everything is written down.
    pub journal: Journal,
    /// Carries out what was written down.
    pub actor: Actor,
    /// Counts decisions, actions and runs.
    pub metrics: RemediationMetrics,
    /// Counts what deliveries changed.
    pub webhook_metrics: WebhookMetrics,
}

impl Surroundings {
    /// Replaces the clients.
    pub(super) fn use_clients(&mut self, (prometheus, alertmanager): Clients) {
        self.prometheus = prometheus;
        self.alertmanager = alertmanager;
    }
}
