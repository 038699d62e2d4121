//! The servers the daemon asks, as configured.

use crate::explain::Answers;
use crate::http_client::BuildError;
use crate::metrics::prometheus::PrometheusMetrics;
use crate::{alertmanager, loki, prometheus};

/// The clients in use; replaced as a whole on reload.
pub struct Upstreams {
    /// Read by scoring. A client of its own: while a history is read, remediation must not wait for a turn.
    pub scoring: prometheus::Client,
    /// Asked by remediation and `/status`.
    pub prometheus: prometheus::Client,
    /// Asked for people who want an explanation. A client of its own: remediation does not wait for their turn.
    pub reading: prometheus::Client,
    /// What that one answered a moment ago.
    pub answers: Answers,
    /// Asked by people's questions, whoever puts them: few at once, and no large answers. Explanations do not wait for
    /// them.
    pub asking: prometheus::Client,
    /// Asked by remediation and told by actions, where there is one.
    pub alertmanager: Option<(alertmanager::Client, alertmanager::Config)>,
    /// Asked for logs, where there is one.
    pub loki: Option<loki::Client>,
}

/// Questions under way at once, and bytes of an answer to one.
const MAX_QUESTIONS: usize = 2;
const MAX_ANSWER: usize = 8 << 20;

/// The settings for questions, which anybody who may ask can put.
fn narrowed(config: &prometheus::Config) -> prometheus::Config {
    prometheus::Config {
        max_concurrency: config.max_concurrency.min(MAX_QUESTIONS),
        max_response_bytes: config.max_response_bytes.min(MAX_ANSWER),
        ..config.clone()
    }
}

impl Upstreams {
    /// Builds the clients. Nothing is sent yet: a server that is down is no reason not to start.
    pub fn connect(
        prometheus: &prometheus::Config,
        alertmanager: Option<&alertmanager::Config>,
        loki: Option<&loki::Config>,
        metrics: &PrometheusMetrics,
    ) -> Result<Self, BuildError> {
        let alertmanager = alertmanager.map(|config| {
            let client = alertmanager::Client::new(config, metrics.clone())?;
            Ok((client, config.clone()))
        });
        Ok(Self {
            scoring: prometheus::Client::new(prometheus, metrics.clone())?,
            prometheus: prometheus::Client::new(prometheus, metrics.clone())?,
            reading: prometheus::Client::new(prometheus, metrics.clone())?,
            asking: prometheus::Client::new(&narrowed(prometheus), metrics.clone())?,
            answers: Answers::default(),
            alertmanager: alertmanager.transpose()?,
            loki: loki.map(|config| loki::Client::new(config, metrics.clone())).transpose()?,
        })
    }

    /// Alertmanager's client, without its settings.
    pub fn alertmanager_client(&self) -> Option<alertmanager::Client> {
        self.alertmanager.as_ref().map(|(client, _)| client.clone())
    }
}
