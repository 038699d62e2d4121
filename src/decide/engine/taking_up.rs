//! Runs that an earlier process left open: proved against what was written with their intents, never repeated.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::model::{ActError, ActReport, Before, Episode, Plan, Run, RunKey, StepRecord, Timestamp};

use super::super::attempts::Attempts;
use super::super::config::Config;
use super::super::effect::{EffectQuestion, Watch};
use super::super::finder::Finder;
use super::super::guards::Window;
use super::super::hash::{HashMap, HashSet};
use super::Engine;
use super::done::Done;
use super::earning::{SETTLING, by_name};
use super::lasting::Lasting;
use super::message::{Command, Restored};
use super::open::OpenEpisodes;
use super::running::{ActiveRun, Known, outcome};
use super::silences::Silences;
use super::under_way::names;

impl Engine {
    /// Takes up where the journal ends. Runs without an end are proved, never repeated.
    pub fn new(config: Arc<Config>, restored: Restored, now: Timestamp) -> Self {
        let mut engine = Self {
            storm_total: Window::new(config.storm.total),
            policies: by_name(&config),
            config,
            started: now,
            now,
            paused: restored.paused,
            shutting_down: false,
            open: OpenEpisodes::default(),
            finder: Finder::default(),
            beginning: HashMap::default(),
            runs: BTreeMap::new(),
            done: Done::default(),
            denied: BTreeMap::new(),
            requested: BTreeMap::new(),
            settling: BTreeMap::new(),
            lasting: Lasting::new(),
            silences: Silences::new(),
            attempts: Attempts::default(),
            failures: HashMap::default(),
            standings: restored.standings.clone(),
            approvals: HashMap::default(),
            shadowed: BTreeMap::new(),
            questions: 0,
            storm_by_name: HashMap::default(),
            commands: VecDeque::new(),
        };
        for (plan, at) in &restored.attempts {
            engine.remember_attempt(plan, *at);
        }
        for (key, outcome, at) in &restored.outcomes {
            engine.count_failure(&key.policy, *outcome, *at);
        }
        engine.settle_again(&restored.attempts, &restored.outcomes);
        let open = restored.episodes.iter().filter(|episode| episode.is_firing());
        open.for_each(|episode| engine.open.add(episode.clone()));
        engine.recall_silences(&restored.recent);
        engine.recall_help(&restored.recent);
        for run in &restored.open_runs {
            engine.resume(run, &restored);
        }
        engine.done.keep_first(|episode| engine.open.contains(episode));
        engine.recall_approvals(restored.approvals.clone());
        engine.recall_storms(&restored.episodes);
        engine.trust_no_other_policy();
        engine.catch_up(&restored.outcomes);
        engine.consider_all();
        engine
    }

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
