//! What remediation did.

use super::arguments::Remediations;
use super::{Finding, LookupError, Lookups};
use crate::explain::RunStory;
use crate::journal::RunFilter;
use crate::model::Timestamp;

impl Lookups {
    pub(super) async fn remediations(
        &self,
        asked: &Remediations,
        (since, until): (Option<Timestamp>, Option<Timestamp>),
    ) -> Result<Finding, LookupError> {
        let limit = asked.limit.0 as u32;
        let (policy, target) = (asked.policy.clone(), asked.target.clone());
        // One more than is shown tells whether there are more.
        let filter = RunFilter { policy, target, since, until, ..RunFilter::latest(limit + 1) };
        let runs = self.sources.journal.runs(filter).await?;
        let (shown, more) = (runs.len().min(asked.limit.0), runs.len().saturating_sub(asked.limit.0));
        let least = if more > 0 { "at least " } else { "" };
        let title = format!("{least}{} runs of remediation, the latest first.", runs.len());
        let lines = runs.iter().take(shown).map(|run| line(&RunStory::of(run)));
        Ok(Finding::new(&title, lines).and_more(more))
    }
}

fn line(run: &RunStory) -> String {
    let outcome = run.outcome.map_or("is under way", |outcome| outcome.as_str());
    format!(
        "Run {} of policy {} on {}, begun at {}: {outcome}. {}",
        run.id,
        run.policy,
        run.target,
        run.begun_at,
        run.steps.join(" ")
    )
}
