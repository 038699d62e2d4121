//! Raw file → checked [`Config`], made of each stage's own `Config`. Every fault at once.

use crate::{alertmanager, decide, http, journal, prometheus, scoring};

/// Everything the daemon needs to know, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Prometheus that is read.
    pub prometheus: prometheus::Config,
    /// The Alertmanager that is asked before acting.
    pub alertmanager: Option<alertmanager::Config>,
    /// What is scored.
    pub scoring: scoring::Config,
    /// What may be done about alerts.
    pub remediation: decide::Config,
    /// The durable record.
    pub journal: journal::Config,
    /// The server.
    pub http: http::Config,
}
