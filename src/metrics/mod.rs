//! Every self-metric's name, help and label enum; one file per stage.

pub mod chat;
pub mod daemon;
pub mod http;
pub mod journal;
pub mod llm;
pub mod lookup;
pub mod notify;
pub mod prometheus;
pub mod remediation;
pub mod scoring;
pub mod webhook;

use prometheus_client::registry::Registry;

/// All self-metrics, registered. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    /// Answers to questions.
    pub chat: chat::ChatMetrics,
    /// The process.
    pub daemon: daemon::DaemonMetrics,
    /// The HTTP server.
    pub http: http::HttpMetrics,
    /// The journal.
    pub journal: journal::JournalMetrics,
    /// The client of a language model.
    pub llm: llm::LlmMetrics,
    /// Look-ups.
    pub lookup: lookup::LookupMetrics,
    /// What is told to others.
    pub notify: notify::NotifyMetrics,
    /// The clients of Prometheus, Alertmanager and Loki.
    pub prometheus: prometheus::PrometheusMetrics,
    /// Remediation.
    pub remediation: remediation::RemediationMetrics,
    /// The scoring loop and the snapshots.
    pub scoring: scoring::ScoringMetrics,
    /// The webhook.
    pub webhook: webhook::WebhookMetrics,
}

impl Metrics {
    /// Registers everything; `routes` are the values of the label `route`, `lookups` those of `lookup`.
    pub fn register(
        registry: &mut Registry,
        routes: &[http::Route],
        lookups: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        let webhook = webhook::WebhookMetrics::register(registry);
        let deliveries = webhook.clone();
        let answered = move |status| deliveries.answered(status);
        Self {
            chat: chat::ChatMetrics::register(registry),
            daemon: daemon::DaemonMetrics::register(registry),
            http: http::HttpMetrics::register(registry, routes).with_answer_hook("/webhook", answered),
            journal: journal::JournalMetrics::register(registry),
            llm: llm::LlmMetrics::register(registry),
            lookup: lookup::LookupMetrics::register(registry, lookups),
            notify: notify::NotifyMetrics::register(registry),
            prometheus: prometheus::PrometheusMetrics::register(registry),
            remediation: remediation::RemediationMetrics::register(registry),
            scoring: scoring::ScoringMetrics::register(registry),
            webhook,
        }
    }
}

/// The page of a registry, as a scrape has it.
#[cfg(test)]
fn page(registry: &Registry) -> String {
    let mut page = String::new();
    prometheus_client::encoding::text::encode(&mut page, registry).unwrap();
    page
}
