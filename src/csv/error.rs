//! Why a file brought no series, named by what the caller does next.

use std::io;
use std::path::PathBuf;

/// Longest text of a file that is shown, in characters.
const MAX_TEXT: usize = 60;

/// What is wrong with a file; each message names it.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// It cannot be opened or read: check the path and its permissions.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be written: check the path, its permissions and the space left.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its header does not say which column is which: change the header.
    #[error("{}: {problem}; the header is '{header}'", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is missing, and what to do.
        problem: String,
        /// The header, cut.
        header: String,
    },
    /// A line cannot be read: change the line.
    #[error("{}:{line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong, and what to write instead.
        problem: String,
    },
    /// It is larger than memory should be spent on: split it.
    #[error("{}: has more than {limit}; split it by time", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What was exceeded.
        limit: String,
    },
}

/// Text of a file, fit for a message: cut, and without control characters.
pub(super) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(MAX_TEXT).flat_map(char::escape_debug).collect();
    if text.chars().nth(MAX_TEXT).is_some() { cut + "…" } else { cut }
}
