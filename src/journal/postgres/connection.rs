//! PostgreSQL's connections: the one that writes, and a small pool that cannot.

use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use sqlx::postgres::{PgArguments, PgConnection, PgPool, PgPoolOptions};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Postgres};
use tokio::time::timeout;

use super::leading::{self, Leadership};
use super::{Database, PATIENCE};
use crate::journal::backend::{StoreError, Stored, Term};
use crate::journal::sql::{Connection, Pool, Row, Session, Statement, Value, read_backlog};
use crate::journal::state::State;
use crate::model::Timestamp;

/// Reads at once.
const CONNECTIONS: u32 = 3;
/// Transactions between two looks at the size of the database.
const SIZE_EVERY: u32 = 1000;

/// Whoever writes waits here for whoever writes.
const HOLD_THE_END: &str = "SELECT seq FROM chain_head FOR UPDATE";
const SIZE: &str = "SELECT pg_database_size(current_database()) AS n";

impl Connection for PgConnection {
    async fn fetch(&mut self, statement: Statement) -> Stored<Vec<Row>> {
        let rows = in_time(query(statement).fetch_all(self)).await?;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }

    async fn execute(&mut self, statement: Statement) -> Stored<u64> {
        Ok(in_time(query(statement).execute(self)).await?.rows_affected())
    }

    async fn each(
        &mut self,
        statement: Statement,
        mut row: impl FnMut(Row) -> Stored<()> + Send,
    ) -> Stored<()> {
        let mut rows = query(statement).fetch(self);
        while let Some(found) = in_time(rows.try_next()).await? {
            row(Row::Postgres(found))?;
        }
        Ok(())
    }
}

/// Connects when a transaction begins and there is no connection; after a failure there is none.
pub(in crate::journal) struct PostgresSession {
    database: Database,
    connection: Option<PgConnection>,
    pub(super) leadership: Leadership,
    size_bytes: u64,
    transactions: u32,
}

impl PostgresSession {
    /// Takes over the connection that has migrated the database.
    pub(super) fn new(database: Database, connection: PgConnection) -> Self {
        let leadership = Leadership::default();
        Self { database, connection: Some(connection), leadership, size_bytes: 0, transactions: 0 }
    }

    fn connection(&mut self) -> Stored<&mut PgConnection> {
        self.connection.as_mut().ok_or_else(|| StoreError::Unavailable("no transaction is open".into()))
    }

    async fn connect(&mut self) -> Stored<()> {
        let options = self.database.writer_options().await;
        let options = options.map_err(|reason| StoreError::Unavailable(reason.into()))?;
        let mut connection = in_time(options.connect()).await?;
        durable(&mut connection).await?;
        self.connection = Some(connection);
        Ok(())
    }

    async fn measure(&mut self) -> Stored<()> {
        if self.transactions.is_multiple_of(SIZE_EVERY) {
            self.size_bytes = self.number(Statement::new(SIZE)).await?.unsigned_abs();
        }
        self.transactions = self.transactions.wrapping_add(1);
        Ok(())
    }
}

impl Connection for PostgresSession {
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

impl Session for PostgresSession {
    async fn begin(&mut self, state: &mut State) -> Stored<()> {
        if self.connection.is_none() {
            self.connect().await?;
        }
        Connection::execute(self, Statement::new("BEGIN")).await?;
        self.fetch(Statement::new(HOLD_THE_END)).await?;
        leading::resume(self).await?;
        self.measure().await?;
        read_backlog(self, state).await
    }

    async fn commit(&mut self) -> Stored<()> {
        Connection::execute(self, Statement::new("COMMIT")).await.map(drop)
    }

    async fn abandon(&mut self) {
        self.leadership.disconnected();
        // PostgreSQL rolls back; to say goodbye to a server that does not answer would take for ever.
        if let Some(connection) = self.connection.take()
            && let Ok(Err(error)) = timeout(PATIENCE, connection.close_hard()).await
        {
            tracing::debug!(error = %error, "the journal's connection did not close cleanly");
        }
    }

    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// PostgreSQL sees to it by itself.
    async fn reclaim(&mut self) -> Stored<bool> {
        Ok(false)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn leads(&self) -> bool {
        self.leadership.holds()
    }

    async fn lead(&mut self, holder: &str, now: Timestamp) -> Stored<Option<Term>> {
        leading::lead(self, holder, now).await
    }
}

/// The pool. It connects when it is first used.
pub(in crate::journal) struct PostgresReaders(PgPool);

impl PostgresReaders {
    pub(super) async fn new(database: &Database) -> Result<Self, String> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(database.reader_options().await?);
        Ok(Self(pool))
    }
}

impl Pool for PostgresReaders {
    fn fetch(&self, statement: Statement) -> BoxFuture<'_, Stored<Vec<Row>>> {
        async move {
            let rows = in_time(query(statement).fetch_all(&self.0)).await?;
            Ok(rows.into_iter().map(Row::Postgres).collect())
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close().boxed()
    }
}

/// A commit is on disk when it returns, whatever the database is set to; what is safer than that stays.
pub(super) async fn durable(connection: &mut PgConnection) -> Stored<()> {
    let set = "SELECT set_config('synchronous_commit', 'on', false) \
               WHERE current_setting('synchronous_commit') = 'off'";
    connection.fetch(Statement::new(set)).await.map(drop)
}

/// A server that does not answer is a failure, not a reason to wait.
pub(super) async fn in_time<T>(answer: impl Future<Output = sqlx::Result<T>>) -> Stored<T> {
    let late = || StoreError::Unavailable(format!("no answer within {} s", PATIENCE.as_secs()).into());
    Ok(timeout(PATIENCE, answer).await.map_err(|_| late())??)
}

fn query(statement: Statement) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.sql)).persistent(statement.persistent);
    statement.values.into_iter().fold(query, |query, value| match value {
        Value::Integer(number) => query.bind(number),
        Value::Text(text) => query.bind(text.map(storable)),
        Value::Bytes(bytes) => query.bind(bytes),
    })
}

/// PostgreSQL's texts have no zero characters; one that is sent all the same would fail its whole transaction.
fn storable(text: String) -> String {
    match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::tests::server::postgres;

    #[tokio::test]
    async fn every_connection_that_writes_is_durable_whatever_the_database_is_set_to() {
        for (set, expected) in [("off", "on"), ("on", "on"), ("remote_apply", "remote_apply")] {
            let url: url::Url = postgres().database().parse().unwrap();
            let name = url.path().trim_start_matches('/').to_owned();
            postgres().sql(&name, &format!("ALTER DATABASE {name} SET synchronous_commit = {set}"));
            let database = Database { url, password: None };
            let first = database.writer_options().await.unwrap().connect().await.unwrap();
            let mut session = PostgresSession::new(database, first);
            session.abandon().await;
            session.connect().await.unwrap();
            let asked = Statement::new("SELECT current_setting('synchronous_commit') AS it");
            let row = session.first(asked).await.unwrap().expect("a row");
            assert_eq!(row.text("it").unwrap(), expected, "{set}");
        }
    }

    #[test]
    fn zero_characters_are_replaced() {
        assert_eq!(storable("a\0b".to_owned()), "a\u{fffd}b");
        assert_eq!(storable("ab".to_owned()), "ab");
    }
}
