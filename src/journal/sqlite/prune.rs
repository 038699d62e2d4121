//! Retention: a bounded number of rows and pages a turn.
//!
//! A run goes only when its episode no longer fires, because its row is what forbids a second run; an
//! episode goes after its runs, and its decisions after it.

use sqlx::SqliteConnection;

use crate::journal::backend::{Pruned, Stored};
use crate::journal::query::Cutoff;

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

const OLD_RUNS: &str = "DELETE FROM run WHERE id IN (SELECT run.id FROM run WHERE run.ended_at < ?1 \
     AND NOT EXISTS (SELECT 1 FROM episode WHERE episode.fingerprint = run.fingerprint \
     AND episode.started = run.started AND episode.firing = 1) ORDER BY run.ended_at LIMIT ?2)";

const OLD_EPISODES: &str = "DELETE FROM episode WHERE rowid IN (SELECT episode.rowid FROM episode \
     WHERE episode.last_seen < ?1 AND episode.firing = 0 AND NOT EXISTS (SELECT 1 FROM run \
     WHERE run.fingerprint = episode.fingerprint AND run.started = episode.started) \
     ORDER BY episode.last_seen LIMIT ?2)";

const OLD_DECISIONS: &str = "DELETE FROM decision WHERE id IN (SELECT decision.id FROM decision \
     WHERE decision.at < ?1 AND NOT EXISTS (SELECT 1 FROM episode \
     WHERE episode.fingerprint = decision.fingerprint AND episode.started = decision.started) \
     ORDER BY decision.at LIMIT ?2)";

const OLD_SWITCHES: &str = "DELETE FROM stop_switch WHERE id IN (SELECT id FROM stop_switch \
     WHERE at < ?1 AND id < (SELECT max(id) FROM stop_switch) ORDER BY id LIMIT ?2)";

/// A request is over when it was answered with no, cancelled or used, or when its time has run out.
const OLD_APPROVALS: &str = "DELETE FROM approval WHERE id IN (SELECT id FROM approval \
     WHERE expires_at < ?1 AND coalesce(used_at, cancelled_at, answered_at, expires_at) < ?1 \
     ORDER BY expires_at LIMIT ?2)";

/// One turn, inside the caller's transaction.
pub(super) async fn turn(connection: &mut SqliteConnection, cutoff: Cutoff) -> Stored<Pruned> {
    let (deliveries, history) = (cutoff.deliveries.as_millis(), cutoff.history.as_millis());
    let turns = [
        (OLD_DELIVERIES, deliveries, DELIVERIES),
        (OLD_RUNS, history, ROWS),
        (OLD_EPISODES, history, ROWS),
        (OLD_DECISIONS, history, ROWS),
        (OLD_SWITCHES, history, ROWS),
        (OLD_APPROVALS, history, ROWS),
    ];
    let mut rows = 0;
    for (delete, before, limit) in turns {
        let done = sqlx::query(delete).bind(before).bind(limit).execute(&mut *connection).await?;
        rows += done.rows_affected();
    }
    let free: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(&mut *connection).await?;
    if free > SPARE_PAGES {
        sqlx::query(PAGES).execute(connection).await?;
    }
    Ok(Pruned { rows, more: rows > 0 || free > SPARE_PAGES })
}
