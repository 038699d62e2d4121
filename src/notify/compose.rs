//! Reads what a message tells from the journal, and has it explained.

use std::collections::HashSet;
use std::time::Duration;

use super::Sources;
use super::batch::Batch;
use super::told::{Explained, Told};
use crate::explain::{self, Explanation, Summary, explain, gather_for, summarise};
use crate::journal::JournalError;
use crate::metrics::notify::Lane;
use crate::model::{Alert, Approval, ApprovalState, Timestamp};

/// How long a language model is waited for. The plain explanation does not need it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads and explains. A request that cannot be answered any more is left out, and one that can waits for no language
/// model.
pub(super) async fn compose(
    batch: Batch,
    sources: &Sources,
    lane: Lane,
    now: Timestamp,
) -> Result<Told, JournalError> {
    let journal = &sources.journal;
    let (mut approvals, mut runs) = (Vec::new(), Vec::new());
    for id in &batch.approvals {
        approvals.extend(journal.approval(*id).await?.filter(|approval| is_open(approval, now)));
    }
    for id in &batch.runs {
        runs.extend(journal.run(*id).await?);
    }
    let explained = explained(&batch, sources, lane, now).await?;
    let Batch { firing, resolved, .. } = batch;
    Ok(Told { at: now, firing: firing.0, explained, resolved: resolved.0, approvals, runs })
}

fn is_open(approval: &Approval, now: Timestamp) -> bool {
    approval.state == ApprovalState::Pending && now < approval.request.expires_at()
}

/// Those that still fire among the alerts that began and those about which something is asked or was done.
async fn explained(
    batch: &Batch,
    sources: &Sources,
    lane: Lane,
    now: Timestamp,
) -> Result<Option<Explained>, JournalError> {
    let mut known = HashSet::new();
    let about = batch.firing.0.iter().chain(&batch.concerned);
    let about = about.filter(|episode| episode.is_firing() && known.insert(episode.id.fingerprint));
    let alerts: Vec<Alert> = about.map(|episode| Alert::clone(&episode.alert)).collect();
    if alerts.is_empty() {
        return Ok(None);
    }
    let (upstreams, config) = (sources.upstreams.load_full(), sources.explain.load_full());
    let read = explain::Sources {
        journal: &sources.journal,
        exporter: &sources.exporter,
        prometheus: &upstreams.reading,
        answers: &upstreams.answers,
        config: &config,
    };
    let explanation = explain(&gather_for(alerts, read, now).await?);
    let summary = match lane {
        Lane::Grouped => summary(&explanation, sources).await,
        Lane::Urgent => None,
    };
    Ok(Some(Explained::of(&explanation, summary)))
}

/// Whatever keeps a model from answering: the plain explanation stands, and says the same.
async fn summary(explanation: &Explanation, sources: &Sources) -> Option<Summary> {
    sources.llm.model().await.ok()?;
    let group: Vec<String> = explanation.alerts.iter().map(|alert| alert.episode.to_string()).collect();
    let group = group.join(",");
    let asked = summarise(&sources.llm, &sources.llm_metrics, &explanation.evidence, &group, |_| ());
    tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()
}
