//! A person's leave for one plan: asked for once, given or refused once, used once.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Plan, RunId, Timestamp};

/// The name of a caller whom nobody knows: where no one has to authenticate.
pub const ANONYMOUS: &str = "anonymous";
/// Who asks where no person does.
pub const DAEMON: &str = "smartcloudops";

/// Whether a name is none of a person: it stands for nobody, or for the daemon itself.
pub fn is_reserved(name: &str) -> bool {
    [ANONYMOUS, DAEMON].iter().any(|reserved| name.trim().eq_ignore_ascii_case(reserved))
}

/// The journal's number of a request for approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ApprovalId(pub i64);

impl fmt::Display for ApprovalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A request as it is asked: what is approved is this plan, word for word, and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalRequest {
    /// What would be done, and for which episode.
    pub plan: Plan,
    /// Who asks: a person's name, or [`DAEMON`], or [`ANONYMOUS`].
    pub requested_by: String,
    /// Whether somebody else than who asks must approve: for what interrupts a service.
    pub needs_another: bool,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// How long it can be answered, and used.
    pub valid_for: Duration,
}

impl ApprovalRequest {
    /// When it can no longer be answered or used.
    pub fn expires_at(&self) -> Timestamp {
        self.requested_at + self.valid_for
    }
}

/// A request and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// The journal's number.
    pub id: ApprovalId,
    /// What was asked.
    pub request: ApprovalRequest,
    /// What became of it.
    pub state: ApprovalState,
}

/// What became of a request. Only a pending one changes, but that an approved one is used or cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ApprovalState {
    /// Nobody has answered.
    Pending,
    /// Somebody has approved it, and nothing was done yet.
    Approved {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Somebody has refused it.
    Rejected {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// It is void: the alert resolved, the plan changed, or the time ran out.
    Cancelled {
        /// Why, in one line.
        why: String,
        /// When.
        at: Timestamp,
    },
    /// The run it was given for has begun.
    Used {
        /// The run.
        run: RunId,
        /// Who had approved it.
        by: String,
    },
}

impl ApprovalState {
    /// The name used in JSON, in the journal and as label value.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
            Self::Cancelled { .. } => "cancelled",
            Self::Used { .. } => "used",
        }
    }

    /// Whether it may still lead to a run.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Pending | Self::Approved { .. })
    }
}
