//! The journal of runs, and the stop switch.

use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};

use super::{Daemon, unreadable};
use crate::http::error::{ApiError, ErrorKind, Success};
use crate::http::identity::Identity;
use crate::journal::RunFilter;
use crate::model::{Run, RunId, Timestamp};
use crate::remediation::Gone;

/// Runs listed unless the caller asks for another number.
const DEFAULT_LIMIT: u32 = 100;
/// Runs listed at most.
const MAX_LIMIT: u32 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    policy: Option<String>,
    target: Option<String>,
    /// RFC 3339.
    since: Option<Timestamp>,
    limit: Option<u32>,
}

/// `GET /api/v1/remediations`: runs, the latest first.
pub(super) async fn list(
    State(daemon): State<Daemon>,
    Query(parameters): Query<Parameters>,
) -> Result<Success<Vec<Run>>, ApiError> {
    let Parameters { policy, target, since, limit } = parameters;
    let limit = limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    let filter = RunFilter { policy, target, since, ..RunFilter::latest(limit) };
    daemon.journal.runs(filter).await.map(Success).map_err(unreadable)
}

/// `GET /api/v1/remediations/{id}`: one run.
pub(super) async fn one(State(daemon): State<Daemon>, Path(id): Path<i64>) -> Result<Success<Run>, ApiError> {
    let run = daemon.journal.run(RunId(id)).await.map_err(unreadable)?;
    run.map(Success).ok_or_else(|| ApiError::new(ErrorKind::NotFound, format!("there is no run {id}")))
}

/// The state of the stop switch.
#[derive(Serialize)]
pub(super) struct Switch {
    paused: bool,
}

/// `POST /api/v1/remediation/pause`: nothing new is begun from now on.
pub(super) async fn pause(
    State(daemon): State<Daemon>,
    caller: Identity,
) -> Result<Success<Switch>, ApiError> {
    set_paused(&daemon, true, &caller).await
}

/// `POST /api/v1/remediation/resume`.
pub(super) async fn resume(
    State(daemon): State<Daemon>,
    caller: Identity,
) -> Result<Success<Switch>, ApiError> {
    set_paused(&daemon, false, &caller).await
}

async fn set_paused(daemon: &Daemon, paused: bool, caller: &Identity) -> Result<Success<Switch>, ApiError> {
    daemon.remediation.set_paused(paused, &caller.name).await.map_err(refused)?;
    Ok(Success(Switch { paused }))
}

fn refused(error: Gone) -> ApiError {
    let sentence = match &error {
        Gone::Ended => "the daemon is shutting down",
        Gone::NotJournalled(_) => {
            "the change is in force; it could not be written down yet, and will be as soon as that is possible"
        }
        Gone::NotInForce(_) => "the change is not in force: it could not be written down; try again",
    };
    ApiError::new(ErrorKind::Unavailable, sentence).because(&error)
}
