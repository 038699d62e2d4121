//! What policies earn and lose: how their runs end, and whether what they would have done was called for.

use std::time::Duration;

use crate::model::{EpisodeId, Plan, RunKey, RunOutcome, Timestamp};

use super::super::attempts::REMEMBERED;
use super::super::autonomy::{Event, Standing, did_not_help};
use super::super::config::Mode;
use super::Engine;
use super::message::Command;

/// How long a step without a proof is taken to need.
const WITHOUT_PROOF: Duration = Duration::from_secs(120);

impl Engine {
    /// A run that is over counts for or against its policy.
    pub(super) fn count_outcome(&mut self, key: &RunKey, outcome: RunOutcome) {
        self.count_failure(&key.policy, outcome, self.now);
        self.earn(&key.policy, Event::Ended(outcome));
    }

    pub(super) fn count_failure(&mut self, policy: &str, outcome: RunOutcome, at: Timestamp) {
        if did_not_help(outcome) {
            self.failures.entry(policy.to_owned()).or_default().push(at);
        }
    }

    pub(super) fn forget_failures(&mut self) {
        let now = self.now;
        self.failures.retain(|_, times| {
            times.retain(|at| *at + REMEMBERED > now);
            !times.is_empty()
        });
    }

    fn earn(&mut self, policy: &str, event: Event) {
        let known = self.config.policies.iter().find(|known| known.name == policy);
        if known.is_none_or(|known| known.mode.unwrap_or(self.config.mode) != Mode::Earned) {
            return;
        }
        let first = || Standing { since: self.now, ..Standing::default() };
        let mut standing = self.standings.get(policy).cloned().unwrap_or_else(first);
        if standing.note(&self.config.terms, event, self.now) {
            self.standings.insert(policy.to_owned(), standing.clone());
            self.commands.push_back(Command::Remember { policy: policy.to_owned(), standing });
        }
    }

    /// Looks back at a plan in the shadow once it would have been carried out.
    pub(super) fn watch_shadow(&mut self, plan: &Plan) {
        let takes =
            plan.steps.iter().map(|step| step.verify.as_ref().map_or(WITHOUT_PROOF, |proof| proof.within));
        let due = self.now + takes.sum::<Duration>();
        self.shadowed.insert((plan.key.episode, plan.key.policy.clone()), due);
    }

    /// Alerts that lasted as long as the plan would have taken.
    pub(super) fn judge_shadows(&mut self) {
        let now = self.now;
        let due: Vec<_> = self.shadowed.extract_if(.., |_, due| *due <= now).collect();
        for ((_, policy), _) in due {
            self.earn(&policy, Event::CalledFor);
        }
    }

    /// The alert resolved by itself.
    pub(super) fn end_shadows(&mut self, id: EpisodeId) {
        let from = (id, String::new());
        let own: Vec<_> = self.shadowed.extract_if(from.., |(episode, _), _| *episode == id).collect();
        for ((_, policy), _) in own {
            self.earn(&policy, Event::Needless);
        }
    }
}
