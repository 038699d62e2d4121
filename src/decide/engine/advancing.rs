//! From one step of a run to the next: the world is read again, the guards that can have changed are asked
//! again, and only then the next intent is written.

use crate::model::{Before, Reason, RunId, RunOutcome, format_duration};

use super::super::autonomy::Level;
use super::super::config::{Config, Policy};
use super::super::guards::{self, Held, local};
use super::super::policy;
use super::super::world::{Confirmation, Question};
use super::leave::is_alone;
use super::message::Command;
use super::running::{ActiveRun, Phase, before};
use super::waiting::CONFIRMATION_LIMIT;
use super::{Engine, Subject};

impl Engine {
    /// Has the world read again before a further step. Stopping, the run stays open: the next process finds
    /// out how it ended.
    pub(super) fn next_step(&mut self, run: RunId) {
        let Some(key) = self.runs.get(&run).map(|active| active.plan.key.clone()) else {
            return;
        };
        if self.shutting_down {
            return;
        }
        let config = self.config.clone();
        match self.may_go_on(&config, run).and_then(|policy| self.question_again(policy, run)) {
            Ok(question) => {
                let number = self.put(key, question.into());
                self.enter(run, Phase::Confirming { until: self.now + CONFIRMATION_LIMIT, number });
            }
            Err(held) => self.stop_before_next(run, held),
        }
    }

    fn question_again(&self, policy: &Policy, run: RunId) -> Result<Question, Held> {
        let active = self.runs.get(&run);
        let found = active.and_then(|active| Some((active, self.open.get(active.plan.key.episode)?)));
        let (active, open) = found.ok_or_else(|| Held::new(Reason::Resolved, ""))?;
        let question = policy::question(policy, &active.plan, active.step + 1, &open.episode.alert);
        let question = question.map_err(|(reason, detail)| Held::new(reason, detail))?;
        Ok(Question { touched: active.touched.clone(), ..question })
    }

    /// Puts the questions of runs anew: the policies are others now.
    pub(super) fn ask_again_before_next(&mut self) {
        let confirming = |active: &ActiveRun| matches!(active.phase, Phase::Confirming { .. });
        let runs: Vec<RunId> =
            self.runs.iter().filter(|(_, active)| confirming(active)).map(|(run, _)| *run).collect();
        runs.into_iter().for_each(|run| self.next_step(run));
    }

    /// The policy, if it is what it was and would still act on this target.
    fn may_go_on<'c>(&self, config: &'c Config, run: RunId) -> Result<&'c Policy, Held> {
        let active = self.runs.get(&run);
        let found = active.and_then(|active| Some((active, self.open.get(active.plan.key.episode)?)));
        let (active, open) = found.ok_or_else(|| Held::new(Reason::Resolved, ""))?;
        let key = &active.plan.key;
        guards::first_held(&[
            local::paused(self.paused),
            local::storm(self.in_storm_for(key.episode)),
            local::maintenance(&config.maintenance, self.now),
        ])?;
        let policy = self.policy(config, &key.policy);
        let policy = policy.ok_or_else(|| Held::new(Reason::NoPolicy, "the policy is gone"))?;
        let level = self.level(policy);
        if level == Level::Shadow && !active.requested {
            return Err(Held::new(Reason::Shadow, ""));
        }
        if self.digest(&key.policy) != Some(active.digest) {
            return Err(Held::new(Reason::NoPolicy, "the policy has changed since the run began"));
        }
        if !active.approved && !is_alone(policy, level, policy::class(policy, &active.plan)) {
            return Err(Held::new(
                Reason::ApprovalPending,
                "nobody has approved the run, and a person must now",
            ));
        }
        let target = policy::target(config, &policy.target, &open.episode.alert);
        match target.map_err(|(reason, detail)| Held::new(reason, detail))? {
            target if *target == *key.target => {}
            _ => return Err(Held::new(Reason::TargetRefused, "the policy names another target now")),
        }
        Ok(policy)
    }

    /// The world was read before a further step.
    pub(super) fn confirmed_next(&mut self, run: RunId, confirmation: &Confirmation) {
        let Some(active) = self.runs.get(&run) else {
            return;
        };
        let key = active.plan.key.clone();
        // Whoever gives it up is about to.
        if self.shutting_down || active.due().is_some_and(|limit| limit <= self.now) {
            return;
        }
        let config = self.config.clone();
        let confirmed = self
            .may_go_on(&config, run)
            .and_then(|policy| guards::first_held(&self.ask_world(policy, &key, confirmation)));
        match confirmed {
            Ok(()) => {
                let before = self.remeasured(run, confirmation).into();
                self.enter(run, Phase::Advancing { since: self.now });
                self.commands.push_back(Command::NextStep { run, before });
            }
            Err(held) => self.stop_before_next(run, held),
        }
    }

    /// What was before the further step is what it is now.
    fn remeasured(&mut self, run: RunId, confirmation: &Confirmation) -> Before {
        let Some(active) = self.runs.get_mut(&run) else { return Before::default() };
        active.baseline.clone_from(&confirmation.baseline);
        if let Some(watch) = &mut active.watch {
            watch.before.clone_from(&confirmation.before);
        }
        before(active.digest, active.baseline.as_ref(), active.watch.as_ref())
    }

    /// Gives up runs whose question before the next step was never answered.
    pub(super) fn give_up_due(&mut self) {
        let now = self.now;
        let late =
            |active: &ActiveRun| matches!(active.phase, Phase::Confirming { until, .. } if until <= now);
        let late: Vec<RunId> =
            self.runs.iter().filter(|(_, active)| late(active)).map(|(run, _)| *run).collect();
        for run in late {
            self.stop_before_next(run, Held::new(Reason::PrometheusUnreachable, "no answer at all"));
        }
    }

    /// Records what holds the next step back and ends the run.
    pub(super) fn stop_before_next(&mut self, run: RunId, held: Held) {
        let Some(plan) = self.runs.get(&run).map(|active| active.plan.clone()) else {
            return;
        };
        self.hold(Subject::run(&plan.key.clone()), held, Some(plan), Vec::new());
        self.close(run, RunOutcome::Aborted);
    }

    pub(super) fn still_fires(&self, run: RunId) -> bool {
        self.runs.get(&run).is_some_and(|active| self.open.contains(active.plan.key.episode))
    }

    fn enter(&mut self, run: RunId, phase: Phase) {
        if let Some(active) = self.runs.get_mut(&run) {
            active.phase = phase;
        }
    }

    pub(super) fn step_begun(&mut self, run: RunId) {
        let now = self.now;
        let Some(active) = self.runs.get_mut(&run) else { return };
        let Phase::Advancing { since } = active.phase else { return };
        if now.since(since) >= CONFIRMATION_LIMIT {
            let took = format_duration(now.since(since));
            let held = Held::new(Reason::JournalUnavailable, format!("to write the intent took {took}"));
            return self.stop_before_next(run, held);
        }
        active.step += 1;
        active.phase = Phase::Acting;
        self.commands.push_back(Command::Act { run, step: active.step });
    }

    pub(super) fn step_refused(&mut self, run: RunId, reason: Reason) {
        if self.runs.get(&run).is_some_and(|active| matches!(active.phase, Phase::Advancing { .. })) {
            self.stop_before_next(run, Held::new(reason, "when the intent was to be written"));
        }
    }
}
