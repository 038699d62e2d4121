//! Loop 1: Prometheus → detectors → exporter. One of the two places that wait and read the clock.
//!
//! Every query has a loop of its own (`watcher.rs`), and so has every model of several queries: it restores its
//! state, reads the history it lacks by range queries, then evaluates every tick; ticks missed on the way are
//! caught up by the same range queries. Loops are spread over the interval. `past.rs` scores a past range as
//! they would have.

mod board;
mod budget;
mod config;
mod dark;
mod groups;
mod holds;
mod inquiries;
mod lookups;
mod past;
mod progress;
mod ranges;
mod roll;
mod subject;
mod targets;
mod ticks;
mod tracker;
mod training;
mod watcher;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::exporter::Exporter;
use crate::metrics::scoring::{EvaluationOutcome, ScoringMetrics};
use crate::prometheus::Client;
use crate::snapshots::state_file;

pub use config::{Config, GroupModel, MemberQuery, Query};
pub use holds::{HoldError, Request, Requests, WhileFiring, Wish};
pub use inquiries::{Candidates, Inquiries, Why, WhyError};
pub use past::{Onlooker, Past, PastRange};
pub use progress::Listener;
pub use training::{TrainError, Training, train_on, wanted};

use board::Board;
use budget::SeriesBudget;
use groups::Groups;
use inquiries::Inquiry;
use lookups::Lookups;
use progress::Progress;
use subject::Subject;
use ticks::Ticks;
use tracker::Tracker;
use watcher::{Watcher, first_request_ticks};

/// The running loops. Dropping it does not stop them; [`Scoring::stop`] does.
pub struct Scoring {
    stop: CancellationToken,
    tasks: TaskTracker,
    names: Vec<String>,
}

/// What the loops work with, whatever is configured.
#[derive(Clone)]
pub struct Surroundings {
    /// Asked for samples.
    pub client: Client,
    /// Told the scores.
    pub exporter: Exporter,
    /// Told the counts.
    pub metrics: ScoringMetrics,
    /// Asks the loops.
    pub inquiries: Inquiries,
    /// Asked what holds learning back.
    pub requests: Requests,
}

impl Scoring {
    /// Restores every query's state from `folder` and starts the loops. The state is in place, and
    /// published, when this returns.
    pub async fn start(config: &Config, surroundings: Surroundings, folder: &Path) -> Self {
        let board = Board::new(surroundings.exporter.clone());
        let (mut watchers, mut models) = watchers(config, surroundings, board.clone(), folder);
        let folder = folder.to_owned();
        let restored = tokio::task::spawn_blocking(move || {
            if let Err(error) = std::fs::create_dir_all(&folder) {
                tracing::error!(%error, folder = %folder.display(), "cannot create the folder of the state");
            }
            watchers.iter_mut().for_each(Watcher::restore);
            models.iter_mut().for_each(Watcher::restore);
            (watchers, models)
        });
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        match restored.await {
            Ok((watchers, models)) => {
                board.show();
                for watcher in watchers {
                    tasks.spawn(watcher.run(stop.clone()));
                }
                for model in models {
                    tasks.spawn(model.run(stop.clone()));
                }
            }
            Err(error) => tracing::error!(%error, "restoring the state was cut short, nothing is scored"),
        }
        tasks.close();
        let names = names(config).map(str::to_owned).collect();
        Self { stop, tasks, names }
    }

    /// The names of the queries and models that are scored.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Stops the loops; returns when every state is stored.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

/// Of all queries and models.
fn names(config: &Config) -> impl Iterator<Item = &str> {
    let queries = config.queries.iter().map(|query| query.name.as_str());
    queries.chain(config.models.iter().map(|model| model.name.as_str()))
}

type Watchers = (Vec<Watcher<Tracker>>, Vec<Watcher<Groups>>);

fn watchers(config: &Config, surroundings: Surroundings, board: Board, folder: &Path) -> Watchers {
    surroundings.requests.set_queries(names(config).map(str::to_owned).collect());
    let budget = SeriesBudget::new(config.max_series);
    let mut common = Common {
        config,
        asked: surroundings.inquiries.begin(names(config)),
        backfills: Arc::new(Semaphore::new(config.backfill_concurrency.max(1))),
        progress: Progress::new(surroundings.metrics.clone()),
        lookups: Lookups::new(surroundings.client.clone()),
        surroundings,
        board,
        folder,
    };
    let mut queries = Vec::with_capacity(config.queries.len());
    for query in &config.queries {
        queries.push(common.watcher(Tracker::new(query.clone(), budget.clone()), queries.len()));
    }
    let mut models = Vec::with_capacity(config.models.len());
    for model in &config.models {
        let index = queries.len() + models.len();
        models.push(common.watcher(Groups::new(model.clone(), budget.clone()), index));
    }
    (queries, models)
}

/// What the loops share.
struct Common<'a> {
    config: &'a Config,
    surroundings: Surroundings,
    asked: BTreeMap<String, mpsc::Receiver<Inquiry>>,
    backfills: Arc<Semaphore>,
    lookups: Lookups,
    progress: Progress,
    board: Board,
    folder: &'a Path,
}

impl Common<'_> {
    /// The loop number `index` of all.
    fn watcher<S: Subject>(&mut self, subject: S, index: usize) -> Watcher<S> {
        let Surroundings { client, metrics, requests, .. } = &self.surroundings;
        let count = self.config.queries.len() + self.config.models.len();
        Watcher {
            inquiries: self.asked.remove(subject.name()),
            reading_history: true,
            client: client.clone(),
            lookups: self.lookups.clone(),
            requests: requests.clone(),
            windows: self.config.maintenance.clone(),
            ticks: Ticks::new(self.config.interval, index, count),
            history: self.config.history,
            vanished_after: self.config.vanished_after,
            snapshot_interval: self.config.snapshot_interval,
            backfills: self.backfills.clone(),
            board: self.board.clone(),
            progress: self.progress.clone(),
            query_metrics: metrics.for_query(subject.name()),
            metrics: metrics.clone(),
            state_file: state_file(self.folder, subject.name()),
            subject,
            done: None,
            saved: None,
            request_ticks: first_request_ticks(),
            failing: false,
            outcome: EvaluationOutcome::Success,
        }
    }
}

#[cfg(test)]
mod tests;
