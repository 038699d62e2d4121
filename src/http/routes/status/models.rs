//! What is scored: every query and every model of several, with the state of its series.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::Daemon;
use crate::model::{ScoredSeries, Timestamp};

/// One query, or one model of several.
#[derive(Debug, Serialize)]
pub(super) struct Model {
    pub(super) name: String,
    /// What judges it; `None`: there is no series yet.
    pub(super) model: Option<Arc<str>>,
    /// The counts of its series.
    #[serde(flatten)]
    pub(super) series: Counts,
    /// When it was last evaluated with success; `None`: not since the start.
    pub(super) last_evaluation: Option<Timestamp>,
    /// How long ago that is, in seconds.
    pub(super) age_seconds: Option<u64>,
}

/// How many series there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) series: usize,
    /// Those that have no band yet, and so no score; of groups of series nobody knows.
    pub(super) learning: usize,
    /// Those whose score is at least 1.
    pub(super) anomalous: usize,
    /// Those that are missing from Prometheus.
    pub(super) absent: usize,
}

impl Counts {
    fn add(&mut self, scored: &ScoredSeries) {
        let absent = scored.absent_since.is_some();
        self.series += 1;
        self.absent += usize::from(absent);
        self.learning += usize::from(!absent && is_learning(scored));
        self.anomalous += usize::from(scored.score.score >= 1.0);
    }
}

fn is_learning(scored: &ScoredSeries) -> bool {
    scored.score.lower == f64::NEG_INFINITY && scored.score.upper == f64::INFINITY
}

/// All scores together.
#[derive(Debug, Serialize)]
pub(super) struct Scores {
    pub(super) series: usize,
    pub(super) anomalous: usize,
    pub(super) learning: usize,
    /// The time of the newest sample scored.
    pub(super) newest: Option<Timestamp>,
    /// How much of the history has been read since the start, from 0 to 1.
    pub(super) history_read: f64,
}

impl Scores {
    pub(super) fn of(daemon: &Daemon, models: &[Model]) -> Self {
        let sum = |count: fn(&Counts) -> usize| models.iter().map(|model| count(&model.series)).sum();
        Self {
            series: sum(|counts| counts.series),
            anomalous: sum(|counts| counts.anomalous),
            learning: sum(|counts| counts.learning),
            newest: daemon.exporter.snapshot().series().map(|scored| scored.score.at).max(),
            history_read: daemon.scoring_metrics.history_read(),
        }
    }
}

/// By name: those that run, and those that still have scores.
pub(super) fn list(daemon: &Daemon, now: Timestamp) -> Vec<Model> {
    let snapshot = daemon.exporter.snapshot();
    let found = count(&daemon.inquiries.names(), snapshot.series());
    let model = |(name, (model, series)): (String, (Option<Arc<str>>, Counts))| {
        let last_evaluation = daemon.scoring_metrics.last_success(&name);
        let age_seconds = last_evaluation.map(|at| now.since(at).as_secs());
        Model { name, model, series, last_evaluation, age_seconds }
    };
    found.into_iter().map(model).collect()
}

type Found = BTreeMap<String, (Option<Arc<str>>, Counts)>;

fn count<'a>(names: &[String], series: impl Iterator<Item = &'a ScoredSeries>) -> Found {
    let mut found: Found = names.iter().map(|name| (name.clone(), Default::default())).collect();
    // One query's series stand together: the map is asked once for each query, not for each series.
    let mut series = series.peekable();
    while let Some(first) = series.peek().copied() {
        let (model, counts) = found.entry(first.query.to_string()).or_default();
        model.get_or_insert_with(|| first.model.clone());
        while let Some(scored) = series.next_if(|scored| scored.query == first.query) {
            counts.add(scored);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_counted_by_their_query() {
        let learning = |mut scored: ScoredSeries| {
            (scored.score.lower, scored.score.upper) = (f64::NEG_INFINITY, f64::INFINITY);
            scored
        };
        let missing = |scored| ScoredSeries { absent_since: Some(Timestamp::default()), ..scored };
        let plain = |query: &str, score| ScoredSeries::plain(query, &[], score);
        let series = [
            plain("cpu", 0.5),
            plain("cpu", 1.0),
            learning(plain("cpu", 0.0)),
            missing(learning(plain("cpu", 2.0))),
            plain("gone", 0.0),
        ];
        let found = count(&["cpu".to_owned(), "idle".to_owned()], series.iter());
        let told: Vec<(&str, bool, Counts)> =
            found.iter().map(|(name, (model, counts))| (name.as_str(), model.is_some(), *counts)).collect();
        let expected = [
            ("cpu", true, Counts { series: 4, learning: 1, anomalous: 2, absent: 1 }),
            ("gone", true, Counts { series: 1, ..Counts::default() }),
            ("idle", false, Counts::default()),
        ];
        assert_eq!(told, expected);
    }
}
