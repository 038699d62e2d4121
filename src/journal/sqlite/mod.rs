//! The journal in SQLite.
//!
//! WAL with `synchronous=FULL`: a commit is on disk when it returns, and readers never wait for the
//! writer. A file that a newer version wrote, that is damaged, or that is no journal is only looked at.

mod connection;
mod open;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteError, SqliteJournalMode, SqliteSynchronous,
};

pub(super) use open::{open, verify};

/// How long to wait for another program that has locked the file, for example a backup.
const BUSY: Duration = Duration::from_secs(2);
/// The log is cut back to this after a checkpoint.
const WAL_BYTES: &str = "67108864";

/// SQLite's result codes for a damaged file and for a file that is no database.
const CORRUPT: u32 = 11;
const NOT_A_DATABASE: u32 = 26;

pub(super) fn writer_options(path: &Path) -> SqliteConnectOptions {
    base_options(path)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", WAL_BYTES)
}

fn reader_options(path: &Path) -> SqliteConnectOptions {
    base_options(path).read_only(true)
}

fn base_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .thread_name(|id| format!("journal-{id}"))
        .disable_statement_logging()
}

/// The write-ahead log beside the file.
fn wal_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Whether SQLite says that the file itself is at fault, rather than the disk or another program.
pub(super) fn is_damage(error: &SqliteError) -> bool {
    use sqlx::error::DatabaseError;
    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    // The low byte is the primary result code.
    matches!(code.map(|code| code & 0xff), Some(CORRUPT | NOT_A_DATABASE))
}
