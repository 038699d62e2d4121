//! The loop itself.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::alerts::Episodes;
use crate::decide::{self, Engine, Report, Restored};
use crate::journal::{Journal, JournalError, Permit};
use crate::metrics::remediation::RemediationMetrics;
use crate::model::{ActError, ActReport, DeliveryId, EpisodeChange, RunId, Timestamp};

use super::confirm::Witnesses;
use super::confirming::Confirming;
use super::doubt::Doubt;
use super::handle::Message;
use super::leaves::show_standings;
use super::others::{self, Others};
use super::outbox::Outbox;
use super::rates::Rates;
use super::reconcile::{Listing, Reconciler};
use super::replica::{Idle, Inbox};
use super::restore::read;
use super::steady::Clocks;
use super::stop::Stop;
use super::surroundings::Surroundings;

/// How long to wait before writing to a journal that failed.
const JOURNAL_RETRY: Duration = Duration::from_secs(1);
/// The longest sleep: nothing is due, or the clock goes back meanwhile.
const IDLE: Duration = Duration::from_secs(60);
/// How often the loop looks for the stop file.
const STOP_FILE_INTERVAL: Duration = Duration::from_secs(1);

/// The loop, restored and ready to run.
pub(super) struct Remediation {
    pub(super) engine: Engine,
    pub(super) stop: Stop,
    clocks: Clocks,
    pub(super) doubt: Option<Doubt>,
    pub(super) episodes: Episodes,
    pub(super) applied: DeliveryId,
    pub(super) permits: HashMap<RunId, Permit>,
    pub(super) begun: HashMap<RunId, (Arc<str>, Timestamp)>,
    pub(super) pending: Option<(Vec<EpisodeChange>, DeliveryId, bool)>,
    pub(super) tasks: JoinSet<Finished>,
    pub(super) confirming: Confirming,
    /// Silences to be lifted whose intents are not written yet: no more than there are.
    pub(super) owed: BTreeSet<(RunId, usize)>,
    pub(super) acting: HashMap<tokio::task::Id, (RunId, usize)>,
    pub(super) outbox: Outbox,
    journal_fails: bool,
    pub(super) witnesses: Witnesses,
    pub(super) reconciler: Reconciler,
    pub(super) surroundings: Surroundings,
    pub(super) config: Arc<decide::Config>,
    pub(super) others: Others,
    pub(super) rates: Rates,
    pub(super) inbox: Inbox,
}

/// What the loop has waited for.
enum Happened {
    Nothing,
    Delivered,
    Said(Message),
    Finished(Result<Finished, tokio::task::JoinError>),
}

/// What a task beside the loop brings back.
pub(super) enum Finished {
    Report(Report),
    Listed(Listing),
    Lifted { run: RunId, step: usize, result: Result<ActReport, ActError> },
}

/// The wall clock, read once a turn.
pub(super) fn clock() -> Timestamp {
    SystemTime::now().into()
}

impl Remediation {
    /// Reads the journal and takes up where the last process stopped. What it was given comes back with an error.
    pub(super) async fn restore(idle: Idle) -> Result<Self, (JournalError, Idle)> {
        let now = clock();
        match read(&idle.surroundings.journal, now).await {
            Ok((restored, applied)) => Ok(Self::taking_up(idle, restored, applied, now)),
            Err(error) => Err((error, idle)),
        }
    }

    fn taking_up(idle: Idle, mut restored: Restored, applied: DeliveryId, now: Timestamp) -> Self {
        let Idle { config, surroundings, inbox, unwritten } = idle;
        let stop = Stop::new(config.stop_file.clone(), restored.paused, unwritten);
        restored.paused = stop.is_set();
        surroundings.metrics.paused(restored.paused);
        show_standings(&config, &restored.standings, &surroundings.metrics);
        let mut rates = Rates::new(&restored.outcomes);
        let begun =
            restored.open_runs.iter().map(|run| (run.id, (run.plan.key.policy.clone(), run.begun_at)));
        surroundings.metrics.success(&rates.tallies(now));
        Self {
            begun: begun.collect(),
            stop,
            clocks: Clocks::new(now, tokio::time::Instant::now()),
            doubt: None,
            episodes: Episodes::new(restored.episodes.clone()),
            engine: Engine::new(config.clone(), restored, now),
            config,
            applied,
            permits: HashMap::new(),
            pending: None,
            tasks: JoinSet::new(),
            confirming: Confirming::default(),
            owed: BTreeSet::new(),
            acting: HashMap::new(),
            outbox: Outbox::default(),
            journal_fails: false,
            others: Others::default(),
            rates,
            witnesses: Witnesses {
                prometheus: surroundings.prometheus.clone(),
                alertmanager: surroundings.alertmanager.as_ref().map(|(client, _)| client.clone()),
                actor: Some(surroundings.actor.clone()),
            },
            reconciler: Reconciler::new(
                surroundings.prometheus.clone(),
                surroundings.alertmanager.clone(),
                surroundings.metrics.clone(),
            ),
            surroundings,
            inbox,
        }
    }

    /// The journal it writes to.
    pub(super) fn journal(&self) -> Journal {
        self.surroundings.journal.clone()
    }

    /// Where it counts.
    pub(super) fn metrics(&self) -> RemediationMetrics {
        self.surroundings.metrics.clone()
    }

    /// Runs until the token is cancelled, then lets actions under way end within `grace` and records them.
    pub(super) async fn run(mut self, stop: CancellationToken, grace: Duration) -> Idle {
        // What the last process left begins at once.
        self.carry_on(clock()).await;
        while !stop.is_cancelled() {
            self.turn(&stop).await;
        }
        self.engine.handle_shutdown(clock());
        self.confirming.stop();
        let deadline = tokio::time::Instant::now() + grace;
        while self.engine.is_acting() && tokio::time::timeout_at(deadline, self.drain()).await.is_ok() {}
        for (run, step) in self.acting.values() {
            tracing::warn!(%run, step, "an action is left in the middle, whoever takes up its run finds out what became of it");
        }
        if let Err(error) = self.outbox.flush(&self.surroundings.journal).await {
            tracing::error!(%error, "the last outcomes could not be written, they will be found out at the next start");
        }
        if let Err(error) = self.write_switch().await {
            tracing::error!(%error, "the stop switch is not written down");
        }
        let Self { config, surroundings, inbox, stop, .. } = self;
        Idle { config, surroundings, inbox, unwritten: stop.left_unwritten() }
    }

    /// Waits for one thing to happen and deals with it and with all that follows from it.
    async fn turn(&mut self, stop: &CancellationToken) {
        let wake = self.next_wake(clock());
        let happened = tokio::select! {
            () = stop.cancelled() => return,
            () = self.inbox.delivered.notified() => Happened::Delivered,
            Some(message) = self.inbox.messages.recv() => Happened::Said(message),
            Some(finished) = self.tasks.join_next() => Happened::Finished(finished),
            () = tokio::time::sleep(wake) => Happened::Nothing,
        };
        // Before anything is dealt with: to the core time must not have passed that has not.
        self.look_at_clocks();
        match happened {
            Happened::Delivered => {}
            Happened::Said(message) => self.handle_message(message).await,
            Happened::Finished(finished) => self.handle_all_finished(finished).await,
            Happened::Nothing => self.engine.handle_timeout(clock()),
        }
        self.look_for_stop_file(clock());
        // What cannot be written now is tried again in a moment.
        let _ = self.write_switch().await;
        self.look_at_others(clock()).await;
        self.look_for_lost_runs(clock()).await;
        self.apply_deliveries().await;
        self.ask_for_lists();
        self.lift_owed(clock()).await;
        self.carry_on(clock()).await;
    }

    fn look_at_clocks(&mut self) {
        let now = clock();
        if let Some(ahead) = self.clocks.set_forward(now, tokio::time::Instant::now()) {
            let ahead_seconds = ahead.as_secs();
            tracing::warn!(
                ahead_seconds,
                "the clock was set forward, or the machine slept: windows stay as they are"
            );
            self.engine.handle_clock_set_forward(ahead, now);
        }
    }

    async fn drain(&mut self) {
        if let Some(finished) = self.tasks.join_next().await {
            self.handle_finished(finished).await;
        }
        self.carry_on(clock()).await;
    }

    fn next_wake(&self, now: Timestamp) -> Duration {
        let engine = self.engine.poll_timeout().map(|at| at.since(now));
        let journal = !self.outbox.is_empty() || !self.owed.is_empty();
        let journal = journal || self.journal_fails || self.stop.is_unwritten();
        let journal = (journal || self.doubt.is_some()).then_some(JOURNAL_RETRY);
        let reconcile = self.reconciler.due_in(now);
        let file = self.stop.file.is_some().then_some(STOP_FILE_INTERVAL);
        let others = self.surroundings.journal.is_shared().then_some(others::INTERVAL);
        engine
            .into_iter()
            .chain(journal)
            .chain(reconcile)
            .chain(file)
            .chain(others)
            .min()
            .unwrap_or(IDLE)
            .min(IDLE)
    }

    /// Carries out whatever the core has decided, and writes down what became of it.
    async fn carry_on(&mut self, now: Timestamp) {
        while let Some(command) = self.engine.poll_command() {
            self.execute(command, now).await;
        }
        if let Err(error) = self.outbox.flush(&self.surroundings.journal).await {
            self.journal_failed(&error);
        }
        self.surroundings.metrics.episodes_firing(self.episodes.firing());
        self.surroundings.metrics.runs_in_flight(self.engine.in_flight());
        self.surroundings.metrics.storm(self.engine.in_storm());
    }

    pub(super) fn journal_failed(&mut self, error: &JournalError) {
        if !self.journal_fails {
            tracing::error!(%error, "the journal does not answer, nothing new is done until it does");
        }
        self.journal_fails = true;
    }

    pub(super) fn journal_answers(&mut self) {
        if self.journal_fails {
            tracing::info!("the journal answers again");
        }
        self.journal_fails = false;
    }
}

#[cfg(test)]
mod tests;
