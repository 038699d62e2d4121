//! How severe a record is.

use std::str::FromStr;

use serde::Serialize;

/// How severe a record is, the least severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Everything.
    Trace,
    /// What is considered.
    Debug,
    /// What is done.
    Info,
    /// Failures that heal by themselves.
    Warn,
    /// Failures that need somebody.
    Error,
}

impl Level {
    /// Every level, the least severe first.
    pub const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The name in JSON and in parameters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// The text is no level's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not one of trace, debug, info, warn, error")]
pub struct LevelError;

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or(LevelError)
    }
}

impl From<tracing::Level> for Level {
    fn from(level: tracing::Level) -> Self {
        match level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warn,
            tracing::Level::INFO => Self::Info,
            tracing::Level::DEBUG => Self::Debug,
            tracing::Level::TRACE => Self::Trace,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_by_their_names_and_ordered_by_severity() {
        for level in Level::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
        }
        for text in ["", "WARN", "warning", "info "] {
            assert_eq!(text.parse::<Level>(), Err(LevelError), "{text:?}");
        }
        assert!(Level::ALL.is_sorted());
    }
}
