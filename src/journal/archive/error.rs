//! Why a month could not be archived; the next attempt begins anew.

use crate::journal::JournalError;
use crate::object_storage::OpenError;

/// Each names the place and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The place cannot be used at all.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The folder or S3 refused, or did not answer.
    #[error("{object} cannot be {doing}: {source}; check the address, the credentials and their rights")]
    Access {
        /// The object.
        object: String,
        /// What was attempted: `looked for`, `written`.
        doing: &'static str,
        /// What the store said.
        source: object_store::Error,
    },
    /// The journal could not be read.
    #[error("the journal cannot be read for the archive: {0}")]
    Journal(#[from] JournalError),
}
