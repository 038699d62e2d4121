//! The writes that can wait for the writer, what each does inside the transaction, and its answer.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::backend::{Pruned, StoreError, Stored, Term, Writes};
use super::query::Cutoff;
use super::rules::{Admission, RunEntry, Silenced, admit, following_step, silenced};
use super::state::State;
use super::{
    Answer, AnswerError, AskError, BeginError, CancelError, Intent, Progress, StepError, approvals, intent,
};
use crate::model::{
    Action, Approval, ApprovalId, ApprovalRequest, Before, Decision, DeliveryId, DeliverySource, Episode,
    Run, RunId, Timestamp,
};

/// A delivery ready to be stored.
#[derive(Debug)]
pub(super) struct NewDelivery {
    pub received_at: Timestamp,
    pub source: DeliverySource,
    /// The whole delivery as JSON.
    pub body: String,
    /// Its share of the bytes that may wait; given back when this is dropped.
    pub _bytes: OwnedSemaphorePermit,
}

/// Where an answer goes once it is known whether the transaction is durable.
#[derive(Debug)]
pub(super) struct Reply<T> {
    to: oneshot::Sender<Result<T, Arc<str>>>,
    value: Option<T>,
}

impl<T> Reply<T> {
    /// A reply, and the end that waits for it.
    pub fn new() -> (Self, oneshot::Receiver<Result<T, Arc<str>>>) {
        let (to, answer) = oneshot::channel();
        (Self { to, value: None }, answer)
    }

    fn finish(self, outcome: &Result<(), Arc<str>>) {
        let answer = match (outcome, self.value) {
            (Ok(()), Some(value)) => Ok(value),
            (Ok(()), None) => Err(Arc::from("the write was not performed")),
            (Err(reason), _) => Err(reason.clone()),
        };
        // Whoever asked may have gone; the write stands all the same.
        let _ = self.to.send(answer);
    }
}

/// An entry that was checked against the record: made, or refused with the reason.
pub(super) type Checked = Result<(), String>;

/// One write and where its answer goes.
#[derive(Debug)]
pub(super) enum Write {
    Delivery(NewDelivery, Reply<DeliveryId>),
    Apply {
        episodes: Vec<Episode>,
        up_to: DeliveryId,
        now: Timestamp,
        reply: Reply<Checked>,
    },
    Decisions(Vec<Decision>, Reply<()>),
    Begin(Box<Intent>, Timestamp, Reply<Result<RunId, BeginError>>),
    NextStep(RunId, Option<Box<Before>>, Timestamp, Reply<Result<(usize, Action), StepError>>),
    Lift(RunId, usize, Timestamp, Reply<Result<Silenced, StepError>>),
    Entry(RunEntry, Reply<Checked>),
    Ask(Box<ApprovalRequest>, Reply<Result<ApprovalId, AskError>>),
    Answer(ApprovalId, Answer, Reply<Result<Box<Approval>, AnswerError>>),
    Cancel(ApprovalId, String, Timestamp, Reply<Result<(), CancelError>>),
    Pause {
        paused: bool,
        by: String,
        now: Timestamp,
        reply: Reply<()>,
    },
    Remember {
        policy: String,
        body: String,
        now: Timestamp,
        reply: Reply<()>,
    },
    /// How far a receiver was told.
    Told {
        receiver: String,
        progress: Progress,
        now: Timestamp,
        reply: Reply<()>,
    },
    Prune(Cutoff, Reply<Pruned>),
    Lead {
        holder: String,
        now: Timestamp,
        reply: Reply<Option<Term>>,
    },
    /// Nothing is written; the answer is whether this process leads.
    Keep(Reply<bool>),
    /// Nothing is written; it is answered when everything before it is durable and the file is closed.
    Shutdown(Reply<()>),
}

impl Write {
    /// Whether only the process that leads may do it. The others take in deliveries, a person's answer and the
    /// stop switch.
    pub fn is_the_leaders(&self) -> bool {
        !matches!(
            self,
            Self::Delivery(..)
                | Self::Answer(..)
                | Self::Pause { .. }
                | Self::Lead { .. }
                | Self::Keep(_)
                | Self::Shutdown(_)
        )
    }

    /// Does it inside the open transaction. `draft` is the state if the transaction commits.
    pub async fn perform<W: Writes>(&mut self, store: &mut W, draft: &mut State) -> Stored<()> {
        match self {
            Self::Delivery(new, reply) => {
                let id = store.insert_delivery(new).await?;
                draft.delivered(id, new.received_at);
                reply.value = Some(id);
            }
            Self::Apply { episodes, up_to, now, reply } => {
                reply.value = Some(apply(store, draft, episodes, *up_to, *now).await?);
            }
            Self::Decisions(decisions, reply) => reply.value = Some(store.add_decisions(decisions).await?),
            Self::Begin(intent, now, reply) => reply.value = Some(intent::begin(store, intent, *now).await?),
            Self::NextStep(run, before, now, reply) => {
                reply.value = Some(next_step(store, *run, before.as_deref(), *now).await?);
            }
            Self::Lift(run, step, now, reply) => reply.value = Some(lift(store, *run, *step, *now).await?),
            Self::Entry(entry, reply) => reply.value = Some(add_entry(store, entry).await?),
            Self::Ask(request, reply) => reply.value = Some(approvals::ask(store, request).await?),
            Self::Answer(id, answer, reply) => {
                reply.value = Some(approvals::answer(store, *id, answer).await?);
            }
            Self::Cancel(id, why, now, reply) => {
                reply.value = Some(approvals::cancel(store, *id, why, *now).await?);
            }
            Self::Pause { paused, by, now, reply } => {
                reply.value = Some(store.set_pause(*paused, by, *now).await?);
            }
            Self::Remember { policy, body, now, reply } => {
                reply.value = Some(store.put_standing(policy, body, *now).await?);
            }
            Self::Told { receiver, progress, now, reply } => {
                reply.value = Some(store.put_progress(receiver, *progress, *now).await?);
            }
            Self::Prune(cutoff, reply) => reply.value = Some(store.prune(*cutoff).await?),
            Self::Lead { holder, now, reply } => reply.value = Some(store.lead(holder, *now).await?),
            Self::Keep(reply) => reply.value = Some(store.leads()),
            // Not for the store: the writer ends after everything before it.
            Self::Shutdown(_) => {}
        }
        Ok(())
    }

    /// Answers, after the transaction was committed or has failed.
    pub fn finish(self, outcome: &Result<(), Arc<str>>) {
        match self {
            Self::Delivery(_, reply) => reply.finish(outcome),
            Self::Apply { reply, .. } | Self::Entry(_, reply) => reply.finish(outcome),
            Self::Decisions(_, reply)
            | Self::Pause { reply, .. }
            | Self::Remember { reply, .. }
            | Self::Told { reply, .. } => reply.finish(outcome),
            Self::Shutdown(mut reply) => {
                reply.value = Some(());
                reply.finish(outcome);
            }
            Self::Begin(_, _, reply) => reply.finish(outcome),
            Self::NextStep(_, _, _, reply) => reply.finish(outcome),
            Self::Lift(_, _, _, reply) => reply.finish(outcome),
            Self::Ask(_, reply) => reply.finish(outcome),
            Self::Answer(_, _, reply) => reply.finish(outcome),
            Self::Cancel(_, _, _, reply) => reply.finish(outcome),
            Self::Prune(_, reply) => reply.finish(outcome),
            Self::Lead { reply, .. } => reply.finish(outcome),
            Self::Keep(reply) => reply.finish(outcome),
        }
    }
}

/// Refuses a watermark that would lose deliveries (above the newest) or forget that they were applied.
async fn apply<W: Writes>(
    store: &mut W,
    draft: &mut State,
    episodes: &[Episode],
    up_to: DeliveryId,
    now: Timestamp,
) -> Stored<Checked> {
    if up_to < draft.applied || up_to > draft.last {
        let (applied, last) = (draft.applied.0, draft.last.0);
        return Ok(Err(format!(
            "delivery {} is not between {applied} (applied) and {last} (newest)",
            up_to.0
        )));
    }
    store.put_episodes(episodes).await?;
    if up_to > draft.applied {
        let covered = store.move_watermark(draft.applied, up_to, now).await?;
        draft.applied = up_to;
        draft.unapplied = draft.unapplied.saturating_sub(covered.deliveries);
        draft.oldest = covered.oldest;
    }
    Ok(Ok(()))
}

async fn next_step<W: Writes>(
    store: &mut W,
    run: RunId,
    before: Option<&Before>,
    now: Timestamp,
) -> Stored<Result<(usize, Action), StepError>> {
    if store.pause().await?.is_some() {
        return Ok(Err(StepError::Paused));
    }
    let next = match load(store, run).await? {
        Ok(run) => following_step(&run),
        Err(reason) => Err(StepError::Refused { reason }),
    };
    if let Ok((step, _)) = &next {
        store.insert_step(run, *step, before, now).await?;
    }
    Ok(next)
}

/// The stop switch holds back nobody who takes a silence away.
async fn lift<W: Writes>(
    store: &mut W,
    run: RunId,
    step: usize,
    now: Timestamp,
) -> Stored<Result<Silenced, StepError>> {
    let found = match load(store, run).await? {
        Ok(run) => silenced(&run, step),
        Err(reason) => Err(StepError::Refused { reason }),
    };
    if found.as_ref().is_ok_and(|found| !found.is_begun) {
        store.insert_lift(run, step, now).await?;
    }
    Ok(found)
}

async fn add_entry<W: Writes>(store: &mut W, entry: &RunEntry) -> Stored<Checked> {
    let run = match load(store, entry.run).await? {
        Ok(run) => run,
        Err(reason) => return Ok(Err(reason)),
    };
    match admit(&run, &entry.entry) {
        Admission::New => store.add_entry(entry).await.map(Ok),
        Admission::Same => Ok(Ok(())),
        Admission::Refused(reason) => Ok(Err(reason)),
    }
}

/// A run that is unknown or cannot be understood refuses this one write, not the whole batch.
async fn load<W: Writes>(store: &mut W, run: RunId) -> Stored<Result<Run, String>> {
    match store.load_run(run).await {
        Ok(Some(run)) => Ok(Ok(run)),
        Ok(None) => Ok(Err(format!("run {run} is not known"))),
        Err(StoreError::Damaged(what)) => Ok(Err(what.to_string())),
        Err(error) => Err(error),
    }
}
