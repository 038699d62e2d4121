//! Self-metrics of the client of a language model.

mod outcome;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub use outcome::Outcome;

/// In seconds: from a model next door to one that reasons for long.
const DURATION_BUCKETS: [f64; 9] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DirectionLabel {
    direction: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FaultLabel {
    fault: &'static str,
}

/// Why a sentence of a model is struck: as `llm::claims::Fault` names it, or because it rests on nothing.
const FAULTS: [&str; 8] = ["number", "time", "name", "language", "link", "command", "length", UNCITED];

/// The fault of a statement that names nothing that was looked up.
pub const UNCITED: &str = "uncited";

/// What the client of a language model counts. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LlmMetrics {
    requests: Family<OutcomeLabel, Counter>,
    tokens: Family<DirectionLabel, Counter>,
    cost: Counter<f64, AtomicU64>,
    durations: Histogram,
    cache_hits: Counter,
    in_flight: Gauge,
    struck: Family<FaultLabel, Counter>,
}

impl LlmMetrics {
    /// Registers everything, at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            tokens: Family::default(),
            cost: Counter::default(),
            durations: Histogram::new(DURATION_BUCKETS),
            cache_hits: Counter::default(),
            in_flight: Gauge::default(),
            struck: Family::default(),
        };
        for outcome in Outcome::ALL {
            metrics.requests.get_or_create_owned(&OutcomeLabel { outcome });
        }
        for direction in ["input", "output"] {
            metrics.tokens.get_or_create_owned(&DirectionLabel { direction });
        }
        for fault in FAULTS {
            metrics.struck.get_or_create_owned(&FaultLabel { fault });
        }
        metrics.name_in(registry);
        metrics
    }

    fn name_in(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_llm_requests",
            "Requests to the language model by how they ended, those that were not sent included and those answered from the cache not",
            self.requests.clone(),
        );
        registry.register(
            "smartcloudops_llm_tokens",
            "Tokens sent to the language model and written by it, as it counts them",
            self.tokens.clone(),
        );
        registry.register(
            "smartcloudops_llm_cost_dollars",
            "What the language model has cost by the prices configured",
            self.cost.clone(),
        );
        registry.register(
            "smartcloudops_llm_request_duration_seconds",
            "Time from sending a request to the language model to its end",
            self.durations.clone(),
        );
        registry.register(
            "smartcloudops_llm_cache_hits",
            "Answers of the language model given again, or to several who asked the same at once",
            self.cache_hits.clone(),
        );
        registry.register(
            "smartcloudops_llm_requests_in_flight",
            "Requests that the language model is answering",
            self.in_flight.clone(),
        );
        registry.register(
            "smartcloudops_llm_struck_sentences",
            "Sentences of the language model that were struck, by what is wrong with them",
            self.struck.clone(),
        );
    }

    /// A request ended.
    pub fn ended(&self, outcome: Outcome) {
        self.requests.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// An answer was given without a request of its own.
    pub fn cache_hit(&self) {
        self.cache_hits.inc();
    }

    /// What an answer took, in tokens and dollars.
    pub fn spent(&self, input: u64, output: u64, dollars: f64) {
        self.tokens.get_or_create(&DirectionLabel { direction: "input" }).inc_by(input);
        self.tokens.get_or_create(&DirectionLabel { direction: "output" }).inc_by(output);
        self.cost.inc_by(dollars);
    }

    /// A sentence was struck; `fault` is the name of a fault of `llm::claims`, or [`UNCITED`].
    pub fn struck(&self, fault: &'static str) {
        self.struck.get_or_create(&FaultLabel { fault }).inc();
    }

    /// A request is sent.
    pub fn sent(&self) {
        self.in_flight.inc();
    }

    /// A request that was sent is over, whatever came of it.
    pub fn over(&self, took: Duration) {
        self.in_flight.dec();
        self.durations.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::page;

    #[test]
    fn everything_exists_at_zero() {
        let mut registry = Registry::default();
        LlmMetrics::register(&mut registry);
        let page = page(&registry);
        let requests = page.lines().filter(|line| line.starts_with("smartcloudops_llm_requests_total{"));
        assert_eq!(requests.count(), Outcome::ALL.len());
        for line in [
            r#"smartcloudops_llm_requests_total{outcome="money_spent"} 0"#,
            r#"smartcloudops_llm_tokens_total{direction="output"} 0"#,
            "smartcloudops_llm_cost_dollars_total 0.0",
            "smartcloudops_llm_request_duration_seconds_count 0",
            "smartcloudops_llm_cache_hits_total 0",
            "smartcloudops_llm_requests_in_flight 0",
            r#"smartcloudops_llm_struck_sentences_total{fault="number"} 0"#,
        ] {
            assert!(page.contains(line), "{line} is missing in:\n{page}");
        }
    }

    #[test]
    fn every_fault_of_a_sentence_is_counted() {
        let (uncited, faults) = FAULTS.split_last().unwrap();
        assert_eq!(
            (*uncited, crate::llm::claims::Fault::ALL.map(|fault| fault.as_str()).as_slice()),
            (UNCITED, faults)
        );
    }
}
