//! What a loop asks besides its queries: what holds learning back, when Prometheus had no data, which
//! targets there are.

use std::sync::Arc;

use crate::metrics::scoring::EvaluationOutcome;
use crate::model::{Sample, Series, Timestamp};
use crate::prometheus::{Answer, QueryError};
use crate::scoring::holds::{Firing, Holds, WhileFiring, alerts_of};
use crate::scoring::ranges;
use crate::scoring::subject::Subject;
use crate::scoring::targets::{Targets, UP};
use crate::scoring::ticks::Span;

use super::Watcher;

impl<S: Subject> Watcher<S> {
    /// What holds learning back at the ticks of a span.
    pub(super) async fn holds(&self, span: Span) -> Result<Vec<Holds>, QueryError> {
        let held_by = self.subject.held_by();
        let mut firing = Vec::new();
        for alerts in alerts_of(&held_by) {
            firing.push((alerts, Arc::new(Firing::new(&alerts.on, &self.firing(alerts, span).await?))));
        }
        let requests = |name: &str| {
            let mut requests = self.requests.of_query(name);
            requests.retain(|request| request.until > span.first);
            requests
        };
        Ok(Holds::of_each(&held_by, &self.windows, &firing, requests))
    }

    async fn firing(&self, alerts: &WhileFiring, span: Span) -> Result<Vec<Series>, QueryError> {
        let (expr, tick) = (alerts.expr(), span.last);
        if span.first < tick {
            return self.client.query_range(&expr, span.first, tick, self.ticks.interval()).await;
        }
        let labels = self.lookups.labels(&expr, tick, self.ticks.interval() / 2).await?;
        let now = |labels: &crate::model::Labels| Series {
            labels: labels.clone(),
            samples: vec![Sample { at: tick, value: 1.0 }],
        };
        Ok(labels.iter().map(now).collect())
    }

    /// Notes past ticks at which Prometheus had no data: no series of this query, and no target either.
    pub(super) async fn note_dark(&mut self, span: Span, rounds: &[Vec<Answer>]) -> Result<(), QueryError> {
        if span.first == span.last {
            return Ok(());
        }
        let dark = ranges::dark_ticks(&self.client, &self.ticks, span, rounds).await?;
        dark.into_iter().for_each(|tick| self.subject.note_dark(tick));
        Ok(())
    }

    /// Judges the series that are missing from a live answer. Where the targets cannot be asked for, nothing is said
    /// until the next tick.
    pub(super) async fn judge_missing(&mut self, tick: Timestamp, rounds: &[Vec<Answer>]) {
        self.outcome = EvaluationOutcome::Success;
        if !self.subject.misses_any() {
            return;
        }
        let query = self.subject.name();
        let up = match self.lookups.labels(UP, tick, self.ticks.interval() / 2).await {
            Ok(up) => up,
            Err(error) => return tracing::debug!(%query, %error, "cannot ask for the targets"),
        };
        let targets = Targets::new(&up);
        if targets.is_empty() && rounds.iter().flatten().all(Answer::is_empty) {
            self.outcome = EvaluationOutcome::NoData;
            tracing::debug!(%query, %tick, "Prometheus has no data at all");
            return self.subject.note_dark(tick);
        }
        let vanished = self.subject.judge_missing(tick, &targets, self.vanished_after);
        self.query_metrics.alarms_raised(vanished.len() as u64);
        self.query_metrics.budget_spent(0.0, vanished.len() as u64);
        for labels in vanished {
            tracing::info!(query = %self.subject.name(), %labels, "a series has vanished");
        }
    }
}
