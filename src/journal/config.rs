//! Settings of the journal.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::archive;
pub use super::postgres::Database;

/// The SQLite file's name within the storage folder.
pub const FILE_NAME: &str = "journal.sqlite";

/// Where the journal is.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// An SQLite file. Its `-wal`, `-shm` and `.lock` files lie beside it.
    File(PathBuf),
    /// A database that replicas share.
    Postgres(Database),
}

/// Where the journal is, and how long it remembers.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The file or the database.
    pub place: Place,
    /// How long closed episodes are remembered, with their decisions and runs. Default 90 days. Deliveries that
    /// have been applied go after seven days, or after this if it is shorter.
    pub retention: Duration,
    /// Where closed months go before that. Default: nowhere.
    pub archive: Option<archive::Config>,
    /// Deliveries waiting to be written; beyond it the sender is told to come again. Default 4,096.
    pub queue: usize,
}

/// As a person would look for it; there is no password in it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(database) => database.url.fmt(f),
        }
    }
}
