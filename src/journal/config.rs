//! Settings of the journal.

use std::path::PathBuf;
use std::time::Duration;

/// The SQLite file's name within the storage folder.
pub const FILE_NAME: &str = "journal.sqlite";

/// Where the journal is, and how long it remembers.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The SQLite file. Its `-wal`, `-shm` and `.lock` files lie beside it.
    pub path: PathBuf,
    /// Closed episodes, their decisions and runs are dropped after so long. Default 90 days.
    /// Deliveries that have been applied go after seven days, or after this if it is shorter.
    pub retention: Duration,
    /// Deliveries waiting to be written at most; beyond that the sender is told to come again. Default 4,096.
    pub queue: usize,
}
