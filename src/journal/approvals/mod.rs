//! Approvals: asked for once, answered once by a person, used once by the run they were given for.

mod error;
mod rules;

use super::query::ApprovalFilter;
use super::write::Write;
use super::{Journal, JournalError};
use crate::model::{Approval, ApprovalId, ApprovalRequest, Timestamp};

pub use error::{AnswerError, AskError, CancelError, LeaveError};
pub(super) use rules::{answer, ask, cancel, leave};

/// A person's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it may be done.
    pub approved: bool,
    /// The person's name, as they were authenticated.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What becomes of a request; each happens to it once at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Somebody has answered.
    Answered(Answer),
    /// It is void from now on.
    Cancelled { why: String, at: Timestamp },
    /// Its run has begun.
    Used { run: crate::model::RunId, at: Timestamp },
}

impl Journal {
    /// Writes a request down. There is one open request at a time for a policy, target and episode; one
    /// that has expired when the new one is asked for is cancelled.
    pub async fn ask(&self, request: ApprovalRequest) -> Result<ApprovalId, AskError> {
        let written = self.submit(|reply| Write::Ask(Box::new(request), reply)).await;
        written.map_err(|reason| AskError::Unavailable { reason: reason.to_string() })?
    }

    /// Writes a person's answer down and gives back the request as it then is.
    pub async fn answer(&self, id: ApprovalId, answer: Answer) -> Result<Approval, AnswerError> {
        let written = self.submit(|reply| Write::Answer(id, answer, reply)).await;
        written.map_err(|reason| AnswerError::Unavailable { reason: reason.to_string() })?.map(|found| *found)
    }

    /// Makes an open request void: nobody can answer or use it any more.
    pub async fn cancel(&self, id: ApprovalId, why: &str, now: Timestamp) -> Result<(), CancelError> {
        let why = why.to_owned();
        let written = self.submit(|reply| Write::Cancel(id, why, now, reply)).await;
        written.map_err(|reason| CancelError::Unavailable { reason: reason.to_string() })?
    }

    /// Requests, the newest first.
    pub async fn approvals(&self, filter: ApprovalFilter) -> Result<Vec<Approval>, JournalError> {
        Ok(self.reads.approvals(filter).await?)
    }

    /// One request; `None` if there is none of this number.
    pub async fn approval(&self, id: ApprovalId) -> Result<Option<Approval>, JournalError> {
        Ok(self.reads.approval(id).await?)
    }
}
