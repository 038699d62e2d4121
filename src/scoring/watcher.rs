//! One loop, of a query or of a model: restore, catch up with the history, then score every tick. A slow or dead
//! Prometheus slows nothing but this loop.

mod storage;
mod surroundings;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::metrics::scoring::{EvaluationOutcome, QueryMetrics, ScoringMetrics};
use crate::model::{MaintenanceWindow, Timestamp};
use crate::prometheus::{Answer, Client, QueryError};

use super::board::Board;
use super::holds::Requests;
use super::inquiries::Inquiry;
use super::lookups::Lookups;
use super::progress::Progress;
use super::ranges;
use super::subject::{Observed, Subject};
use super::ticks::{Span, Ticks};

/// Samples asked for in one range request, over all series.
const SAMPLES_PER_REQUEST: usize = 1_000_000;
/// Ticks asked for in the first range request, before the number of series is known.
const FIRST_REQUEST_TICKS: usize = 240;
/// How long to wait before asking again whether a preset's metrics exist: twice as long each time.
const FIRST_PRESENCE_WAIT: Duration = Duration::from_secs(2);
const LONGEST_PRESENCE_WAIT: Duration = Duration::from_secs(60);

/// One loop and all it needs.
pub struct Watcher<S> {
    /// Questions about its series; `None` once nobody can ask.
    pub(super) inquiries: Option<mpsc::Receiver<Inquiry>>,
    /// Whether the history of before the start is being read: it spends nothing of the budget.
    pub(super) reading_history: bool,
    pub(super) client: Client,
    pub(super) lookups: Lookups,
    pub(super) requests: Requests,
    pub(super) windows: Arc<[MaintenanceWindow]>,
    pub(super) subject: S,
    pub(super) ticks: Ticks,
    pub(super) history: Duration,
    pub(super) vanished_after: Duration,
    pub(super) snapshot_interval: Duration,
    pub(super) backfills: Arc<Semaphore>,
    pub(super) board: Board,
    pub(super) progress: Progress,
    pub(super) metrics: ScoringMetrics,
    pub(super) query_metrics: QueryMetrics,
    pub(super) state_file: PathBuf,
    pub(super) done: Option<Timestamp>,
    pub(super) saved: Option<Timestamp>,
    pub(super) request_ticks: usize,
    pub(super) failing: bool,
    pub(super) outcome: EvaluationOutcome,
}

/// The wall clock, read once a turn.
fn clock() -> Timestamp {
    SystemTime::now().into()
}

impl<S: Subject> Watcher<S> {
    /// Runs until the token is cancelled, then stores the state.
    pub async fn run(mut self, stop: CancellationToken) {
        if stop.run_until_cancelled(self.forever()).await.is_none() {
            self.save(clock());
        }
    }

    async fn forever(&mut self) {
        self.wait_for_metrics().await;
        loop {
            let now = clock();
            self.turn(now).await;
            let next = self.ticks.after(self.ticks.latest(now));
            // A clock that is set back must not stretch the wait.
            self.idle(next.since(clock()).min(next.since(self.ticks.latest(now)))).await;
        }
    }

    /// Waits, and answers questions meanwhile.
    async fn idle(&mut self, wait: Duration) {
        let end = tokio::time::Instant::now() + wait;
        while let Some(inquiries) = &mut self.inquiries {
            match tokio::time::timeout_at(end, inquiries.recv()).await {
                Ok(Some(inquiry)) => self.answer(inquiry),
                Ok(None) => self.inquiries = None,
                Err(_) => return,
            }
        }
        tokio::time::sleep_until(end).await;
    }

    /// Answers the questions that came while there was no time.
    fn answer_all(&mut self) {
        while let Some(inquiry) = self.inquiries.as_mut().and_then(|inquiries| inquiries.try_recv().ok()) {
            self.answer(inquiry);
        }
    }

    fn answer(&self, inquiry: Inquiry) {
        let why = tokio::task::block_in_place(|| self.subject.why(|labels| inquiry.means(labels)));
        inquiry.answer(why);
    }

    async fn turn(&mut self, now: Timestamp) {
        match self.catch_up(now).await {
            Ok(()) => self.finish_turn(now),
            Err(error) => self.report_failure(&error, now),
        }
    }

    /// Scores every tick that is owed, the oldest first, and the last one by itself: whoever is missing from it is judged,
    /// also by a daemon that never keeps up.
    pub(super) async fn catch_up(&mut self, now: Timestamp) -> Result<(), QueryError> {
        let mut owed = self.ticks.owed(self.done, self.history, now);
        let single = owed.is_some_and(|span| span.first == span.last);
        let _slot = match single {
            true => None,
            false => self.backfills.clone().acquire_owned().await.ok(),
        };
        if let (Some(span), false) = (owed, single) {
            self.announce(span);
        }
        while let Some(span) = owed {
            let (head, rest) = self.ticks.split(span, self.request_ticks);
            if let Err(error) = self.score(head).await {
                if !self.adapt(&error, head) {
                    return Err(error);
                }
                continue;
            }
            owed = rest;
            self.answer_all();
            if !single {
                self.progress.advance(self.ticks.count(head));
            }
        }
        Ok(())
    }

    fn announce(&self, span: Span) {
        let ticks = self.ticks.count(span);
        self.progress.expect(ticks);
        let query = self.subject.name();
        match self.done {
            None => tracing::info!(%query, from = %span.first, ticks, "reading the history"),
            Some(_) => {
                self.metrics.ticks_missed(ticks.saturating_sub(1));
                tracing::info!(%query, from = %span.first, ticks, "catching up with missed ticks");
            }
        }
    }

    async fn score(&mut self, span: Span) -> Result<(), QueryError> {
        let timer = tokio::time::Instant::now();
        let holds = self.holds(span).await?;
        self.subject.set_holds(holds);
        let rounds = self.fetch(span).await?;
        self.note_dark(span, &rounds).await?;
        let series = |round: &Vec<Answer>| round.iter().map(Answer::len).sum::<usize>();
        let series = rounds.iter().map(series).max().unwrap_or_default().max(1);
        let observed = tokio::task::block_in_place(|| self.observe(&rounds))?;
        self.query_metrics.samples_scored(observed.samples);
        self.query_metrics.alarms_raised(observed.alarms.len() as u64);
        if !self.reading_history {
            let detect = self.subject.detect();
            let seconds = observed.scored as f64 * detect.interval.as_secs_f64();
            let allowed = detect.false_alarms.per_second() * seconds;
            self.query_metrics.budget_spent(allowed, observed.alarms.len() as u64);
        }
        self.metrics.series_refused(observed.refused);
        self.client.report_duplicates(&self.subject.exprs().join(", "), observed.duplicates);
        self.log(&observed, span.first == span.last);
        if span.first == span.last {
            self.judge_missing(span.last, &rounds).await;
            self.metrics.evaluated(timer.elapsed());
        }
        self.request_ticks = (SAMPLES_PER_REQUEST / series).clamp(1, 10_000);
        self.done = Some(span.last);
        Ok(())
    }

    /// What happens is told; what happened, to those who look for it.
    fn log(&self, observed: &Observed, live: bool) {
        let query = self.subject.name();
        for (labels, at) in &observed.alarms {
            match live {
                true => tracing::info!(%query, %labels, %at, "anomaly began"),
                false => tracing::debug!(%query, %labels, %at, "an anomaly began in the past"),
            }
        }
        for (labels, at) in &observed.levels {
            match live {
                true => tracing::info!(%query, %labels, %at, "new level accepted"),
                false => tracing::debug!(%query, %labels, %at, "a new level was accepted in the past"),
            }
        }
    }

    /// The answers of one request after the other, in each one for every expression.
    async fn fetch(&self, span: Span) -> Result<Vec<Vec<Answer>>, QueryError> {
        if span.first < span.last {
            return ranges::rounds(&self.client, self.subject.exprs(), &self.ticks, span).await;
        }
        let mut answers = Vec::new();
        for expr in self.subject.exprs() {
            answers.push(self.client.ask(expr, span.last).await?);
        }
        Ok(vec![answers])
    }

    fn observe(&mut self, rounds: &[Vec<Answer>]) -> Result<Observed, QueryError> {
        let mut all = Observed::default();
        for answers in rounds {
            all.add(self.subject.observe(answers)?);
        }
        Ok(all)
    }

    /// An answer that was too large is asked for again in smaller parts. Whether it is worth another try.
    fn adapt(&mut self, error: &QueryError, span: Span) -> bool {
        let ticks = self.ticks.count(span);
        if !matches!(error, QueryError::TooLarge { .. }) || ticks < 2 {
            return false;
        }
        self.request_ticks = (ticks / 4).max(1) as usize;
        true
    }

    fn report_failure(&mut self, error: &QueryError, now: Timestamp) {
        self.query_metrics.evaluated(EvaluationOutcome::PrometheusError, now);
        if !self.failing {
            tracing::warn!(query = %self.subject.name(), %error, "cannot evaluate the query, trying again at every tick");
        }
        self.failing = true;
    }

    fn finish_turn(&mut self, now: Timestamp) {
        if self.failing {
            tracing::info!(query = %self.subject.name(), "the query is evaluated again");
        }
        self.failing = false;
        self.reading_history = false;
        self.subject.forget(now);
        self.publish(now);
        // Who sees that it was evaluated sees what came of it.
        self.query_metrics.evaluated(self.outcome, now);
        if self.saved.is_none_or(|saved| now.since(saved) >= self.snapshot_interval) {
            self.save(now);
        }
    }

    fn pin(&mut self, now: Timestamp) {
        let published = self.subject.published(self.vanished_after, now);
        self.query_metrics.states(published.iter().map(|scored| scored.score.state));
        self.query_metrics.absent(self.subject.absent());
        self.query_metrics.held(&self.subject.held());
        self.board.pin(self.subject.name(), published);
    }

    fn publish(&mut self, now: Timestamp) {
        self.pin(now);
        self.board.show();
        self.metrics.series(self.board.len());
    }

    /// A preset waits until the Prometheus has every metric it needs.
    async fn wait_for_metrics(&mut self) {
        let (query, requires) = (self.subject.name().to_owned(), self.subject.requires().to_vec());
        let mut wait = FIRST_PRESENCE_WAIT;
        while !requires.is_empty() {
            match self.client.metrics_present(&requires).await {
                Ok(present) if requires.iter().all(|name| present.contains(name)) => return,
                Ok(_) => tracing::debug!(%query, "the preset's metrics do not exist here"),
                Err(error) => {
                    tracing::debug!(%query, %error, "cannot ask for the preset's metrics")
                }
            }
            self.idle(wait).await;
            wait = (wait * 2).min(LONGEST_PRESENCE_WAIT);
        }
    }
}

/// Ticks in the first range request.
pub(super) fn first_request_ticks() -> usize {
    FIRST_REQUEST_TICKS
}
