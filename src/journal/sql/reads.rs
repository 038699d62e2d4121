//! Reading beside the writer.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::rows::{self, bodies};
use super::value::groups;
use super::{Pool, Row, Statement, approvals, archived, outbox};
use crate::journal::backend::{LinkedFact, Reads, Stored};
use crate::journal::outbox::{Entry, Progress};
use crate::journal::query::{ApprovalFilter, EpisodeFilter, Outcome, Pause, RunFilter};
use crate::model::{
    AlertStatus, Approval, ApprovalId, Decision, DeliveryId, Episode, EpisodeId, Plan, Run, RunId, Timestamp,
};

/// Bytes of deliveries read at once; one larger delivery is read alone.
const DELIVERY_BYTES: i64 = 32 << 20;
/// Decisions read of one episode, and of each when several episodes are asked for.
const DECISIONS: i64 = 500;
const DECISIONS_EACH: usize = 20;
/// Decisions read of several episodes in all.
const DECISIONS_IN_ALL: usize = 50_000;

/// Episodes asked for in one statement: 2 values each.
const EPISODES_PER_STATEMENT: usize = 500;

/// Reads through a pool.
pub(in crate::journal) struct Reader<P>(P);

impl<P: Pool> Reader<P> {
    /// Takes over a pool.
    pub fn new(pool: P) -> Self {
        Self(pool)
    }

    async fn fetch(&self, statement: Statement) -> Stored<Vec<Row>> {
        self.0.fetch(statement).await
    }

    async fn first(&self, statement: Statement) -> Stored<Option<Row>> {
        Ok(self.0.fetch(statement).await?.into_iter().next())
    }

    async fn read_deliveries(&self, after: DeliveryId, limit: u32) -> Stored<Vec<(DeliveryId, String)>> {
        let select = "SELECT id, size FROM delivery WHERE id > $1 ORDER BY id LIMIT $2";
        let found = self.fetch(Statement::new(select).bind(after.0).bind(limit)).await?;
        let size = |row: &Row| Ok((row.integer("id")?, row.integer("size")?));
        let sizes = found.iter().map(size).collect::<Stored<Vec<_>>>()?;
        let Some(last) = last_within(&sizes, DELIVERY_BYTES) else {
            return Ok(Vec::new());
        };
        let select = "SELECT id, body FROM delivery WHERE id > $1 AND id <= $2 ORDER BY id";
        let found = self.fetch(Statement::new(select).bind(after.0).bind(last)).await?;
        let delivery = |row: &Row| Ok((DeliveryId(row.integer("id")?), row.text("body")?.to_owned()));
        found.iter().map(delivery).collect()
    }

    async fn read_episodes(&self, filter: EpisodeFilter) -> Stored<Vec<Episode>> {
        // The condition on `firing` is spelt out so that the partial index serves it.
        let select = match filter.status {
            None => "SELECT body FROM episode WHERE last_seen >= $1 ORDER BY last_seen DESC LIMIT $2",
            Some(AlertStatus::Firing) => {
                "SELECT body FROM episode WHERE firing = 1 AND last_seen >= $1 ORDER BY last_seen DESC LIMIT $2"
            }
            Some(AlertStatus::Resolved) => {
                "SELECT body FROM episode WHERE firing = 0 AND last_seen >= $1 ORDER BY last_seen DESC LIMIT $2"
            }
        };
        let found = self.fetch(Statement::new(select).bind(since(filter.since)).bind(filter.limit)).await?;
        bodies(&found, "an episode")
    }

    async fn read_decisions(&self, episode: EpisodeId) -> Stored<Vec<Decision>> {
        let select = "SELECT body FROM (SELECT id, body FROM decision WHERE fingerprint = $1 AND started = $2 \
                      ORDER BY id DESC LIMIT $3) AS latest ORDER BY id";
        let statement = Statement::new(select)
            .bind(episode.fingerprint.to_string())
            .bind(episode.started)
            .bind(DECISIONS);
        let found = self.fetch(statement).await?;
        bodies(&found, "a decision")
    }

    async fn read_latest_decisions(&self, episodes: Vec<EpisodeId>) -> Stored<Vec<Decision>> {
        let mut rows = Vec::new();
        for chunk in episodes.chunks(EPISODES_PER_STATEMENT) {
            rows.extend(self.fetch(latest_decisions(chunk, DECISIONS_IN_ALL - rows.len())).await?);
        }
        let mut found = rows.iter().map(|row| Ok((row.integer("id")?, row))).collect::<Stored<Vec<_>>>()?;
        found.sort_unstable_by_key(|(id, _)| *id);
        found.dedup_by_key(|(id, _)| *id);
        found.into_iter().map(|(_, row)| rows::decode(row.text("body")?, "a decision")).collect()
    }

    async fn read_runs(&self, filter: RunFilter) -> Stored<Vec<Run>> {
        let select = "SELECT run.id, run.plan, run.begun_at, run.ended_at, run.outcome, run.relapsed_at, run.relapse, \
             step.begun_at AS step_begun_at, step.seen, step.acted_at, step.act, step.verified_at, step.verdict, \
             step.lift_at, step.lifted_at, step.lifted \
             FROM (SELECT * FROM run WHERE ($1 = 0 OR ended_at IS NULL) AND ($2 IS NULL OR policy = $2) \
             AND ($3 IS NULL OR target = $3) AND begun_at >= $4 AND begun_at <= $5 AND id < $6 \
             ORDER BY id DESC LIMIT $7) AS run \
             JOIN step ON step.run = run.id ORDER BY run.id DESC, step.step";
        let statement = Statement::new(select)
            .bind(filter.open_only)
            .bind(filter.policy)
            .bind(filter.target)
            .bind(since(filter.since))
            .bind(filter.until.map_or(i64::MAX, Timestamp::as_millis))
            .bind(filter.before.map_or(i64::MAX, |run| run.0))
            .bind(filter.limit);
        let found = self.fetch(statement).await?;
        rows::runs(&found)
    }

    async fn read_run(&self, run: RunId) -> Stored<Option<Run>> {
        let found = self.fetch(Statement::new(rows::RUN).bind(run.0)).await?;
        Ok(rows::runs(&found)?.pop())
    }

    async fn read_attempts(&self, since: Timestamp, limit: u32) -> Stored<Vec<(Plan, Timestamp)>> {
        let select = "SELECT run.plan, max(step.begun_at) AS attempted \
             FROM step JOIN run ON run.id = step.run WHERE step.begun_at >= $1 \
             GROUP BY run.id ORDER BY run.id LIMIT $2";
        let found = self.fetch(Statement::new(select).bind(since).bind(limit)).await?;
        let plan = |row: &Row| rows::decode(row.text("plan")?, "the plan of a run");
        let attempt = |row: &Row| Ok((plan(row)?, row.time("attempted")?));
        found.iter().map(attempt).collect()
    }

    async fn read_outcomes(&self, since: Timestamp, limit: u32) -> Stored<Vec<Outcome>> {
        let select = "SELECT policy, target, fingerprint, started, ended_at, outcome, relapsed_at FROM run \
             WHERE ended_at >= $1 ORDER BY ended_at DESC, id DESC LIMIT $2";
        let found = self.fetch(Statement::new(select).bind(since).bind(limit)).await?;
        found.iter().rev().map(rows::outcome).collect()
    }

    async fn read_approvals(&self, filter: ApprovalFilter) -> Stored<Vec<Approval>> {
        let select = if filter.open_only { approvals::OPEN } else { approvals::LATEST };
        let found = self.fetch(Statement::new(select).bind(filter.limit)).await?;
        found.iter().map(approvals::approval).collect()
    }

    async fn read_approval(&self, id: ApprovalId) -> Stored<Option<Approval>> {
        let found = self.first(Statement::new(approvals::BY_ID).bind(id.0)).await?;
        found.as_ref().map(approvals::approval).transpose()
    }

    async fn read_standings(&self) -> Stored<Vec<(String, String)>> {
        let select = "SELECT policy, body FROM standing \
             WHERE id IN (SELECT max(id) FROM standing GROUP BY policy) ORDER BY policy";
        let found = self.fetch(Statement::new(select)).await?;
        found.iter().map(|row| Ok((row.text("policy")?.to_owned(), row.text("body")?.to_owned()))).collect()
    }

    async fn read_pause(&self) -> Stored<Option<Pause>> {
        rows::pause(self.first(Statement::new(rows::PAUSE)).await?)
    }
}

/// The latest decisions of each of these episodes, at most `limit` of them.
fn latest_decisions(episodes: &[EpisodeId], limit: usize) -> Statement {
    let wanted = groups(episodes.len(), 2);
    let (each, all) = (2 * episodes.len() + 1, 2 * episodes.len() + 2);
    let sql = format!(
        "WITH wanted (fingerprint, started) AS (VALUES {wanted}) SELECT latest.id, latest.body FROM wanted \
         JOIN decision AS latest ON latest.fingerprint = wanted.fingerprint AND latest.started = wanted.started \
         WHERE latest.id > coalesce((SELECT older.id FROM decision AS older \
         WHERE older.fingerprint = wanted.fingerprint AND older.started = wanted.started \
         ORDER BY older.id DESC LIMIT 1 OFFSET ${each}), 0) ORDER BY latest.id LIMIT ${all}"
    );
    let bind = |statement: Statement, episode: &EpisodeId| {
        statement.bind(episode.fingerprint.to_string()).bind(episode.started)
    };
    let full = episodes.len() == EPISODES_PER_STATEMENT;
    episodes.iter().fold(Statement::built(sql, full), bind).bind(DECISIONS_EACH).bind(limit)
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

impl<P: Pool> Reads for Reader<P> {
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

    fn last_attempts(&self, since: Timestamp, limit: u32) -> BoxFuture<'_, Stored<Vec<(Plan, Timestamp)>>> {
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

    fn outbox(&self, after: i64, limit: u32) -> BoxFuture<'_, Stored<Vec<Entry>>> {
        outbox::after(&self.0, after, limit).boxed()
    }

    fn newest_entry(&self) -> BoxFuture<'_, Stored<i64>> {
        outbox::newest(&self.0).boxed()
    }

    fn progress<'r>(&'r self, receiver: &'r str) -> BoxFuture<'r, Stored<Option<Progress>>> {
        outbox::progress(&self.0, receiver).boxed()
    }

    fn linked_facts(
        &self,
        after: i64,
        from: Timestamp,
        to: Timestamp,
    ) -> BoxFuture<'_, Stored<Vec<LinkedFact>>> {
        archived::page(&self.0, after, from, to).boxed()
    }

    fn first_fact(&self) -> BoxFuture<'_, Stored<Option<Timestamp>>> {
        archived::first(&self.0).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.0.close()
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
