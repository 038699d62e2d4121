//! What verification says.

use std::path::PathBuf;

use serde::Serialize;

/// What was found in a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Links in the chain.
    pub links: u64,
    /// The number of the first link: above 1 where older ones have been dropped.
    pub first: i64,
    /// The hash of the newest link in hexadecimal. Noted elsewhere, it shows later that nothing before it
    /// has been changed, not even by somebody who has written the whole chain anew.
    pub head: String,
    /// The first fault; `None`: the chain is intact.
    pub broken: Option<Broken>,
}

/// Where the chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The link or the fact.
    pub place: String,
    /// What differs.
    pub differs: String,
}

/// Why a journal could not be verified at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be read.
    #[error(
        "the journal {place} cannot be read: {reason}; name its folder with --storage.path, or its database with --config.file"
    )]
    NotReadable {
        /// The journal.
        place: String,
        /// What was said.
        reason: String,
    },
    /// It is an SQLite database of something else.
    #[error("{path} is not a journal; name the journal's folder with --storage.path")]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// An older version has written it, without a chain.
    #[error("the journal {path} has no chain yet; start the daemon on it once, which links in what is there")]
    NoChain {
        /// The file.
        path: PathBuf,
    },
    /// A newer version has written it.
    #[error(
        "the journal {place} has schema version {found}, this program knows up to {known}; use the newer version"
    )]
    NewerSchema {
        /// The journal.
        place: String,
        /// The version in the file.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
}
