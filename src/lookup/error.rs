//! Why a look-up has no answer.

use crate::journal::JournalError;
use crate::logs::LogsError;
use crate::prometheus::QueryError;
use crate::scoring::WhyError;

/// Why a look-up has no answer. The text says what to do, and is fit for whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// There is no look-up of this name.
    #[error("there is no look-up '{0}'; there are {known}", known = super::Name::list())]
    Unknown(String),
    /// An argument makes no sense.
    #[error("{lookup}: {fault}")]
    Argument {
        /// The look-up.
        lookup: super::Name,
        /// The argument and what is wrong with it.
        fault: String,
    },
    /// Prometheus gives no answer.
    #[error("Prometheus: {0}")]
    Prometheus(#[from] QueryError),
    /// The look-up took too long.
    #[error("{lookup}: no answer within {seconds} s; ask for less")]
    TooSlow {
        /// The look-up.
        lookup: super::Name,
        /// How long it had.
        seconds: u64,
    },
    /// The time for the whole answer is over.
    #[error("{lookup}: no time was left for it; see chat.timeout")]
    NoTimeLeft {
        /// The look-up.
        lookup: super::Name,
    },
    /// The journal cannot be read; the log says why.
    #[error("the journal cannot be read; try again")]
    Journal(#[source] JournalError),
    /// A score cannot be taken apart.
    #[error(transparent)]
    Why(#[from] WhyError),
    /// Logs cannot be read.
    #[error("{0}")]
    Logs(LogsError),
}

impl LookupError {
    /// Whether the question is at fault, and asking it otherwise may help.
    pub fn is_asked_wrongly(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Argument { .. } => true,
            Self::Prometheus(error) => {
                matches!(error, QueryError::Rejected { .. } | QueryError::TooLarge { .. })
            }
            Self::Why(error) => !matches!(error, WhyError::Busy(_)),
            Self::Logs(error) => matches!(error, LogsError::NoLoki | LogsError::TooLong),
            Self::TooSlow { .. } | Self::NoTimeLeft { .. } | Self::Journal(_) => false,
        }
    }
}

impl From<JournalError> for LookupError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<LogsError> for LookupError {
    fn from(error: LogsError) -> Self {
        match error {
            LogsError::Journal(cause) => Self::Journal(cause),
            other => Self::Logs(other),
        }
    }
}
