//! Learning without scoring live: the history of every query once, as a daemon reads it at its start, for models that
//! others begin with. Nothing is published, stored or counted.

use std::path::Path;

use futures::StreamExt;
use futures::stream;
use prometheus_client::registry::Registry;

use super::board::Board;
use super::budget::SeriesBudget;
use super::progress::{Listener, Progress};
use super::tracker::Tracker;
use super::watcher::Watcher;
use super::{Config, Inquiries, Query, Surroundings, watchers};
use crate::exporter::Exporter;
use crate::metrics::scoring::ScoringMetrics;
use crate::model::Timestamp;
use crate::prometheus::{Answer, Client, QueryError};
use crate::snapshots::models::TrainedModel;
use crate::snapshots::{self};

/// Why a query taught nothing.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Prometheus did not answer, or not with numbers.
    #[error("the query {query} cannot be read: {source}")]
    Query {
        /// Its name.
        query: String,
        /// What was wrong.
        source: QueryError,
    },
    /// The state cannot be written in the snapshots' encoding: a fault of this program.
    #[error("the state of the query {query} cannot be encoded: {source}; please report this")]
    Encode {
        /// Its name.
        query: String,
        /// What the encoder said.
        source: postcard::Error,
    },
}

/// The queries of a configuration, ready to learn.
pub struct Training {
    watchers: Vec<Watcher>,
    at_once: usize,
    metrics: ScoringMetrics,
    now: Timestamp,
}

impl Training {
    /// Every query, with the history before `now`.
    pub fn new(config: &Config, client: Client, now: Timestamp) -> Self {
        let mut registry = Registry::default();
        let metrics = ScoringMetrics::register(&mut registry);
        let exporter = Exporter::register(&mut registry);
        let board = Board::new(exporter.clone());
        let surroundings =
            Surroundings { client, exporter, metrics: metrics.clone(), inquiries: Inquiries::default() };
        let watchers = watchers(config, surroundings, board, Path::new(""));
        Self { watchers, at_once: config.backfill_concurrency.max(1), metrics, now }
    }

    /// How many ticks are to be read, over all queries.
    pub fn ticks(&self) -> u64 {
        self.watchers.iter().map(|watcher| watcher.owed(self.now)).sum()
    }

    /// Learns, and tells how many more ticks have been read. A query whose metrics do not exist here teaches nothing. To
    /// be called within a runtime of several threads, as learning blocks one.
    pub async fn run(self, listener: Listener) -> Result<Vec<TrainedModel>, TrainError> {
        let progress = Progress::told_to(listener, self.metrics);
        let trained = self.watchers.into_iter().map(|mut watcher| {
            watcher.progress = progress.clone();
            watcher.train(self.now)
        });
        let results: Vec<_> = stream::iter(trained).buffered(self.at_once).collect().await;
        results.into_iter().filter_map(Result::transpose).collect()
    }
}

/// Learns from series that are at hand; answers `None` if there is no sample.
pub fn train_on(
    config: &Config,
    query: &Query,
    answers: &[Answer],
) -> Result<Option<TrainedModel>, TrainError> {
    let mut tracker = Tracker::new(query.clone(), SeriesBudget::new(config.max_series));
    for answer in answers {
        tracker.observe(answer).map_err(|source| TrainError::Query { query: query.name.clone(), source })?;
    }
    let samples = answers.iter().flat_map(Answer::series).filter_map(|found| found.samples.last());
    let last = samples.map(|sample| sample.at).max();
    last.map(|last| trained(&tracker, Some(last))).transpose()
}

impl Watcher {
    async fn train(mut self, now: Timestamp) -> Result<Option<TrainedModel>, TrainError> {
        match self.learn(now).await {
            Ok(true) => trained(&self.tracker, self.done).map(Some),
            Ok(false) => Ok(None),
            Err(source) => Err(TrainError::Query { query: self.tracker.query().name.clone(), source }),
        }
    }

    /// Whether the metrics that the query needs exist, and the history has been learnt.
    async fn learn(&mut self, now: Timestamp) -> Result<bool, QueryError> {
        let requires = &self.tracker.query().requires;
        if !requires.is_empty() {
            let present = self.client.metrics_present(requires).await?;
            if !requires.iter().all(|name| present.contains(name)) {
                self.progress.advance(self.owed(now));
                return Ok(false);
            }
        }
        self.catch_up(now).await?;
        Ok(true)
    }
}

fn trained(tracker: &Tracker, done: Option<Timestamp>) -> Result<TrainedModel, TrainError> {
    let query = tracker.query();
    let state = snapshots::encode(&tracker.state(done))
        .map_err(|source| TrainError::Encode { query: query.name.clone(), source })?;
    Ok(TrainedModel {
        query: query.name.clone(),
        expr: query.expr.clone(),
        interval_ms: tracker.interval_ms(),
        model: query.model.name().to_owned(),
        series: tracker.len(),
        state,
    })
}
