//! Self-metrics of the scoring loop and the snapshots.
//!
//! The label `query` takes configured names only; [`ScoringMetrics::for_query`] creates all series of a
//! query at zero.

mod labels;
mod query;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub use labels::{EvaluationOutcome, HoldCause};
pub use query::QueryMetrics;

use labels::{AnomalyLabels, EvaluationLabels, HeldLabels, OpenState, QueryLabels};

use crate::model::Timestamp;

/// In seconds: from a few series to an evaluation as long as a usual interval.
const DURATION_BUCKETS: [f64; 13] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

type FloatGauge = Gauge<f64, AtomicU64>;
type FloatCounter = Counter<f64, AtomicU64>;

/// Counts what the scoring loop does. Cheap to clone: clones share their values.
#[derive(Clone, Debug)]
pub struct ScoringMetrics {
    series: Gauge,
    series_refused: Counter,
    samples: Family<QueryLabels, Counter>,
    evaluations: Family<EvaluationLabels, Counter>,
    anomalies: Family<AnomalyLabels, Gauge>,
    alarms: Family<QueryLabels, Counter>,
    budget_expected: Family<QueryLabels, FloatCounter>,
    budget_seen: Family<QueryLabels, Counter>,
    absent: Family<QueryLabels, Gauge>,
    held: Family<HeldLabels, Gauge>,
    last_success: Family<QueryLabels, FloatGauge>,
    duration: Histogram,
    missed_ticks: Counter,
    backfill_progress: FloatGauge,
    snapshot_last_success: FloatGauge,
    snapshot_size: Family<QueryLabels, Gauge>,
    snapshot_failures: Counter,
}

impl ScoringMetrics {
    /// Registers all metrics; those by query appear with [`Self::for_query`].
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::unregistered();
        metrics.register_loop(registry);
        metrics.register_queries(registry);
        metrics.register_budget(registry);
        metrics.register_snapshots(registry);
        metrics
    }

    fn unregistered() -> Self {
        Self {
            series: Gauge::default(),
            series_refused: Counter::default(),
            samples: Family::default(),
            evaluations: Family::default(),
            anomalies: Family::default(),
            alarms: Family::default(),
            budget_expected: Family::default(),
            budget_seen: Family::default(),
            absent: Family::default(),
            held: Family::default(),
            last_success: Family::default(),
            duration: Histogram::new(DURATION_BUCKETS),
            missed_ticks: Counter::default(),
            backfill_progress: Gauge::default(),
            snapshot_last_success: Gauge::default(),
            snapshot_size: Family::default(),
            snapshot_failures: Counter::default(),
        }
    }

    fn register_loop(&self, registry: &mut Registry) {
        registry.register("smartcloudops_scoring_series", "Series scored at present", self.series.clone());
        registry.register(
            "smartcloudops_scoring_series_refused",
            "Series of answers that were not scored because the limit of series was reached",
            self.series_refused.clone(),
        );
        registry.register(
            "smartcloudops_scoring_evaluation_duration_seconds",
            "Time of a live evaluation of a query, from the request to the last score",
            self.duration.clone(),
        );
        registry.register(
            "smartcloudops_scoring_missed_ticks",
            "Evaluations that came late and were caught up by a range query",
            self.missed_ticks.clone(),
        );
        registry.register(
            "smartcloudops_scoring_backfill_progress_ratio",
            "How much of the history has been read since the start, from 0 to 1",
            self.backfill_progress.clone(),
        );
    }

    fn register_queries(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_scoring_samples",
            "Samples scored, those of the history included",
            self.samples.clone(),
        );
        registry.register(
            "smartcloudops_scoring_evaluations",
            "Evaluations of a query by outcome",
            self.evaluations.clone(),
        );
        registry.register(
            "smartcloudops_scoring_anomalies",
            "Series in an open episode by its state",
            self.anomalies.clone(),
        );
        registry.register("smartcloudops_scoring_alarms", "Episodes that began", self.alarms.clone());
        registry.register(
            "smartcloudops_scoring_absent_series",
            "Series that are missing from Prometheus where that is an outage",
            self.absent.clone(),
        );
        registry.register(
            "smartcloudops_scoring_held_series",
            "Series that teach nothing at present, by what holds learning back",
            self.held.clone(),
        );
        registry.register(
            "smartcloudops_scoring_last_success_timestamp_seconds",
            "When a query was last evaluated with success, 0 before the first time",
            self.last_success.clone(),
        );
    }

    fn register_budget(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_false_alarm_budget_expected",
            "Alarms that the budget allows for the time scored since the start, the history read then left out",
            self.budget_expected.clone(),
        );
        registry.register(
            "smartcloudops_false_alarm_budget_seen",
            "Alarms raised in that time, those of real incidents included",
            self.budget_seen.clone(),
        );
    }

    fn register_snapshots(&self, registry: &mut Registry) {
        registry.register(
            "smartcloudops_snapshot_last_success_timestamp_seconds",
            "When the state was last written or read whole, 0 before the first time",
            self.snapshot_last_success.clone(),
        );
        registry.register(
            "smartcloudops_snapshot_size_bytes",
            "Size of a query's stored state",
            self.snapshot_size.clone(),
        );
        registry.register(
            "smartcloudops_snapshot_failures",
            "Snapshots that could not be written or read",
            self.snapshot_failures.clone(),
        );
    }

    /// The metrics of one configured query; creates them at zero.
    pub fn for_query(&self, name: &str) -> QueryMetrics {
        let query = QueryLabels { query: name.to_owned() };
        let evaluations = |outcome| {
            self.evaluations.get_or_create_owned(&EvaluationLabels { query: name.to_owned(), outcome })
        };
        let anomalies =
            |state| self.anomalies.get_or_create_owned(&AnomalyLabels { query: name.to_owned(), state });
        QueryMetrics {
            samples: self.samples.get_or_create_owned(&query),
            success: evaluations(EvaluationOutcome::Success),
            no_data: evaluations(EvaluationOutcome::NoData),
            prometheus_error: evaluations(EvaluationOutcome::PrometheusError),
            anomalous: anomalies(OpenState::Anomalous),
            sustained: anomalies(OpenState::Sustained),
            alarms: self.alarms.get_or_create_owned(&query),
            budget_expected: self.budget_expected.get_or_create_owned(&query),
            budget_seen: self.budget_seen.get_or_create_owned(&query),
            absent: self.absent.get_or_create_owned(&query),
            held: HoldCause::ALL.map(|cause| {
                let labels = HeldLabels { query: name.to_owned(), cause };
                (cause, self.held.get_or_create_owned(&labels))
            }),
            last_success: self.last_success.get_or_create_owned(&query),
            snapshot_size: self.snapshot_size.get_or_create_owned(&query),
        }
    }

    /// Removes a query that a reload took out of the configuration.
    pub fn forget_query(&self, name: &str) {
        let query = QueryLabels { query: name.to_owned() };
        self.samples.remove(&query);
        self.alarms.remove(&query);
        self.budget_expected.remove(&query);
        self.budget_seen.remove(&query);
        self.absent.remove(&query);
        for cause in HoldCause::ALL {
            self.held.remove(&HeldLabels { query: name.to_owned(), cause });
        }
        self.last_success.remove(&query);
        self.snapshot_size.remove(&query);
        let outcomes =
            [EvaluationOutcome::Success, EvaluationOutcome::NoData, EvaluationOutcome::PrometheusError];
        for outcome in outcomes {
            self.evaluations.remove(&EvaluationLabels { query: name.to_owned(), outcome });
        }
        for state in [OpenState::Anomalous, OpenState::Sustained] {
            self.anomalies.remove(&AnomalyLabels { query: name.to_owned(), state });
        }
    }

    /// How many series are scored now.
    pub fn series(&self, count: usize) {
        self.series.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Series of one answer that were beyond the limit.
    pub fn series_refused(&self, count: u64) {
        self.series_refused.inc_by(count);
    }

    /// A live evaluation of a query took this long.
    pub fn evaluated(&self, took: Duration) {
        self.duration.observe(took.as_secs_f64());
    }

    /// Evaluations that came late.
    pub fn ticks_missed(&self, count: u64) {
        self.missed_ticks.inc_by(count);
    }

    /// When a query was last evaluated with success; `None` before the first time.
    pub fn last_success(&self, query: &str) -> Option<Timestamp> {
        let seconds = self.last_success.get(&QueryLabels { query: query.to_owned() })?.get();
        (seconds > 0.0).then(|| Timestamp::from_seconds(seconds))
    }

    /// How much of the history has been read since the start, from 0 to 1.
    pub fn history_read(&self) -> f64 {
        self.backfill_progress.get()
    }

    /// How much of the history has been read, from 0 to 1.
    pub fn backfill_progress(&self, share: f64) {
        self.backfill_progress.set(share.clamp(0.0, 1.0));
    }

    /// A state was written, or read whole at the start.
    pub fn snapshot_succeeded(&self, at: Timestamp) {
        self.snapshot_last_success.set(at.as_seconds());
    }

    /// A snapshot could not be written or read.
    pub fn snapshot_failed(&self) {
        self.snapshot_failures.inc();
    }
}

#[cfg(test)]
mod tests;
