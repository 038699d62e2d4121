//! What can be asked of the journal, and what it says of itself. Every answer has a bound.

use serde::Serialize;

use crate::model::{AlertStatus, RunId, RunKey, RunOutcome, Timestamp};

/// Rows of one kind that are read at once at most, where a filter does not say less.
const ROWS: u32 = 100_000;

/// Which episodes to list, those heard of last first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpisodeFilter {
    /// Only those that still fire, or only those that are resolved; `None`: both.
    pub status: Option<AlertStatus>,
    /// Only those heard of at this time or later.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: u32,
}

impl EpisodeFilter {
    /// Every episode that still fires; at most 100,000.
    pub fn firing() -> Self {
        Self { status: Some(AlertStatus::Firing), since: None, limit: ROWS }
    }

    /// Those that are resolved and were heard of at `since` or later; at most 100,000.
    pub fn resolved_since(since: Timestamp) -> Self {
        Self { status: Some(AlertStatus::Resolved), since: Some(since), limit: ROWS }
    }

    /// The `limit` heard of last, firing or not.
    pub fn latest(limit: u32) -> Self {
        Self { status: None, since: None, limit }
    }
}

/// Which runs to list, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFilter {
    /// Only those under way.
    pub open_only: bool,
    /// Only this policy's.
    pub policy: Option<String>,
    /// Only those on this target.
    pub target: Option<String>,
    /// Only those begun at this time or later.
    pub since: Option<Timestamp>,
    /// Only those begun at this time or earlier.
    pub until: Option<Timestamp>,
    /// Only those of smaller numbers: the next page after one that ends with this run.
    pub before: Option<RunId>,
    /// At most so many.
    pub limit: u32,
}

impl RunFilter {
    /// Every run under way; at most 100,000.
    pub fn open() -> Self {
        Self { open_only: true, ..Self::latest(ROWS) }
    }

    /// The newest `limit` runs.
    pub fn latest(limit: u32) -> Self {
        Self { open_only: false, policy: None, target: None, since: None, until: None, before: None, limit }
    }
}

/// Which requests for approval to list, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalFilter {
    /// Only those that may still lead to a run, among them those whose time has run out.
    pub open_only: bool,
    /// At most so many.
    pub limit: u32,
}

impl ApprovalFilter {
    /// Every request that may still lead to a run; at most 100,000.
    pub fn open() -> Self {
        Self { open_only: true, limit: ROWS }
    }

    /// The newest `limit` requests, whatever became of them.
    pub fn latest(limit: u32) -> Self {
        Self { open_only: false, limit }
    }
}

/// How a run ended, and when; of one that did not help for long, when that was seen.
pub type Outcome = (RunKey, RunOutcome, Timestamp);

/// The stop switch is set: no permit is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// Who set it.
    pub by: String,
    /// When it was set.
    pub at: Timestamp,
}

/// The journal's own condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JournalStatus {
    /// The file, or the database without its password.
    pub place: String,
    /// Whether this process leads: always with a file, one of the replicas with a database.
    pub leads: bool,
    /// Bytes on disk, with the write-ahead log, after the last commit.
    pub size_bytes: u64,
    /// Writes that wait.
    pub queue_length: usize,
    /// Deliveries stored but not applied.
    pub deliveries_unapplied: u64,
    /// When the oldest of them was received.
    pub oldest_unapplied: Option<Timestamp>,
    /// The newest migration in the file.
    pub schema_version: i64,
    /// Why the last transaction failed; `None` if it did not.
    pub trouble: Option<String>,
}

/// What retention may drop in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cutoff {
    /// When it is dropped.
    pub now: Timestamp,
    /// Applied deliveries received before this.
    pub deliveries: Timestamp,
    /// Closed episodes, decisions and closed runs that ended before this.
    pub history: Timestamp,
}
