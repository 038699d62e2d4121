//! Runs: from a written intent to a written end.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::{
    ActError, ActReport, Effect, Episode, Observation, Plan, Run, RunId, RunOutcome, StepRecord, Timestamp,
    Verdict, Verification,
};

use super::super::effect::{EffectQuestion, Probe, Watch};
use super::message::Command;
use super::{Beginning, Engine};

/// A verification is evaluated so many times within its time, but not more often than every second and not
/// more seldom than every ten.
const PROBES: u32 = 20;
const FASTEST_PROBE: Duration = Duration::from_secs(1);
const SLOWEST_PROBE: Duration = Duration::from_secs(10);
/// How long an answer to a probe may take before it is asked for again.
const PROBE_LIMIT: Duration = Duration::from_secs(60);

/// A run under way.
#[derive(Clone, Debug)]
pub(super) struct ActiveRun {
    pub(super) plan: Plan,
    pub(super) step: usize,
    pub(super) phase: Phase,
    /// What the proof of the step under way said before it; `None`: nobody knows.
    pub(super) baseline: Option<Observation>,
    /// What the step's effect is judged by besides its verification.
    pub(super) watch: Option<Watch>,
    /// Names of what other runs touched that were under way at any time during this one.
    pub(super) touched: BTreeSet<String>,
    /// What the policy was when it began.
    pub(super) digest: u32,
    /// Whether a person has approved it.
    pub(super) approved: bool,
    /// Whether a person has asked for it, whatever the policy's mode.
    pub(super) requested: bool,
    /// Whether further steps may follow: not after a restart, and not after something unknown.
    goes_on: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    /// The action is being carried out.
    Acting,
    /// The effect is being proved.
    Proving {
        deadline: Timestamp,
        next: Timestamp,
        /// Since when every look has found that it helped.
        helped: Option<Timestamp>,
        certain: bool,
    },
    /// The world is read again before the next step, by the question of this number; given up at the time named.
    Confirming { until: Timestamp, number: u64 },
    /// The next step's intent is being written, because of what was seen of the world at this time.
    Advancing { since: Timestamp },
}

impl ActiveRun {
    pub(super) fn acting(beginning: Beginning, digest: u32, touched: BTreeSet<String>) -> Self {
        let Beginning { plan, baseline, watch, approved, requested, .. } = beginning;
        let phase = Phase::Acting;
        Self { plan, step: 0, phase, baseline, watch, touched, digest, approved, requested, goes_on: true }
    }

    /// One that a process has left open; no further step follows.
    pub(super) fn left_open(plan: Plan, step: usize, watch: Option<Watch>) -> Self {
        let (phase, touched) = (Phase::Acting, BTreeSet::new());
        let (digest, approved, requested) = (0, false, false);
        Self {
            plan,
            step,
            phase,
            baseline: None,
            watch,
            touched,
            digest,
            approved,
            requested,
            goes_on: false,
        }
    }

    /// Whether it has put the question of this number.
    pub(super) fn awaits(&self, question: u64) -> bool {
        matches!(self.phase, Phase::Confirming { number, .. } if number == question)
    }

    pub(super) fn is_acting(&self) -> bool {
        self.phase == Phase::Acting
    }

    pub(super) fn due(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Proving { next, .. } => Some(next),
            Phase::Confirming { until, .. } => Some(until),
            Phase::Acting | Phase::Advancing { .. } => None,
        }
    }

    pub(super) fn move_timers(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        match &mut self.phase {
            Phase::Proving { deadline, next, helped, .. } => {
                (*deadline, *next) = (moved(*deadline), moved(*next));
                *helped = helped.map(moved);
            }
            Phase::Confirming { until, .. } => *until = moved(*until),
            Phase::Advancing { since } => *since = moved(*since),
            Phase::Acting => {}
        }
    }

    fn verification(&self) -> Option<&Verification> {
        self.plan.steps.get(self.step)?.verify.as_ref()
    }

    fn probe_interval(&self) -> Duration {
        let within = self.verification().map_or(Duration::ZERO, |verify| verify.within);
        (within / PROBES).clamp(FASTEST_PROBE, SLOWEST_PROBE)
    }

    fn ask_again_at(&mut self, at: Timestamp) {
        if let Phase::Proving { next, .. } = &mut self.phase {
            *next = at;
        }
    }

    fn probe(&self, verification: &Verification, deadline: Timestamp) -> Probe {
        Probe {
            expr: verification.expr.clone(),
            baseline: self.baseline.clone(),
            watch: self.watch.clone(),
            touched: self.touched.clone(),
            deadline,
        }
    }

    fn has_next_step(&self) -> bool {
        self.goes_on && self.step + 1 < self.plan.steps.len()
    }
}

impl Engine {
    /// Takes up a run that the last process left open. Nothing is repeated and no further step follows, but what must
    /// be finished is, whatever the stop switch says: it belongs to an action that was begun.
    pub(super) fn resume(&mut self, run: Run, episodes: &[Episode]) {
        let step = run.steps.len().saturating_sub(1);
        let record = run.steps.last().cloned();
        let watch = self.watch_again(&run.plan, episodes);
        let active = ActiveRun::left_open(run.plan, step, watch);
        let must_be_finished =
            active.plan.steps.get(step).is_some_and(|planned| planned.action.must_be_finished());
        self.done.add(&active.plan);
        self.runs.insert(run.id, active);
        match record {
            Some(StepRecord { verified: Some((_, verdict)), acted, .. }) => {
                let certain = matches!(acted, Some((_, Ok(_))));
                self.close(run.id, outcome(verdict, certain));
            }
            Some(StepRecord { acted: Some((_, result)), .. }) => self.settle(run.id, result),
            Some(_) if must_be_finished => self.commands.push_back(Command::Finish { run: run.id, step }),
            _ => {
                let reason = "the daemon ended before the action's outcome was written".to_owned();
                self.settle(run.id, Err(ActError::Unknown { reason, report: ActReport::default() }));
            }
        }
    }

    /// What the effect of a run under way is judged by; what was before its step nobody has written down.
    fn watch_again(&self, plan: &Plan, episodes: &[Episode]) -> Option<Watch> {
        let policy = self.config.policies.iter().find(|policy| policy.name == plan.key.policy)?;
        let episode = episodes.iter().find(|episode| episode.id == plan.key.episode)?;
        let question = EffectQuestion::new(policy, &plan.key.target, &episode.alert).ok()?;
        Some(Watch { question, before: None })
    }

    pub(super) fn acted(&mut self, run: RunId, step: usize, result: Result<ActReport, ActError>) {
        let expected = self.runs.get(&run).is_some_and(|active| active.is_acting() && active.step == step);
        if expected {
            self.settle(run, result);
        }
    }

    /// What the action said decides whether there is anything to prove.
    fn settle(&mut self, run: RunId, result: Result<ActReport, ActError>) {
        match result {
            Ok(_) => self.prove(run, true),
            Err(ActError::Unknown { .. }) => self.prove(run, false),
            Err(ActError::NotStarted { .. }) => self.close(run, RunOutcome::NotStarted),
            Err(ActError::Failed { .. }) => self.close(run, RunOutcome::Failed),
        }
    }

    fn prove(&mut self, run: RunId, certain: bool) {
        let now = self.now;
        let Some(active) = self.runs.get_mut(&run) else {
            return;
        };
        match active.verification().map(|verify| (verify.within, verify.at_the_end)) {
            Some((within, at_the_end)) => {
                let deadline = now + within;
                let next = if at_the_end { deadline } else { now };
                active.phase = Phase::Proving { deadline, next, helped: None, certain };
                self.probe_due();
            }
            None if certain && active.has_next_step() => self.next_step(run),
            None => self.close(run, outcome(Verdict::Unknown, certain)),
        }
    }

    /// Asks for every proof that is due.
    pub(super) fn probe_due(&mut self) {
        let now = self.now;
        for (run, active) in &mut self.runs {
            let Phase::Proving { next, deadline, .. } = active.phase else { continue };
            if next > now {
                continue;
            }
            let Some(probe) = active.verification().map(|verify| active.probe(verify, deadline)) else {
                continue;
            };
            active.ask_again_at(now + PROBE_LIMIT);
            self.commands.push_back(Command::Probe { run: *run, step: active.step, probe: probe.into() });
        }
    }

    pub(super) fn probed(&mut self, run: RunId, step: usize, effect: Option<Box<Effect>>) {
        let now = self.now;
        let Some(active) = self.runs.get_mut(&run).filter(|active| active.step == step) else {
            return;
        };
        let interval = active.probe_interval();
        let lasts = active.verification().map_or(Duration::ZERO, |verify| verify.lasts);
        let Phase::Proving { deadline, next, helped, certain } = &mut active.phase else {
            return;
        };
        let certain = *certain;
        *next = (now + interval).min((*deadline).max(now + FASTEST_PROBE));
        let Some(effect) = effect else {
            *helped = None;
            return;
        };
        if effect.verdict == Verdict::Helped {
            let lasted = *helped.get_or_insert(now) + lasts;
            if now < lasted {
                *next = (*next).min(lasted);
                return;
            }
        }
        self.conclude(run, step, effect, certain);
    }

    /// A further step follows one that had no effect, unless the target is well all the same.
    fn conclude(&mut self, run: RunId, step: usize, effect: Box<Effect>, certain: bool) {
        let (verdict, recovered) = (effect.verdict, effect.recovered);
        self.commands.push_back(Command::Conclude { run, step, effect });
        let goes_on = self.runs.get(&run).is_some_and(ActiveRun::has_next_step);
        if verdict == Verdict::NoEffect && !recovered && certain && goes_on {
            self.next_step(run);
        } else {
            self.close(run, outcome(verdict, certain));
        }
    }

    pub(super) fn close(&mut self, run: RunId, outcome: RunOutcome) {
        if let Some(active) = self.runs.remove(&run) {
            self.commands.push_back(Command::Close { run, outcome });
            self.count_outcome(&active.plan.key, outcome);
            self.let_settle(&active.plan, outcome, self.now);
            self.place_became_free();
        }
    }
}

/// How a run ends with a verdict; `certain`: the action is known to have been accepted.
fn outcome(verdict: Verdict, certain: bool) -> RunOutcome {
    match (verdict, certain) {
        (Verdict::Helped, _) => RunOutcome::Helped,
        (Verdict::Worse, _) => RunOutcome::Worse,
        (_, false) => RunOutcome::Unknown,
        (Verdict::NoEffect, true) => RunOutcome::NoEffect,
        (Verdict::Unknown, true) => RunOutcome::Unproven,
    }
}
