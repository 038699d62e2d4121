//! What policies earn and lose: how their runs end, and whether what they would have done was called for.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{EpisodeId, Plan, RunKey, RunOutcome, Timestamp, Touched};

use super::super::digest::digest;
use super::super::world::{Confirmation, Presence, Question};

use super::super::attempts::REMEMBERED;
use super::super::autonomy::{Event, Standing, did_not_help};
use super::super::config::{Config, Policy};
use super::super::hash::HashMap;
use super::message::Command;
use super::waiting::CONFIRMATION_LIMIT;
use super::{Engine, Named};

/// How long a step without a proof is taken to need.
const WITHOUT_PROOF: Duration = Duration::from_secs(120);
/// How long a run that is over may do harm that nobody sees yet: what is down was scraped as up before, and twice
/// the usual interval passes until everybody knows.
pub(super) const SETTLING: Duration = Duration::from_secs(120);

/// A plan in the shadow.
#[derive(Clone, Debug)]
pub(super) struct Shadowed {
    key: RunKey,
    /// When it would have been carried out; once that is asked for, when the answer is too late.
    pub(super) due: Timestamp,
    /// The question whether its alert still fires.
    asked: Option<u64>,
}

/// What a run has touched that ended a moment ago.
#[derive(Clone, Debug)]
pub(super) struct Settling {
    pub(super) touched: Touched,
    pub(super) until: Timestamp,
}

impl Engine {
    /// A run that is over counts for or against its policy.
    pub(super) fn count_outcome(&mut self, key: &RunKey, outcome: RunOutcome) {
        self.count_failure(&key.policy, outcome, self.now);
        self.earn(&key.policy, Event::Ended(outcome));
    }

    pub(super) fn count_failure(&mut self, policy: &Arc<str>, outcome: RunOutcome, at: Timestamp) {
        if did_not_help(outcome) {
            self.failures.entry(policy.clone()).or_default().push(at);
        }
    }

    pub(super) fn forget_failures(&mut self) {
        let now = self.now;
        self.failures.retain(|_, times| {
            times.retain(|at| *at + REMEMBERED > now);
            !times.is_empty()
        });
    }

    /// From a run's end on what it touched is not counted on for a while, if what was done may have harmed it.
    pub(super) fn let_settle(&mut self, plan: &Plan, outcome: RunOutcome, at: Timestamp) {
        if !matches!(outcome, RunOutcome::Helped | RunOutcome::DidNotLast | RunOutcome::NotStarted) {
            let settling = Settling { touched: plan.touches(), until: at + SETTLING };
            self.settling.insert(plan.key.clone(), settling);
        }
    }

    /// What ended a moment before the start.
    pub(super) fn settle_again(
        &mut self,
        attempts: &[(Plan, Timestamp)],
        outcomes: &[(RunKey, RunOutcome, Timestamp)],
    ) {
        let recent = outcomes.iter().filter(|(.., at)| *at + SETTLING > self.now);
        let recent: HashMap<&RunKey, (RunOutcome, Timestamp)> =
            recent.map(|(key, outcome, at)| (key, (*outcome, *at))).collect();
        for (plan, _) in attempts {
            if let Some((outcome, at)) = recent.get(&plan.key) {
                self.let_settle(plan, *outcome, *at);
            }
        }
    }

    /// The policy of this name in the configuration in force.
    pub(super) fn policy<'c>(&self, config: &'c Config, name: &str) -> Option<&'c Policy> {
        config.policies.get(self.policies.get(name)?.at)
    }

    /// What the standing of the policy of this name is about.
    pub(super) fn digest(&self, name: &str) -> Option<u32> {
        self.policies.get(name).map(|named| named.digest)
    }

    /// Where a policy stands.
    pub(super) fn standing(&self, policy: &str) -> Option<&Standing> {
        self.standings.get(policy).filter(|standing| Some(standing.digest) == self.digest(policy))
    }

    /// What was earned with other steps, on other alerts or under other conditions is not earned.
    pub(super) fn trust_no_other_policy(&mut self) {
        let config = self.config.clone();
        for policy in config.policies.iter().filter(|policy| policy.is_earned(&config)) {
            if self.standings.contains_key(&policy.name) && self.standing(&policy.name).is_none() {
                let standing = self.first_standing(&policy.name);
                self.remember(&policy.name, standing);
            }
        }
    }

    /// Ends of runs that were written down when where their policy stands was not any more.
    pub(super) fn catch_up(&mut self, outcomes: &[(RunKey, RunOutcome, Timestamp)]) {
        let is_missed = |(key, _, at): &&(RunKey, RunOutcome, Timestamp)| {
            self.standing(&key.policy).is_some_and(|standing| standing.updated < *at)
        };
        let mut missed: Vec<_> = outcomes.iter().filter(is_missed).cloned().collect();
        missed.sort_by_key(|(_, _, at)| *at);
        for (key, outcome, _) in missed {
            self.earn(&key.policy, Event::Ended(outcome));
        }
    }

    fn first_standing(&self, policy: &str) -> Standing {
        let digest = self.digest(policy).unwrap_or_default();
        Standing { since: self.now, digest, ..Standing::default() }
    }

    fn remember(&mut self, policy: &Arc<str>, standing: Standing) {
        self.standings.insert(policy.clone(), standing.clone());
        self.commands.push_back(Command::Remember { policy: policy.clone(), standing });
    }

    fn earn(&mut self, policy: &Arc<str>, event: Event) {
        if !self.policy(&self.config, policy).is_some_and(|policy| policy.is_earned(&self.config)) {
            return;
        }
        let mut standing = self.standing(policy).cloned().unwrap_or_else(|| self.first_standing(policy));
        if standing.note(&self.config.terms, event, self.now) {
            self.remember(policy, standing);
        }
    }

    /// Looks back at a plan in the shadow once it would have been carried out.
    pub(super) fn watch_shadow(&mut self, plan: &Plan) {
        let takes =
            plan.steps.iter().map(|step| step.verify.as_ref().map_or(WITHOUT_PROOF, |proof| proof.within));
        let due = self.now + takes.sum::<Duration>();
        let place = (plan.key.episode, plan.key.policy.clone());
        self.shadowed.insert(place, Shadowed { key: plan.key.clone(), due, asked: None });
    }

    /// Asks whether an alert has lasted as long as the plan would have taken. Where nobody answers nothing counts.
    pub(super) fn judge_shadows(&mut self) {
        let now = self.now;
        let due: Vec<_> = self.shadowed.extract_if(.., |_, shadowed| shadowed.due <= now).collect();
        for (place, shadowed) in due.into_iter().filter(|(_, shadowed)| shadowed.asked.is_none()) {
            let Some(question) = self.question_whether_it_fires(&shadowed.key) else { continue };
            let asked = Some(self.put(shadowed.key.clone(), question.into()));
            self.shadowed.insert(place, Shadowed { due: now + CONFIRMATION_LIMIT, asked, ..shadowed });
        }
    }

    fn question_whether_it_fires(&self, key: &RunKey) -> Option<Question> {
        let alert = self.open.get(key.episode)?.episode.alert.clone();
        let policy = self.policy(&self.config, &key.policy)?;
        let (with, target) = (policy.confirm_with.clone(), key.target.clone());
        Some(Question { alert: Some(alert), target, with, ..Question::default() })
    }

    /// Whether the answer was about a plan in the shadow. Silence and doubt count neither way.
    pub(super) fn confirmed_shadow(&mut self, key: &RunKey, number: u64, world: &Confirmation) -> bool {
        let place = (key.episode, key.policy.clone());
        if self.shadowed.get(&place).is_none_or(|shadowed| shadowed.asked != Some(number)) {
            return false;
        }
        self.shadowed.remove(&place);
        let said: Vec<&Presence> = world.alertmanager.iter().chain(&world.prometheus).collect();
        if said.contains(&&Presence::Absent) {
            self.earn(&key.policy, Event::Needless(key.episode));
        } else if !said.is_empty() && said.iter().all(|presence| **presence == Presence::Firing) {
            self.earn(&key.policy, Event::CalledFor(key.episode));
        }
        true
    }

    /// The alert resolved by itself.
    pub(super) fn end_shadows(&mut self, id: EpisodeId) {
        let from = (id, Arc::default());
        let own: Vec<_> = self.shadowed.extract_if(from.., |(episode, _), _| *episode == id).collect();
        for ((_, policy), _) in own {
            self.earn(&policy, Event::Needless(id));
        }
    }
}

/// Every policy, by name.
pub(super) fn by_name(config: &Config) -> HashMap<Arc<str>, Named> {
    let named = |(at, policy): (usize, &Policy)| (policy.name.clone(), Named { at, digest: digest(policy) });
    config.policies.iter().enumerate().map(named).collect()
}
