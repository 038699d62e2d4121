//! Why there is no answer, named by what the caller does next.

use crate::journal::JournalError;
use crate::loki::RequestError;
use crate::model::format_duration;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// Ask another source, or configure it.
    #[error("no Loki is configured; set logs.loki.url, or ask the source daemon or remediation")]
    NoLoki,
    /// Ask for a shorter range.
    #[error(
        "a range in Loki is {} at most; set since and until closer to each other",
        format_duration(crate::loki::MAX_RANGE)
    )]
    TooLong,
    /// Ask again later; the journal's own error says why.
    #[error("the journal cannot be read")]
    Journal(#[from] JournalError),
    /// Ask again later, or change the question or the settings: Loki's answer says which.
    #[error("Loki gives no answer: {0}")]
    Loki(#[from] RequestError),
}
