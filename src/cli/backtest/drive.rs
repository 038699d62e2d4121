//! The queries and models of a backtest, read and scored: several at once, as they do not depend on each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;
use tokio::task::JoinSet;

use super::ledger::{Finished, Ledger};
use super::watched::Watched;
use crate::cli::progress::Progress;
use crate::model::{ScoredSeries, Timestamp};
use crate::prometheus::Client;
use crate::scoring::{self, Onlooker, Past, PastRange};

/// What is to be done.
pub(super) struct Work {
    /// What is watched, and how often.
    pub scoring: scoring::Config,
    /// Asked for samples.
    pub client: Client,
    /// What is scored.
    pub range: PastRange,
    /// The configured queries and models.
    pub watched: Vec<Watched>,
    /// Places of those that are scored.
    pub chosen: Vec<usize>,
    /// Series that are ranked.
    pub top: usize,
}

/// Scores everything chosen, `threads` at once. What comes does not depend on their number.
pub(super) async fn drive(work: Work, threads: usize) -> anyhow::Result<Vec<Finished>> {
    let count = work.chosen.len();
    let progress = Progress::new("ticks", work.ticks());
    let shared = Arc::new((work, progress, AtomicUsize::new(0)));
    let mut tasks = JoinSet::new();
    for _ in 0..threads.min(count) {
        tasks.spawn(take_turns(shared.clone()));
    }
    let mut finished = Vec::new();
    while let Some(done) = tasks.join_next().await {
        finished.extend(done.context("a query's scoring was cut short")??);
    }
    finished.sort_by_key(|(place, _)| *place);
    Ok(finished.into_iter().map(|(_, finished)| finished).collect())
}

async fn take_turns(shared: Arc<(Work, Progress, AtomicUsize)>) -> anyhow::Result<Vec<(usize, Finished)>> {
    let (work, progress, next) = &*shared;
    let mut finished = Vec::new();
    while let Some(&place) = work.chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
        let Watched { name, of_groups, .. } = &work.watched[place];
        let what = if *of_groups { "model" } else { "query" };
        let one = work.one(place, progress).await;
        finished.push((place, one.with_context(|| format!("{what} {name}"))?));
    }
    Ok(finished)
}

impl Work {
    fn past(&self, place: usize) -> Option<Past> {
        Past::new(&self.scoring, place, self.range)
    }

    fn ticks(&self) -> u64 {
        self.chosen.iter().filter_map(|&place| self.past(place)).map(|past| past.tick_count()).sum()
    }

    async fn one(&self, place: usize, progress: &Progress) -> anyhow::Result<Finished> {
        let watched = &self.watched[place];
        let Some(mut past) = self.past(place) else { return Ok(Finished::without(watched, Vec::new())) };
        let present = self.client.metrics_present_within(&watched.requires, past.span()).await?;
        let missing: Vec<String> =
            watched.requires.iter().filter(|name| !present.contains(*name)).cloned().collect();
        if !missing.is_empty() {
            progress.advance(past.tick_count());
            return Ok(Finished::without(watched, missing));
        }
        let ledger = Ledger::new(watched.clone(), past.span(), self.scoring.interval);
        let mut scribe = Scribe { ledger, progress };
        past.run(&self.client, &mut scribe).await?;
        Ok(scribe.ledger.finish(past.refused(), self.top))
    }
}

/// Enters what it sees into the ledger.
struct Scribe<'a> {
    ledger: Ledger,
    progress: &'a Progress,
}

impl Onlooker for Scribe<'_> {
    fn read(&mut self, ticks: u64) {
        self.progress.advance(ticks);
    }

    fn begin(&mut self, scores: &[ScoredSeries]) {
        self.ledger.begin(scores);
    }

    fn wants_bands(&mut self, tick: Timestamp) -> bool {
        self.ledger.shows_bands(tick)
    }

    fn see(&mut self, tick: Timestamp, scores: &[ScoredSeries]) {
        self.ledger.enter(tick, scores);
    }
}
