//! Requests for approval and what became of them.

use super::facts::returning;
use super::rows::{decode, encode};
use super::{Connection, Row, Statement};
use crate::journal::approvals::Change;
use crate::journal::backend::{StoreError, Stored};
use crate::journal::chain::Kind;
use crate::model::{Approval, ApprovalId, ApprovalRequest, ApprovalState, RunId, RunKey};

/// One request by its number.
pub(super) const BY_ID: &str = "SELECT * FROM approval WHERE id = $1";

/// The newest requests; `open` is spelt out as in the index that serves it.
pub(super) const LATEST: &str = "SELECT * FROM approval ORDER BY id DESC LIMIT $1";
pub(super) const OPEN: &str = "SELECT * FROM approval \
     WHERE cancelled_at IS NULL AND used_at IS NULL AND approved IS DISTINCT FROM 0 ORDER BY id DESC LIMIT $1";

const OPEN_OF: &str = "SELECT * FROM approval WHERE policy = $1 AND target = $2 AND fingerprint = $3 \
     AND started = $4 AND cancelled_at IS NULL AND used_at IS NULL AND approved IS DISTINCT FROM 0";

pub(super) fn insert(request: &ApprovalRequest) -> Stored<Statement> {
    let insert = "INSERT INTO approval (policy, target, fingerprint, started, requested_at, expires_at, request) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let key = &request.plan.key;
    Ok(returning(insert, Kind::Asked)
        .bind(&*key.policy)
        .bind(&*key.target)
        .bind(key.episode.fingerprint.to_string())
        .bind(key.episode.started)
        .bind(request.requested_at)
        .bind(request.expires_at())
        .bind(encode(request)?))
}

/// What happens to a request, and the kind of fact that it is.
pub(super) fn change(id: ApprovalId, change: &Change) -> (Kind, Statement) {
    const ANSWER: &str = "UPDATE approval SET answered_at = $2, approved = $3, answered_by = $4 \
         WHERE id = $1 AND answered_at IS NULL";
    const CANCEL: &str =
        "UPDATE approval SET cancelled_at = $2, why = $3 WHERE id = $1 AND cancelled_at IS NULL";
    const USE: &str = "UPDATE approval SET used_at = $2, run = $3 WHERE id = $1 AND used_at IS NULL";
    let (kind, update, at) = match change {
        Change::Answered(answer) => (Kind::Answered, ANSWER, answer.at),
        Change::Cancelled { at, .. } => (Kind::Cancelled, CANCEL, *at),
        Change::Used { at, .. } => (Kind::Used, USE, *at),
    };
    let statement = returning(update, kind).bind(id.0).bind(at);
    (
        kind,
        match change {
            Change::Answered(answer) => statement.bind(answer.approved).bind(answer.by.clone()),
            Change::Cancelled { why, .. } => statement.bind(why.clone()),
            Change::Used { run, .. } => statement.bind(run.0),
        },
    )
}

pub(super) async fn open_of(connection: &mut impl Connection, key: &RunKey) -> Stored<Option<Approval>> {
    let statement = Statement::new(OPEN_OF)
        .bind(&*key.policy)
        .bind(&*key.target)
        .bind(key.episode.fingerprint.to_string())
        .bind(key.episode.started);
    connection.first(statement).await?.as_ref().map(approval).transpose()
}

/// A row of the table as the model has it.
pub(super) fn approval(row: &Row) -> Stored<Approval> {
    let id = ApprovalId(row.integer("id")?);
    let request = decode(row.text("request")?, &format!("approval {id}"))?;
    Ok(Approval { id, request, state: state(row)? })
}

/// The last thing that happened to it.
fn state(row: &Row) -> Stored<ApprovalState> {
    let by = || Ok::<_, StoreError>(row.maybe_text("answered_by")?.unwrap_or_default().to_owned());
    if let Some(run) = row.maybe_integer("run")? {
        return Ok(ApprovalState::Used { run: RunId(run), by: by()? });
    }
    if let Some((at, why)) = row.maybe_time("cancelled_at")?.zip(row.maybe_text("why")?) {
        return Ok(ApprovalState::Cancelled { why: why.to_owned(), at });
    }
    let answered = row.maybe_time("answered_at")?.zip(row.maybe_integer("approved")?);
    Ok(match answered {
        None => ApprovalState::Pending,
        Some((at, 0)) => ApprovalState::Rejected { by: by()?, at },
        Some((at, _)) => ApprovalState::Approved { by: by()?, at },
    })
}
