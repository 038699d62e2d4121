//! What must hold at the moment a run is written down. It is asked inside the transaction that writes
//! the intent, so that however many ask at once, none of them spends what another has spent.

use super::BeginError;
use super::approvals::{Change, leave};
use super::backend::{Stored, Writes};
use crate::model::{ApprovalId, Before, Budget, Plan, RunId, Timestamp};

/// A run that is about to begin, and the limits it must keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// What is going to be done.
    pub plan: Plan,
    /// How often it may be done; each counts the runs begun in its window, whatever became of them.
    pub budgets: Vec<Budget>,
    /// Runs that may be under way at once, this one included.
    pub max_in_flight: usize,
    /// The request that must have been approved for exactly this plan; it is used up. `None`: none is needed.
    pub approval: Option<ApprovalId>,
    /// What was seen before the first step; `None`: nothing.
    pub before: Option<Before>,
}

impl Intent {
    /// Without budgets, a cap and an approval; at most one run at a time on whatever is touched, and one per key, hold
    /// all the same.
    pub fn new(plan: Plan) -> Self {
        Self { plan, budgets: Vec::new(), max_in_flight: usize::MAX, approval: None, before: None }
    }
}

/// Writes down the run and its first step, or says what forbids it.
pub(super) async fn begin<W: Writes>(
    store: &mut W,
    intent: &Intent,
    now: Timestamp,
) -> Stored<Result<RunId, BeginError>> {
    if let Some(refused) = refusal(store, intent, now).await? {
        return Ok(Err(refused));
    }
    let run = store.insert_run(&intent.plan, now).await?;
    store.insert_step(run, 0, intent.before.as_ref(), now).await?;
    if let Some(approval) = intent.approval {
        store.change_approval(approval, &Change::Used { run, at: now }).await?;
    }
    Ok(Ok(run))
}

async fn refusal<W: Writes>(store: &mut W, intent: &Intent, now: Timestamp) -> Stored<Option<BeginError>> {
    if store.pause().await?.is_some() {
        return Ok(Some(BeginError::Paused));
    }
    if store.has_run(&intent.plan).await? {
        return Ok(Some(BeginError::AlreadyRun));
    }
    if store.is_busy(&intent.plan).await? {
        return Ok(Some(BeginError::TargetBusy));
    }
    if store.open_runs().await? >= intent.max_in_flight as u64 {
        return Ok(Some(BeginError::TooManyInFlight));
    }
    if let Some(budget) = spent(store, intent, now).await? {
        return Ok(Some(BeginError::Spent(budget)));
    }
    match intent.approval {
        Some(id) => Ok(leave(store, id, &intent.plan, now).await?.err().map(BeginError::NoLeave)),
        None => Ok(None),
    }
}

/// Attempts at a time that is yet to come count as well: a clock that is set back refills nothing.
async fn spent<W: Writes>(store: &mut W, intent: &Intent, now: Timestamp) -> Stored<Option<Budget>> {
    for budget in &intent.budgets {
        let attempts = store.attempts(budget.scope, &intent.plan, now - budget.rate.per()).await?;
        if attempts >= u64::from(budget.rate.count()) {
            return Ok(Some(*budget));
        }
    }
    Ok(None)
}
