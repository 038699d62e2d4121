//! Runs that an earlier process left open: proved against what was written with their intents, never repeated.

use std::collections::{BTreeSet, HashSet};

use crate::model::{ActError, ActReport, Before, Episode, Plan, Run, RunKey, StepRecord, Timestamp};

use super::super::effect::{EffectQuestion, Watch};
use super::Engine;
use super::earning::SETTLING;
use super::message::{Command, Restored};
use super::running::{ActiveRun, Known, outcome};
use super::waiting::names;

impl Engine {
    /// Takes up a run that the last process left open. Nothing is repeated and no further step follows, but what must
    /// be finished is, whatever the stop switch says: it belongs to an action that was begun.
    pub(super) fn resume(&mut self, run: &Run, restored: &Restored) {
        let step = run.steps.len().saturating_sub(1);
        let record = run.steps.last().cloned().unwrap_or_default();
        let before = record.before.as_deref();
        let active = ActiveRun {
            baseline: before.and_then(|before| before.baseline.clone()),
            watch: self.watch_again(&run.plan, before, &restored.episodes),
            touched: touched(run, record.begun_at, restored),
            ..ActiveRun::left_open(run.plan.clone(), step)
        };
        let must_be_finished =
            active.plan.steps.get(step).is_some_and(|planned| planned.action.must_be_finished());
        self.done.add(&active.plan);
        self.runs.insert(run.id, active);
        match record {
            StepRecord { verified: Some((_, verdict)), acted, .. } => {
                let known = match acted {
                    Some((_, Ok(_))) => Known::Accepted,
                    Some((_, Err(_))) => Known::Begun,
                    None => Known::Nothing,
                };
                self.close(run.id, outcome(verdict, known));
            }
            StepRecord { acted: Some((at, result)), .. } => self.settle(run.id, &result, Known::Begun, at),
            _ if must_be_finished => self.commands.push_back(Command::Finish { run: run.id, step }),
            _ => {
                let reason = "the daemon ended before the action's outcome was written".to_owned();
                let lost = Err(ActError::Unknown { reason, report: ActReport::default() });
                self.settle(run.id, &lost, Known::Nothing, self.now);
            }
        }
    }

    /// What the effect of a run under way is judged by. What another policy has measured is not what is measured now.
    fn watch_again(&self, plan: &Plan, before: Option<&Before>, episodes: &[Episode]) -> Option<Watch> {
        let policy = self.policy(&self.config, &plan.key.policy)?;
        let episode = episodes.iter().find(|episode| episode.id == plan.key.episode)?;
        let question = EffectQuestion::new(policy, &plan.key.target, &episode.alert).ok()?;
        let same = before.filter(|before| self.digest(&policy.name) == Some(before.policy));
        Some(Watch { question, before: same.and_then(|before| before.measured.clone()) })
    }
}

/// What other runs have touched that were under way at any time since then, or shortly before: that is no peer.
fn touched(run: &Run, since: Timestamp, restored: &Restored) -> BTreeSet<String> {
    let ended = restored.outcomes.iter().filter(|(_, _, at)| *at + SETTLING >= since).map(|(key, ..)| key);
    let ended: HashSet<&RunKey> = ended.collect();
    let begun = restored.attempts.iter().filter(|(plan, at)| *at >= since || ended.contains(&plan.key));
    let open = restored.open_runs.iter().map(|open| &open.plan);
    let others = begun.map(|(plan, _)| plan).chain(open);
    let own = names(&run.plan.touches());
    others.flat_map(|plan| names(&plan.touches())).filter(|name| !own.contains(name)).collect()
}
