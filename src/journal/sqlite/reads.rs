//! Reading through a small pool that cannot write.

use std::path::Path;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::sqlite::SqliteRow;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

use super::rows::{self, bodies, encode, key, time};
use super::{approvals, reader_options};
use crate::journal::backend::{Reads, Stored};
use crate::journal::query::{ApprovalFilter, EpisodeFilter, Outcome, Pause, RunFilter};
use crate::model::{
    AlertStatus, Approval, ApprovalId, Decision, DeliveryId, Episode, EpisodeId, Run, RunId, RunKey,
    Timestamp,
};

/// Reads at once.
const CONNECTIONS: u32 = 3;
/// How long a read waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of deliveries read at once; one larger delivery is read alone.
const DELIVERY_BYTES: i64 = 32 << 20;
/// Decisions read of one episode, and of each when several episodes are asked for.
const DECISIONS: i64 = 500;
const DECISIONS_EACH: i64 = 20;
/// Decisions read of several episodes in all.
const DECISIONS_IN_ALL: i64 = 50_000;

/// The pool. It connects when it is first used.
pub(in crate::journal) struct Reader(SqlitePool);

impl Reader {
    pub(super) fn new(path: &Path) -> Self {
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .connect_lazy_with(reader_options(path));
        Self(pool)
    }

    async fn read_deliveries(&self, after: DeliveryId, limit: u32) -> Stored<Vec<(DeliveryId, String)>> {
        let sizes: Vec<(i64, i64)> =
            sqlx::query_as("SELECT id, size FROM delivery WHERE id > ?1 ORDER BY id LIMIT ?2")
                .bind(after.0)
                .bind(limit)
                .fetch_all(&self.0)
                .await?;
        let Some(last) = last_within(&sizes, DELIVERY_BYTES) else {
            return Ok(Vec::new());
        };
        let found: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, body FROM delivery WHERE id > ?1 AND id <= ?2 ORDER BY id")
                .bind(after.0)
                .bind(last)
                .fetch_all(&self.0)
                .await?;
        Ok(found.into_iter().map(|(id, body)| (DeliveryId(id), body)).collect())
    }

    async fn read_episodes(&self, filter: EpisodeFilter) -> Stored<Vec<Episode>> {
        // The condition on `firing` is spelt out so that the partial index serves it.
        let select = match filter.status {
            None => "SELECT body FROM episode WHERE last_seen >= ?1 ORDER BY last_seen DESC LIMIT ?2",
            Some(AlertStatus::Firing) => {
                "SELECT body FROM episode WHERE firing = 1 AND last_seen >= ?1 ORDER BY last_seen DESC LIMIT ?2"
            }
            Some(AlertStatus::Resolved) => {
                "SELECT body FROM episode WHERE firing = 0 AND last_seen >= ?1 ORDER BY last_seen DESC LIMIT ?2"
            }
        };
        let found =
            sqlx::query(select).bind(since(filter.since)).bind(filter.limit).fetch_all(&self.0).await?;
        bodies(&found, "an episode")
    }

    async fn read_decisions(&self, episode: EpisodeId) -> Stored<Vec<Decision>> {
        let select = "SELECT body FROM (SELECT id, body FROM decision WHERE fingerprint = ?1 AND started = ?2 \
                      ORDER BY id DESC LIMIT ?3) ORDER BY id";
        let found = sqlx::query(select)
            .bind(episode.fingerprint.to_string())
            .bind(episode.started.as_millis())
            .bind(DECISIONS)
            .fetch_all(&self.0)
            .await?;
        bodies(&found, "a decision")
    }

    async fn read_latest_decisions(&self, episodes: Vec<EpisodeId>) -> Stored<Vec<Decision>> {
        let keys: Vec<(String, i64)> = episodes
            .iter()
            .map(|episode| (episode.fingerprint.to_string(), episode.started.as_millis()))
            .collect();
        let select = "SELECT body FROM decision WHERE id IN (SELECT latest.id FROM json_each(?1) AS wanted \
                      JOIN decision AS latest ON latest.fingerprint = wanted.value ->> 0 \
                      AND latest.started = wanted.value ->> 1 \
                      WHERE latest.id > coalesce((SELECT older.id FROM decision AS older \
                      WHERE older.fingerprint = wanted.value ->> 0 AND older.started = wanted.value ->> 1 \
                      ORDER BY older.id DESC LIMIT 1 OFFSET ?2), 0) LIMIT ?3) ORDER BY id";
        let found = sqlx::query(select)
            .bind(encode(&keys)?)
            .bind(DECISIONS_EACH)
            .bind(DECISIONS_IN_ALL)
            .fetch_all(&self.0)
            .await?;
        bodies(&found, "a decision")
    }

    async fn read_runs(&self, filter: RunFilter) -> Stored<Vec<Run>> {
        let select = "SELECT run.id, run.plan, run.begun_at, run.ended_at, run.outcome, \
             step.begun_at AS step_begun_at, step.acted_at, step.act, step.verified_at, step.verdict \
             FROM (SELECT * FROM run WHERE (NOT ?1 OR ended_at IS NULL) AND (?2 IS NULL OR policy = ?2) \
             AND (?3 IS NULL OR target = ?3) AND begun_at >= ?4 ORDER BY id DESC LIMIT ?5) AS run \
             JOIN step ON step.run = run.id ORDER BY run.id DESC, step.step";
        let found = sqlx::query(select)
            .bind(filter.open_only)
            .bind(filter.policy)
            .bind(filter.target)
            .bind(since(filter.since))
            .bind(filter.limit)
            .fetch_all(&self.0)
            .await?;
        rows::runs(&found)
    }

    async fn read_run(&self, run: RunId) -> Stored<Option<Run>> {
        let found = sqlx::query(rows::RUN).bind(run.0).fetch_all(&self.0).await?;
        Ok(rows::runs(&found)?.pop())
    }

    async fn read_attempts(&self, since: Timestamp, limit: u32) -> Stored<Vec<(RunKey, Timestamp)>> {
        let select = "SELECT run.policy, run.target, run.fingerprint, run.started, max(step.begun_at) AS attempted \
             FROM step JOIN run ON run.id = step.run WHERE step.begun_at >= ?1 \
             GROUP BY run.id ORDER BY run.id LIMIT ?2";
        let found = sqlx::query(select).bind(since.as_millis()).bind(limit).fetch_all(&self.0).await?;
        let attempt = |row: &SqliteRow| Ok((key(row)?, time(row, "attempted")?));
        found.iter().map(attempt).collect()
    }

    async fn read_outcomes(&self, since: Timestamp, limit: u32) -> Stored<Vec<Outcome>> {
        let select = "SELECT policy, target, fingerprint, started, ended_at, outcome FROM run \
             WHERE ended_at >= ?1 ORDER BY ended_at DESC, id DESC LIMIT ?2";
        let found = sqlx::query(select).bind(since.as_millis()).bind(limit).fetch_all(&self.0).await?;
        found.iter().rev().map(rows::outcome).collect()
    }

    async fn read_approvals(&self, filter: ApprovalFilter) -> Stored<Vec<Approval>> {
        let select = if filter.open_only { approvals::OPEN } else { approvals::LATEST };
        let found = sqlx::query(select).bind(filter.limit).fetch_all(&self.0).await?;
        found.iter().map(approvals::approval).collect()
    }

    async fn read_approval(&self, id: ApprovalId) -> Stored<Option<Approval>> {
        let found = sqlx::query(approvals::BY_ID).bind(id.0).fetch_optional(&self.0).await?;
        found.as_ref().map(approvals::approval).transpose()
    }

    async fn read_standings(&self) -> Stored<Vec<(String, String)>> {
        Ok(sqlx::query_as("SELECT policy, body FROM standing ORDER BY policy").fetch_all(&self.0).await?)
    }

    async fn read_pause(&self) -> Stored<Option<Pause>> {
        rows::pause(sqlx::query(rows::PAUSE).fetch_optional(&self.0).await?)
    }
}

/// The last number whose predecessors and itself fit into the bytes; the first one always does.
fn last_within(sizes: &[(i64, i64)], bytes: i64) -> Option<i64> {
    let mut total = 0i64;
    let fits = |(_, size): &&(i64, i64)| {
        total = total.saturating_add(*size);
        total <= bytes
    };
    let last = sizes.iter().take_while(fits).last().or(sizes.first());
    last.map(|(id, _)| *id)
}

fn since(time: Option<Timestamp>) -> i64 {
    time.map_or(i64::MIN, Timestamp::as_millis)
}

impl Reads for Reader {
    fn deliveries_after(
        &self,
        after: DeliveryId,
        limit: u32,
    ) -> BoxFuture<'_, Stored<Vec<(DeliveryId, String)>>> {
        self.read_deliveries(after, limit).boxed()
    }

    fn episodes(&self, filter: EpisodeFilter) -> BoxFuture<'_, Stored<Vec<Episode>>> {
        self.read_episodes(filter).boxed()
    }

    fn decisions(&self, episode: EpisodeId) -> BoxFuture<'_, Stored<Vec<Decision>>> {
        self.read_decisions(episode).boxed()
    }

    fn latest_decisions(&self, episodes: Vec<EpisodeId>) -> BoxFuture<'_, Stored<Vec<Decision>>> {
        self.read_latest_decisions(episodes).boxed()
    }

    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Stored<Vec<Run>>> {
        self.read_runs(filter).boxed()
    }

    fn run(&self, run: RunId) -> BoxFuture<'_, Stored<Option<Run>>> {
        self.read_run(run).boxed()
    }

    fn last_attempts(&self, since: Timestamp, limit: u32) -> BoxFuture<'_, Stored<Vec<(RunKey, Timestamp)>>> {
        self.read_attempts(since, limit).boxed()
    }

    fn outcomes(&self, since: Timestamp, limit: u32) -> BoxFuture<'_, Stored<Vec<Outcome>>> {
        self.read_outcomes(since, limit).boxed()
    }

    fn approvals(&self, filter: ApprovalFilter) -> BoxFuture<'_, Stored<Vec<Approval>>> {
        self.read_approvals(filter).boxed()
    }

    fn approval(&self, id: ApprovalId) -> BoxFuture<'_, Stored<Option<Approval>>> {
        self.read_approval(id).boxed()
    }

    fn pause(&self) -> BoxFuture<'_, Stored<Option<Pause>>> {
        self.read_pause().boxed()
    }

    fn standings(&self) -> BoxFuture<'_, Stored<Vec<(String, String)>>> {
        self.read_standings().boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close().boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::last_within;

    #[test]
    fn deliveries_are_read_up_to_a_number_of_bytes() {
        for (case, sizes, expected) in [
            ("nothing there", vec![], None),
            ("all fit", vec![(1, 3), (2, 3)], Some(2)),
            ("exactly full", vec![(1, 5), (2, 5), (3, 1)], Some(2)),
            ("a giant first is read alone", vec![(1, 50), (2, 1)], Some(1)),
            ("a giant later waits for its turn", vec![(1, 3), (2, 50), (3, 1)], Some(1)),
        ] {
            assert_eq!(last_within(&sizes, 10), expected, "{case}");
        }
    }
}
