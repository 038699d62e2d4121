//! Retention: a bounded number of rows and pages a turn.
//!
//! A run goes only when its episode no longer fires, because its row is what forbids a second run; an
//! episode goes after its runs, and its decisions after it. What is linked goes with a note of its links in
//! the chain; then the oldest links go, and the anchor tells where the chain begins.

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::chain::{Tail, link};
use super::facts;
use super::rows::encode;
use crate::journal::backend::{Pruned, StoreError, Stored};
use crate::journal::chain::{Fact, Kind, Link, Spans};
use crate::journal::query::Cutoff;
use crate::model::{EpisodeId, Timestamp};

/// Deliveries dropped in one turn: one may be tens of megabytes.
const DELIVERIES: i64 = 50;
/// Rows of every other kind dropped in one turn.
const ROWS: i64 = 500;
/// Free pages that stay in the file for reuse, and pages given back to the disk in one turn.
const SPARE_PAGES: i64 = 1024;
const PAGES: &str = "PRAGMA incremental_vacuum(1024)";

const OLD_DELIVERIES: &str = "DELETE FROM delivery WHERE id IN (SELECT id FROM \
     (SELECT id, received_at FROM delivery WHERE id <= (SELECT applied FROM watermark) ORDER BY id LIMIT ?2) \
     WHERE received_at < ?1)";

const OLD_EPISODES: &str = "DELETE FROM episode WHERE rowid IN (SELECT episode.rowid FROM episode \
     WHERE episode.last_seen < ?1 AND episode.firing = 0 AND NOT EXISTS (SELECT 1 FROM run \
     WHERE run.fingerprint = episode.fingerprint AND run.started = episode.started) \
     ORDER BY episode.last_seen LIMIT ?2)";

const OLD_RUNS: &str = "SELECT run.id FROM run WHERE run.ended_at < ?1 \
     AND NOT EXISTS (SELECT 1 FROM episode WHERE episode.fingerprint = run.fingerprint \
     AND episode.started = run.started AND episode.firing = 1) ORDER BY run.ended_at LIMIT ?2";

const OLD_DECISIONS: &str = "SELECT decision.id FROM decision \
     WHERE decision.at < ?1 AND NOT EXISTS (SELECT 1 FROM episode \
     WHERE episode.fingerprint = decision.fingerprint AND episode.started = decision.started) \
     ORDER BY decision.at LIMIT ?2";

const OLD_SWITCHES: &str = "SELECT id FROM stop_switch \
     WHERE at < ?1 AND id < (SELECT max(id) FROM stop_switch) ORDER BY id LIMIT ?2";

/// A request is over when it was answered with no, cancelled or used, or when its time has run out.
const OLD_APPROVALS: &str = "SELECT id FROM approval \
     WHERE expires_at < ?1 AND coalesce(used_at, cancelled_at, answered_at, expires_at) < ?1 \
     ORDER BY expires_at LIMIT ?2";

/// Decisions of one episode that are kept, and those above that go together.
const DECISIONS_KEPT: i64 = 500;
const SURPLUS: i64 = 100;

const COUNT_DECISIONS: &str = "SELECT count(*) FROM \
     (SELECT 1 FROM decision WHERE fingerprint = ?1 AND started = ?2 LIMIT ?3)";

const SURPLUS_DECISIONS: &str = "SELECT id FROM decision WHERE fingerprint = ?1 AND started = ?2 AND id <= \
     (SELECT id FROM decision WHERE fingerprint = ?1 AND started = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)";

const OLD_LINKS: &str = "SELECT * FROM chain ORDER BY seq LIMIT ?1";

/// A table whose rows are linked, and the kinds of facts in it.
struct Linked {
    table: &'static str,
    kinds: &'static str,
}

const RUNS: Linked = Linked { table: "run", kinds: "'run', 'step', 'act', 'verdict', 'end'" };
const DECISIONS: Linked = Linked { table: "decision", kinds: "'decision'" };
const SWITCHES: Linked = Linked { table: "stop_switch", kinds: "'stop_switch'" };
const APPROVALS: Linked = Linked { table: "approval", kinds: "'request', 'answer', 'cancellation', 'use'" };

/// One turn, inside the caller's transaction.
pub(super) async fn turn(
    connection: &mut SqliteConnection,
    tail: &mut Tail,
    cutoff: Cutoff,
) -> Stored<Pruned> {
    let (deliveries, history) = (cutoff.deliveries.as_millis(), cutoff.history.as_millis());
    tail.flush(connection).await?;
    let mut rows = delete(connection, OLD_DELIVERIES, deliveries, DELIVERIES).await?;
    for (linked, select) in [(RUNS, OLD_RUNS), (SWITCHES, OLD_SWITCHES), (APPROVALS, OLD_APPROVALS)] {
        rows += old(connection, tail, &linked, select, cutoff).await?;
    }
    rows += delete(connection, OLD_EPISODES, history, ROWS).await?;
    rows += old(connection, tail, &DECISIONS, OLD_DECISIONS, cutoff).await?;
    let links = drop_links(connection, tail, cutoff).await?;
    let free: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(&mut *connection).await?;
    if free > SPARE_PAGES {
        sqlx::query(PAGES).execute(connection).await?;
    }
    Ok(Pruned { rows, more: rows > 0 || links > 0 || free > SPARE_PAGES })
}

/// Drops the oldest decisions of an episode that has too many, a hundred at once.
pub(super) async fn drop_surplus(
    connection: &mut SqliteConnection,
    tail: &mut Tail,
    episode: EpisodeId,
    now: Timestamp,
) -> Stored<()> {
    let decisions: i64 = sqlx::query_scalar(COUNT_DECISIONS)
        .bind(episode.fingerprint.to_string())
        .bind(episode.started.as_millis())
        .bind(DECISIONS_KEPT + SURPLUS)
        .fetch_one(&mut *connection)
        .await?;
    if decisions < DECISIONS_KEPT + SURPLUS {
        return Ok(());
    }
    let ids: Vec<i64> = sqlx::query_scalar(SURPLUS_DECISIONS)
        .bind(episode.fingerprint.to_string())
        .bind(episode.started.as_millis())
        .bind(DECISIONS_KEPT)
        .fetch_all(&mut *connection)
        .await?;
    tail.flush(connection).await?;
    forget(connection, tail, &DECISIONS, &ids, now).await.map(drop)
}

async fn delete(
    connection: &mut SqliteConnection,
    statement: &'static str,
    before: i64,
    limit: i64,
) -> Stored<u64> {
    Ok(sqlx::query(statement).bind(before).bind(limit).execute(connection).await?.rows_affected())
}

async fn old(
    connection: &mut SqliteConnection,
    tail: &mut Tail,
    linked: &Linked,
    select: &'static str,
    cutoff: Cutoff,
) -> Stored<u64> {
    let before = cutoff.history.as_millis();
    let ids: Vec<i64> =
        sqlx::query_scalar(select).bind(before).bind(ROWS).fetch_all(&mut *connection).await?;
    forget(connection, tail, linked, &ids, cutoff.now).await
}

async fn forget(
    connection: &mut SqliteConnection,
    tail: &mut Tail,
    linked: &Linked,
    ids: &[i64],
    now: Timestamp,
) -> Stored<u64> {
    if ids.is_empty() {
        return Ok(0);
    }
    let ids = encode(&ids)?;
    let select = format!(
        "SELECT seq FROM chain WHERE kind IN ({}) AND reference IN (SELECT value FROM json_each(?1))",
        linked.kinds
    );
    let links = sqlx::query_scalar(AssertSqlSafe(select)).bind(&ids).fetch_all(&mut *connection).await?;
    let delete = format!("DELETE FROM {} WHERE id IN (SELECT value FROM json_each(?1))", linked.table);
    let done = sqlx::query(AssertSqlSafe(delete)).bind(&ids).execute(&mut *connection).await?;
    let insert = facts::returning("INSERT INTO pruning (at, dropped) VALUES (?1, ?2)", Kind::Pruning);
    let row = sqlx::query(insert)
        .bind(now.as_millis())
        .bind(encode(&Spans::of(links))?)
        .fetch_one(connection)
        .await?;
    tail.add(written(facts::read(Kind::Pruning, &row, 0)?)?);
    Ok(done.rows_affected())
}

/// Drops the oldest links that are older than the retention. A fact that is still there gets a new link:
/// one switch that was set long ago must not keep all that came after it.
async fn drop_links(connection: &mut SqliteConnection, tail: &mut Tail, cutoff: Cutoff) -> Stored<usize> {
    tail.flush(connection).await?;
    let rows = sqlx::query(OLD_LINKS).bind(ROWS).fetch_all(&mut *connection).await?;
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
    let prunings: Vec<i64> =
        old.iter().filter(|link| link.fact.kind == Kind::Pruning).map(|link| link.fact.reference).collect();
    let delete = "DELETE FROM pruning WHERE id IN (SELECT value FROM json_each(?1))";
    sqlx::query(delete).bind(encode(&prunings)?).execute(&mut *connection).await?;
    sqlx::query("DELETE FROM chain WHERE seq <= ?1").bind(last.seq).execute(&mut *connection).await?;
    kept.into_iter().for_each(|fact| tail.add(fact));
    set_anchor(connection, tail, last, cutoff.now).await?;
    Ok(old.len())
}

async fn still_there(connection: &mut SqliteConnection, fact: &Fact) -> Stored<bool> {
    if matches!(fact.kind, Kind::Pruning | Kind::Anchor) {
        return Ok(false);
    }
    let select =
        format!("SELECT EXISTS (SELECT 1 FROM {} WHERE reference = ?1 AND part = ?2)", facts::all(fact.kind));
    let found = sqlx::query_scalar(AssertSqlSafe(select)).bind(fact.reference).bind(fact.part);
    Ok(found.fetch_one(connection).await?)
}

async fn set_anchor(
    connection: &mut SqliteConnection,
    tail: &mut Tail,
    last: &Link,
    now: Timestamp,
) -> Stored<()> {
    sqlx::query("DELETE FROM anchor").execute(&mut *connection).await?;
    let insert = facts::returning("INSERT INTO anchor (at, seq, hash) VALUES (?1, ?2, ?3)", Kind::Anchor);
    let row = sqlx::query(insert)
        .bind(now.as_millis())
        .bind(last.seq)
        .bind(&last.hash[..])
        .fetch_one(connection)
        .await?;
    tail.add(written(facts::read(Kind::Anchor, &row, 0)?)?);
    Ok(())
}

fn written(fact: Option<Fact>) -> Stored<Fact> {
    fact.ok_or_else(|| StoreError::Damaged("a fact was written without its time".into()))
}
