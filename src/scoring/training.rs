//! Learning without scoring live: the history of every query and model once, as a daemon reads it at its start, for models that
//! others begin with. Nothing is published, stored or counted.

use std::path::Path;

use futures::{FutureExt, StreamExt, stream};
use prometheus_client::registry::Registry;

use super::board::Board;
use super::budget::SeriesBudget;
use super::groups::Groups;
use super::holds::Requests;
use super::progress::{Listener, Progress};
use super::subject::Subject;
use super::tracker::Tracker;
use super::watcher::Watcher;
use super::{Config, Inquiries, Surroundings, watchers};
use crate::detect;
use crate::exporter::Exporter;
use crate::metrics::scoring::ScoringMetrics;
use crate::model::Timestamp;
use crate::prometheus::{Answer, Client, QueryError};
use crate::snapshots::models::{TrainedModel, Wanted};

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

/// The queries and models of a configuration, ready to learn.
pub struct Training {
    queries: Vec<Watcher<Tracker>>,
    models: Vec<Watcher<Groups>>,
    /// What each of them is, in their order.
    wanted: Vec<Wanted>,
    at_once: usize,
    metrics: ScoringMetrics,
    now: Timestamp,
}

impl Training {
    /// All of them, with the history before `now`.
    pub fn new(config: &Config, client: Client, now: Timestamp) -> Self {
        let mut registry = Registry::default();
        let metrics = ScoringMetrics::register(&mut registry);
        let exporter = Exporter::register(&mut registry);
        let board = Board::new(exporter.clone());
        let (inquiries, requests) = (Inquiries::default(), Requests::none());
        let surroundings = Surroundings { client, exporter, metrics: metrics.clone(), inquiries, requests };
        let (queries, models) = watchers(config, surroundings, board, Path::new(""));
        Self {
            queries,
            models,
            wanted: wanted(config),
            at_once: config.backfill_concurrency.max(1),
            metrics,
            now,
        }
    }

    /// How many ticks are to be read, over all of them.
    pub fn ticks(&self) -> u64 {
        let queries = self.queries.iter().map(|watcher| watcher.owed(self.now));
        queries.chain(self.models.iter().map(|watcher| watcher.owed(self.now))).sum()
    }

    /// Learns, and tells how many more ticks have been read. A query whose metrics do not exist here teaches nothing. To
    /// be called within a runtime of several threads, as learning blocks one.
    pub async fn run(self, listener: Listener) -> Result<Vec<TrainedModel>, TrainError> {
        let progress = Progress::told_to(listener, self.metrics);
        let queries =
            self.queries.into_iter().map(|watcher| watcher.train(progress.clone(), self.now).boxed());
        let models = self.models.into_iter().map(|watcher| watcher.train(progress.clone(), self.now).boxed());
        let learning: Vec<_> = queries.chain(models).collect();
        let learnt: Vec<_> = stream::iter(learning).buffered(self.at_once).collect().await;
        let models = self.wanted.into_iter().zip(learnt);
        models.filter_map(|(of, learnt)| Some(learnt.transpose()?.map(|learnt| learnt.model(of)))).collect()
    }
}

/// What every query and model of a configuration is, as trained models are known by it.
pub fn wanted(config: &Config) -> Vec<Wanted> {
    let interval_ms =
        |detect: &detect::Config| u64::try_from(detect.interval.as_millis()).unwrap_or(u64::MAX);
    let queries = config.queries.iter().map(|query| Wanted {
        query: query.name.clone(),
        expr: query.expr.clone(),
        interval_ms: interval_ms(&query.detect),
        model: query.model.name().to_owned(),
    });
    let models = config.models.iter().map(|model| Wanted {
        query: model.name.clone(),
        expr: model.definition(),
        interval_ms: interval_ms(&model.detect),
        model: model.kind.name().to_owned(),
    });
    queries.chain(models).collect()
}

/// Learns query number `index` of a configuration from series that are at hand; answers `None` if there is no sample.
pub fn train_on(
    config: &Config,
    index: usize,
    answers: &[Answer],
) -> Result<Option<TrainedModel>, TrainError> {
    let query = &config.queries[index];
    let mut tracker = Tracker::new(query.clone(), SeriesBudget::new(config.max_series));
    for answer in answers {
        let observed = tracker.observe(answer);
        observed.map_err(|source| TrainError::Query { query: query.name.clone(), source })?;
    }
    let samples = answers.iter().flat_map(Answer::series).filter_map(|found| found.samples.last());
    let last = samples.map(|sample| sample.at).max();
    let of = wanted(config).swap_remove(index);
    last.map(|last| Ok(Learnt::of(&tracker, Some(last))?.model(of))).transpose()
}

/// What was learnt, whatever of.
struct Learnt {
    series: usize,
    state: Vec<u8>,
}

impl Learnt {
    fn of(subject: &impl Subject, done: Option<Timestamp>) -> Result<Self, TrainError> {
        let encoded = subject.encode(done);
        let failed = |source| TrainError::Encode { query: subject.name().to_owned(), source };
        Ok(Self { series: subject.len(), state: encoded.map_err(failed)? })
    }

    fn model(self, of: Wanted) -> TrainedModel {
        TrainedModel { of, series: self.series, state: self.state }
    }
}

impl<S: Subject> Watcher<S> {
    /// How many ticks are owed.
    fn owed(&self, now: Timestamp) -> u64 {
        self.ticks.owed(self.done, self.history, now).map_or(0, |span| self.ticks.count(span))
    }

    async fn train(mut self, progress: Progress, now: Timestamp) -> Result<Option<Learnt>, TrainError> {
        self.progress = progress;
        match self.learn(now).await {
            Ok(true) => Learnt::of(&self.subject, self.done).map(Some),
            Ok(false) => Ok(None),
            Err(source) => Err(TrainError::Query { query: self.subject.name().to_owned(), source }),
        }
    }

    /// Whether the metrics that are needed exist, and the history has been learnt.
    async fn learn(&mut self, now: Timestamp) -> Result<bool, QueryError> {
        let requires = self.subject.requires();
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
