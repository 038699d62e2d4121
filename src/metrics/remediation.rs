//! Self-metrics of remediation.

mod labels;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::model::{ActError, ActReport, Reason, RunOutcome, Tally};
use labels::{
    ACTIONS, ActionLabels, DecisionLabels, LEVELS, LevelLabels, PolicyLabels, ReconciliationLabels, RunLabels,
};

pub use labels::Source;

/// In seconds: from a quick restart to a long proof.
const DURATION_BUCKETS: [f64; 8] = [1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0];

/// What remediation counts.
#[derive(Clone, Debug)]
pub struct RemediationMetrics {
    decisions: Family<DecisionLabels, Counter>,
    actions: Family<ActionLabels, Counter>,
    runs: Family<RunLabels, Counter>,
    run_duration: Histogram,
    paused: Gauge,
    leading: Gauge,
    in_flight: Gauge,
    episodes_firing: Gauge,
    storm: Gauge,
    reconciliations: Family<ReconciliationLabels, Counter>,
    approvals_pending: Gauge,
    levels: Family<LevelLabels, Gauge>,
    success: [Family<PolicyLabels, Ratio>; 3],
}

/// A number from 0 to 1.
type Ratio = Gauge<f64, AtomicU64>;

/// How often policies help, and the bounds of that: name and help.
const SUCCESS: [(&str, &str); 3] = [
    (
        "smartcloudops_remediation_success_ratio",
        "Share of a policy's runs of the last 31 days that helped, of those whose effect is known or that failed",
    ),
    (
        "smartcloudops_remediation_success_ratio_lower",
        "What the true success ratio exceeds with a chance of 90 %",
    ),
    (
        "smartcloudops_remediation_success_ratio_upper",
        "What the true success ratio stays below with a chance of 90 %",
    ),
];

impl RemediationMetrics {
    /// Registers everything that is not a policy's, at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            decisions: Family::default(),
            actions: Family::default(),
            runs: Family::default(),
            run_duration: Histogram::new(DURATION_BUCKETS),
            paused: Gauge::default(),
            leading: Gauge::default(),
            in_flight: Gauge::default(),
            episodes_firing: Gauge::default(),
            storm: Gauge::default(),
            reconciliations: Family::default(),
            approvals_pending: Gauge::default(),
            levels: Family::default(),
            success: Default::default(),
        };
        Reason::OF_NO_POLICY.iter().for_each(|reason| metrics.decided(None, reason.as_str(), 0));
        for action in ACTIONS {
            for outcome in ["accepted", "failed", "not_started", "unknown"] {
                drop(metrics.actions.get_or_create(&ActionLabels { action, outcome }));
            }
        }
        for source in [Source::Alertmanager, Source::Prometheus] {
            for outcome in ["success", "failure"] {
                let labels = ReconciliationLabels { source: source.as_str(), outcome };
                drop(metrics.reconciliations.get_or_create(&labels));
            }
        }
        metrics.describe_counts(registry);
        metrics.describe_states(registry);
        metrics
    }

    fn describe_counts(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_remediation_decisions",
            "Decisions by policy: act, or the reason why not; the policy is empty where none matched",
            self.decisions.clone(),
        );
        registry.register(
            "smartcloudops_remediation_actions",
            "Actions carried out by kind and outcome",
            self.actions.clone(),
        );
        registry.register(
            "smartcloudops_remediation_runs",
            "Runs that ended, by policy and outcome",
            self.runs.clone(),
        );
        registry.register(
            "smartcloudops_remediation_run_duration_seconds",
            "From a run's written intent to its end, proof included",
            self.run_duration.clone(),
        );
        registry.register(
            "smartcloudops_remediation_reconciliations",
            "Comparisons of the alerts known with the lists of Alertmanager or Prometheus",
            self.reconciliations.clone(),
        );
    }

    fn describe_states(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_remediation_approvals_pending",
            "Requests for approval that nobody has answered",
            self.approvals_pending.clone(),
        );
        registry.register(
            "smartcloudops_remediation_autonomy",
            "Whether a policy that earns what it may do stands at this level",
            self.levels.clone(),
        );
        for (family, (name, help)) in self.success.iter().zip(SUCCESS) {
            registry.register(name, help, family.clone());
        }
        registry.register(
            "smartcloudops_remediation_paused",
            "Whether the stop switch is set",
            self.paused.clone(),
        );
        registry.register(
            "smartcloudops_remediation_leading",
            "Whether this daemon decides and acts; one of those that share a journal does",
            self.leading.clone(),
        );
        registry.register(
            "smartcloudops_remediation_runs_in_flight",
            "Runs under way",
            self.in_flight.clone(),
        );
        registry.register(
            "smartcloudops_remediation_episodes_firing",
            "Alerts known to fire",
            self.episodes_firing.clone(),
        );
        registry.register(
            "smartcloudops_remediation_storm",
            "Whether so many alerts began at once that nothing is done about them",
            self.storm.clone(),
        );
    }

    /// How often policies help; one without a run that tells has no ratio.
    pub fn success(&self, tallies: &BTreeMap<Arc<str>, Tally>) {
        self.success.iter().for_each(Family::clear);
        for (policy, tally) in tallies {
            let Some(rate) = tally.success() else { continue };
            let labels = PolicyLabels { policy: policy.to_string() };
            for (family, value) in self.success.iter().zip([rate.ratio, rate.lower, rate.upper]) {
                family.get_or_create(&labels).set(value);
            }
        }
    }

    /// A policy has earned a level.
    pub fn level(&self, policy: &str, earned: &str) {
        for level in LEVELS {
            let labels = LevelLabels { policy: policy.to_owned(), level };
            self.levels.get_or_create(&labels).set(i64::from(level == earned));
        }
    }

    /// Requests for approval that nobody has answered.
    pub fn approvals_pending(&self, pending: usize) {
        self.approvals_pending.set(pending as i64);
    }

    /// Creates all of a policy's series at zero.
    pub fn for_policy(&self, name: &str) {
        let reasons = Reason::ALL.iter().filter(|reason| !Reason::OF_NO_POLICY.contains(reason));
        let reasons = reasons.map(|reason| reason.as_str());
        reasons.chain(["act"]).for_each(|decision| self.decided(Some(name), decision, 0));
        for outcome in RunOutcome::ALL {
            let labels = RunLabels { policy: name.to_owned(), outcome: outcome.as_str() };
            drop(self.runs.get_or_create(&labels));
        }
    }

    /// A policy acts.
    pub fn acted(&self, policy: &str) {
        self.decided(Some(policy), "act", 1);
    }

    /// Nothing is done; `None`: it has to do with no policy.
    pub fn held(&self, policy: Option<&str>, reason: Reason) {
        self.decided(policy, reason.as_str(), 1);
    }

    fn decided(&self, policy: Option<&str>, decision: &'static str, count: u64) {
        let policy = policy.unwrap_or_default().to_owned();
        self.decisions.get_or_create(&DecisionLabels { policy, decision }).inc_by(count);
    }

    /// An action was carried out, or not.
    pub fn action(&self, action: &'static str, result: &Result<ActReport, ActError>) {
        let outcome = match result {
            Ok(_) => "accepted",
            Err(ActError::Failed { .. }) => "failed",
            Err(ActError::NotStarted { .. }) => "not_started",
            Err(ActError::Unknown { .. }) => "unknown",
        };
        self.actions.get_or_create(&ActionLabels { action, outcome }).inc();
    }

    /// A run ended; `took`: since its intent was written, where this process knows it.
    pub fn run_ended(&self, policy: &str, outcome: RunOutcome, took: Option<Duration>) {
        self.runs.get_or_create(&RunLabels { policy: policy.to_owned(), outcome: outcome.as_str() }).inc();
        if let Some(took) = took {
            self.run_duration.observe(took.as_secs_f64());
        }
    }

    /// The stop switch.
    pub fn paused(&self, paused: bool) {
        self.paused.set(i64::from(paused));
    }

    /// Whether this daemon leads.
    pub fn leading(&self, leading: bool) {
        self.leading.set(i64::from(leading));
    }

    /// Runs under way.
    pub fn runs_in_flight(&self, runs: usize) {
        self.in_flight.set(runs as i64);
    }

    /// Alerts known to fire.
    pub fn episodes_firing(&self, episodes: usize) {
        self.episodes_firing.set(episodes as i64);
    }

    /// Whether there is a storm.
    pub fn storm(&self, storm: bool) {
        self.storm.set(i64::from(storm));
    }

    /// Lists were compared, or could not be read.
    pub fn reconciled(&self, source: Source, success: bool) {
        let outcome = if success { "success" } else { "failure" };
        self.reconciliations.get_or_create(&ReconciliationLabels { source: source.as_str(), outcome }).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_of_a_policy_exist_at_zero() {
        let mut registry = Registry::default();
        RemediationMetrics::register(&mut registry).for_policy("p");
        let mut page = String::new();
        prometheus_client::encoding::text::encode(&mut page, &registry).unwrap();
        for reason in Reason::ALL.iter().filter(|reason| !Reason::OF_NO_POLICY.contains(reason)) {
            let line =
                format!("smartcloudops_remediation_decisions_total{{policy=\"p\",decision=\"{reason}\"}} 0");
            assert!(page.contains(&line), "{line}");
        }
        assert!(page.contains("smartcloudops_remediation_runs_total{policy=\"p\",outcome=\"helped\"} 0"));
        for reason in ["no_policy", "escalation"] {
            let line =
                format!("smartcloudops_remediation_decisions_total{{policy=\"\",decision=\"{reason}\"}} 0");
            assert!(page.contains(&line), "{line}");
        }
    }
}
