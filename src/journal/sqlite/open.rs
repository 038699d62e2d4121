//! Opening: look before touching, then create, migrate and read the backlog.

use std::path::Path;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::connection::{SqliteReaders, SqliteSession};
use super::{reader_options, writer_options};
use crate::journal::OpenError;
use crate::journal::backend::{StoreError, is_damage};
use crate::journal::chain::{Kind, Verification, VerifyError, kinds_since};
use crate::journal::lock::create_file;
use crate::journal::sql::{self, Connection as _, Reader, Session as _, Statement, Writer};
use crate::journal::state::State;

static MIGRATIONS: Migrator = sqlx::migrate!("src/journal/migrations/sqlite");

/// What the first migration sets as SQLite's `application_id`: "sCoJ".
const APPLICATION_ID: i64 = 0x7343_6f4a;
/// The first schema version with a chain.
const FIRST_WITH_CHAIN: i64 = 5;
/// The ones from which on these are facts.
const FIRST_WITH: &[(i64, Kind)] =
    &[(6, Kind::Standing), (7, Kind::Before), (8, Kind::Lift), (8, Kind::Lifted), (9, Kind::Relapse)];
/// Files up to this size are checked page by page at the start; larger ones would delay it too long.
const CHECKED_BYTES: u64 = 64 << 20;

/// An open database.
pub(in crate::journal) struct Opened {
    pub writer: Writer<SqliteSession>,
    pub reads: Reader<SqliteReaders>,
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
    let mut session = SqliteSession::new(path, connection)
        .map_err(|source| OpenError::NotWritable { path: path.to_owned(), source })?;
    let state = take_stock(&mut session).await.map_err(|error| stock_refusal(path, error))?;
    let reads = Reader::new(SqliteReaders::new(path));
    Ok(Opened { writer: Writer::new(session), reads, schema_version: known, state })
}

/// Links what an older version has written, and reads the backlog.
async fn take_stock(session: &mut SqliteSession) -> Result<State, StoreError> {
    let mut state = State { leads: true, ..State::default() };
    session.begin(&mut state).await?;
    sql::link_existing(session).await?;
    sql::take_over_standings(session).await?;
    sql::index_touched(session).await?;
    sql::read_backlog(session, &mut state).await?;
    session.commit().await?;
    state.size_bytes = session.size_bytes();
    Ok(state)
}

/// Verifies the file as it is at this moment.
pub(in crate::journal) async fn verify(path: &Path) -> Result<Verification, VerifyError> {
    let unreadable = |reason: String| VerifyError::NotReadable { place: place(path), reason };
    let refused = |error: sqlx::Error| unreadable(error.to_string());
    let mut connection = reader_options(path).connect().await.map_err(refused)?;
    let known = known_version();
    let found = match schema_version(&mut connection).await.map_err(refused)? {
        Schema::Foreign => return Err(VerifyError::NotAJournal { path: path.to_owned() }),
        Schema::Version(found) if found > known => {
            return Err(VerifyError::NewerSchema { place: place(path), found, known });
        }
        Schema::Version(found) if found < FIRST_WITH_CHAIN => {
            return Err(VerifyError::NoChain { path: path.to_owned() });
        }
        Schema::Version(found) => found,
    };
    let verified = in_snapshot(&mut connection, found).await.map_err(|error| unreadable(error.to_string()));
    // What was read stands, however the connection ends.
    let _ = connection.close().await;
    verified
}

async fn in_snapshot(connection: &mut SqliteConnection, version: i64) -> Result<Verification, StoreError> {
    connection.fetch(Statement::new("BEGIN")).await?;
    sql::verify(connection, &kinds_since(FIRST_WITH, version)).await
}

fn place(path: &Path) -> String {
    path.display().to_string()
}

/// Reads an existing file without the right to write to it.
async fn inspect(path: &Path, bytes: u64, known: i64) -> Result<(), OpenError> {
    let refuse = |error| refusal(path, error);
    let mut connection = reader_options(path).connect().await.map_err(refuse)?;
    let damaged = |reason: String| Err(OpenError::Damaged { path: path.to_owned(), reason });
    match schema_version(&mut connection).await.map_err(refuse)? {
        Schema::Foreign => return damaged("it is an SQLite database, but not a journal".to_owned()),
        Schema::Version(found) if found > known => {
            return Err(OpenError::NewerSchema { place: place(path), found, known });
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
fn known_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// What a file is.
enum Schema {
    /// A journal of this version.
    Version(i64),
    /// Something else.
    Foreign,
}

/// A file without any table is one whose creation was cut short: version 0.
async fn schema_version(connection: &mut SqliteConnection) -> sqlx::Result<Schema> {
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

fn refusal(path: &Path, error: sqlx::Error) -> OpenError {
    if is_damage(&error) {
        return OpenError::Damaged { path: path.to_owned(), reason: error.to_string() };
    }
    OpenError::NotWritable { path: path.to_owned(), source: std::io::Error::other(error) }
}

fn stock_refusal(path: &Path, error: StoreError) -> OpenError {
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
