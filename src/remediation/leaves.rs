//! Requests for approval: written down before anybody can answer, answered through any route, told to the core.

use std::collections::HashMap;
use std::sync::Arc;

use crate::decide::autonomy::{Level, Standing};
use crate::decide::{Config, Mode, Report};
use crate::journal::{Answer, AnswerError, ApprovalFilter, AskError, Journal};
use crate::metrics::remediation::RemediationMetrics;
use crate::model::{Approval, ApprovalId, ApprovalRequest, ApprovalState, Reason, Timestamp};

use super::handle::Refused;
use super::outbox::Entry;
use super::worker::Remediation;

impl Remediation {
    /// The request is written before the core learns that people are asked.
    pub(super) async fn ask(&mut self, request: ApprovalRequest, now: Timestamp) {
        let key = request.plan.key.clone();
        let result = match self.surroundings.journal.ask(request.clone()).await {
            Ok(id) => {
                tracing::warn!(approval = %id, policy = %key.policy, target = %key.target, "a person must approve");
                Ok(Box::new(Approval { id, request, state: ApprovalState::Pending }))
            }
            Err(AskError::AlreadyOpen(open)) => Ok(open),
            Err(error @ AskError::Unavailable { .. }) => {
                tracing::error!(%error, "nobody can be asked for approval, nothing is done");
                Err(Reason::JournalUnavailable)
            }
        };
        self.engine.handle_report(Report::Asked { key, result }, now);
    }

    /// A request that cannot be made void leads to nothing all the same: it expires, and the core has forgotten it.
    pub(super) async fn cancel(&mut self, approval: ApprovalId, why: &str, now: Timestamp) {
        if let Err(error) = self.surroundings.journal.cancel(approval, why, now).await {
            tracing::warn!(%error, %approval, "a request for approval stays open until it expires");
        }
    }

    /// Where a policy stands is shown at once and written down as soon as that is possible.
    pub(super) fn remember(&mut self, policy: Arc<str>, standing: &Standing, now: Timestamp) {
        self.surroundings.metrics.level(&policy, standing.level.as_str());
        tracing::info!(
            %policy,
            level = standing.level.as_str(),
            good = standing.good,
            bad = standing.bad,
            "standing"
        );
        match serde_json::to_string(standing) {
            Ok(body) => self.outbox.push(Entry::Standing { policy, body, at: now }),
            Err(error) => tracing::error!(%error, %policy, "where a policy stands cannot be written down"),
        }
    }

    /// The journal takes the answer, or not, before the core hears of it.
    pub(super) async fn answer(
        &mut self,
        id: ApprovalId,
        answer: Answer,
        now: Timestamp,
    ) -> Result<Approval, Refused> {
        let approval = written(&self.surroundings.journal, id, answer).await?;
        self.engine.handle_answer(approval.clone(), now);
        self.count_pending().await;
        Ok(approval)
    }

    /// How many requests wait, for the metrics.
    pub(super) async fn count_pending(&self) {
        let open = self.surroundings.journal.approvals(ApprovalFilter::open()).await;
        if let Ok(open) = open {
            let pending = open.iter().filter(|approval| approval.state == ApprovalState::Pending).count();
            self.surroundings.metrics.approvals_pending(pending);
        }
    }
}

/// The answer as the journal takes it, or not; the request as it then is.
pub(super) async fn written(journal: &Journal, id: ApprovalId, answer: Answer) -> Result<Approval, Refused> {
    let by = answer.by.clone();
    let approval = journal.answer(id, answer).await.map_err(|error| match error {
        AnswerError::Unknown => Refused::Unknown,
        AnswerError::Unavailable { .. } => Refused::NotJournalled(error.to_string()),
        refused => Refused::NotAnswerable(refused.to_string()),
    })?;
    tracing::warn!(approval = %id, %by, state = approval.state.as_str(), "a request for approval is answered");
    Ok(approval)
}

/// Shows what each policy that earns what it may do has earned; a new one begins in the shadow.
pub(super) fn show_standings(
    config: &Config,
    known: &HashMap<Arc<str>, Standing>,
    metrics: &RemediationMetrics,
) {
    for policy in config.policies.iter().filter(|one| one.mode.unwrap_or(config.mode) == Mode::Earned) {
        let level = known.get(&policy.name).map_or(Level::Shadow, |standing| standing.level);
        metrics.level(&policy.name, level.as_str());
    }
}
