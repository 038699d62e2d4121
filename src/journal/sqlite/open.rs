//! Opening: look before touching, then create, migrate and read the backlog.

use std::path::Path;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::{Reader, Writer, chain, is_damage, reader_options, writer_options};
use crate::journal::OpenError;
use crate::journal::backend::StoreError;
use crate::journal::lock::create_file;
use crate::journal::state::State;
use crate::model::{DeliveryId, Timestamp};

static MIGRATIONS: Migrator = sqlx::migrate!("src/journal/migrations/sqlite");

/// What the first migration sets as SQLite's `application_id`: "sCoJ".
const APPLICATION_ID: i64 = 0x7343_6f4a;
/// Files up to this size are checked page by page at the start; larger ones would delay it too long.
const CHECKED_BYTES: u64 = 64 << 20;

/// An open database.
pub(in crate::journal) struct Opened {
    pub writer: Writer,
    pub reads: Reader,
    pub schema_version: i64,
    pub state: State,
}

/// Opens the file, creating it if it is missing. The caller holds the lock.
pub(in crate::journal) async fn open(path: &Path) -> Result<Opened, OpenError> {
    let known = known_version();
    let bytes = std::fs::metadata(path).map(|found| found.len()).unwrap_or(0);
    if bytes > 0 {
        inspect(path, bytes, known).await?;
    }
    create_file(path)?;
    let refuse = |error| refusal(path, error);
    let mut connection = writer_options(path).connect().await.map_err(refuse)?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| migration_refusal(path, error))?;
    let linked = chain::link_existing(&mut connection).await;
    linked.map_err(|error| link_refusal(path, error))?;
    let state = read_state(&mut connection).await.map_err(refuse)?;
    let writer = Writer::new(path, connection)
        .map_err(|source| OpenError::NotWritable { path: path.to_owned(), source })?;
    let state = State { size_bytes: crate::journal::backend::Writes::size_bytes(&writer), ..state };
    Ok(Opened { writer, reads: Reader::new(path), schema_version: known, state })
}

/// Reads an existing file without the right to write to it.
async fn inspect(path: &Path, bytes: u64, known: i64) -> Result<(), OpenError> {
    let refuse = |error| refusal(path, error);
    let mut connection = reader_options(path).connect().await.map_err(refuse)?;
    let damaged = |reason: String| Err(OpenError::Damaged { path: path.to_owned(), reason });
    match schema_version(&mut connection).await.map_err(refuse)? {
        Schema::Foreign => return damaged("it is an SQLite database, but not a journal".to_owned()),
        Schema::Version(found) if found > known => {
            return Err(OpenError::NewerSchema { path: path.to_owned(), found, known });
        }
        Schema::Version(_) => {}
    }
    if bytes <= CHECKED_BYTES {
        let check = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await;
        let answer: String = check.map_err(refuse)?;
        if answer != "ok" {
            return damaged(answer);
        }
    }
    connection.close().await.map_err(refuse)
}

/// The newest migration this program knows.
pub(super) fn known_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// What a file is.
pub(super) enum Schema {
    /// A journal of this version.
    Version(i64),
    /// Something else.
    Foreign,
}

/// A file without any table is one whose creation was cut short: version 0.
pub(super) async fn schema_version(connection: &mut SqliteConnection) -> sqlx::Result<Schema> {
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut *connection)
        .await?;
    if tables.is_empty() {
        return Ok(Schema::Version(0));
    }
    if !tables.iter().any(|name| name == "_sqlx_migrations") {
        return Ok(Schema::Foreign);
    }
    let version: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut *connection).await?;
    let id: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(connection).await?;
    match version {
        Some(_) if id != APPLICATION_ID => Ok(Schema::Foreign),
        version => Ok(Schema::Version(version.unwrap_or(0))),
    }
}

async fn read_state(connection: &mut SqliteConnection) -> sqlx::Result<State> {
    let (applied,): (i64,) =
        sqlx::query_as("SELECT applied FROM watermark").fetch_one(&mut *connection).await?;
    let last: Option<i64> = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'delivery'")
        .fetch_optional(&mut *connection)
        .await?;
    let (unapplied,): (i64,) = sqlx::query_as("SELECT count(*) FROM delivery WHERE id > ?1")
        .bind(applied)
        .fetch_one(&mut *connection)
        .await?;
    let oldest: Option<i64> =
        sqlx::query_scalar("SELECT received_at FROM delivery WHERE id > ?1 ORDER BY id LIMIT 1")
            .bind(applied)
            .fetch_optional(connection)
            .await?;
    Ok(State {
        last: DeliveryId(last.unwrap_or(0)),
        applied: DeliveryId(applied),
        unapplied: u64::try_from(unapplied).unwrap_or(0),
        oldest: oldest.map(Timestamp::from_millis),
        ..State::default()
    })
}

fn refusal(path: &Path, error: sqlx::Error) -> OpenError {
    if is_damage(&error) {
        return OpenError::Damaged { path: path.to_owned(), reason: error.to_string() };
    }
    OpenError::NotWritable { path: path.to_owned(), source: std::io::Error::other(error) }
}

fn link_refusal(path: &Path, error: StoreError) -> OpenError {
    match error {
        StoreError::Damaged(reason) => {
            OpenError::Damaged { path: path.to_owned(), reason: reason.to_string() }
        }
        StoreError::Unavailable(reason) => OpenError::NotWritable {
            path: path.to_owned(),
            source: std::io::Error::other(reason.to_string()),
        },
    }
}

fn migration_refusal(path: &Path, error: MigrateError) -> OpenError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => refusal(path, error),
        other => OpenError::Damaged { path: path.to_owned(), reason: other.to_string() },
    }
}
