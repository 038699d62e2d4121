//! Requests for approval: read by anyone who may read, answered by whoever may operate.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Daemon, clock, unreadable};
use crate::decide::RequestError;
use crate::http::error::{ApiError, ErrorKind, Success};
use crate::http::identity::{Identity, IdentityKind};
use crate::journal::{Answer, ApprovalFilter};
use crate::model::{Approval, ApprovalId, Fingerprint};
use crate::remediation::{NotRequested, Refused, Wish};

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

/// What a person asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestBody {
    /// Of an alert that fires.
    fingerprint: Fingerprint,
    policy: String,
}

/// What is looked at now.
#[derive(Serialize)]
pub(super) struct Requested {
    fingerprint: Fingerprint,
    policy: String,
    requested_by: String,
}

/// `POST /api/v1/approvals`: a person asks for what a policy would do about an alert, whatever its mode. Every guard is
/// asked; what none holds back becomes a request in that person's name, and what one does a decision.
pub(super) async fn request(
    State(daemon): State<Daemon>,
    caller: Identity,
    body: Bytes,
) -> Result<(StatusCode, Success<Requested>), ApiError> {
    let RequestBody { fingerprint, policy } = serde_json::from_slice(&body)
        .map_err(|error| ApiError::new(ErrorKind::BadData, error.to_string()))?;
    let wish = Wish { fingerprint, policy: policy.clone(), by: caller.name.to_string() };
    match daemon.remediation.request(wish).await {
        Ok(()) => {
            let requested = Requested { fingerprint, policy, requested_by: caller.name.to_string() };
            Ok((StatusCode::ACCEPTED, Success(requested)))
        }
        Err(error @ (NotRequested::StandingBy | NotRequested::Ended)) => {
            Err(ApiError::new(ErrorKind::Unavailable, error.to_string()))
        }
        Err(NotRequested::Impossible(error)) => {
            let kind = match error {
                RequestError::NotFiring | RequestError::NoPolicy => ErrorKind::NotFound,
                RequestError::AlreadyRun => ErrorKind::Conflict,
            };
            Err(ApiError::new(kind, error.to_string()))
        }
    }
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
