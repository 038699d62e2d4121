//! Requests for approval and what became of them.

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::Statement;
use super::facts::returning;
use super::rows::{decode, encode, maybe_time};
use crate::journal::approvals::Change;
use crate::journal::backend::Stored;
use crate::journal::chain::Kind;
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
    Ok(sqlx::query(returning(insert, Kind::Asked))
        .bind(key.policy.clone())
        .bind(key.target.clone())
        .bind(key.episode.fingerprint.to_string())
        .bind(key.episode.started.as_millis())
        .bind(request.requested_at.as_millis())
        .bind(request.expires_at().as_millis())
        .bind(encode(request)?))
}

/// What happens to a request, and the kind of fact that it is.
pub(super) fn change(id: ApprovalId, change: &Change) -> (Kind, Statement) {
    const ANSWER: &str = "UPDATE approval SET answered_at = ?2, approved = ?3, answered_by = ?4 \
         WHERE id = ?1 AND answered_at IS NULL";
    const CANCEL: &str =
        "UPDATE approval SET cancelled_at = ?2, why = ?3 WHERE id = ?1 AND cancelled_at IS NULL";
    const USE: &str = "UPDATE approval SET used_at = ?2, run = ?3 WHERE id = ?1 AND used_at IS NULL";
    let (kind, update, at) = match change {
        Change::Answered(answer) => (Kind::Answered, ANSWER, answer.at),
        Change::Cancelled { at, .. } => (Kind::Cancelled, CANCEL, *at),
        Change::Used { at, .. } => (Kind::Used, USE, *at),
    };
    let statement = sqlx::query(returning(update, kind)).bind(id.0).bind(at.as_millis());
    (
        kind,
        match change {
            Change::Answered(answer) => statement.bind(answer.approved).bind(answer.by.clone()),
            Change::Cancelled { why, .. } => statement.bind(why.clone()),
            Change::Used { run, .. } => statement.bind(run.0),
        },
    )
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
