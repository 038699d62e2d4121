//! What may become of a request: each rule is asked inside the transaction that makes the change.

use super::super::backend::{Stored, Writes};
use super::{Answer, AnswerError, AskError, CancelError, Change, LeaveError};
use crate::model::{ANONYMOUS, Approval, ApprovalId, ApprovalRequest, ApprovalState, Plan, Timestamp};

/// What stands before the name of a person who answers from Slack.
const BY_SLACK: &str = "slack:";
/// Why an open request that has expired makes room for a new one.
const TIME_RAN_OUT: &str = "the time ran out";

/// Stores a request, unless one for the same run is open.
pub(in crate::journal) async fn ask<W: Writes>(
    store: &mut W,
    request: &ApprovalRequest,
) -> Stored<Result<ApprovalId, AskError>> {
    if let Some(open) = store.open_approval(&request.plan.key).await? {
        let at = request.requested_at;
        if at < open.request.expires_at() {
            return Ok(Err(AskError::AlreadyOpen(Box::new(open))));
        }
        let change = Change::Cancelled { why: TIME_RAN_OUT.to_owned(), at };
        store.change_approval(open.id, &change).await?;
    }
    store.insert_approval(request).await.map(Ok)
}

/// Stores an answer, if it counts.
pub(in crate::journal) async fn answer<W: Writes>(
    store: &mut W,
    id: ApprovalId,
    answer: &Answer,
) -> Stored<Result<Box<Approval>, AnswerError>> {
    let Some(mut approval) = store.load_approval(id).await? else {
        return Ok(Err(AnswerError::Unknown));
    };
    if let Err(refused) = may_answer(&approval, answer) {
        return Ok(Err(refused));
    }
    store.change_approval(id, &Change::Answered(answer.clone())).await?;
    let (by, at) = (answer.by.clone(), answer.at);
    approval.state = match answer.approved {
        true => ApprovalState::Approved { by, at },
        false => ApprovalState::Rejected { by, at },
    };
    Ok(Ok(Box::new(approval)))
}

/// Makes a request void, if it is open.
pub(in crate::journal) async fn cancel<W: Writes>(
    store: &mut W,
    id: ApprovalId,
    why: &str,
    at: Timestamp,
) -> Stored<Result<(), CancelError>> {
    match store.load_approval(id).await? {
        None => Ok(Err(CancelError::Unknown)),
        Some(approval) if !approval.state.is_open() => Ok(Err(CancelError::NotOpen(approval.state))),
        Some(_) => store.change_approval(id, &Change::Cancelled { why: why.to_owned(), at }).await.map(Ok),
    }
}

/// Whether a request gives leave to begin this plan now.
pub(in crate::journal) async fn leave<W: Writes>(
    store: &mut W,
    id: ApprovalId,
    plan: &Plan,
    now: Timestamp,
) -> Stored<Result<(), LeaveError>> {
    let approval = store.load_approval(id).await?;
    Ok(approval.map_or(Err(LeaveError::Void("unknown")), |approval| gives_leave(&approval, plan, now)))
}

fn may_answer(approval: &Approval, answer: &Answer) -> Result<(), AnswerError> {
    let request = &approval.request;
    if answer.by.trim().is_empty() {
        return Err(AnswerError::Nameless);
    }
    if approval.state != ApprovalState::Pending {
        return Err(AnswerError::NotPending(approval.state.clone()));
    }
    if answer.at >= request.expires_at() {
        return Err(AnswerError::Expired(request.expires_at()));
    }
    if request.needs_another {
        is_by_another(answer, &request.requested_by)?;
    }
    Ok(())
}

/// Whether it is known that somebody else than who asked answers. What a policy asks for is asked by the daemon, which is
/// nobody who could answer. Whatever nobody is known to have asked for may be rejected, and by anybody with a name.
fn is_by_another(answer: &Answer, requested_by: &str) -> Result<(), AnswerError> {
    if is_nobody(&answer.by) {
        return Err(AnswerError::Nameless);
    }
    if same_person(&answer.by, requested_by) {
        return Err(AnswerError::NeedsAnother(requested_by.to_owned()));
    }
    if answer.approved && is_nobody(requested_by) {
        return Err(AnswerError::UnknownRequester);
    }
    Ok(())
}

fn gives_leave(approval: &Approval, plan: &Plan, now: Timestamp) -> Result<(), LeaveError> {
    match &approval.state {
        ApprovalState::Pending => Err(LeaveError::Pending),
        ApprovalState::Approved { .. } if now >= approval.request.expires_at() => {
            Err(LeaveError::Expired(approval.request.expires_at()))
        }
        ApprovalState::Approved { .. } if approval.request.plan != *plan => Err(LeaveError::OtherPlan),
        ApprovalState::Approved { .. } => Ok(()),
        void => Err(LeaveError::Void(void.as_str())),
    }
}

/// Directories of users do not tell upper from lower case, so neither does this; nor by which way a person came.
fn same_person(one: &str, other: &str) -> bool {
    person(one) == person(other)
}

fn is_nobody(name: &str) -> bool {
    matches!(person(name).as_str(), "" | ANONYMOUS)
}

fn person(name: &str) -> String {
    let name = name.trim().to_lowercase();
    name.strip_prefix(BY_SLACK).unwrap_or(&name).to_owned()
}
