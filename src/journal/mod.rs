//! The durable record: deliveries, episodes, decisions and runs.
//!
//! What is accepted is written before it is answered, and what is done is written before it is done:
//! [`Journal::record_delivery`] returns after the commit, and a [`Permit`], without which nothing can
//! act, exists only once its intent is on disk. One writer commits whatever waits as one transaction.
//!
//! It refuses to run twice on one file, to touch what a newer version wrote, to change anything that is
//! recorded, and to give a permit while the stop switch is set. Replicas share it in PostgreSQL, where one of
//! them leads: only its intents are written.

mod approvals;
pub mod archive;
mod backend;
mod chain;
mod config;
mod deliveries;
mod error;
mod history;
mod intent;
mod leading;
mod lock;
mod outbox;
mod permit;
mod postgres;
mod query;
mod rules;
mod runs;
mod sql;
mod sqlite;
mod state;
mod write;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};

use crate::metrics::journal::JournalMetrics;
use backend::{Reads, Writes};
use lock::Lock;
use state::Shared;
use write::{Reply, Write};

pub use approvals::{Answer, AnswerError, AskError, CancelError, LeaveError};
pub use backend::Term;
pub use chain::{Broken, Verification, VerifyError};
pub use config::{Config, Database, FILE_NAME, Place};
pub use error::{BeginError, JournalError, OpenError, RecordError, StepError};
pub use intent::Intent;
pub use outbox::{Entry, MAX_ENTRIES, News, Progress};
pub use permit::Permit;
pub use query::{ApprovalFilter, EpisodeFilter, JournalStatus, Outcome, Pause, RunFilter};

/// Bytes of deliveries that may wait; a larger delivery waits alone.
const WAITING_BYTES: usize = 64 << 20;

/// A handle on the journal; clones share it. When the last one is dropped, what waits is written and
/// the file is closed; [`Journal::close`] does the same and waits for it.
#[derive(Clone)]
pub struct Journal {
    queue: mpsc::Sender<Write>,
    reads: Arc<dyn Reads>,
    shared: Arc<Shared>,
    waiting_bytes: Arc<Semaphore>,
    retention: Duration,
}

/// Verifies the chain of a journal, whether or not a daemon writes to it. Nothing is written.
pub async fn verify(place: &Place) -> Result<Verification, VerifyError> {
    match place {
        Place::File(path) => sqlite::verify(path).await,
        Place::Postgres(database) => postgres::verify(database).await,
    }
}

impl Journal {
    /// Opens the journal, creating folder and file (mode 0600) where it is a file, and bringing its schema up to
    /// date.
    /// Must be called inside a tokio runtime, which then runs the writer.
    pub async fn open(config: &Config, metrics: JournalMetrics) -> Result<Self, OpenError> {
        match &config.place {
            Place::File(path) => {
                let lock = Lock::acquire(path).await?;
                let opened = sqlite::open(path).await?;
                let shared = Shared::new(config, opened.schema_version, metrics, opened.state);
                Ok(Self::start(config, shared, opened.writer, opened.reads, Some(lock)))
            }
            Place::Postgres(database) => {
                let opened = postgres::open(database).await?;
                let shared = Shared::new(config, opened.schema_version, metrics, opened.state);
                Ok(Self::start(config, shared, opened.writer, opened.reads, None))
            }
        }
    }

    fn start(
        config: &Config,
        shared: Shared,
        writer: impl Writes,
        reads: impl Reads,
        lock: Option<Lock>,
    ) -> Self {
        let shared = Arc::new(shared);
        let (queue, waiting) = mpsc::channel(config.queue.max(1));
        tokio::spawn(writer::run(writer, waiting, shared.clone(), lock));
        Self {
            queue,
            reads: Arc::new(reads),
            shared,
            waiting_bytes: Arc::new(Semaphore::new(WAITING_BYTES)),
            retention: config.retention,
        }
    }

    /// The journal's own condition, without asking the database.
    pub fn status(&self) -> JournalStatus {
        let state = self.shared.state.borrow();
        JournalStatus {
            place: self.shared.place.clone(),
            leads: state.leads,
            size_bytes: state.size_bytes,
            queue_length: self.queue.max_capacity() - self.queue.capacity(),
            deliveries_unapplied: state.unapplied,
            oldest_unapplied: state.oldest,
            schema_version: self.shared.schema_version,
            trouble: state.trouble.as_ref().map(ToString::to_string),
        }
    }

    /// Writes what waits, closes the file and releases its lock. Other handles then find the journal
    /// unavailable.
    pub async fn close(self) {
        self.reads.close().await;
        // An error means that it is closed already.
        let _ = self.submit(Write::Shutdown).await;
    }

    /// Waits for room in the queue, then for the commit. An error says why nothing was written.
    async fn submit<T>(&self, write: impl FnOnce(Reply<T>) -> Write) -> Result<T, Arc<str>> {
        let closed = || Arc::from("it is closed");
        let slot = self.queue.reserve().await.map_err(|_| closed())?;
        let (reply, answer) = Reply::new();
        self.shared.metrics.queued();
        slot.send(write(reply));
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// As [`Journal::submit`], for writes that have no refusal of their own.
    async fn store<T>(&self, write: impl FnOnce(Reply<T>) -> Write) -> Result<T, JournalError> {
        self.submit(write).await.map_err(|reason| JournalError::Unavailable { reason: reason.to_string() })
    }

    /// As [`Journal::store`], for writes that are checked against the record.
    async fn store_checked(
        &self,
        write: impl FnOnce(Reply<write::Checked>) -> Write,
    ) -> Result<(), JournalError> {
        self.store(write).await?.map_err(|reason| JournalError::Refused { reason })
    }
}
