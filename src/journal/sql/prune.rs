//! Retention: a bounded number of rows and pages a turn.
//!
//! A run goes only when its episode no longer fires, because its row is what forbids a second run; an
//! episode goes after its runs, and its decisions after it. What is linked goes with a note of its links in
//! the chain; then the oldest links go, and the anchor tells where the chain begins.

use super::chain::{Tail, link, record};
use super::rows::encode;
use super::value::list;
use super::{Session, Statement, facts, outbox};
use crate::journal::backend::{Pruned, Stored};
use crate::journal::chain::{Fact, Kind, Link, Spans};
use crate::journal::outbox::MAX_ENTRIES;
use crate::journal::query::Cutoff;
use crate::model::{EpisodeId, Timestamp};

/// Deliveries dropped in one turn: one may be tens of megabytes.
const DELIVERIES: i64 = 50;
/// Rows of every other kind dropped in one turn.
const ROWS: i64 = 500;

const OLD_DELIVERIES: &str = "DELETE FROM delivery WHERE id IN (SELECT id FROM \
     (SELECT id, received_at FROM delivery WHERE id <= (SELECT applied FROM watermark) ORDER BY id LIMIT $2) \
     AS oldest WHERE received_at < $1)";

const OLD_EPISODES: &str = "DELETE FROM episode WHERE (fingerprint, started) IN \
     (SELECT episode.fingerprint, episode.started FROM episode \
     WHERE episode.last_seen < $1 AND episode.firing = 0 AND NOT EXISTS (SELECT 1 FROM run \
     WHERE run.fingerprint = episode.fingerprint AND run.started = episode.started) \
     ORDER BY episode.last_seen LIMIT $2)";

const OLD_RUNS: &str = "SELECT run.id FROM run WHERE run.ended_at < $1 \
     AND NOT EXISTS (SELECT 1 FROM episode WHERE episode.fingerprint = run.fingerprint \
     AND episode.started = run.started AND episode.firing = 1) ORDER BY run.ended_at LIMIT $2";

const OLD_DECISIONS: &str = "SELECT decision.id FROM decision \
     WHERE decision.at < $1 AND NOT EXISTS (SELECT 1 FROM episode \
     WHERE episode.fingerprint = decision.fingerprint AND episode.started = decision.started) \
     ORDER BY decision.at LIMIT $2";

const OLD_SWITCHES: &str = "SELECT id FROM stop_switch \
     WHERE at < $1 AND id < (SELECT max(id) FROM stop_switch) ORDER BY id LIMIT $2";

/// What holds of a policy is never old.
const OLD_STANDINGS: &str = "SELECT id FROM standing WHERE at < $1 \
     AND id < (SELECT max(newer.id) FROM standing AS newer WHERE newer.policy = standing.policy) \
     ORDER BY id LIMIT $2";

/// A request is over when it was answered with no, cancelled or used, or when its time has run out.
const OLD_APPROVALS: &str = "SELECT id FROM approval \
     WHERE expires_at < $1 AND coalesce(used_at, cancelled_at, answered_at, expires_at) < $1 \
     ORDER BY expires_at LIMIT $2";

/// Decisions of one episode that are kept, and those above that go together.
const DECISIONS_KEPT: i64 = 500;
const SURPLUS: i64 = 100;

const COUNT_DECISIONS: &str = "SELECT count(*) AS n FROM \
     (SELECT 1 FROM decision WHERE fingerprint = $1 AND started = $2 LIMIT $3) AS counted";

const SURPLUS_DECISIONS: &str = "SELECT id FROM decision WHERE fingerprint = $1 AND started = $2 AND id <= \
     (SELECT id FROM decision WHERE fingerprint = $1 AND started = $2 ORDER BY id DESC LIMIT 1 OFFSET $3)";

const OLD_LINKS: &str = "SELECT * FROM chain ORDER BY seq LIMIT $1";

/// A table whose rows are linked, and the kinds of facts in it.
struct Linked {
    table: &'static str,
    kinds: &'static str,
}

const RUNS: Linked = Linked {
    table: "run",
    kinds: "'run', 'step', 'before', 'act', 'verdict', 'end', 'lift', 'lifted', 'relapse'",
};
const DECISIONS: Linked = Linked { table: "decision", kinds: "'decision'" };
const SWITCHES: Linked = Linked { table: "stop_switch", kinds: "'stop_switch'" };
const STANDINGS: Linked = Linked { table: "standing", kinds: "'standing'" };
const APPROVALS: Linked = Linked { table: "approval", kinds: "'request', 'answer', 'cancellation', 'use'" };

/// One turn, inside the caller's transaction.
pub(super) async fn turn(connection: &mut impl Session, tail: &mut Tail, cutoff: Cutoff) -> Stored<Pruned> {
    let (deliveries, history) = (cutoff.deliveries.as_millis(), cutoff.history.as_millis());
    tail.flush(connection).await?;
    let mut rows = delete(connection, OLD_DELIVERIES, deliveries, DELIVERIES).await?;
    for (linked, select) in
        [(RUNS, OLD_RUNS), (STANDINGS, OLD_STANDINGS), (SWITCHES, OLD_SWITCHES), (APPROVALS, OLD_APPROVALS)]
    {
        rows += old(connection, tail, &linked, select, cutoff).await?;
    }
    rows += delete(connection, OLD_EPISODES, history, ROWS).await?;
    let entries = old_entries(connection, history).await?;
    rows += old(connection, tail, &DECISIONS, OLD_DECISIONS, cutoff).await?;
    let links = drop_links(connection, tail, cutoff).await?;
    let spare = connection.reclaim().await?;
    Ok(Pruned { rows, more: rows > 0 || links > 0 || entries > 0 || spare })
}

/// Drops the oldest decisions of an episode that has too many, a hundred at once.
pub(super) async fn drop_surplus(
    connection: &mut impl Session,
    tail: &mut Tail,
    episode: EpisodeId,
    now: Timestamp,
) -> Stored<()> {
    let of_episode = |sql| Statement::new(sql).bind(episode.fingerprint.to_string()).bind(episode.started);
    let counted = of_episode(COUNT_DECISIONS).bind(DECISIONS_KEPT + SURPLUS);
    if connection.number(counted).await? < DECISIONS_KEPT + SURPLUS {
        return Ok(());
    }
    let ids = ids(connection, of_episode(SURPLUS_DECISIONS).bind(DECISIONS_KEPT)).await?;
    tail.flush(connection).await?;
    forget(connection, tail, &DECISIONS, &ids, now).await.map(drop)
}

async fn delete(
    connection: &mut impl Session,
    statement: &'static str,
    before: i64,
    limit: i64,
) -> Stored<u64> {
    connection.execute(Statement::new(statement).bind(before).bind(limit)).await
}

/// What nobody was told while very much more happened is told nobody any more.
async fn old_entries(connection: &mut impl Session, before: i64) -> Stored<u64> {
    let delete = Statement::new(outbox::OLD_ENTRIES).bind(before).bind(ROWS).bind(MAX_ENTRIES);
    connection.execute(delete).await
}

async fn ids(connection: &mut impl Session, select: Statement) -> Stored<Vec<i64>> {
    connection.fetch(select).await?.iter().map(|row| row.integer("id")).collect()
}

async fn old(
    connection: &mut impl Session,
    tail: &mut Tail,
    linked: &Linked,
    select: &'static str,
    cutoff: Cutoff,
) -> Stored<u64> {
    let ids = ids(connection, Statement::new(select).bind(cutoff.history).bind(ROWS)).await?;
    forget(connection, tail, linked, &ids, cutoff.now).await
}

async fn forget(
    connection: &mut impl Session,
    tail: &mut Tail,
    linked: &Linked,
    ids: &[i64],
    now: Timestamp,
) -> Stored<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let ids = list(ids);
    let links = format!("SELECT seq FROM chain WHERE kind IN ({}) AND reference IN ({ids})", linked.kinds);
    let links = connection.fetch(Statement::built(links, false)).await?;
    let links = links.iter().map(|row| row.integer("seq")).collect::<Stored<Vec<i64>>>()?;
    let delete = format!("DELETE FROM {} WHERE id IN ({ids})", linked.table);
    let rows = connection.execute(Statement::built(delete, false)).await?;
    let insert = facts::returning("INSERT INTO pruning (at, dropped) VALUES ($1, $2)", Kind::Pruning);
    record(connection, tail, Kind::Pruning, insert.bind(now).bind(encode(&Spans::of(links))?)).await?;
    Ok(rows)
}

/// Drops the oldest links that are older than the retention. A fact that is still there gets a new link:
/// one switch that was set long ago must not keep all that came after it.
async fn drop_links(connection: &mut impl Session, tail: &mut Tail, cutoff: Cutoff) -> Stored<usize> {
    tail.flush(connection).await?;
    let rows = connection.fetch(Statement::new(OLD_LINKS).bind(ROWS)).await?;
    let links = rows.iter().map(link).collect::<Stored<Vec<Link>>>()?;
    let old: Vec<Link> = links.into_iter().take_while(|link| link.fact.at < cutoff.history).collect();
    let Some(last) = old.last() else {
        return Ok(0);
    };
    let mut kept = Vec::new();
    for link in &old {
        if still_there(connection, &link.fact).await? {
            kept.push(Fact { at: cutoff.now, ..link.fact });
        }
    }
    let prunings = old.iter().filter(|link| link.fact.kind == Kind::Pruning).map(|link| link.fact.reference);
    let prunings: Vec<i64> = prunings.collect();
    if !prunings.is_empty() {
        let delete = format!("DELETE FROM pruning WHERE id IN ({})", list(&prunings));
        connection.execute(Statement::built(delete, false)).await?;
    }
    connection.execute(Statement::new("DELETE FROM chain WHERE seq <= $1").bind(last.seq)).await?;
    kept.into_iter().for_each(|fact| tail.add(fact));
    set_anchor(connection, tail, last, cutoff.now).await?;
    Ok(old.len())
}

async fn still_there(connection: &mut impl Session, fact: &Fact) -> Stored<bool> {
    if matches!(fact.kind, Kind::Pruning | Kind::Anchor) {
        return Ok(false);
    }
    let all = facts::all(fact.kind);
    let select = format!("SELECT count(*) AS n FROM {all} AS fact WHERE reference = $1 AND part = $2");
    let select = Statement::built(select, true).bind(fact.reference).bind(fact.part);
    Ok(connection.number(select).await? > 0)
}

async fn set_anchor(
    connection: &mut impl Session,
    tail: &mut Tail,
    last: &Link,
    now: Timestamp,
) -> Stored<()> {
    connection.execute(Statement::new("DELETE FROM anchor")).await?;
    let insert = facts::returning("INSERT INTO anchor (at, seq, hash) VALUES ($1, $2, $3)", Kind::Anchor);
    let insert = insert.bind(now).bind(last.seq).bind(&last.hash[..]);
    record(connection, tail, Kind::Anchor, insert).await.map(drop)
}
