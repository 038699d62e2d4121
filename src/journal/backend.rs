//! What a database must do for the journal, in the journal's terms; the rules (what may follow what, what is
//! refused) stay outside, so that every backend shares them.

use std::sync::Arc;

use futures::future::BoxFuture;
use sqlx::sqlite::SqliteError;

use super::JournalError;
use super::approvals::Change;
use super::chain::Link;
use super::outbox::{Entry, Progress};
use super::query::{ApprovalFilter, Cutoff, EpisodeFilter, Outcome, Pause, RunFilter};
use super::rules::RunEntry;
use super::state::State;
use super::write::NewDelivery;
use crate::model::{
    Approval, ApprovalId, ApprovalRequest, Before, Decision, DeliveryId, Episode, EpisodeId, Plan, Run,
    RunId, RunKey, Scope, Timestamp,
};

/// Why a backend could not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum StoreError {
    /// Try again later.
    #[error("{0}")]
    Unavailable(Arc<str>),
    /// What is stored cannot be understood.
    #[error("{0}")]
    Damaged(Arc<str>),
}

/// A time during which one process leads: numbers rise, so that no two processes ever lead in the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term(pub i64);

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string().into();
        if is_damage(&error) { Self::Damaged(text) } else { Self::Unavailable(text) }
    }
}

/// Whether what is stored is at fault, rather than the disk, the network or another program.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast_ref::<SqliteError>() {
            Some(error) => super::sqlite::is_damage(error),
            // PostgreSQL's class for what it finds broken.
            None => error.code().is_some_and(|code| code.starts_with("XX00")),
        },
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => true,
        _ => false,
    }
}

/// A backend's answer.
pub(super) type Stored<T> = Result<T, StoreError>;

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => Self::Unavailable { reason: reason.to_string() },
            StoreError::Damaged(what) => Self::Damaged { what: what.to_string() },
        }
    }
}

/// A link, and its fact's columns by their names; `None`: retention has dropped it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LinkedFact {
    pub link: Link,
    pub fact: Option<serde_json::Map<String, serde_json::Value>>,
}

/// What moving the watermark did to the backlog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Covered {
    /// Deliveries newly applied.
    pub deliveries: u64,
    /// When the oldest delivery above the watermark was received.
    pub oldest: Option<Timestamp>,
}

/// What one turn of retention did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pruned {
    /// Rows dropped.
    pub rows: u64,
    /// Whether another turn would find more to do.
    pub more: bool,
}

/// The one writer's connection: a transaction at a time, operations inside it.
pub(super) trait Writes: Send + 'static {
    /// Starts a transaction, connecting first if need be. Where others write as well, the state is brought up
    /// to date.
    fn begin(&mut self, state: &mut State) -> impl Future<Output = Stored<()>> + Send;
    /// Makes the transaction durable.
    fn commit(&mut self) -> impl Future<Output = Stored<()>> + Send;
    /// Gives up the transaction and everything that may be wrong with the connection.
    fn abandon(&mut self) -> impl Future<Output = ()> + Send;
    /// Whether this process leads, as far as the open transaction is concerned.
    fn leads(&self) -> bool;
    /// Tries to lead from now on; `None`: another process leads.
    fn lead(&mut self, holder: &str, now: Timestamp) -> impl Future<Output = Stored<Option<Term>>> + Send;
    /// Bytes on disk.
    fn size_bytes(&self) -> u64;

    /// Stores a delivery under a number above all earlier ones.
    fn insert_delivery(&mut self, new: &mut NewDelivery) -> impl Future<Output = Stored<DeliveryId>> + Send;
    /// Stores episodes, over older states of the same.
    fn put_episodes(&mut self, episodes: &[Episode]) -> impl Future<Output = Stored<()>> + Send;
    /// Moves the watermark from one delivery to a later one.
    fn move_watermark(
        &mut self,
        from: DeliveryId,
        to: DeliveryId,
        now: Timestamp,
    ) -> impl Future<Output = Stored<Covered>> + Send;
    /// Appends decisions; the oldest of an episode that has more than its bound go.
    fn add_decisions(&mut self, decisions: &[Decision]) -> impl Future<Output = Stored<()>> + Send;
    /// Whether there is a run with the plan's key, or one for the same target and episode that began with the same
    /// action.
    fn has_run(&mut self, plan: &Plan) -> impl Future<Output = Stored<bool>> + Send;
    /// How many runs are under way.
    fn open_runs(&mut self) -> impl Future<Output = Stored<u64>> + Send;
    /// Whether a run is under way on anything that the plan touches.
    fn is_busy(&mut self, plan: &Plan) -> impl Future<Output = Stored<bool>> + Send;
    /// How many of the runs that count with the plan were begun after a time.
    fn attempts(
        &mut self,
        scope: Scope,
        plan: &Plan,
        after: Timestamp,
    ) -> impl Future<Output = Stored<u64>> + Send;
    /// Stores a run; there is none with the same key.
    fn insert_run(&mut self, plan: &Plan, now: Timestamp) -> impl Future<Output = Stored<RunId>> + Send;
    /// Stores the intent of a step, and what was seen before it.
    fn insert_step(
        &mut self,
        run: RunId,
        step: usize,
        before: Option<&Before>,
        now: Timestamp,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// Stores the intent to lift the silence of a step; there is none yet.
    fn insert_lift(
        &mut self,
        run: RunId,
        step: usize,
        now: Timestamp,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// Adds what became of a step or of a run.
    fn add_entry(&mut self, entry: &RunEntry) -> impl Future<Output = Stored<()>> + Send;
    /// The run as the transaction sees it.
    fn load_run(&mut self, run: RunId) -> impl Future<Output = Stored<Option<Run>>> + Send;
    /// The stop switch as the transaction sees it; `None`: not set.
    fn pause(&mut self) -> impl Future<Output = Stored<Option<Pause>>> + Send;
    /// Changes the stop switch.
    fn set_pause(
        &mut self,
        paused: bool,
        by: &str,
        now: Timestamp,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// Stores a request for approval; none for the same run is open.
    fn insert_approval(
        &mut self,
        request: &ApprovalRequest,
    ) -> impl Future<Output = Stored<ApprovalId>> + Send;
    /// A request as the transaction sees it.
    fn load_approval(&mut self, id: ApprovalId) -> impl Future<Output = Stored<Option<Approval>>> + Send;
    /// The open request for this run.
    fn open_approval(&mut self, key: &RunKey) -> impl Future<Output = Stored<Option<Approval>>> + Send;
    /// Adds what became of a request.
    fn change_approval(&mut self, id: ApprovalId, change: &Change)
    -> impl Future<Output = Stored<()>> + Send;
    /// Appends where a policy stands from now on.
    fn put_standing(
        &mut self,
        policy: &str,
        body: &str,
        now: Timestamp,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// Stores how far a receiver was told, over what was stored before.
    fn put_progress(
        &mut self,
        receiver: &str,
        progress: Progress,
        now: Timestamp,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// Drops a bounded number of rows that are too old.
    fn prune(&mut self, cutoff: Cutoff) -> impl Future<Output = Stored<Pruned>> + Send;
}

/// Reading, beside the writer: sees what is committed.
pub(super) trait Reads: Send + Sync + 'static {
    /// Deliveries as stored JSON, in the order of their numbers, bounded in count and bytes.
    fn deliveries_after(
        &self,
        after: DeliveryId,
        limit: u32,
    ) -> BoxFuture<'_, Stored<Vec<(DeliveryId, String)>>>;
    /// Episodes, last heard of first.
    fn episodes(&self, filter: EpisodeFilter) -> BoxFuture<'_, Stored<Vec<Episode>>>;
    /// An episode's decisions, oldest first.
    fn decisions(&self, episode: EpisodeId) -> BoxFuture<'_, Stored<Vec<Decision>>>;
    /// The latest decisions of each of these episodes, oldest first.
    fn latest_decisions(&self, episodes: Vec<EpisodeId>) -> BoxFuture<'_, Stored<Vec<Decision>>>;
    /// Runs, newest first.
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Stored<Vec<Run>>>;
    /// One run.
    fn run(&self, run: RunId) -> BoxFuture<'_, Stored<Option<Run>>>;
    /// What each run was to do, and when it last attempted something, at most `limit`.
    fn last_attempts(&self, since: Timestamp, limit: u32) -> BoxFuture<'_, Stored<Vec<(Plan, Timestamp)>>>;
    /// Runs that ended at `since` or later, the newest `limit` of them, newest last.
    fn outcomes(&self, since: Timestamp, limit: u32) -> BoxFuture<'_, Stored<Vec<Outcome>>>;
    /// Requests for approval, newest first.
    fn approvals(&self, filter: ApprovalFilter) -> BoxFuture<'_, Stored<Vec<Approval>>>;
    /// One request.
    fn approval(&self, id: ApprovalId) -> BoxFuture<'_, Stored<Option<Approval>>>;
    /// The stop switch; `None`: not set.
    fn pause(&self) -> BoxFuture<'_, Stored<Option<Pause>>>;
    /// Where policies stand: name and JSON.
    fn standings(&self) -> BoxFuture<'_, Stored<Vec<(String, String)>>>;
    /// What happened after a number, oldest first.
    fn outbox(&self, after: i64, limit: u32) -> BoxFuture<'_, Stored<Vec<Entry>>>;
    /// The number of what happened last; 0: nothing did.
    fn newest_entry(&self) -> BoxFuture<'_, Stored<i64>>;
    /// How far a receiver was told.
    fn progress<'r>(&'r self, receiver: &'r str) -> BoxFuture<'r, Stored<Option<Progress>>>;
    /// Links after a number whose facts happened in a time, in their order, a bounded number of them.
    fn linked_facts(
        &self,
        after: i64,
        from: Timestamp,
        to: Timestamp,
    ) -> BoxFuture<'_, Stored<Vec<LinkedFact>>>;
    /// When the oldest fact happened that is linked.
    fn first_fact(&self) -> BoxFuture<'_, Stored<Option<Timestamp>>>;
    /// Closes the connections.
    fn close(&self) -> BoxFuture<'_, ()>;
}
