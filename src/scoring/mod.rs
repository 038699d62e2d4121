//! Loop 1: Prometheus → detectors → exporter. One of the two places that wait and read the clock.
//!
//! Every query has a loop of its own (`watcher.rs`): it restores its state, reads the history it lacks by
//! range queries, then evaluates every tick; ticks missed on the way are caught up by the same range
//! queries. Queries are spread over the interval. `past.rs` scores a past range as these loops would have.

mod board;
mod budget;
mod config;
mod inquiries;
mod past;
mod progress;
mod roll;
mod ticks;
mod tracker;
mod training;
mod watcher;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::exporter::Exporter;
use crate::metrics::scoring::ScoringMetrics;
use crate::prometheus::Client;
use crate::snapshots::state_file;

pub use config::{Config, Query};
pub use inquiries::{Candidates, Inquiries, Why, WhyError};
pub use past::{Onlooker, Past, PastRange};
pub use progress::Listener;
pub use training::{TrainError, Training, train_on};

use board::Board;
use budget::SeriesBudget;
use progress::Progress;
use ticks::Ticks;
use tracker::Tracker;
use watcher::{Watcher, first_request_ticks};

/// The running loops. Dropping it does not stop them; [`Scoring::stop`] does.
pub struct Scoring {
    stop: CancellationToken,
    tasks: TaskTracker,
    queries: Vec<String>,
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
}

impl Scoring {
    /// Restores every query's state from `folder` and starts the loops. The state is in place, and
    /// published, when this returns.
    pub async fn start(config: &Config, surroundings: Surroundings, folder: &Path) -> Self {
        let board = Board::new(surroundings.exporter.clone());
        let mut watchers = watchers(config, surroundings, board.clone(), folder);
        let folder = folder.to_owned();
        let restored = tokio::task::spawn_blocking(move || {
            if let Err(error) = std::fs::create_dir_all(&folder) {
                tracing::error!(%error, folder = %folder.display(), "cannot create the folder of the state");
            }
            watchers.iter_mut().for_each(Watcher::restore);
            watchers
        });
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        match restored.await {
            Ok(watchers) => {
                board.show();
                for watcher in watchers {
                    tasks.spawn(watcher.run(stop.clone()));
                }
            }
            Err(error) => tracing::error!(%error, "restoring the state was cut short, nothing is scored"),
        }
        tasks.close();
        let queries = config.queries.iter().map(|query| query.name.clone()).collect();
        Self { stop, tasks, queries }
    }

    /// The names of the queries that are scored.
    pub fn queries(&self) -> &[String] {
        &self.queries
    }

    /// Stops the loops; returns when every state is stored.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

fn watchers(config: &Config, surroundings: Surroundings, board: Board, folder: &Path) -> Vec<Watcher> {
    let Surroundings { client, metrics, inquiries, .. } = surroundings;
    let mut asked = inquiries.begin(config.queries.iter().map(|query| query.name.as_str()));
    let budget = SeriesBudget::new(config.max_series);
    let backfills = Arc::new(Semaphore::new(config.backfill_concurrency.max(1)));
    let progress = Progress::new(metrics.clone());
    let count = config.queries.len();
    let mut watcher = |(index, query): (usize, &Query)| Watcher {
        inquiries: asked.remove(&query.name),
        reading_history: true,
        client: client.clone(),
        ticks: Ticks::new(config.interval, index, count),
        history: config.history,
        vanished_after: config.vanished_after,
        snapshot_interval: config.snapshot_interval,
        backfills: backfills.clone(),
        board: board.clone(),
        progress: progress.clone(),
        query_metrics: metrics.for_query(&query.name),
        metrics: metrics.clone(),
        state_file: state_file(folder, &query.name),
        tracker: Tracker::new(query.clone(), budget.clone()),
        done: None,
        saved: None,
        request_ticks: first_request_ticks(),
        failing: false,
    };
    config.queries.iter().enumerate().map(&mut watcher).collect()
}
