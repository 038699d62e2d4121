//! Candidates: from a new episode to a written intent, or to a named reason why not.

use std::time::Duration;

use crate::model::{Decision, DecisionVerdict, EpisodeId, Plan, Reason, RunId, RunKey, Timestamp};

use super::super::config::{Mode, Policy};
use super::super::guards::{self, Held};
use super::super::policy;
use super::message::{Command, Confirmation, Presence};
use super::running::ActiveRun;
use super::{Engine, Subject};

/// How long until a hold that says no time itself is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How long an answer to a confirmation may take before it is asked for again.
pub(super) const CONFIRMATION_LIMIT: Duration = Duration::from_secs(120);

/// A policy that may act on an episode.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    /// When it is looked at again; `None`: when something changes.
    pub(super) look_again: Option<Timestamp>,
    /// Set while a confirmation is awaited.
    awaiting: Option<RunKey>,
}

impl Candidate {
    pub(super) fn turn_back(&mut self, by: Duration) {
        self.look_again = self.look_again.map(|at| at - by);
    }
}

impl Engine {
    pub(super) fn consider_all(&mut self) {
        let mut ids: Vec<EpisodeId> = self.open.keys().copied().collect();
        ids.sort();
        ids.into_iter().for_each(|id| self.consider(id));
    }

    /// Makes an episode a candidate for every policy that matches, and looks at each.
    pub(super) fn consider(&mut self, id: EpisodeId) {
        let Some(episode) = self.open.get(&id) else {
            return;
        };
        let policies: Vec<String> =
            policy::matching(&self.config, &episode.alert).map(|policy| policy.name.clone()).collect();
        if policies.is_empty() {
            return self.hold(Subject::episode(id, None), Reason::NoPolicy, String::new(), None);
        }
        for policy in policies {
            self.candidates.insert((id, policy.clone()), Candidate::default());
            self.look_at(id, &policy);
        }
    }

    pub(super) fn look_at_all(&mut self) {
        let keys: Vec<(EpisodeId, String)> = self.candidates.keys().cloned().collect();
        keys.iter().for_each(|(id, policy)| self.look_at(*id, policy));
    }

    pub(super) fn look_at_due(&mut self) {
        let due = |time: Option<Timestamp>| time.is_some_and(|time| time <= self.now);
        let keys = self.candidates.iter().filter(|(_, candidate)| due(candidate.look_again));
        let keys: Vec<(EpisodeId, String)> = keys.map(|(key, _)| key.clone()).collect();
        for (id, policy) in keys {
            if let Some(candidate) = self.candidates.get_mut(&(id, policy.clone())) {
                candidate.awaiting = None;
            }
            self.look_at(id, &policy);
        }
    }

    /// Plans, asks the guards, and has the world read again.
    fn look_at(&mut self, id: EpisodeId, policy_name: &str) {
        let awaiting =
            self.candidates.get(&(id, policy_name.to_owned())).is_none_or(|one| one.awaiting.is_some());
        let Some((policy, plan)) = self.plan(id, policy_name).filter(|_| !awaiting) else {
            return;
        };
        if !self.passes(&policy, &plan) {
            return;
        }
        if policy.mode.unwrap_or(self.config.mode) == Mode::Shadow {
            self.candidates.remove(&(id, policy_name.to_owned()));
            let key = plan.key.clone();
            return self.hold(Subject::run(&key), Reason::Shadow, String::new(), Some(plan));
        }
        let Some(episode) = self.open.get(&id) else {
            return;
        };
        self.commands.push_back(Command::Confirm {
            key: plan.key.clone(),
            alert: episode.alert.clone(),
            with: policy.confirm_with.clone(),
            baseline: plan.steps.first().and_then(|step| Some(step.verify.as_ref()?.expr.clone())),
        });
        let awaiting =
            Candidate { look_again: Some(self.now + CONFIRMATION_LIMIT), awaiting: Some(plan.key) };
        self.candidates.insert((id, policy_name.to_owned()), awaiting);
    }

    /// The plan as things are now; a refusal is final for this episode.
    fn plan(&mut self, id: EpisodeId, policy_name: &str) -> Option<(Policy, Plan)> {
        let config = self.config.clone();
        let policy = config.policies.iter().find(|policy| policy.name == policy_name)?;
        let episode = self.open.get(&id)?;
        match policy::plan(&config, policy, episode) {
            Ok(plan) => Some((policy.clone(), plan)),
            Err((reason, detail)) => {
                self.candidates.remove(&(id, policy_name.to_owned()));
                self.hold(Subject::episode(id, Some(policy_name)), reason, detail, None);
                None
            }
        }
    }

    /// Asks every guard; the first that holds is recorded.
    fn passes(&mut self, policy: &Policy, plan: &Plan) -> bool {
        let id = plan.key.episode;
        let Err(held) = self.guard(policy, plan) else {
            return true;
        };
        let key = (id, policy.name.clone());
        if held.reason == Reason::Storm {
            self.began_in_storm.insert(id);
        }
        if matches!(held.reason, Reason::AlreadyRun | Reason::Storm) {
            self.candidates.remove(&key);
        } else {
            let waits_for_change = matches!(held.reason, Reason::Paused | Reason::ShuttingDown);
            let look_again = held.until.or_else(|| (!waits_for_change).then(|| self.now + LOOK_AGAIN));
            self.candidates.insert(key, Candidate { look_again, awaiting: None });
        }
        self.hold(Subject::run(&plan.key), held.reason, held.detail, Some(plan.clone()));
        false
    }

    fn guard(&self, policy: &Policy, plan: &Plan) -> Result<(), Held> {
        let key = &plan.key;
        let none = Vec::new();
        let attempts = self.attempts.get(&(key.policy.clone(), key.target.clone())).unwrap_or(&none);
        let open = self.open.get(&key.episode);
        guards::already_run(self.done.contains(key))?;
        guards::paused(self.paused)?;
        guards::shutting_down(self.shutting_down)?;
        guards::startup_grace(self.started, self.config.startup_grace, self.now)?;
        guards::storm(self.in_storm_for(key.episode))?;
        open.map_or(Ok(()), |episode| guards::min_firing(episode, policy.min_firing, self.now))?;
        guards::cooldown(attempts, policy.per_target, self.now)?;
        guards::target_busy(self.is_busy(&key.target))?;
        guards::in_flight(self.in_flight(), self.config.max_in_flight)
    }

    fn is_busy(&self, target: &str) -> bool {
        self.beginning.keys().any(|key| key.target == target)
            || self.runs.values().any(|run| run.target() == target)
    }

    /// The world was read: fail closed, guard again, write the intent.
    pub(super) fn confirmed(&mut self, key: &RunKey, confirmation: Confirmation) {
        let candidate = (key.episode, key.policy.clone());
        let awaited = self.candidates.get(&candidate).is_some_and(|one| one.awaiting.as_ref() == Some(key));
        let Some((policy, plan)) =
            self.plan(key.episode, &key.policy).filter(|(_, plan)| awaited && plan.key == *key)
        else {
            return;
        };
        self.candidates.insert(candidate.clone(), Candidate::default());
        if let Err((reason, detail)) = check(&policy, &confirmation) {
            let look_again = Some(self.now + LOOK_AGAIN);
            self.candidates.insert(candidate, Candidate { look_again, awaiting: None });
            return self.hold(Subject::run(key), reason, detail, Some(plan));
        }
        if self.passes(&policy, &plan) {
            self.candidates.remove(&candidate);
            self.beginning.insert(key.clone(), (plan.clone(), confirmation.baseline));
            self.commands.push_back(Command::Begin { plan });
        }
    }

    pub(super) fn begun(&mut self, key: RunKey, run: RunId) {
        let Some((plan, baseline)) = self.beginning.remove(&key) else {
            return;
        };
        self.told.remove(&(key.episode, Some(key.policy.clone())));
        self.commands.push_back(Command::Record(Decision {
            episode: key.episode,
            policy: Some(key.policy.clone()),
            target: Some(key.target.clone()),
            at: self.now,
            verdict: DecisionVerdict::Act { plan: plan.clone() },
        }));
        self.remember_attempt(key, self.now);
        self.runs.insert(run, ActiveRun::acting(plan, baseline));
        self.commands.push_back(Command::Act { run, step: 0 });
    }

    pub(super) fn begin_refused(&mut self, key: &RunKey, reason: Reason) {
        let Some((plan, _)) = self.beginning.remove(key) else {
            return;
        };
        if reason == Reason::AlreadyRun {
            self.done.insert(key.clone());
        } else if self.open.contains_key(&key.episode) {
            let again = Candidate { look_again: Some(self.now + LOOK_AGAIN), awaiting: None };
            self.candidates.insert((key.episode, key.policy.clone()), again);
        }
        self.hold(Subject::run(key), reason, String::new(), Some(plan));
    }
}

/// Everybody who must confirm says that the alert fires, or nothing is done.
pub(super) fn check(policy: &Policy, confirmation: &Confirmation) -> Result<(), (Reason, String)> {
    use super::super::config::ConfirmWith::{Alertmanager, Prometheus};
    for witness in &policy.confirm_with {
        let (presence, absent, unreachable) = match witness {
            Alertmanager => {
                (&confirmation.alertmanager, Reason::NotInAlertmanager, Reason::AlertmanagerUnreachable)
            }
            Prometheus => (&confirmation.prometheus, Reason::NotInPrometheus, Reason::PrometheusUnreachable),
        };
        match presence {
            Some(Presence::Firing) => {}
            Some(Presence::Silenced) => return Err((Reason::Silenced, String::new())),
            Some(Presence::Inhibited) => return Err((Reason::Inhibited, String::new())),
            Some(Presence::Absent) => return Err((absent, String::new())),
            Some(Presence::Unreachable(why)) => return Err((unreachable, why.clone())),
            None => return Err((unreachable, "it was not asked".to_owned())),
        }
    }
    if policy.confirm_with.is_empty() {
        return Err((Reason::PrometheusUnreachable, "nobody is named to confirm the alert".to_owned()));
    }
    Ok(())
}

impl Engine {
    /// Candidates that waited for a place or a target are looked at again.
    pub(super) fn place_became_free(&mut self) {
        let waiting = |reason: &Reason| matches!(reason, Reason::TargetBusy | Reason::TooManyInFlight);
        let keys = self.told.iter().filter(|(_, reason)| waiting(reason));
        let mut keys: Vec<(EpisodeId, String)> =
            keys.filter_map(|((id, policy), _)| Some((*id, policy.clone()?))).collect();
        keys.sort();
        for (id, policy) in keys {
            if self.candidates.contains_key(&(id, policy.clone())) {
                self.look_at(id, &policy);
            }
        }
    }
}
