//! What the core tells the loop to do, and what the loop tells the core.

use crate::model::{
    ActError, ActReport, Alert, Decision, Episode, Observation, Plan, Reason, Run, RunId, RunKey, RunOutcome,
    Timestamp, Verdict,
};

use super::super::config::ConfirmWith;

/// What the journal knows at the start.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// Open episodes, and those that ended not long ago: they tell a storm.
    pub episodes: Vec<Episode>,
    /// When which run began, as far back as the longest cooldown.
    pub attempts: Vec<(RunKey, Timestamp)>,
    /// Runs without an end.
    pub open_runs: Vec<Run>,
    /// Whether the stop switch is set.
    pub paused: bool,
}

/// What the loop does next, in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Write a decision down; refusals like actions, once per change.
    Record(Decision),
    /// Read the world again: does the alert still fire, and what does the first proof say before the action?
    Confirm {
        /// The run that waits for it.
        key: RunKey,
        /// The alert.
        alert: Alert,
        /// Who must confirm.
        with: Vec<ConfirmWith>,
        /// The first step's verification expression.
        baseline: Option<String>,
    },
    /// Write the intent down; answered by [`Report::Begun`] or [`Report::BeginRefused`].
    Begin {
        /// What will be done.
        plan: Plan,
    },
    /// Write the following step's intent down; answered by [`Report::StepBegun`] or [`Report::StepRefused`].
    NextStep {
        /// The run.
        run: RunId,
    },
    /// Carry out a step with the permit that its intent gave; answered by [`Report::Acted`].
    Act {
        /// The run.
        run: RunId,
        /// The step, counted from 0.
        step: usize,
    },
    /// Evaluate a verification expression; answered by [`Report::Probed`].
    Probe {
        /// The run.
        run: RunId,
        /// The step.
        step: usize,
        /// PromQL.
        expr: String,
        /// What the expression said before the action, where that is known.
        baseline: Option<Observation>,
        /// From then on the effect has failed to appear.
        deadline: Timestamp,
    },
    /// Write a step's verdict down.
    Conclude {
        /// The run.
        run: RunId,
        /// The step.
        step: usize,
        /// The verdict.
        verdict: Verdict,
    },
    /// Write the run's end down.
    Close {
        /// The run.
        run: RunId,
        /// How it ended.
        outcome: RunOutcome,
    },
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// The world was read.
    Confirmed {
        /// The run that waited for it.
        key: RunKey,
        /// What was seen.
        confirmation: Confirmation,
    },
    /// The intent is written.
    Begun {
        /// The run that was planned.
        key: RunKey,
        /// Its number.
        run: RunId,
    },
    /// The intent is not written: nothing may be done.
    BeginRefused {
        /// The run that was planned.
        key: RunKey,
        /// Why.
        reason: Reason,
    },
    /// The following step's intent is written.
    StepBegun {
        /// The run.
        run: RunId,
    },
    /// It is not: the run ends.
    StepRefused {
        /// The run.
        run: RunId,
        /// Why.
        reason: Reason,
    },
    /// A step was carried out, or not.
    Acted {
        /// The run.
        run: RunId,
        /// The step.
        step: usize,
        /// What it said.
        result: Result<ActReport, ActError>,
    },
    /// A verification expression was evaluated and judged.
    Probed {
        /// The run.
        run: RunId,
        /// The step.
        step: usize,
        /// The judgement; `None`: it is too early to tell.
        verdict: Option<Verdict>,
    },
}

/// What the world says just before acting; `None` where nobody asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confirmation {
    /// Alertmanager's word.
    pub alertmanager: Option<Presence>,
    /// Prometheus's word.
    pub prometheus: Option<Presence>,
    /// The first step's verification, before anything was done.
    pub baseline: Option<Observation>,
}

/// What one of them says of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It fires.
    Firing,
    /// It is silenced.
    Silenced,
    /// It is inhibited or muted.
    Inhibited,
    /// It is not known as active.
    Absent,
    /// There was no answer; the text says why.
    Unreachable(String),
}
