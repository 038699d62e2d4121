//! Requests for approval and what became of them.

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::Statement;
use super::rows::{decode, encode, maybe_time};
use crate::journal::approvals::Change;
use crate::journal::backend::Stored;
use crate::model::{Approval, ApprovalId, ApprovalRequest, ApprovalState, RunId, RunKey, Timestamp};

/// One request by its number.
pub(super) const BY_ID: &str = "SELECT * FROM approval WHERE id = ?1";

/// The newest requests; `open` is spelt out as in the index that serves it.
pub(super) const LATEST: &str = "SELECT * FROM approval ORDER BY id DESC LIMIT ?1";
pub(super) const OPEN: &str = "SELECT * FROM approval \
     WHERE cancelled_at IS NULL AND used_at IS NULL AND approved IS NOT 0 ORDER BY id DESC LIMIT ?1";

const OPEN_OF: &str = "SELECT * FROM approval WHERE policy = ?1 AND target = ?2 AND fingerprint = ?3 \
     AND started = ?4 AND cancelled_at IS NULL AND used_at IS NULL AND approved IS NOT 0";

pub(super) fn insert(request: &ApprovalRequest) -> Stored<Statement> {
    let insert = "INSERT INTO approval (policy, target, fingerprint, started, requested_at, expires_at, request) \
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let key = &request.plan.key;
    Ok(sqlx::query(insert)
        .bind(key.policy.clone())
        .bind(key.target.clone())
        .bind(key.episode.fingerprint.to_string())
        .bind(key.episode.started.as_millis())
        .bind(request.requested_at.as_millis())
        .bind(request.expires_at().as_millis())
        .bind(encode(request)?))
}

pub(super) fn change(id: ApprovalId, change: &Change) -> Statement {
    match change {
        Change::Answered(answer) => sqlx::query(
            "UPDATE approval SET answered_at = ?1, approved = ?2, answered_by = ?3 \
             WHERE id = ?4 AND answered_at IS NULL",
        )
        .bind(answer.at.as_millis())
        .bind(answer.approved)
        .bind(answer.by.clone()),
        Change::Cancelled { why, at } => sqlx::query(
            "UPDATE approval SET cancelled_at = ?1, why = ?2 WHERE id = ?3 AND cancelled_at IS NULL",
        )
        .bind(at.as_millis())
        .bind(why.clone()),
        Change::Used { run, at } => {
            sqlx::query("UPDATE approval SET used_at = ?1, run = ?2 WHERE id = ?3 AND used_at IS NULL")
                .bind(at.as_millis())
                .bind(run.0)
        }
    }
    .bind(id.0)
}

pub(super) async fn open_of(connection: &mut SqliteConnection, key: &RunKey) -> Stored<Option<Approval>> {
    let found = sqlx::query(OPEN_OF)
        .bind(&key.policy)
        .bind(&key.target)
        .bind(key.episode.fingerprint.to_string())
        .bind(key.episode.started.as_millis())
        .fetch_optional(connection)
        .await?;
    found.as_ref().map(approval).transpose()
}

/// A row of the table as the model has it.
pub(super) fn approval(row: &SqliteRow) -> Stored<Approval> {
    let id = ApprovalId(row.try_get("id")?);
    let request = decode(row.try_get("request")?, &format!("approval {id}"))?;
    Ok(Approval { id, request, state: state(row)? })
}

/// The last thing that happened to it.
fn state(row: &SqliteRow) -> Stored<ApprovalState> {
    let by = || row.try_get::<Option<String>, _>("answered_by").map(Option::unwrap_or_default);
    if let Some(run) = row.try_get::<Option<i64>, _>("run")? {
        return Ok(ApprovalState::Used { run: RunId(run), by: by()? });
    }
    if let Some((at, why)) = maybe_time(row, "cancelled_at")?.zip(row.try_get("why")?) {
        return Ok(ApprovalState::Cancelled { why, at });
    }
    let answered: Option<(Timestamp, bool)> = maybe_time(row, "answered_at")?.zip(row.try_get("approved")?);
    Ok(match answered {
        None => ApprovalState::Pending,
        Some((at, true)) => ApprovalState::Approved { by: by()?, at },
        Some((at, false)) => ApprovalState::Rejected { by: by()?, at },
    })
}
