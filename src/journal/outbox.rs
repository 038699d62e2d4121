//! What others are told: what happened, in the order in which it was written down, and how far each receiver was told.
//!
//! An entry is written by the same transaction as what it points to, so nothing is lost in between. What a message
//! covers is written down before it is sent: after a crash the same entries go under the same name once more.

use super::write::Write;
use super::{Journal, JournalError};
use crate::model::{ApprovalId, Episode, RunId, Timestamp};

/// Entries kept at most: what a receiver was not told when this many newer ones are there is lost to it.
pub const MAX_ENTRIES: i64 = 100_000;

/// Something that others may want to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// An episode began, or began again.
    Firing,
    /// An episode ended.
    Resolved,
    /// A request for approval was written down.
    Approval(ApprovalId),
    /// A run has ended.
    Remediation(RunId),
    /// Something that a newer version has written.
    Other,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number; numbers rise in the order in which things were written down, with gaps.
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub news: News,
    /// The episode that it is about, as it is now; `None`: retention has dropped it.
    pub episode: Option<Episode>,
}

/// How far a receiver was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Entries up to this one are dealt with.
    pub done: i64,
    /// Entries above `done` and up to this one are in the message that may be on its way; `done`: there is none.
    pub sending: i64,
}

impl Journal {
    /// The entries after a number, oldest first, at most `limit`.
    pub async fn outbox(&self, after: i64, limit: u32) -> Result<Vec<Entry>, JournalError> {
        Ok(self.reads.outbox(after, limit).await?)
    }

    /// The number of the newest entry; 0 if there is none.
    pub async fn newest_entry(&self) -> Result<i64, JournalError> {
        Ok(self.reads.newest_entry().await?)
    }

    /// How far a receiver was told; `None`: it is new.
    pub async fn progress(&self, receiver: &str) -> Result<Option<Progress>, JournalError> {
        Ok(self.reads.progress(receiver).await?)
    }

    /// Writes down how far a receiver is told. Only the replica that leads may.
    pub async fn record_progress(
        &self,
        receiver: &str,
        progress: Progress,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let receiver = receiver.to_owned();
        self.store(|reply| Write::Told { receiver, progress, now, reply }).await
    }
}
