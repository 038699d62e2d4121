//! Candidates: from a new episode to a plan that nothing holds back, or to a named reason why not.

use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use crate::model::{Check, EpisodeId, Plan, Reason, RunId, RunKey, is_escalation};

use super::super::config::{Config, Policy};
use super::super::guards::{self, AllSaid, Held, local, world};
use super::super::lookups;
use super::super::policy;
use super::super::world::{Confirmation, Question};
use super::message::Command;
use super::open::{Awaiting, Candidate, Open};
use super::{Engine, Subject};

/// How long at most until a hold that says no time itself is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How much sooner that is at most: episodes that began together do not all ask at once for ever.
const SPREAD: Duration = Duration::from_secs(6);
/// How long an answer to a confirmation may take before it is asked for again.
pub(super) const CONFIRMATION_LIMIT: Duration = Duration::from_secs(120);

/// How long until an episode is looked at again: always the same for one, and different between them.
pub(super) fn look_again_in(episode: EpisodeId) -> Duration {
    let spread = SPREAD.as_millis() as u64;
    let mixed =
        episode.fingerprint.0 ^ (episode.fingerprint.0 >> 32) ^ episode.started.as_millis().unsigned_abs();
    LOOK_AGAIN - Duration::from_millis(mixed % spread)
}

impl Engine {
    pub(super) fn consider_all(&mut self) {
        let mut ids: Vec<EpisodeId> = self.open.ids().collect();
        ids.sort();
        ids.into_iter().for_each(|id| self.consider(id));
    }

    /// Makes an episode a candidate for every policy that matches, and looks at each. An alert of our own calls a
    /// person: to act on it would be to answer ourselves.
    pub(super) fn consider(&mut self, id: EpisodeId) {
        let Some(Open { episode, .. }) = self.open.get(id) else {
            return;
        };
        if is_escalation(&episode.alert.labels) {
            return self.hold(
                Subject::episode(id, None),
                Held::new(Reason::Escalation, ""),
                None,
                Vec::new(),
            );
        }
        let policies: SmallVec<[Arc<str>; 4]> =
            self.finder.matching(&self.config, &episode.alert).map(|policy| policy.name.clone()).collect();
        if policies.is_empty() {
            return self.hold(Subject::episode(id, None), Held::new(Reason::NoPolicy, ""), None, Vec::new());
        }
        self.note_relapses(id, &policies);
        policies.iter().for_each(|policy| self.look_anew_at(id, policy));
    }

    pub(super) fn look_at_all(&mut self) {
        self.open.places().iter().for_each(|(id, policy)| self.look_at(*id, policy));
    }

    pub(super) fn look_at_due(&mut self) {
        for (id, policy) in self.open.due(self.now) {
            self.open.stop_awaiting(id, &policy);
            self.look_at(id, &policy);
        }
    }

    /// Looks at a candidate, unless an answer about it is awaited.
    pub(super) fn look_at(&mut self, id: EpisodeId, policy: &Arc<str>) {
        if self.open.candidate(id, policy).is_some_and(|one| one.awaiting.is_none()) {
            self.look_anew_at(id, policy);
        }
    }

    /// Plans, asks the guards that need nobody else, and has the world read, whether or not it is a candidate or awaits
    /// an answer.
    pub(super) fn look_anew_at(&mut self, id: EpisodeId, policy_name: &Arc<str>) {
        let config = self.config.clone();
        let Some((policy, plan)) = self.plan(&config, id, policy_name) else {
            return;
        };
        let said = self.ask_local(&config, policy, &plan);
        if let Err(held) = guards::first_held(&said) {
            return self.wait(plan, held, guards::checks(said));
        }
        let Some(open) = self.open.get(id) else {
            return;
        };
        match policy::question(policy, &plan, 0, &open.episode.alert) {
            Ok(question) => {
                let (touched, lookups) = (self.names_under_way(&plan.key), lookups::of(&plan));
                let key = plan.key.clone();
                let number = self.put(key.clone(), Question { touched, lookups, ..question }.into());
                self.await_answer(&key, Awaiting::World(number), Some(plan));
            }
            Err((reason, detail)) => {
                self.give_up(&plan.key, Held::new(reason, detail), None, guards::checks(said));
            }
        }
    }

    /// Asks the world; the answer comes with the number.
    pub(super) fn put(&mut self, key: RunKey, question: Box<Question>) -> u64 {
        self.questions += 1;
        let number = self.questions;
        self.commands.push_back(Command::Confirm { key, number, question });
        number
    }

    /// Waits for an answer, but not for ever.
    pub(super) fn await_answer(&mut self, key: &RunKey, awaiting: Awaiting, plan: Option<Plan>) {
        let look_again = Some(self.now + CONFIRMATION_LIMIT);
        let awaited = Candidate { look_again, awaiting: Some(awaiting), plan: plan.map(Box::new) };
        self.open.put_candidate(key.episode, &key.policy, awaited);
    }

    /// The plan as things are now; a refusal is final for this episode.
    fn plan<'c>(
        &mut self,
        config: &'c Config,
        id: EpisodeId,
        policy_name: &Arc<str>,
    ) -> Option<(&'c Policy, Plan)> {
        let policy = self.policy(config, policy_name)?;
        match policy::plan(config, policy, &self.open.get(id)?.episode) {
            Ok(plan) => Some((policy, plan)),
            Err((reason, detail)) => {
                self.open.remove_candidate(id, policy_name);
                self.hold(
                    Subject::episode(id, Some(policy_name)),
                    Held::new(reason, detail),
                    None,
                    Vec::new(),
                );
                None
            }
        }
    }

    /// What those say of a plan that need nobody else.
    fn ask_local(&self, config: &Config, policy: &Policy, plan: &Plan) -> AllSaid {
        let touched = &plan.touches();
        let key = &plan.key;
        let firing_since = self.open.get(key.episode).map_or(self.now, |open| open.episode.alert.starts_at);
        local::ask(&local::Facts {
            config,
            policy,
            touched,
            now: self.now,
            started: self.started,
            firing_since,
            paused: self.paused,
            shutting_down: self.shutting_down,
            in_storm: self.in_storm_for(key.episode),
            has_run: self.done.has(plan),
            attempts: &self.attempts,
            failures: self.failures.get(&policy.name).map_or(&[], Vec::as_slice),
            busy: self.worked_on(key, touched),
            in_flight: self.in_flight(),
        })
    }

    /// What the world says of a plan.
    pub(super) fn ask_world(&self, policy: &Policy, key: &RunKey, world: &Confirmation) -> AllSaid {
        let mut said = world::ask(policy, self.config.max_targets_down, world);
        if let Some(limit) = &policy.at_most {
            let own = self.under_way(key).filter(|other| other.key.policy == key.policy).count();
            said.push(guards::group::at_most(limit, own, world.at_most_of.as_ref()));
        }
        if let Some(group) = &policy.group {
            let names = self.names_under_way(key);
            said.extend(guards::group::spare(group, &key.target, world.group.as_ref(), &names));
        }
        said
    }

    /// The world was read: fail closed, ask the guards again, and decide.
    pub(super) fn confirmed(&mut self, key: &RunKey, number: u64, world: Confirmation) {
        let awaited = self.open.candidate(key.episode, &key.policy);
        let Some(awaited) = awaited.filter(|one| one.awaiting == Some(Awaiting::World(number))) else {
            return;
        };
        if awaited.look_again.is_some_and(|limit| limit <= self.now) {
            self.open.stop_awaiting(key.episode, &key.policy);
            return self.look_at(key.episode, &key.policy);
        }
        let config = self.config.clone();
        let made = self.open.take_plan(key.episode, &key.policy);
        let made = made.and_then(|plan| Some((self.policy(&config, &key.policy)?, plan)));
        let Some((policy, mut plan)) = made.or_else(|| self.plan(&config, key.episode, &key.policy)) else {
            return;
        };
        // The alert's labels cannot have changed, but the policy may name another target now.
        if plan.key != *key {
            self.open.stop_awaiting(key.episode, &key.policy);
            return self.look_at(key.episode, &key.policy);
        }
        let found = lookups::resolve(&mut plan, &world.found, &config.protected);
        let mut said = self.ask_local(&config, policy, &plan);
        said.extend(self.ask_world(policy, key, &world));
        said.extend(found);
        match guards::first_held(&said) {
            Err(held) => self.wait(plan, held, guards::checks(said)),
            Ok(()) => self.decide(policy, plan, world, guards::checks(said)),
        }
    }

    /// Records what holds, and when to look again.
    pub(super) fn wait(&mut self, plan: Plan, held: Held, checks: Vec<Check>) {
        let key = plan.key.clone();
        if held.reason == Reason::Storm {
            self.open.note_storm(key.episode);
        }
        if matches!(held.reason, Reason::AlreadyRun | Reason::Storm) {
            return self.give_up(&key, held, Some(plan), checks);
        }
        let waits_for_change = matches!(held.reason, Reason::Paused | Reason::ShuttingDown);
        let look_again =
            held.until.or_else(|| (!waits_for_change).then(|| self.now + look_again_in(key.episode)));
        self.open.put_candidate(key.episode, &key.policy, Candidate::again(look_again));
        self.hold(Subject::run(&key), held, Some(plan), checks);
    }

    /// Records what is final for this episode.
    pub(super) fn give_up(&mut self, key: &RunKey, held: Held, plan: Option<Plan>, checks: Vec<Check>) {
        self.open.remove_candidate(key.episode, &key.policy);
        self.hold(Subject::run(key), held, plan, checks);
    }

    /// Candidates that waited for a place or a target are looked at again.
    pub(super) fn place_became_free(&mut self) {
        let waiting = |reason: Reason| {
            matches!(
                reason,
                Reason::TargetBusy | Reason::TooManyInFlight | Reason::BlastRadius | Reason::LastHealthy
            )
        };
        for (id, policy) in self.open.held_by(waiting) {
            self.look_at(id, &policy);
        }
    }

    /// The run that has put this question.
    pub(super) fn run_awaiting(&self, number: u64) -> Option<RunId> {
        let mut waiting = self.runs.iter().filter(|(_, active)| active.awaits(number));
        waiting.next().map(|(run, _)| *run)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::episode;
    use super::*;

    #[test]
    fn episodes_that_begin_together_are_looked_at_again_at_different_times() {
        let times: Vec<Duration> = (0..500)
            .map(|number| look_again_in(episode(&[("instance", &format!("host-{number}"))], 0).id))
            .collect();
        assert!(times.iter().all(|time| *time > LOOK_AGAIN - SPREAD && *time <= LOOK_AGAIN), "{times:?}");
        let second =
            |number: u64| times.iter().filter(|time| time.as_millis() as u64 / 1000 == number).count();
        for number in 24..30 {
            assert!((40..140).contains(&second(number)), "{} of 500 in second {number}", second(number));
        }
        let again = look_again_in(episode(&[("instance", "host-7")], 0).id);
        assert_eq!(again, times[7], "no chance is in it");
    }
}
