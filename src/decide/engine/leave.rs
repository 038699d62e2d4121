//! A plan that nothing holds back: whether it is carried out, asked for, or only recorded.

use std::collections::BTreeSet;

use crate::model::{
    Approval, ApprovalRequest, ApprovalState, Check, Class, DAEMON, Decision, DecisionVerdict, EpisodeId,
    Measurement, Plan, Reason, RunId, RunKey, RunOutcome, format_duration,
};

use super::super::autonomy::Level;
use super::super::config::{Mode, Policy};
use super::super::effect::{EffectQuestion, Watch};
use super::super::guards::Held;
use super::super::policy::class;
use super::super::world::Confirmation;
use super::message::Command;
use super::open::{Awaiting, Candidate};
use super::running::{ActiveRun, before};
use super::under_way::names;
use super::waiting::{CONFIRMATION_LIMIT, look_again_in};
use super::{Beginning, Engine, Subject};

/// Why a request is void that nobody answered in time.
const OUT_OF_TIME: &str = "its time ran out";

impl Engine {
    /// What a policy may do by itself.
    pub(super) fn level(&self, policy: &Policy) -> Level {
        match policy.mode.unwrap_or(self.config.mode) {
            Mode::Shadow => Level::Shadow,
            Mode::Ask => Level::Ask,
            Mode::Enforce => Level::Act,
            Mode::Earned => self.standing(&policy.name).map_or(Level::Shadow, |standing| standing.level),
        }
    }

    /// Nothing holds the plan back.
    pub(super) fn decide(&mut self, policy: &Policy, plan: Plan, world: Confirmation, checks: Vec<Check>) {
        let (level, class) = (self.level(policy), class(policy, &plan));
        let requested = self.requested.contains_key(&(plan.key.episode, plan.key.policy.clone()));
        if level == Level::Shadow && !requested {
            return self.shadow(policy, plan, checks);
        }
        let alone = is_alone(policy, level, class);
        let watch = self.watch(policy, &plan, world.before);
        let since = self.now;
        let beginning =
            Beginning { plan, since, baseline: world.baseline, watch, checks, approved: !alone, requested };
        if alone { self.begin(policy, beginning, None) } else { self.ask(policy, beginning, class) }
    }

    /// What the first step's effect is judged by besides its verification.
    fn watch(&self, policy: &Policy, plan: &Plan, before: Option<Measurement>) -> Option<Watch> {
        let alert = &self.open.get(plan.key.episode)?.episode.alert;
        // What cannot be filled in has held the plan back already.
        let question = EffectQuestion::new(policy, &plan.key.target, alert).ok()?;
        Some(Watch { question, before })
    }

    fn shadow(&mut self, policy: &Policy, plan: Plan, checks: Vec<Check>) {
        let key = plan.key.clone();
        if policy.mode.unwrap_or(self.config.mode) == Mode::Earned {
            self.watch_shadow(&plan);
        }
        self.give_up(&key, Held::new(Reason::Shadow, ""), Some(plan), checks);
    }

    fn begin(&mut self, policy: &Policy, beginning: Beginning, approval: Option<&Approval>) {
        let plan = beginning.plan.clone();
        let policy_is = self.digest(&policy.name).unwrap_or_default();
        let before = before(policy_is, beginning.baseline.as_ref(), beginning.watch.as_ref()).into();
        self.open.remove_candidate(plan.key.episode, &plan.key.policy);
        self.beginning.insert(plan.key.clone(), beginning);
        let budgets = policy.budgets.iter().chain(&self.config.budgets).copied().collect();
        let (max_in_flight, approval) = (self.config.max_in_flight, approval.map(|one| one.id));
        self.commands.push_back(Command::Begin {
            plan: plan.into(),
            budgets,
            max_in_flight,
            approval,
            before,
        });
    }

    /// With a person's leave for this very plan it is carried out; else that is asked for, once.
    fn ask(&mut self, policy: &Policy, beginning: Beginning, class: Class) {
        let key = beginning.plan.key.clone();
        if let Some((plan, reason)) = self.denied.get(&(key.episode, key.policy.clone()))
            && *plan == beginning.plan
        {
            let Beginning { plan, checks, .. } = beginning;
            return self.give_up(&key, Held::new(*reason, ""), Some(plan), checks);
        }
        match self.approvals.get(&key).cloned() {
            Some(approval) if approval.request.plan != beginning.plan => {
                self.cancel(&key, "the plan has changed");
                self.request(beginning.plan, class);
            }
            Some(approval) if self.gives_leave(&approval) => self.begin(policy, beginning, Some(&approval)),
            Some(approval) => self.wait(beginning.plan, pending(&approval), beginning.checks),
            None => self.request(beginning.plan, class),
        }
    }

    fn gives_leave(&self, approval: &Approval) -> bool {
        matches!(approval.state, ApprovalState::Approved { .. }) && approval.request.expires_at() > self.now
    }

    fn request(&mut self, plan: Plan, class: Class) {
        let key = plan.key.clone();
        let by = self.requested.get(&(key.episode, key.policy.clone())).map_or(DAEMON, String::as_str);
        let request = ApprovalRequest {
            plan,
            requested_by: by.to_owned(),
            needs_another: class == Class::Destructive,
            requested_at: self.now,
            valid_for: self.config.approval_valid_for,
        };
        self.commands.push_back(Command::Ask(request.into()));
        self.await_answer(&key, Awaiting::People(key.clone().into()), None);
    }

    /// People are asked.
    pub(super) fn asked(&mut self, key: RunKey, result: Result<Box<Approval>, Reason>) {
        let people = Some(Awaiting::People(key.clone().into()));
        let awaited = self.open.candidate(key.episode, &key.policy).is_some_and(|one| one.awaiting == people);
        match result {
            Ok(approval) if awaited => {
                let plan = approval.request.plan.clone();
                let held = pending(&approval);
                self.approvals.insert(key, *approval);
                self.wait(plan, held, Vec::new());
            }
            Ok(approval) => {
                self.approvals.insert(key.clone(), *approval);
                self.cancel(&key, "the alert resolved");
            }
            Err(reason) if awaited => {
                let look_again = Some(self.now + look_again_in(key.episode));
                self.open.put_candidate(key.episode, &key.policy, Candidate::again(look_again));
                self.hold(Subject::run(&key), Held::new(reason, "nobody could be asked"), None, Vec::new());
            }
            Err(_) => {}
        }
    }

    /// A person has answered.
    pub(super) fn answered(&mut self, approval: Approval) {
        let key = approval.request.plan.key.clone();
        if self.approvals.get(&key).is_none_or(|known| known.id != approval.id) {
            return;
        }
        match &approval.state {
            ApprovalState::Rejected { by, .. } => {
                let held = Held::new(Reason::ApprovalRejected, format!("by {by}"));
                self.approvals.remove(&key);
                self.deny(&approval.request.plan, held.reason);
                self.give_up(&key, held, Some(approval.request.plan), Vec::new());
            }
            ApprovalState::Approved { .. } => {
                self.approvals.insert(key.clone(), approval);
                self.open.stop_awaiting(key.episode, &key.policy);
                self.look_at(key.episode, &key.policy);
            }
            _ => {}
        }
    }

    /// Requests that nobody answered in time, and leaves that nobody used.
    pub(super) fn expire_due(&mut self) {
        let now = self.now;
        let late = self.approvals.iter().filter(|(_, approval)| approval.request.expires_at() <= now);
        let mut late: Vec<RunKey> = late.map(|(key, _)| key.clone()).collect();
        late.sort();
        for key in late {
            let plan = self.approvals.get(&key).map(|approval| approval.request.plan.clone());
            self.cancel(&key, OUT_OF_TIME);
            if let Some(plan) = &plan {
                self.deny(plan, Reason::ApprovalExpired);
            }
            self.give_up(&key, Held::new(Reason::ApprovalExpired, ""), plan, Vec::new());
        }
    }

    /// This plan is not asked for once more while its alert fires.
    fn deny(&mut self, plan: &Plan, reason: Reason) {
        if !self.open.contains(plan.key.episode) {
            return;
        }
        let place = (plan.key.episode, plan.key.policy.clone());
        self.requested.remove(&place);
        self.denied.insert(place, (plan.clone(), reason));
    }

    /// What people were asked before the start, and what they said.
    pub(super) fn recall_approvals(&mut self, approvals: Vec<Approval>) {
        for approval in approvals {
            let plan = &approval.request.plan;
            match &approval.state {
                ApprovalState::Rejected { .. } => self.deny(plan, Reason::ApprovalRejected),
                ApprovalState::Cancelled { why, .. } if why == OUT_OF_TIME => {
                    self.deny(plan, Reason::ApprovalExpired);
                }
                state if state.is_open() => {
                    let (key, by) = (plan.key.clone(), approval.request.requested_by.clone());
                    if by != DAEMON {
                        self.requested.insert((key.episode, key.policy.clone()), by);
                    }
                    self.approvals.insert(key, approval);
                }
                _ => {}
            }
        }
    }

    /// The alert is over: nobody shall approve what is not needed any more.
    pub(super) fn cancel_all_of(&mut self, episode: EpisodeId) {
        let mut keys: Vec<RunKey> =
            self.approvals.keys().filter(|key| key.episode == episode).cloned().collect();
        keys.sort();
        for key in keys {
            self.cancel(&key, "the alert resolved");
        }
    }

    fn cancel(&mut self, key: &RunKey, why: &'static str) {
        if let Some(approval) = self.approvals.remove(key) {
            self.commands.push_back(Command::Cancel { approval: approval.id, why });
        }
    }

    pub(super) fn begun(&mut self, key: RunKey, run: RunId) {
        let Some(beginning) = self.beginning.remove(&key) else {
            return;
        };
        let touched = self.touch(&beginning.plan);
        self.approvals.remove(&key);
        if self.now.since(beginning.since) >= CONFIRMATION_LIMIT {
            return self.begun_too_late(key, run, beginning);
        }
        if let Some(open) = self.open.get_mut(key.episode) {
            open.told.forget(&key.policy);
        }
        let decision = Decision {
            episode: key.episode,
            policy: Some(key.policy.clone()),
            target: Some(key.target.clone()),
            at: self.now,
            verdict: DecisionVerdict::Act { plan: beginning.plan.clone() },
            checks: beginning.checks.clone(),
        };
        self.commands.push_back(Command::Record(decision.into()));
        let digest = self.digest(&key.policy).unwrap_or_default();
        self.requested.remove(&(key.episode, key.policy.clone()));
        self.remember_attempt(&beginning.plan, self.now);
        self.runs.insert(run, ActiveRun::acting(beginning, digest, touched));
        self.commands.push_back(Command::Act { run, step: 0 });
    }

    /// What allowed it was seen so long ago that it says nothing of now.
    fn begun_too_late(&mut self, key: RunKey, run: RunId, beginning: Beginning) {
        let took = format_duration(self.now.since(beginning.since));
        let held = Held::new(Reason::JournalUnavailable, format!("to write the intent took {took}"));
        self.hold(Subject::run(&key), held, Some(beginning.plan.clone()), Vec::new());
        self.remember_attempt(&beginning.plan, self.now);
        self.runs.insert(run, ActiveRun::acting(beginning, 0, BTreeSet::new()));
        self.close(run, RunOutcome::NotStarted);
    }

    /// From now on what it touches is nobody's peer. Those that are none of this run's.
    fn touch(&mut self, plan: &Plan) -> BTreeSet<String> {
        let names = names(&plan.touches());
        for active in self.runs.values_mut() {
            active.touched.extend(names.iter().cloned());
        }
        self.names_under_way(&plan.key)
    }

    pub(super) fn begin_refused(&mut self, key: &RunKey, reason: Reason) {
        let Some(Beginning { plan, .. }) = self.beginning.remove(key) else {
            return;
        };
        if reason == Reason::AlreadyRun {
            self.done.add_key(key.clone());
        } else if self.open.contains(key.episode) {
            let again = Candidate::again(Some(self.now + look_again_in(key.episode)));
            self.open.put_candidate(key.episode, &key.policy, again);
        }
        self.hold(Subject::run(key), Held::new(reason, ""), Some(plan), Vec::new());
    }
}

/// Whether a policy needs no person's leave for a plan.
pub(super) fn is_alone(policy: &Policy, level: Level, class: Class) -> bool {
    level == Level::Act && !policy.needs_approval && class < Class::Destructive
}

fn pending(approval: &Approval) -> Held {
    let until = approval.request.expires_at();
    let detail = format!("approval {} is asked for, until {until}", approval.id);
    Held { reason: Reason::ApprovalPending, detail, until: Some(until) }
}
