//! Why the journal could not do something, named by what the caller does next.

use std::path::PathBuf;

use super::LeaveError;
use crate::model::Budget;

/// Why the journal could not be opened. Nothing may be accepted or done without it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file, its folder or its lock cannot be created or written.
    #[error(
        "the journal {path} cannot be written: {source}; give its folder to the user the daemon runs as, \
         free disk space, or choose another folder with --storage.path"
    )]
    NotWritable {
        /// The file or folder concerned.
        path: PathBuf,
        /// What was said.
        source: std::io::Error,
    },
    /// The file is not a journal, or not a readable one.
    #[error(
        "the journal {path} is damaged: {reason}; restore it from a backup, or move it away together with \
         its -wal and -shm files to start with an empty one, which forgets what was already done"
    )]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A newer version has written the file; it is left as it is.
    #[error(
        "the journal {place} has schema version {found}, this program knows up to {known}; run the newer \
         version that wrote it, or choose another folder with --storage.path"
    )]
    NewerSchema {
        /// The journal.
        place: String,
        /// The version in the file.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The database cannot be used.
    #[error(
        "the journal {place} cannot be opened: {reason}; see that PostgreSQL runs, that the database is there, \
         and that the user may log in and create tables in it"
    )]
    Database {
        /// The database, without the password.
        place: String,
        /// What was said.
        reason: String,
    },
    /// Another process has the journal open; two would act twice.
    #[error(
        "the journal {path} is in use by process {holder}; stop that one first, or choose another folder \
         with --storage.path"
    )]
    AlreadyOpen {
        /// The journal.
        path: PathBuf,
        /// The process id in the lock file, or `(unknown)`.
        holder: String,
    },
}

/// Why a delivery was not recorded. Both mean: answer 503, the sender comes again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// As many deliveries or bytes as allowed already wait.
    #[error("the journal's queue is full")]
    QueueFull,
    /// The write failed, or the journal is closed.
    #[error("the journal cannot be written: {reason}")]
    Unavailable {
        /// Why, for the log.
        reason: String,
    },
}

/// Why a run may not begin. Nothing is done in any of these cases.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// The policy has a run for this target and episode already.
    #[error("the policy has already run for this target and episode")]
    AlreadyRun,
    /// The stop switch is set.
    #[error("remediation is paused")]
    Paused,
    /// A run of any policy is under way on the target: when it has ended, ask again.
    #[error("another run is under way on the target")]
    TargetBusy,
    /// As many runs as allowed are under way: when one has ended, ask again.
    #[error("as many runs as allowed are under way")]
    TooManyInFlight,
    /// The budget allows no further attempt until an earlier one is long enough ago.
    #[error("the budget of {0} is spent")]
    Spent(Budget),
    /// The approval it names gives no leave.
    #[error(transparent)]
    NoLeave(LeaveError),
    /// The intent could not be written.
    #[error("the intent cannot be written to the journal: {reason}")]
    Unavailable {
        /// Why, for the log.
        reason: String,
    },
}

/// Why there is no permit for the following step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The last step of the plan is done: close the run.
    #[error("the plan has no further step")]
    NoMoreSteps,
    /// The stop switch is set: close the run as aborted.
    #[error("remediation is paused")]
    Paused,
    /// What is recorded forbids it: the run is closed or unknown, or its last step has no good outcome.
    #[error("the following step is refused: {reason}")]
    Refused {
        /// What stands against it.
        reason: String,
    },
    /// The intent could not be written.
    #[error("the intent cannot be written to the journal: {reason}")]
    Unavailable {
        /// Why, for the log.
        reason: String,
    },
}

/// Why the journal could not be read or written otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The write or the read failed: try again later.
    #[error("the journal is unavailable: {reason}")]
    Unavailable {
        /// Why, for the log.
        reason: String,
    },
    /// What is stored cannot be understood: a person must look.
    #[error("the journal is damaged: {what}")]
    Damaged {
        /// The place and the fault.
        what: String,
    },
    /// It contradicts what is recorded: trying again does not help.
    #[error("refused: {reason}")]
    Refused {
        /// What stands against it.
        reason: String,
    },
}
