//! What the journal says of alerts, runs and approvals, read within a short time.

use super::PATIENCE;
use crate::journal::{ApprovalFilter, EpisodeFilter, Journal, JournalError, Pause, RunFilter};
use crate::model::{ApprovalState, Timestamp};

/// The present state of remediation.
pub(super) struct Recorded {
    /// Who set the stop switch and when; `None`: it is not set.
    pub(super) paused: Option<Pause>,
    /// Alerts that fire.
    pub(super) episodes_firing: usize,
    /// When each run under way began.
    pub(super) runs: Vec<Timestamp>,
    /// When each approval that nobody has answered was asked for.
    pub(super) approvals: Vec<Timestamp>,
}

/// `None` if the journal cannot be read in time: that is one of the things the page is there to show.
pub(super) async fn read(journal: &Journal) -> Option<Recorded> {
    match tokio::time::timeout(PATIENCE, read_all(journal)).await {
        Ok(Ok(recorded)) => Some(recorded),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the status lacks what the journal says");
            None
        }
        Err(_) => {
            tracing::warn!("the status lacks what the journal says, which takes too long");
            None
        }
    }
}

async fn read_all(journal: &Journal) -> Result<Recorded, JournalError> {
    let (paused, firing, runs, approvals) = tokio::try_join!(
        journal.paused(),
        journal.episodes(EpisodeFilter::firing()),
        journal.runs(RunFilter::open()),
        journal.approvals(ApprovalFilter::open()),
    )?;
    let pending = approvals.iter().filter(|approval| approval.state == ApprovalState::Pending);
    Ok(Recorded {
        paused,
        episodes_firing: firing.len(),
        runs: runs.iter().map(|run| run.begun_at).collect(),
        approvals: pending.map(|approval| approval.request.requested_at).collect(),
    })
}
