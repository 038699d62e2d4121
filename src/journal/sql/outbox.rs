//! Entries of the outbox, which triggers write, and how far receivers were told.

use super::rows::decode;
use super::{Pool, Row, Statement};
use crate::journal::backend::Stored;
use crate::journal::outbox::{Entry, News, Progress};
use crate::model::{ApprovalId, RunId, Timestamp};

const AFTER: &str = "SELECT entry.seq, entry.kind, entry.at, entry.reference, episode.body AS body \
     FROM (SELECT * FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2) AS entry LEFT JOIN episode \
     ON episode.fingerprint = entry.fingerprint AND episode.started = entry.started ORDER BY entry.seq";
const NEWEST: &str = "SELECT coalesce(max(seq), 0) AS n FROM outbox";
const PROGRESS: &str = "SELECT done, sending FROM receiver WHERE name = $1";
const TOLD: &str = "INSERT INTO receiver (name, done, sending, at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (name) DO UPDATE SET done = excluded.done, sending = excluded.sending, at = excluded.at";

/// Entries that are too old or too many.
pub(super) const OLD_ENTRIES: &str = "DELETE FROM outbox WHERE seq IN \
     (SELECT seq FROM outbox WHERE at < $1 OR seq <= (SELECT max(seq) FROM outbox) - $3 ORDER BY seq LIMIT $2)";

pub(super) async fn after(pool: &impl Pool, after: i64, limit: u32) -> Stored<Vec<Entry>> {
    let rows = pool.fetch(Statement::new(AFTER).bind(after).bind(limit)).await?;
    rows.iter().map(entry).collect()
}

pub(super) async fn newest(pool: &impl Pool) -> Stored<i64> {
    let rows = pool.fetch(Statement::new(NEWEST)).await?;
    rows.first().map_or(Ok(0), |row| row.integer("n"))
}

pub(super) async fn progress(pool: &impl Pool, receiver: &str) -> Stored<Option<Progress>> {
    let rows = pool.fetch(Statement::new(PROGRESS).bind(receiver)).await?;
    let read = |row: &Row| Ok(Progress { done: row.integer("done")?, sending: row.integer("sending")? });
    rows.first().map(read).transpose()
}

pub(super) fn told(receiver: &str, progress: Progress, now: Timestamp) -> Statement {
    Statement::new(TOLD).bind(receiver).bind(progress.done).bind(progress.sending).bind(now)
}

fn entry(row: &Row) -> Stored<Entry> {
    let reference = row.maybe_integer("reference")?;
    let news = match (row.text("kind")?, reference) {
        ("firing", _) => News::Firing,
        ("resolved", _) => News::Resolved,
        ("approval", Some(id)) => News::Approval(ApprovalId(id)),
        ("remediation", Some(id)) => News::Remediation(RunId(id)),
        _ => News::Other,
    };
    let episode = row.maybe_text("body")?.map(|body| decode(body, "an episode")).transpose()?;
    Ok(Entry { seq: row.integer("seq")?, at: row.time("at")?, news, episode })
}
