//! From one step of a run to the next: the world is read again, the guards that can have changed are asked
//! again, and only then the next intent is written.

use crate::model::{Reason, RunId, RunKey, RunOutcome};

use super::super::config::{Mode, Policy};
use super::super::guards::{self, Held};
use super::super::policy;
use super::message::{Command, Confirmation};
use super::running::{ActiveRun, Phase};
use super::waiting::{CONFIRMATION_LIMIT, check};
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
        match (self.may_go_on(&key), self.open.get(&key.episode)) {
            (Ok(policy), Some(episode)) => {
                let (alert, with) = (episode.alert.clone(), policy.confirm_with);
                self.commands.push_back(Command::Confirm { key, alert, with, baseline: None });
                self.enter(run, Phase::Confirming { until: self.now + CONFIRMATION_LIMIT });
            }
            (Ok(_), None) => self.stop_before_next(run, Held::new(Reason::Resolved, "")),
            (Err(held), _) => self.stop_before_next(run, held),
        }
    }

    /// The policy as it is now, if it would still act on this target.
    fn may_go_on(&self, key: &RunKey) -> Result<Policy, Held> {
        guards::paused(self.paused)?;
        let Some(episode) = self.open.get(&key.episode) else {
            return Err(Held::new(Reason::Resolved, ""));
        };
        let policy = self.config.policies.iter().find(|policy| policy.name == key.policy);
        let policy = policy.ok_or_else(|| Held::new(Reason::NoPolicy, "the policy is gone"))?;
        if policy.mode.unwrap_or(self.config.mode) == Mode::Shadow {
            return Err(Held::new(Reason::Shadow, ""));
        }
        let target = policy::target(&self.config, &policy.target, &episode.alert);
        match target.map_err(|(reason, detail)| Held::new(reason, detail))? {
            target if target == key.target => {}
            _ => return Err(Held::new(Reason::TargetRefused, "the policy names another target now")),
        }
        guards::storm(self.in_storm_for(key.episode))?;
        Ok(policy.clone())
    }

    /// The run that has the world read again for this key.
    pub(super) fn run_awaiting(&self, key: &RunKey) -> Option<RunId> {
        let waits = |active: &ActiveRun| matches!(active.phase, Phase::Confirming { .. });
        let mut waiting = self.runs.iter().filter(|(_, active)| waits(active) && active.plan.key == *key);
        waiting.next().map(|(run, _)| *run)
    }

    /// The world was read before a further step.
    pub(super) fn confirmed_next(&mut self, run: RunId, confirmation: &Confirmation) {
        let Some(key) = self.runs.get(&run).map(|active| active.plan.key.clone()) else {
            return;
        };
        if self.shutting_down {
            return;
        }
        let confirmed = self.may_go_on(&key).and_then(|policy| {
            check(&policy, confirmation).map_err(|(reason, detail)| Held::new(reason, detail))
        });
        match confirmed {
            Ok(()) => {
                self.enter(run, Phase::Advancing);
                self.commands.push_back(Command::NextStep { run });
            }
            Err(held) => self.stop_before_next(run, held),
        }
    }

    /// Gives up runs whose question before the next step was never answered.
    pub(super) fn give_up_due(&mut self) {
        let now = self.now;
        let late = |active: &ActiveRun| matches!(active.phase, Phase::Confirming { until } if until <= now);
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
        self.hold(Subject::run(&plan.key.clone()), held.reason, held.detail, Some(plan));
        self.close(run, RunOutcome::Aborted);
    }

    pub(super) fn still_fires(&self, run: RunId) -> bool {
        self.runs.get(&run).is_some_and(|active| self.open.contains_key(&active.plan.key.episode))
    }

    fn enter(&mut self, run: RunId, phase: Phase) {
        if let Some(active) = self.runs.get_mut(&run) {
            active.phase = phase;
        }
    }

    pub(super) fn step_begun(&mut self, run: RunId) {
        let Some(active) = self.runs.get_mut(&run).filter(|active| active.phase == Phase::Advancing) else {
            return;
        };
        active.step += 1;
        active.phase = Phase::Acting;
        self.commands.push_back(Command::Act { run, step: active.step });
    }

    pub(super) fn step_refused(&mut self, run: RunId) {
        if self.runs.get(&run).is_some_and(|active| active.phase == Phase::Advancing) {
            self.close(run, RunOutcome::Aborted);
        }
    }
}
