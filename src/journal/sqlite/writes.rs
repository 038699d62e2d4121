//! The writer's connection.

use std::collections::BTreeMap;
use std::fs::metadata;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, fstat, stat};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::chain::Tail;
use super::{Statement, approvals, facts, limits, prune, rows, statements, wal_path, writer_options};
use crate::journal::approvals::Change;
use crate::journal::backend::{Covered, Pruned, StoreError, Stored, Writes};
use crate::journal::chain::Kind;
use crate::journal::query::{Cutoff, Pause};
use crate::journal::rules::RunEntry;
use crate::journal::write::NewDelivery;
use crate::model::{
    Approval, ApprovalId, ApprovalRequest, Decision, DeliveryId, DeliverySource, Episode, Plan, Run, RunId,
    RunKey, Scope, Timestamp,
};

/// Episodes in one statement: 5 values each, far under SQLite's limit of 32,766.
const EPISODES_PER_STATEMENT: usize = 200;

/// Connects when a transaction begins and there is no connection; after a failure there is none.
pub(in crate::journal) struct Writer {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    path: PathBuf,
    /// Keeps the inode from being given to another file. A path descriptor: closing an ordinary one
    /// would drop SQLite's own locks.
    pinned: OwnedFd,
    tail: Tail,
}

impl Writer {
    /// Takes over the connection that has migrated the file.
    pub fn new(path: &Path, connection: SqliteConnection) -> io::Result<Self> {
        let pinned = rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self {
            options: writer_options(path),
            connection: Some(connection),
            path: path.to_owned(),
            pinned,
            tail: Tail::default(),
        })
    }

    fn connection(&mut self) -> Stored<&mut SqliteConnection> {
        self.parts().map(|(connection, _)| connection)
    }

    fn parts(&mut self) -> Stored<(&mut SqliteConnection, &mut Tail)> {
        let connection = self.connection.as_mut();
        let connection =
            connection.ok_or_else(|| StoreError::Unavailable("no transaction is open".into()))?;
        Ok((connection, &mut self.tail))
    }

    /// Writes a fact and links it; gives back its number. The rules have read the row in this transaction,
    /// so it is there, and what is added to it is not.
    async fn record(&mut self, kind: Kind, statement: Statement) -> Stored<i64> {
        let rows = statement.fetch_all(self.connection()?).await?;
        let fact = rows.first().map(|row| facts::read(kind, row, 0)).transpose()?.flatten();
        let changed =
            || StoreError::Damaged(format!("a row has changed: no place for its {}", kind.as_str()).into());
        let fact = fact.ok_or_else(changed)?;
        self.tail.add(fact);
        Ok(fact.reference)
    }

    async fn execute(&mut self, statement: Statement) -> Stored<u64> {
        Ok(statement.execute(self.connection()?).await?.rows_affected())
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

impl Writes for Writer {
    async fn begin(&mut self) -> Stored<()> {
        self.check_identity()?;
        if self.connection.is_none() {
            self.connection = Some(self.options.connect().await?);
        }
        self.execute(sqlx::query("BEGIN IMMEDIATE")).await?;
        let (connection, tail) = self.parts()?;
        tail.load(connection).await
    }

    async fn commit(&mut self) -> Stored<()> {
        let (connection, tail) = self.parts()?;
        tail.flush(connection).await?;
        self.execute(sqlx::query("COMMIT")).await.map(drop)
    }

    async fn abandon(&mut self) {
        self.tail = Tail::default();
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

    async fn insert_delivery(&mut self, new: &mut NewDelivery) -> Stored<DeliveryId> {
        let body = std::mem::take(&mut new.body);
        let source = match new.source {
            DeliverySource::Webhook => "webhook",
            DeliverySource::Reconciliation => "reconciliation",
        };
        let statement =
            sqlx::query("INSERT INTO delivery (received_at, source, size, body) VALUES (?1, ?2, ?3, ?4)")
                .bind(new.received_at.as_millis())
                .bind(source)
                .bind(i64::try_from(body.len()).unwrap_or(i64::MAX))
                .bind(body);
        let done = statement.execute(self.connection()?).await?;
        Ok(DeliveryId(done.last_insert_rowid()))
    }

    async fn put_episodes(&mut self, episodes: &[Episode]) -> Stored<()> {
        // One statement must not store the same episode twice: the last state of each is what counts.
        let mut latest = BTreeMap::new();
        for episode in episodes {
            latest.insert(episode.id, episode);
        }
        let latest: Vec<&Episode> = latest.into_values().collect();
        for chunk in latest.chunks(EPISODES_PER_STATEMENT) {
            let full = chunk.len() == EPISODES_PER_STATEMENT;
            let mut statement = statements::episodes(chunk)?;
            statement.build().persistent(full).execute(self.connection()?).await?;
        }
        Ok(())
    }

    async fn move_watermark(&mut self, from: DeliveryId, to: DeliveryId, now: Timestamp) -> Stored<Covered> {
        let update = "UPDATE watermark SET applied = ?1, at = ?2";
        self.execute(sqlx::query(update).bind(to.0).bind(now.as_millis())).await?;
        let covered: i64 = sqlx::query_scalar("SELECT count(*) FROM delivery WHERE id > ?1 AND id <= ?2")
            .bind(from.0)
            .bind(to.0)
            .fetch_one(self.connection()?)
            .await?;
        let oldest: Option<i64> =
            sqlx::query_scalar("SELECT received_at FROM delivery WHERE id > ?1 ORDER BY id LIMIT 1")
                .bind(to.0)
                .fetch_optional(self.connection()?)
                .await?;
        let deliveries = u64::try_from(covered).unwrap_or(0);
        Ok(Covered { deliveries, oldest: oldest.map(Timestamp::from_millis) })
    }

    async fn add_decisions(&mut self, decisions: &[Decision]) -> Stored<()> {
        for decision in decisions {
            self.record(Kind::Decision, statements::decision(decision)?).await?;
        }
        let latest: BTreeMap<_, _> = decisions.iter().map(|one| (one.episode, one.at)).collect();
        for (episode, now) in latest {
            let (connection, tail) = self.parts()?;
            prune::drop_surplus(connection, tail, episode, now).await?;
        }
        Ok(())
    }

    async fn has_run(&mut self, key: &RunKey) -> Stored<bool> {
        limits::has_run(self.connection()?, key).await
    }

    async fn open_runs(&mut self, target: Option<&str>) -> Stored<u64> {
        limits::open_runs(self.connection()?, target).await
    }

    async fn attempts(&mut self, scope: Scope, key: &RunKey, after: Timestamp) -> Stored<u64> {
        limits::attempts(self.connection()?, scope, key, after).await
    }

    async fn insert_run(&mut self, plan: &Plan, now: Timestamp) -> Stored<RunId> {
        self.record(Kind::Run, statements::run(plan, now)?).await.map(RunId)
    }

    async fn insert_step(&mut self, run: RunId, step: usize, now: Timestamp) -> Stored<()> {
        self.record(Kind::Step, statements::step(run, step, now)).await.map(drop)
    }

    async fn add_entry(&mut self, entry: &RunEntry) -> Stored<()> {
        let (kind, statement) = statements::entry(entry)?;
        self.record(kind, statement).await.map(drop)
    }

    async fn load_run(&mut self, run: RunId) -> Stored<Option<Run>> {
        let found = sqlx::query(rows::RUN).bind(run.0).fetch_all(self.connection()?).await?;
        Ok(rows::runs(&found)?.pop())
    }

    async fn pause(&mut self) -> Stored<Option<Pause>> {
        rows::pause(sqlx::query(rows::PAUSE).fetch_optional(self.connection()?).await?)
    }

    async fn set_pause(&mut self, paused: bool, by: &str, now: Timestamp) -> Stored<()> {
        self.record(Kind::Switch, statements::pause(paused, by, now)).await.map(drop)
    }

    async fn put_standing(&mut self, policy: &str, body: &str, now: Timestamp) -> Stored<()> {
        let put = "INSERT INTO standing (policy, body, at) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (policy) DO UPDATE SET body = excluded.body, at = excluded.at";
        let statement = sqlx::query(put).bind(policy.to_owned()).bind(body.to_owned()).bind(now.as_millis());
        self.execute(statement).await.map(drop)
    }

    async fn insert_approval(&mut self, request: &ApprovalRequest) -> Stored<ApprovalId> {
        self.record(Kind::Asked, approvals::insert(request)?).await.map(ApprovalId)
    }

    async fn load_approval(&mut self, id: ApprovalId) -> Stored<Option<Approval>> {
        let found = sqlx::query(approvals::BY_ID).bind(id.0).fetch_optional(self.connection()?).await?;
        found.as_ref().map(approvals::approval).transpose()
    }

    async fn open_approval(&mut self, key: &RunKey) -> Stored<Option<Approval>> {
        approvals::open_of(self.connection()?, key).await
    }

    async fn change_approval(&mut self, id: ApprovalId, change: &Change) -> Stored<()> {
        let (kind, statement) = approvals::change(id, change);
        self.record(kind, statement).await.map(drop)
    }

    async fn prune(&mut self, cutoff: Cutoff) -> Stored<Pruned> {
        let (connection, tail) = self.parts()?;
        prune::turn(connection, tail, cutoff).await
    }
}
