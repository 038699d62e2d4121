//! The scoring metrics of one query.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;

use super::{EvaluationOutcome, FloatCounter, FloatGauge, HoldCause};
use crate::model::{AnomalyState, Timestamp};

/// One query's share of the scoring metrics: its series are looked up once.
#[derive(Clone, Debug)]
pub struct QueryMetrics {
    pub(super) samples: Counter,
    pub(super) success: Counter,
    pub(super) no_data: Counter,
    pub(super) prometheus_error: Counter,
    pub(super) anomalous: Gauge,
    pub(super) sustained: Gauge,
    pub(super) alarms: Counter,
    pub(super) budget_expected: FloatCounter,
    pub(super) budget_seen: Counter,
    pub(super) absent: Gauge,
    pub(super) held: [(HoldCause, Gauge); 3],
    pub(super) last_success: FloatGauge,
    pub(super) snapshot_size: Gauge,
}

impl QueryMetrics {
    /// So many samples were scored.
    pub fn samples_scored(&self, count: u64) {
        self.samples.inc_by(count);
    }

    /// The query was evaluated.
    pub fn evaluated(&self, outcome: EvaluationOutcome, at: Timestamp) {
        match outcome {
            EvaluationOutcome::Success => {
                self.success.inc();
                self.last_success.set(at.as_seconds());
            }
            EvaluationOutcome::NoData => {
                self.no_data.inc();
            }
            EvaluationOutcome::PrometheusError => {
                self.prometheus_error.inc();
            }
        }
    }

    /// The states of all series of the query after an evaluation.
    pub fn states(&self, states: impl IntoIterator<Item = AnomalyState>) {
        let (mut anomalous, mut sustained) = (0, 0);
        for state in states {
            match state {
                AnomalyState::Anomalous => anomalous += 1,
                AnomalyState::Sustained => sustained += 1,
                AnomalyState::Normal | AnomalyState::NewLevel => {}
            }
        }
        self.anomalous.set(anomalous);
        self.sustained.set(sustained);
    }

    /// How many series are missing where that is an outage.
    pub fn absent(&self, count: usize) {
        self.absent.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// What holds back each series that is held back.
    pub fn held(&self, causes: &[HoldCause]) {
        for (cause, gauge) in &self.held {
            gauge.set(causes.iter().filter(|one| *one == cause).count() as i64);
        }
    }

    /// The query's state takes so many bytes.
    pub fn snapshot_sized(&self, bytes: usize) {
        self.snapshot_size.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// So many alarms came in a time for which the budget allows `expected`; both count for this process's lifetime.
    pub fn budget_spent(&self, expected: f64, seen: u64) {
        self.budget_expected.inc_by(expected);
        self.budget_seen.inc_by(seen);
    }

    /// Episodes that raised their alarm.
    pub fn alarms_raised(&self, count: u64) {
        self.alarms.inc_by(count);
    }
}
