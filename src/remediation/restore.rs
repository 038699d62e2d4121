//! What the last process left in the journal.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::decide::Restored;
use crate::decide::autonomy::Standing;
use crate::journal::{ApprovalFilter, EpisodeFilter, Journal, JournalError, RunFilter};
use crate::model::{Approval, DeliveryId, Timestamp};

/// Requests for approval that are looked through for those that a person has refused.
const ANSWERS_REMEMBERED: u32 = 10_000;
/// Cooldowns look so far back; a policy's window is never longer.
const ATTEMPTS_REMEMBERED: Duration = Duration::from_secs(31 * 86_400);
/// Breakers look so far back.
const OUTCOMES_REMEMBERED: Duration = ATTEMPTS_REMEMBERED;

/// Runs that began longer ago have left nothing: a silence lasts a day at most.
const WHAT_IS_LEFT: Duration = Duration::from_secs(2 * 86_400);
/// Of more than these the oldest are passed over; their silences end by themselves.
const RECENT_RUNS: u32 = 10_000;

/// Where policies stand. What an older version wrote otherwise is earned anew.
fn standings(stored: Vec<(String, String)>) -> HashMap<Arc<str>, Standing> {
    let read = |(policy, body): (String, String)| match serde_json::from_str(&body) {
        Ok(standing) => Some((policy.into(), standing)),
        Err(error) => {
            tracing::warn!(%error, policy, "where a policy stands cannot be read, it begins anew");
            None
        }
    };
    stored.into_iter().filter_map(read).collect()
}

/// What the last process left, and up to which delivery it is reflected in it.
pub(super) async fn read(journal: &Journal, now: Timestamp) -> Result<(Restored, DeliveryId), JournalError> {
    let firing = journal.episodes(EpisodeFilter::firing()).await?;
    let recent = journal.episodes(EpisodeFilter::resolved_since(now - Duration::from_secs(86_400))).await?;
    let recent_runs = RunFilter { since: Some(now - WHAT_IS_LEFT), ..RunFilter::latest(RECENT_RUNS) };
    let restored = Restored {
        episodes: recent.into_iter().chain(firing).collect(),
        attempts: journal.last_attempts(now - ATTEMPTS_REMEMBERED).await?,
        open_runs: journal.runs(RunFilter::open()).await?,
        recent: journal.runs(recent_runs).await?,
        paused: journal.paused().await?.is_some(),
        approvals: asked(journal).await?,
        outcomes: journal.outcomes(now - OUTCOMES_REMEMBERED).await?,
        standings: standings(journal.standings().await?),
    };
    Ok((restored, journal.applied_up_to().await?))
}

/// What people were asked lately, and whatever may still lead to a run.
async fn asked(journal: &Journal) -> Result<Vec<Approval>, JournalError> {
    let mut asked = journal.approvals(ApprovalFilter::latest(ANSWERS_REMEMBERED)).await?;
    asked.retain(|approval| !approval.state.is_open());
    asked.extend(journal.approvals(ApprovalFilter::open()).await?);
    Ok(asked)
}
