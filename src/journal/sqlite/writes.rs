//! The writer's connection.

use std::fs::metadata;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, fstat, stat};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, SqliteConnection};

use super::rows::{self, encode};
use super::{Statement, approvals, limits, prune, wal_path, writer_options};
use crate::journal::approvals::Change;
use crate::journal::backend::{Covered, Pruned, StoreError, Stored, Writes};
use crate::journal::query::{Cutoff, Pause};
use crate::journal::rules::{Entry, RunEntry};
use crate::journal::write::NewDelivery;
use crate::model::{
    Approval, ApprovalId, ApprovalRequest, Decision, DeliveryId, DeliverySource, Episode, Plan, Run, RunId,
    RunKey, Scope, Timestamp,
};

/// Episodes in one statement: 5 values each, far under SQLite's limit of 32,766.
const EPISODES_PER_STATEMENT: usize = 200;
/// Decisions kept of one episode; the newest.
const DECISIONS_PER_EPISODE: i64 = 500;

/// Connects when a transaction begins and there is no connection; after a failure there is none.
pub(in crate::journal) struct Writer {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    path: PathBuf,
    /// Keeps the inode from being given to another file. A path descriptor: closing an ordinary one
    /// would drop SQLite's own locks.
    pinned: OwnedFd,
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
        })
    }

    fn connection(&mut self) -> Stored<&mut SqliteConnection> {
        self.connection.as_mut().ok_or_else(|| StoreError::Unavailable("no transaction is open".into()))
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
        self.execute(sqlx::query("BEGIN IMMEDIATE")).await.map(drop)
    }

    async fn commit(&mut self) -> Stored<()> {
        self.execute(sqlx::query("COMMIT")).await.map(drop)
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
        let mut latest = std::collections::BTreeMap::new();
        for episode in episodes {
            latest.insert(episode.id, episode);
        }
        let latest: Vec<&Episode> = latest.into_values().collect();
        for chunk in latest.chunks(EPISODES_PER_STATEMENT) {
            let full = chunk.len() == EPISODES_PER_STATEMENT;
            let mut statement = episodes_statement(chunk)?;
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
            self.execute(insert_decision(decision)?).await?;
            self.execute(drop_surplus_decisions(decision)).await?;
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
        let insert = "INSERT INTO run (policy, target, fingerprint, started, begun_at, plan) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let done = sqlx::query(insert)
            .bind(plan.key.policy.clone())
            .bind(plan.key.target.clone())
            .bind(plan.key.episode.fingerprint.to_string())
            .bind(plan.key.episode.started.as_millis())
            .bind(now.as_millis())
            .bind(encode(plan)?)
            .execute(self.connection()?)
            .await?;
        Ok(RunId(done.last_insert_rowid()))
    }

    async fn insert_step(&mut self, run: RunId, step: usize, now: Timestamp) -> Stored<()> {
        let insert = "INSERT INTO step (run, step, begun_at) VALUES (?1, ?2, ?3)";
        let statement = sqlx::query(insert).bind(run.0).bind(step as i64).bind(now.as_millis());
        self.execute(statement).await.map(drop)
    }

    async fn add_entry(&mut self, entry: &RunEntry) -> Stored<()> {
        let rows = self.execute(entry_statement(entry)?).await?;
        expect_one(rows, || format!("run {}", entry.run))
    }

    async fn load_run(&mut self, run: RunId) -> Stored<Option<Run>> {
        let found = sqlx::query(rows::RUN).bind(run.0).fetch_all(self.connection()?).await?;
        Ok(rows::runs(&found)?.pop())
    }

    async fn pause(&mut self) -> Stored<Option<Pause>> {
        rows::pause(sqlx::query(rows::PAUSE).fetch_optional(self.connection()?).await?)
    }

    async fn set_pause(&mut self, paused: bool, by: &str, now: Timestamp) -> Stored<()> {
        let insert = "INSERT INTO stop_switch (paused, by, at) VALUES (?1, ?2, ?3)";
        let statement = sqlx::query(insert).bind(paused).bind(by.to_owned()).bind(now.as_millis());
        self.execute(statement).await.map(drop)
    }

    async fn put_standing(&mut self, policy: &str, body: &str, now: Timestamp) -> Stored<()> {
        let put = "INSERT INTO standing (policy, body, at) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (policy) DO UPDATE SET body = excluded.body, at = excluded.at";
        let statement = sqlx::query(put).bind(policy.to_owned()).bind(body.to_owned()).bind(now.as_millis());
        self.execute(statement).await.map(drop)
    }

    async fn insert_approval(&mut self, request: &ApprovalRequest) -> Stored<ApprovalId> {
        let done = approvals::insert(request)?.execute(self.connection()?).await?;
        Ok(ApprovalId(done.last_insert_rowid()))
    }

    async fn load_approval(&mut self, id: ApprovalId) -> Stored<Option<Approval>> {
        let found = sqlx::query(approvals::BY_ID).bind(id.0).fetch_optional(self.connection()?).await?;
        found.as_ref().map(approvals::approval).transpose()
    }

    async fn open_approval(&mut self, key: &RunKey) -> Stored<Option<Approval>> {
        approvals::open_of(self.connection()?, key).await
    }

    async fn change_approval(&mut self, id: ApprovalId, change: &Change) -> Stored<()> {
        let rows = self.execute(approvals::change(id, change)).await?;
        expect_one(rows, || format!("approval {id}"))
    }

    async fn prune(&mut self, cutoff: Cutoff) -> Stored<Pruned> {
        prune::turn(self.connection()?, cutoff).await
    }
}

/// The rules have read the row in this transaction, so it is there, and what is added is not.
fn expect_one(rows: u64, place: impl Fn() -> String) -> Stored<()> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Damaged(format!("{} has changed", place()).into())) }
}

fn episodes_statement(chunk: &[&Episode]) -> Stored<QueryBuilder<Sqlite>> {
    let bodies = chunk.iter().map(encode).collect::<Stored<Vec<_>>>()?;
    let mut statement =
        QueryBuilder::new("INSERT INTO episode (fingerprint, started, firing, last_seen, body) ");
    statement.push_values(chunk.iter().zip(bodies), |mut row, (episode, body)| {
        row.push_bind(episode.id.fingerprint.to_string())
            .push_bind(episode.id.started.as_millis())
            .push_bind(episode.is_firing())
            .push_bind(episode.last_seen.as_millis())
            .push_bind(body);
    });
    statement.push(
        " ON CONFLICT (fingerprint, started) DO UPDATE SET \
         firing = excluded.firing, last_seen = excluded.last_seen, body = excluded.body",
    );
    Ok(statement)
}

fn insert_decision(decision: &Decision) -> Stored<Statement> {
    let insert = "INSERT INTO decision (fingerprint, started, at, policy, target, body) \
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    Ok(sqlx::query(insert)
        .bind(decision.episode.fingerprint.to_string())
        .bind(decision.episode.started.as_millis())
        .bind(decision.at.as_millis())
        .bind(decision.policy.clone())
        .bind(decision.target.clone())
        .bind(encode(decision)?))
}

fn drop_surplus_decisions(decision: &Decision) -> Statement {
    let delete = "DELETE FROM decision WHERE fingerprint = ?1 AND started = ?2 AND id <= \
                  (SELECT id FROM decision WHERE fingerprint = ?1 AND started = ?2 \
                  ORDER BY id DESC LIMIT 1 OFFSET ?3)";
    sqlx::query(delete)
        .bind(decision.episode.fingerprint.to_string())
        .bind(decision.episode.started.as_millis())
        .bind(DECISIONS_PER_EPISODE)
}

fn entry_statement(entry: &RunEntry) -> Stored<Statement> {
    let (run, now) = (entry.run.0, entry.now.as_millis());
    Ok(match &entry.entry {
        Entry::Act(step, result) => {
            let update =
                "UPDATE step SET acted_at = ?1, act = ?2 WHERE run = ?3 AND step = ?4 AND acted_at IS NULL";
            sqlx::query(update).bind(now).bind(encode(result)?).bind(run).bind(*step as i64)
        }
        Entry::Verdict(step, verdict) => {
            let update = "UPDATE step SET verified_at = ?1, verdict = ?2 WHERE run = ?3 AND step = ?4 AND verified_at IS NULL";
            sqlx::query(update).bind(now).bind(verdict.as_str()).bind(run).bind(*step as i64)
        }
        Entry::End(outcome) => {
            let update = "UPDATE run SET ended_at = ?1, outcome = ?2 WHERE id = ?3 AND ended_at IS NULL";
            sqlx::query(update).bind(now).bind(outcome.as_str()).bind(run)
        }
    })
}
