//! Why a request could not be asked, answered, cancelled or used, named by what the caller does next.

use crate::model::{Approval, ApprovalState, Timestamp};

/// Why a request was not written down.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AskError {
    /// The same run is asked for already: wait for the answer to that request, or cancel it.
    #[error("request {} for the same run is still open", .0.id)]
    AlreadyOpen(Box<Approval>),
    /// The write failed: ask again later.
    #[error("the request cannot be written to the journal: {reason}")]
    Unavailable {
        /// Why, for the log.
        reason: String,
    },
}

/// Why an answer does not count. The request stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// There is no such request: look at the list.
    #[error("there is no request of this number")]
    Unknown,
    /// It was answered, cancelled or used before: nothing is left to say.
    #[error("the request is {} already", .0.as_str())]
    NotPending(ApprovalState),
    /// It could be answered until then: wait for a new request.
    #[error("the request expired at {0}")]
    Expired(Timestamp),
    /// Somebody else than who asked must answer.
    #[error("{0} has asked for it: somebody else must answer")]
    NeedsAnother(String),
    /// Somebody else than who asked must approve it, and nobody knows who asked: reject it, and ask anew with a name.
    #[error(
        "nobody knows who has asked for it, so nobody can be somebody else: reject it, and ask for it with a token, a user \
         or a certificate"
    )]
    UnknownRequester,
    /// An answer needs the name of a person.
    #[error("an answer needs a name")]
    Nameless,
    /// The write failed: answer again later.
    #[error("the answer cannot be written to the journal: {reason}")]
    Unavailable {
        /// Why, for the log.
        reason: String,
    },
}

/// Why a request was not cancelled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelError {
    /// There is no such request: look at the list.
    #[error("there is no request of this number")]
    Unknown,
    /// It can lead to nothing any more, or has led to a run: nothing is left to cancel.
    #[error("the request is {} already", .0.as_str())]
    NotOpen(ApprovalState),
    /// The write failed: cancel again later.
    #[error("the end of the request cannot be written to the journal: {reason}")]
    Unavailable {
        /// Why, for the log.
        reason: String,
    },
}

/// Why a request gives no leave to begin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaveError {
    /// Nobody has answered: wait.
    #[error("nobody has answered the request yet")]
    Pending,
    /// It gives no leave any more, or never will, or there is none of this number: do nothing.
    #[error("the request is {0}")]
    Void(&'static str),
    /// It was valid until then: ask anew.
    #[error("the approval expired at {0}")]
    Expired(Timestamp),
    /// What was approved is another plan: cancel it and ask anew.
    #[error("another plan than this was approved")]
    OtherPlan,
}
