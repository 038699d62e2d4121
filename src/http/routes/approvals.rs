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

/// A request as who answers it sees it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    approval: Approval,
    /// What steps name by a tag, an address or a label, and what that led to: nothing else is acted on.
    looked_up: Vec<String>,
}

impl From<Approval> for Shown {
    fn from(approval: Approval) -> Self {
        let steps = approval.request.plan.steps.iter().enumerate();
        let looked_up = steps.filter_map(|(index, step)| {
            let found = step.action.found().unwrap_or("not known yet");
            Some(format!("steps[{index}]: {} is {found}", step.action.lookup()?))
        });
        let looked_up = looked_up.collect();
        Self { approval, looked_up }
    }
}

/// `GET /api/v1/approvals`: the latest requests and what became of them.
pub(super) async fn list(State(daemon): State<Daemon>) -> Result<Success<Vec<Shown>>, ApiError> {
    let found = daemon.journal.approvals(ApprovalFilter::latest(LISTED)).await.map_err(unreadable)?;
    Ok(Success(found.into_iter().map(Shown::from).collect()))
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
                RequestError::Nameless => ErrorKind::Forbidden,
            };
            Err(ApiError::new(kind, error.to_string()))
        }
    }
}

/// `GET /api/v1/approvals/{id}`: one request.
pub(super) async fn one(
    State(daemon): State<Daemon>,
    Path(id): Path<i64>,
) -> Result<Success<Shown>, ApiError> {
    let found = daemon.journal.approval(ApprovalId(id)).await.map_err(unreadable)?;
    found.map(Shown::from).map(Success).ok_or_else(|| unknown(id))
}

/// `POST /api/v1/approvals/{id}`: a person approves or rejects it, once. What was approved is looked at again before
/// anything is done.
pub(super) async fn answer(
    State(daemon): State<Daemon>,
    Path(id): Path<i64>,
    caller: Identity,
    body: Bytes,
) -> Result<Success<Shown>, ApiError> {
    let body: Body = serde_json::from_slice(&body)
        .map_err(|error| ApiError::new(ErrorKind::BadData, error.to_string()))?;
    let approved = matches!(body.answer, Say::Approve);
    let has_name = caller.kind != IdentityKind::Anonymous;
    let given = Given { approved, by: caller.name.to_string(), has_name };
    give(&daemon, ApprovalId(id), given).await.map(Shown::from).map(Success)
}

/// A person's answer, whichever way it came.
pub(super) struct Given {
    pub approved: bool,
    /// The person, as they were authenticated.
    pub by: String,
    /// Whether that is a name, and not anybody's.
    pub has_name: bool,
}

/// Hands an answer to the remediation loop, which alone decides whether it counts.
pub(super) async fn give(daemon: &Daemon, id: ApprovalId, given: Given) -> Result<Approval, ApiError> {
    let request = daemon.journal.approval(id).await.map_err(unreadable)?.ok_or_else(|| unknown(id.0))?;
    if request.request.needs_another && !given.has_name {
        let sentence =
            "this needs the answer of a person with a name: configure tokens, users or certificates";
        return Err(ApiError::new(ErrorKind::Forbidden, sentence));
    }
    let answer = Answer { approved: given.approved, by: given.by, at: clock() };
    daemon.remediation.answer(id, answer).await.map_err(|refused| match refused {
        Refused::Unknown => unknown(id.0),
        Refused::NotAnswerable(sentence) => ApiError::new(ErrorKind::Conflict, sentence),
        Refused::NotJournalled(_) | Refused::Ended => {
            ApiError::new(ErrorKind::Unavailable, "the answer could not be written down").because(&refused)
        }
    })
}

fn unknown(id: i64) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no request for approval {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_what_its_lookups_led_to() {
        let step = |instance: serde_json::Value| {
            let mut ec2 = serde_json::json!({"operation": "reboot", "timeout": {"secs": 30, "nanos": 0}});
            ec2.as_object_mut().unwrap().extend(instance.as_object().unwrap().clone());
            serde_json::json!({"action": {"ec2": ec2}, "verify": null})
        };
        let request = serde_json::json!({
            "plan": {
                "key": {"policy": "reboot", "target": "10.0.0.5:9100", "episode": {"fingerprint": "0000000000000001", "started": "2026-01-01T00:00:00Z"}},
                "steps": [
                    step(serde_json::json!({"instance_id": "i-1234abcd"})),
                    step(serde_json::json!({"private_ip": "10.0.0.5", "found": "i-1234abce"})),
                ],
            },
            "requested_by": "smartcloudops",
            "needs_another": false,
            "requested_at": "2026-01-01T00:00:00Z",
            "valid_for": {"secs": 60, "nanos": 0},
        });
        let approval = serde_json::json!({"id": 7, "request": request, "state": {"state": "pending"}});
        let shown = Shown::from(serde_json::from_value::<Approval>(approval).unwrap());
        let shown = serde_json::to_value(shown).unwrap();
        assert_eq!(shown["id"], 7);
        let looked_up = "steps[1]: the instance with the private address 10.0.0.5 is i-1234abce";
        assert_eq!(shown["looked_up"], serde_json::json!([looked_up]));
    }
}
