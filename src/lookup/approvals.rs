//! What waits for a person's approval.

use super::{Finding, LookupError, Lookups};
use crate::journal::ApprovalFilter;
use crate::model::{Approval, ApprovalState, Timestamp};

/// Requests read at once.
const MAX_READ: u32 = 1000;

impl Lookups {
    pub(super) async fn approvals(&self, now: Timestamp) -> Result<Finding, LookupError> {
        let filter = ApprovalFilter { limit: MAX_READ, ..ApprovalFilter::open() };
        let mut pending = self.sources.journal.approvals(filter).await?;
        pending.retain(|one| one.state == ApprovalState::Pending && one.request.expires_at() > now);
        let title = format!("{} requests wait for approval at {now}.", pending.len());
        Ok(Finding::new(&title, pending.iter().map(line)))
    }
}

fn line(approval: &Approval) -> String {
    let request = &approval.request;
    let kinds: Vec<&str> = request.plan.steps.iter().map(|step| step.action.kind()).collect();
    let who = if request.needs_another { ", by somebody else than who asked" } else { "" };
    format!(
        "Approval {}: policy {} would do {} to {}; asked for by {} at {}, can be answered until {}{who}.",
        approval.id,
        request.plan.key.policy,
        kinds.join(", then "),
        request.plan.key.target,
        request.requested_by,
        request.requested_at,
        request.expires_at()
    )
}
