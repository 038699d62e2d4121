//! How policies do.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use serde::Serialize;

use super::{Daemon, clock, unreadable};
use crate::http::error::{ApiError, Success};
use crate::model::{SuccessRate, Tally, Timestamp};

/// Runs that ended longer ago are not counted.
const WINDOW: Duration = Duration::from_secs(31 * 86_400);

/// A policy that has done something lately.
#[derive(Serialize)]
pub(super) struct Policy {
    name: Arc<str>,
    /// Its runs of the last 31 days by how they ended.
    runs: BTreeMap<&'static str, u32>,
    /// How often it helped; `null` where no run tells.
    success: Option<SuccessRate>,
    /// When the last of them ended.
    last_ended: Timestamp,
}

/// `GET /api/v1/policies`: the policies with runs that ended in the last 31 days, by name.
pub(super) async fn list(State(daemon): State<Daemon>) -> Result<Success<Vec<Policy>>, ApiError> {
    let outcomes = daemon.journal.outcomes(clock() - WINDOW).await.map_err(unreadable)?;
    let mut policies: BTreeMap<Arc<str>, (Tally, Timestamp)> = BTreeMap::new();
    for (key, outcome, at) in outcomes {
        let (tally, last) = policies.entry(key.policy).or_insert_with(|| (Tally::default(), at));
        tally.add(outcome);
        *last = (*last).max(at);
    }
    let policy = |(name, (tally, last_ended)): (Arc<str>, (Tally, Timestamp))| Policy {
        name,
        runs: tally.by_outcome().clone(),
        success: tally.success(),
        last_ended,
    };
    Ok(Success(policies.into_iter().map(policy).collect()))
}
