//! Runs: from a written intent to a written end.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::{
    ActError, ActReport, Before, Effect, Observation, Plan, RunId, RunOutcome, Timestamp, Verdict,
    Verification,
};

use super::super::effect::{Probe, Watch};
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
    pub(super) goes_on: bool,
}

/// What is known of a step's action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Whoever carries it out has accepted it.
    Accepted,
    /// It was begun, and its answer is lost.
    Begun,
    /// The process that was to carry it out has ended, perhaps before it began.
    Nothing,
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
        known: Known,
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
    pub(super) fn left_open(plan: Plan, step: usize) -> Self {
        Self {
            plan,
            step,
            phase: Phase::Acting,
            baseline: None,
            watch: None,
            touched: BTreeSet::new(),
            digest: 0,
            approved: false,
            requested: false,
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

    fn probe(&self, verification: &Verification, deadline: Timestamp, known: Known) -> Probe {
        Probe {
            expr: verification.expr.clone(),
            baseline: self.baseline.clone(),
            watch: self.watch.clone(),
            touched: self.touched.clone(),
            deadline,
            begun: known != Known::Nothing,
        }
    }

    /// Nobody has looked in time: what is seen now, something else may have done.
    fn forget_what_was_before(&mut self) {
        let why = "nobody looked before the time for its proof was over".to_owned();
        self.baseline = Some(Observation::Failed(why));
        if let Some(watch) = &mut self.watch {
            watch.before = None;
        }
    }

    fn has_next_step(&self) -> bool {
        self.goes_on && self.step + 1 < self.plan.steps.len()
    }
}

impl Engine {
    pub(super) fn acted(&mut self, run: RunId, step: usize, result: Result<ActReport, ActError>) {
        let expected = self.runs.get(&run).filter(|active| active.is_acting() && active.step == step);
        let Some(active) = expected else { return };
        // What was to be finished may have been done by nobody.
        let lost = if active.goes_on { Known::Begun } else { Known::Nothing };
        self.note_silence(run, step, &result);
        self.settle(run, &result, lost, self.now);
    }

    /// What the action said decides whether there is anything to prove; `lost`: what is known where its answer is, and
    /// `since`: when the effect's time began.
    pub(super) fn settle(
        &mut self,
        run: RunId,
        result: &Result<ActReport, ActError>,
        lost: Known,
        since: Timestamp,
    ) {
        match result {
            Ok(_) => self.prove(run, Known::Accepted, since),
            Err(ActError::Unknown { .. }) => self.prove(run, lost, since),
            Err(ActError::NotStarted { .. }) => self.close(run, RunOutcome::NotStarted),
            Err(ActError::Failed { .. }) => self.close(run, RunOutcome::Failed),
        }
    }

    pub(super) fn prove(&mut self, run: RunId, known: Known, since: Timestamp) {
        let now = self.now;
        let Some(active) = self.runs.get_mut(&run) else {
            return;
        };
        match active.verification().map(|verify| (verify.within, verify.at_the_end)) {
            Some((within, at_the_end)) => {
                let deadline = since.min(now) + within;
                if since < now && deadline <= now {
                    active.forget_what_was_before();
                }
                let deadline = deadline.max(now);
                let next = if at_the_end { deadline } else { now };
                active.phase = Phase::Proving { deadline, next, helped: None, known };
                self.probe_due();
            }
            None if known == Known::Accepted && active.has_next_step() => self.next_step(run),
            None => self.close(run, outcome(Verdict::Unknown, known)),
        }
    }

    /// Asks for every proof that is due.
    pub(super) fn probe_due(&mut self) {
        let now = self.now;
        for (run, active) in &mut self.runs {
            let Phase::Proving { next, deadline, known, .. } = active.phase else { continue };
            if next > now {
                continue;
            }
            let Some(probe) = active.verification().map(|verify| active.probe(verify, deadline, known))
            else {
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
        let Phase::Proving { deadline, next, helped, known } = &mut active.phase else {
            return;
        };
        let known = *known;
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
        self.conclude(run, step, effect, known);
    }

    /// A further step follows one that had no effect, unless the target is well all the same.
    fn conclude(&mut self, run: RunId, step: usize, effect: Box<Effect>, known: Known) {
        let (verdict, recovered) = (effect.verdict, effect.recovered);
        self.commands.push_back(Command::Conclude { run, step, effect });
        let goes_on = self.runs.get(&run).is_some_and(ActiveRun::has_next_step);
        if verdict == Verdict::NoEffect && !recovered && known == Known::Accepted && goes_on {
            self.next_step(run);
        } else {
            self.close(run, outcome(verdict, known));
        }
    }

    pub(super) fn close(&mut self, run: RunId, outcome: RunOutcome) {
        if let Some(active) = self.runs.remove(&run) {
            self.commands.push_back(Command::Close { run, outcome });
            self.lift_of_run(run);
            let within = active.verification().map_or(Duration::ZERO, |verify| verify.within);
            if outcome == RunOutcome::Helped {
                self.watch_help(run, &active.plan.key, within, self.now);
            }
            self.count_outcome(&active.plan.key, outcome);
            self.let_settle(&active.plan, outcome, self.now);
            self.place_became_free();
        }
    }
}

/// What was seen before a step, to be kept with its intent.
pub(super) fn before(policy: u32, baseline: Option<&Observation>, watch: Option<&Watch>) -> Before {
    let measured = watch.and_then(|watch| watch.before.clone());
    Before { policy, baseline: baseline.cloned(), measured }
}

/// How a run ends with a verdict, by what is known of the action.
pub(super) fn outcome(verdict: Verdict, known: Known) -> RunOutcome {
    match (verdict, known) {
        (Verdict::Worse, _) => RunOutcome::Worse,
        (Verdict::Helped, Known::Accepted | Known::Begun) => RunOutcome::Helped,
        (_, Known::Begun | Known::Nothing) => RunOutcome::Unknown,
        (Verdict::NoEffect, Known::Accepted) => RunOutcome::NoEffect,
        (Verdict::Unknown, Known::Accepted) => RunOutcome::Unproven,
    }
}
