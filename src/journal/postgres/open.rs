//! Opening: connect, look, create, migrate and read the backlog.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection as _};

use super::Database;
use super::connection::{PostgresReaders, PostgresSession, durable, in_time};
use crate::journal::OpenError;
use crate::journal::backend::{StoreError, Stored};
use crate::journal::chain::{Kind, Verification, VerifyError, kinds_since};
use crate::journal::sql::{self, Connection as _, Reader, Session as _, Statement, Writer};
use crate::journal::state::State;

static MIGRATIONS: Migrator = sqlx::migrate!("src/journal/migrations/postgres");

/// The schema versions from which on these are facts.
const FIRST_WITH: &[(i64, Kind)] =
    &[(2, Kind::Standing), (3, Kind::Before), (4, Kind::Lift), (4, Kind::Lifted), (5, Kind::Relapse)];

/// An open database.
pub(in crate::journal) struct Opened {
    pub writer: Writer<PostgresSession>,
    pub reads: Reader<PostgresReaders>,
    pub schema_version: i64,
    pub state: State,
}

/// Opens the database and brings its schema up to date; replicas that do so at once wait for each other.
pub(in crate::journal) async fn open(database: &Database) -> Result<Opened, OpenError> {
    let refuse = |reason: String| OpenError::Database { place: database.url.to_string(), reason };
    let mut connection = connect(database).await.map_err(refuse)?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| migration_refusal(database, error))?;
    durable(&mut connection).await.map_err(|error| refuse(error.to_string()))?;
    let mut session = PostgresSession::new(database.clone(), connection);
    let state = take_stock(&mut session).await.map_err(|error| refuse(error.to_string()))?;
    let reads = Reader::new(PostgresReaders::new(database).await.map_err(refuse)?);
    Ok(Opened { writer: Writer::new(session), reads, schema_version: known_version(), state })
}

/// Verifies the journal as it is at this moment.
pub(in crate::journal) async fn verify(database: &Database) -> Result<Verification, VerifyError> {
    let place = || database.url.to_string();
    let unreadable = |reason: String| VerifyError::NotReadable { place: place(), reason };
    let mut connection = connect(database).await.map_err(unreadable)?;
    let known = known_version();
    let found = schema_version(&mut connection).await.map_err(|error| unreadable(error.to_string()))?;
    if found > known {
        return Err(VerifyError::NewerSchema { place: place(), found, known });
    }
    let verified = in_snapshot(&mut connection, found).await.map_err(|error| unreadable(error.to_string()));
    // What was read stands, however the connection ends.
    let _ = connection.close().await;
    verified
}

async fn connect(database: &Database) -> Result<PgConnection, String> {
    in_time(database.writer_options().await?.connect()).await.map_err(|error| error.to_string())
}

/// Links what an older version has written, and reads the backlog.
async fn take_stock(session: &mut PostgresSession) -> Stored<State> {
    let mut state = State::default();
    session.begin(&mut state).await?;
    sql::take_over_standings(session).await?;
    sql::index_touched(session).await?;
    session.commit().await?;
    state.size_bytes = session.size_bytes();
    Ok(state)
}

async fn in_snapshot(connection: &mut PgConnection, version: i64) -> Result<Verification, StoreError> {
    connection.fetch(Statement::new("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")).await?;
    sql::verify(connection, &kinds_since(FIRST_WITH, version)).await
}

async fn schema_version(connection: &mut PgConnection) -> Stored<i64> {
    connection.number(Statement::new("SELECT max(version) AS n FROM _sqlx_migrations")).await
}

/// The newest migration this program knows.
fn known_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn migration_refusal(database: &Database, error: MigrateError) -> OpenError {
    let place = database.url.to_string();
    match error {
        MigrateError::VersionMissing(found) => {
            OpenError::NewerSchema { place, found, known: known_version() }
        }
        other => OpenError::Database { place, reason: other.to_string() },
    }
}
