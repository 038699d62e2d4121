//! Silences that runs have created: each is lifted when its run ends or its alert does, whichever comes first. One that
//! is the last thing its run does is meant to outlast it, and is lifted when its alert ends.

use std::collections::BTreeMap;

use crate::model::{
    ActError, ActReport, Action, AlertmanagerAction, EpisodeId, Plan, Run, RunId, StepRecord, Timestamp,
};

use super::Engine;
use super::message::Command;

/// Those that may be there, by run and step.
pub(super) type Silences = BTreeMap<(RunId, usize), Silenced>;

/// A silence that may be there.
#[derive(Clone, Debug)]
pub(super) struct Silenced {
    episode: EpisodeId,
    /// When it ends by itself.
    pub(super) ends: Timestamp,
    outlasts_run: bool,
}

impl Silenced {
    /// What a step has created, or may have; `None`: it creates none.
    fn of(plan: &Plan, step: usize, since: Timestamp) -> Option<Self> {
        let planned = plan.steps.get(step)?;
        let Action::Alertmanager(AlertmanagerAction::Silence(silence)) = &planned.action else {
            return None;
        };
        let outlasts_run = step + 1 == plan.steps.len() && planned.verify.is_none();
        Some(Self { episode: plan.key.episode, ends: since + silence.lasts, outlasts_run })
    }
}

/// Whether an action that said so may have created something.
fn may_have(acted: Option<&Result<ActReport, ActError>>) -> bool {
    matches!(acted, None | Some(Ok(_) | Err(ActError::Unknown { .. })))
}

impl Engine {
    /// An action has ended: whether there is a silence to lift from now on.
    pub(super) fn note_silence(&mut self, run: RunId, step: usize, result: &Result<ActReport, ActError>) {
        let silenced = self.runs.get(&run).and_then(|active| Silenced::of(&active.plan, step, self.now));
        if let Some(silenced) = silenced.filter(|_| may_have(Some(result))) {
            self.silences.insert((run, step), silenced);
        }
    }

    /// What earlier processes have silenced. What nobody has lifted yet though it should be is lifted now.
    pub(super) fn recall_silences(&mut self, runs: &[Run]) {
        for run in runs {
            for (step, record) in run.steps.iter().enumerate() {
                self.recall_silence(run, step, record);
            }
        }
    }

    fn recall_silence(&mut self, run: &Run, step: usize, record: &StepRecord) {
        let is_over = record.lift.as_ref().is_some_and(|lift| lift.ended.is_some());
        if is_over || !may_have(record.acted.as_ref().map(|(_, result)| result)) {
            return;
        }
        let silenced = Silenced::of(&run.plan, step, record.begun_at);
        let Some(silenced) = silenced.filter(|silenced| silenced.ends > self.now) else { return };
        let is_open = self.open.contains(silenced.episode);
        let waits = is_open && (run.ended.is_none() || silenced.outlasts_run);
        if record.lift.is_none() && waits {
            self.silences.insert((run.id, step), silenced);
        } else {
            self.commands.push_back(Command::Lift { run: run.id, step });
        }
    }

    /// The run is over.
    pub(super) fn lift_of_run(&mut self, run: RunId) {
        let (from, to) = ((run, 0), (run, usize::MAX));
        let own: Vec<_> = self.silences.range(from..=to).map(|(place, one)| (*place, one.clone())).collect();
        for (place, silenced) in own {
            if !silenced.outlasts_run || !self.open.contains(silenced.episode) {
                self.lift(place);
            }
        }
    }

    /// The alert is over.
    pub(super) fn lift_of_episode(&mut self, episode: EpisodeId) {
        let own = self.silences.iter().filter(|(_, silenced)| silenced.episode == episode);
        let own: Vec<_> = own.map(|(place, _)| *place).collect();
        own.into_iter().for_each(|place| self.lift(place));
    }

    fn lift(&mut self, (run, step): (RunId, usize)) {
        self.silences.remove(&(run, step));
        self.commands.push_back(Command::Lift { run, step });
    }
}
