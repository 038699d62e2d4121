//! Requests for approval: read by anyone who may read, answered by whoever may operate.

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::{Daemon, clock, unreadable};
use crate::http::error::{ApiError, ErrorKind, Success};
use crate::http::identity::{Identity, IdentityKind};
use crate::journal::{Answer, ApprovalFilter};
use crate::model::{Approval, ApprovalId};
use crate::remediation::Refused;

/// Requests listed at most.
const LISTED: u32 = 200;

/// What a person says.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Say {
    Approve,
    Reject,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    answer: Say,
}

/// `GET /api/v1/approvals`: the latest requests and what became of them.
pub(super) async fn list(State(daemon): State<Daemon>) -> Result<Success<Vec<Approval>>, ApiError> {
    daemon.journal.approvals(ApprovalFilter::latest(LISTED)).await.map(Success).map_err(unreadable)
}

/// `GET /api/v1/approvals/{id}`: one request.
pub(super) async fn one(
    State(daemon): State<Daemon>,
    Path(id): Path<i64>,
) -> Result<Success<Approval>, ApiError> {
    let found = daemon.journal.approval(ApprovalId(id)).await.map_err(unreadable)?;
    found.map(Success).ok_or_else(|| unknown(id))
}

/// `POST /api/v1/approvals/{id}`: a person approves or rejects it, once. What was approved is looked at again before
/// anything is done.
pub(super) async fn answer(
    State(daemon): State<Daemon>,
    Path(id): Path<i64>,
    caller: Identity,
    body: Bytes,
) -> Result<Success<Approval>, ApiError> {
    let body: Body = serde_json::from_slice(&body)
        .map_err(|error| ApiError::new(ErrorKind::BadData, error.to_string()))?;
    let approved = matches!(body.answer, Say::Approve);
    let request =
        daemon.journal.approval(ApprovalId(id)).await.map_err(unreadable)?.ok_or_else(|| unknown(id))?;
    if request.request.needs_another && caller.kind == IdentityKind::Anonymous {
        let sentence =
            "this needs the answer of a person with a name: configure tokens, users or certificates";
        return Err(ApiError::new(ErrorKind::Forbidden, sentence));
    }
    let answer = Answer { approved, by: caller.name.to_string(), at: clock() };
    let answered = daemon.remediation.answer(ApprovalId(id), answer).await;
    answered.map(Success).map_err(|refused| match refused {
        Refused::Unknown => unknown(id),
        Refused::NotAnswerable(sentence) => ApiError::new(ErrorKind::Conflict, sentence),
        Refused::NotJournalled(_) | Refused::Ended => {
            ApiError::new(ErrorKind::Unavailable, "the answer could not be written down").because(&refused)
        }
    })
}

fn unknown(id: i64) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no request for approval {id}"))
}
