//! Timelines of the core, and a property test over random ones.

mod approvals;
mod clocks;
mod earning;
mod effects;
mod escalation;
mod ladders;
mod lasting;
mod property;
mod requests;
mod silences;
mod spared;
mod storms;
mod timelines;
mod touched;
mod unfinished;
mod world;

use std::time::Duration;

use super::super::autonomy::Terms;
use super::super::config::{ConfirmWith, Mode, Policy, Storm};
use super::super::samples::{at, config, episode, group};
use super::super::template::{Escape, Template};
use super::super::world::{Confirmation, Presence};
use super::*;
use crate::model::{
    ActError, ActReport, AlertStatus, ApprovalId, ApprovalRequest, Episode, EpisodeChange, Observation, Run,
    RunOutcome, StepRecord, Verdict,
};
use crate::verify;

fn app(start: i64) -> Episode {
    episode(&[("alertname", "AppDown"), ("instance", "web:80")], start)
}

fn engine(config: Config) -> Engine {
    Engine::new(Arc::new(config), Restored::default(), at(0))
}

fn commands(engine: &mut Engine) -> Vec<Command> {
    std::iter::from_fn(|| engine.poll_command()).collect()
}

/// Reasons recorded, and the other commands by name.
fn names(commands: &[Command]) -> Vec<String> {
    let name = |command: &Command| match command {
        Command::Record(decision) => match &decision.verdict {
            DecisionVerdict::Act { .. } => "act".to_owned(),
            DecisionVerdict::Hold { reason, .. } => reason.to_string(),
        },
        Command::Confirm { .. } => "Confirm".to_owned(),
        Command::Ask(_) => "Ask".to_owned(),
        Command::Cancel { why, .. } => format!("Cancel: {why}"),
        Command::Remember { standing, .. } => format!("Remember {}", standing.level.as_str()),
        Command::Begin { .. } => "Begin".to_owned(),
        Command::NextStep { .. } => "NextStep".to_owned(),
        Command::Act { step, .. } => format!("Act {step}"),
        Command::Finish { step, .. } => format!("Finish {step}"),
        Command::Probe { step, .. } => format!("Probe {step}"),
        Command::Conclude { effect, .. } => effect.verdict.as_str().to_owned(),
        Command::Relapse { run, .. } => format!("Relapse {run}"),
        Command::Lift { step, .. } => format!("Lift {step}"),
        Command::Close { outcome, .. } => format!("Close {}", outcome.as_str()),
    };
    commands.iter().map(name).collect()
}

fn firing() -> Confirmation {
    Confirmation {
        prometheus: Some(Presence::Firing),
        baseline: Some(Observation::DoesNotHold),
        ..Confirmation::default()
    }
}

/// Answers commands as a kind world would, until a step acts; returns what was seen.
fn run_to_act(engine: &mut Engine, confirmation: &Confirmation, now: Timestamp) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let batch = commands(engine);
        if batch.is_empty() {
            return seen;
        }
        seen.extend(names(&batch));
        for command in batch {
            match command {
                Command::Confirm { key, number, .. } => {
                    let confirmation = Box::new(confirmation.clone());
                    engine.handle_report(Report::Confirmed { key, number, confirmation }, now);
                }
                Command::Begin { plan, .. } => {
                    engine.handle_report(Report::Begun { key: plan.key, run: RunId(1) }, now);
                }
                Command::NextStep { run, .. } => engine.handle_report(Report::StepBegun { run }, now),
                _ => {}
            }
        }
    }
}

fn acted(engine: &mut Engine, step: usize, result: Result<ActReport, ActError>, now: Timestamp) {
    engine.handle_report(Report::Acted { run: RunId(1), step, result }, now);
}

fn probed(engine: &mut Engine, step: usize, verdict: Option<Verdict>, now: Timestamp) -> Vec<String> {
    let effect = verdict.map(|verdict| Box::new(verdict.into()));
    engine.handle_report(Report::Probed { run: RunId(1), step, effect }, now);
    names(&commands(engine))
}
