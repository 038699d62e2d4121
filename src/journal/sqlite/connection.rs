//! SQLite's connections: the one that writes, and a small pool that cannot.

use std::fs::metadata;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use rustix::fs::{Mode, OFlags, fstat, stat};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Sqlite, SqliteConnection};

use super::{reader_options, wal_path, writer_options};
use crate::journal::backend::{StoreError, Stored, Term};
use crate::journal::sql::{Connection, Pool, Row, Session, Statement, Value};
use crate::journal::state::State;
use crate::model::Timestamp;

/// Reads at once.
const CONNECTIONS: u32 = 3;
/// How long a read waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Free pages that stay in the file for reuse, and pages given back to the disk in one turn.
const SPARE_PAGES: i64 = 1024;
const PAGES: &str = "PRAGMA incremental_vacuum(1024)";

impl Connection for SqliteConnection {
    async fn fetch(&mut self, statement: Statement) -> Stored<Vec<Row>> {
        Ok(query(statement).fetch_all(self).await?.into_iter().map(Row::Sqlite).collect())
    }

    async fn execute(&mut self, statement: Statement) -> Stored<u64> {
        Ok(query(statement).execute(self).await?.rows_affected())
    }

    async fn each(
        &mut self,
        statement: Statement,
        mut row: impl FnMut(Row) -> Stored<()> + Send,
    ) -> Stored<()> {
        let mut rows = query(statement).fetch(self);
        while let Some(found) = rows.try_next().await? {
            row(Row::Sqlite(found))?;
        }
        Ok(())
    }
}

/// Connects when a transaction begins and there is no connection; after a failure there is none.
pub(in crate::journal) struct SqliteSession {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    path: PathBuf,
    /// Keeps the inode from being given to another file. A path descriptor: closing an ordinary one
    /// would drop SQLite's own locks.
    pinned: OwnedFd,
}

impl SqliteSession {
    /// Takes over the connection that has migrated the file.
    pub(super) fn new(path: &Path, connection: SqliteConnection) -> io::Result<Self> {
        let pinned = rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let options = writer_options(path);
        Ok(Self { options, connection: Some(connection), path: path.to_owned(), pinned })
    }

    fn connection(&mut self) -> Stored<&mut SqliteConnection> {
        self.connection.as_mut().ok_or_else(|| StoreError::Unavailable("no transaction is open".into()))
    }

    /// SQLite would go on writing to a file that was deleted, and everything would be lost at the end.
    fn check_identity(&self) -> Stored<()> {
        let unavailable = |text: String| StoreError::Unavailable(text.into());
        let own = fstat(&self.pinned).map_err(|error| unavailable(error.to_string()))?;
        let found = stat(&self.path).map_err(|error| unavailable(format!("the file is gone: {error}")))?;
        if (own.st_dev, own.st_ino) != (found.st_dev, found.st_ino) {
            return Err(unavailable("the file was replaced while open; restart the daemon".to_owned()));
        }
        Ok(())
    }
}

impl Connection for SqliteSession {
    async fn fetch(&mut self, statement: Statement) -> Stored<Vec<Row>> {
        self.connection()?.fetch(statement).await
    }

    async fn execute(&mut self, statement: Statement) -> Stored<u64> {
        Connection::execute(self.connection()?, statement).await
    }

    async fn each(&mut self, statement: Statement, row: impl FnMut(Row) -> Stored<()> + Send) -> Stored<()> {
        self.connection()?.each(statement, row).await
    }
}

impl Session for SqliteSession {
    async fn begin(&mut self, _state: &mut State) -> Stored<()> {
        self.check_identity()?;
        if self.connection.is_none() {
            self.connection = Some(self.options.connect().await?);
        }
        Connection::execute(self, Statement::new("BEGIN IMMEDIATE")).await.map(drop)
    }

    async fn commit(&mut self) -> Stored<()> {
        Connection::execute(self, Statement::new("COMMIT")).await.map(drop)
    }

    async fn abandon(&mut self) {
        // Closing rolls back; what cannot even be closed is dropped all the same.
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(error = %error, "the journal's connection did not close cleanly");
        }
    }

    fn size_bytes(&self) -> u64 {
        let size = |path: &Path| metadata(path).map_or(0, |found| found.len());
        size(&self.path) + size(&wal_path(&self.path))
    }

    async fn reclaim(&mut self) -> Stored<bool> {
        let row = self.first(Statement::new("PRAGMA freelist_count")).await?;
        let free = row.map_or(Ok(0), |row| row.integer("freelist_count"))?;
        if free > SPARE_PAGES {
            Connection::execute(self, Statement::new(PAGES)).await?;
        }
        Ok(free > SPARE_PAGES)
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn leads(&self) -> bool {
        true
    }

    /// The lock on the file makes this process the only one.
    async fn lead(&mut self, _holder: &str, _now: Timestamp) -> Stored<Option<Term>> {
        Ok(Some(Term(0)))
    }
}

/// The pool. It connects when it is first used.
pub(in crate::journal) struct SqliteReaders(SqlitePool);

impl SqliteReaders {
    pub(super) fn new(path: &Path) -> Self {
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .connect_lazy_with(reader_options(path));
        Self(pool)
    }
}

impl Pool for SqliteReaders {
    fn fetch(&self, statement: Statement) -> BoxFuture<'_, Stored<Vec<Row>>> {
        async move { Ok(query(statement).fetch_all(&self.0).await?.into_iter().map(Row::Sqlite).collect()) }
            .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close().boxed()
    }
}

fn query(statement: Statement) -> Query<'static, Sqlite, SqliteArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.sql)).persistent(statement.persistent);
    statement.values.into_iter().fold(query, |query, value| match value {
        Value::Integer(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
    })
}
