//! What the core tells the loop to do, and what the loop tells the core.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{
    ActError, ActReport, Approval, ApprovalId, ApprovalRequest, Before, Budget, Decision, Effect, Episode,
    EpisodeId, Plan, Reason, Run, RunId, RunKey, RunOutcome, Timestamp,
};

use super::super::autonomy::Standing;
use super::super::effect::Probe;
use super::super::world::{Confirmation, Question};

/// What the journal knows at the start.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// Open episodes, and those that ended not long ago: they tell a storm.
    pub episodes: Vec<Episode>,
    /// What each run was to do, and when it last attempted something, as far back as the longest cooldown.
    pub attempts: Vec<(Plan, Timestamp)>,
    /// Runs without an end.
    pub open_runs: Vec<Run>,
    /// Runs that began lately, open or not, for what is left of them.
    pub recent: Vec<Run>,
    /// Whether the stop switch is set.
    pub paused: bool,
    /// Requests for approval of open episodes, whatever was answered.
    pub approvals: Vec<Approval>,
    /// How runs ended, as far back as a breaker looks.
    pub outcomes: Vec<(RunKey, RunOutcome, Timestamp)>,
    /// Where policies stand.
    pub standings: HashMap<Arc<str>, Standing>,
}

/// What the loop does next, in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Write a decision down; refusals like actions, once per change.
    Record(Box<Decision>),
    /// Read the world again: does the alert still fire, and may it be acted on?
    Confirm {
        /// The run that waits for it.
        key: RunKey,
        /// Tells this question from every other.
        number: u64,
        /// What is asked.
        question: Box<Question>,
    },
    /// Ask people for approval; answered by [`Report::Asked`].
    Ask(Box<ApprovalRequest>),
    /// A request for approval is void.
    Cancel {
        /// Which.
        approval: ApprovalId,
        /// Why, in one line.
        why: &'static str,
    },
    /// Write the intent down; answered by [`Report::Begun`] or [`Report::BeginRefused`].
    Begin {
        /// What will be done.
        plan: Box<Plan>,
        /// What it may not exceed, checked again as it is written.
        budgets: Vec<Budget>,
        /// Runs under way at once, this one included.
        max_in_flight: usize,
        /// The approval that is used up by it, where one is needed.
        approval: Option<ApprovalId>,
        /// What was seen before the first step.
        before: Box<Before>,
    },
    /// Write down where a policy stands.
    Remember {
        /// The policy.
        policy: Arc<str>,
        /// Where it stands.
        standing: Standing,
    },
    /// Write the following step's intent down; answered by [`Report::StepBegun`] or [`Report::StepRefused`].
    NextStep {
        /// The run.
        run: RunId,
        /// What was seen before it.
        before: Box<Before>,
    },
    /// Carry out a step with the permit that its intent gave; answered by [`Report::Acted`].
    Act {
        /// The run.
        run: RunId,
        /// The step, counted from 0.
        step: usize,
    },
    /// Finish a step that an earlier process began, with the intent that it wrote; answered by [`Report::Acted`].
    Finish {
        /// The run.
        run: RunId,
        /// The step, counted from 0.
        step: usize,
    },
    /// See whether a step has helped; answered by [`Report::Probed`].
    Probe {
        /// The run.
        run: RunId,
        /// The step.
        step: usize,
        /// What is asked.
        probe: Box<Probe>,
    },
    /// Write a step's verdict down.
    Conclude {
        /// The run.
        run: RunId,
        /// The step.
        step: usize,
        /// The verdict, and what it rests on.
        effect: Box<Effect>,
    },
    /// Lift the silence that a step has created, with an intent of its own, whatever the stop switch says. Nothing
    /// waits for it.
    Lift {
        /// The run, which may be over.
        run: RunId,
        /// The step, counted from 0.
        step: usize,
    },
    /// Write down that a run which had helped did not for long.
    Relapse {
        /// The run, which is over.
        run: RunId,
        /// Its policy.
        policy: Arc<str>,
        /// The episode that began soon after it.
        episode: EpisodeId,
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
        /// The question's.
        number: u64,
        /// What was seen.
        confirmation: Box<Confirmation>,
    },
    /// People are asked, or have been before.
    Asked {
        /// The run that waits for it.
        key: RunKey,
        /// The request; or why it could not be written.
        result: Result<Box<Approval>, Reason>,
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
    /// What a step has changed was looked at and judged.
    Probed {
        /// The run.
        run: RunId,
        /// The step.
        step: usize,
        /// The judgement; `None`: it is too early to tell.
        effect: Option<Box<Effect>>,
    },
}
