//! The decision core: changes, reports and timers in, commands out.
//!
//! A new episode becomes a *candidate* for every policy that matches it. A candidate passes the guards, is
//! confirmed by those who know (fail closed), passes the guards again, and becomes a *run*: the intent is
//! written, the step is carried out, its effect is proved. What holds a candidate back is recorded once per
//! change of reason; a passing hold is looked at again while the alert fires.
//!
//! Within a run a step that fails or does not start ends it. A step that is accepted and proves to have no
//! effect leads to the next one: the steps are a ladder. The wait for the proof was long, so the world is read
//! again before each further step as before the first. What may or may not have happened is proved, never
//! repeated, and no further step follows it.

mod advancing;
mod clock;
mod done;
mod earning;
mod episodes;
mod lasting;
mod leave;
mod message;
mod open;
mod requests;
mod running;
mod silences;
mod storms;
mod taking_up;
#[cfg(test)]
mod tests;
mod told;
mod under_way;
mod waiting;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::model::{
    Approval, Check, Decision, DecisionVerdict, EpisodeId, Observation, Plan, Reason, Run, RunId, RunKey,
    RunOutcome, Timestamp,
};

use super::attempts::Attempts;
use super::autonomy::Standing;
use super::config::Config;
use super::effect::Watch;
use super::finder::Finder;
use super::guards::{Held, Window};
use super::hash::HashMap;

pub use message::{Command, Report, Restored};
pub use requests::RequestError;

use done::Done;
use earning::{Settling, Shadowed, by_name};
use lasting::Lasting;
use open::{OpenEpisodes, Place};
use running::ActiveRun;
use silences::Silences;

/// The decision core. Owns no I/O and no clock.
#[derive(Debug)]
pub struct Engine {
    config: Arc<Config>,
    started: Timestamp,
    /// The time of the latest event.
    now: Timestamp,
    paused: bool,
    shutting_down: bool,
    open: OpenEpisodes,
    finder: Finder,
    beginning: HashMap<RunKey, Beginning>,
    runs: BTreeMap<RunId, ActiveRun>,
    done: Done,
    /// Plans that a person has refused or nobody has approved in time, and which of the two.
    denied: BTreeMap<Place, (Plan, Reason)>,
    /// Plans that a person has asked for, and who.
    requested: BTreeMap<Place, String>,
    /// What ended a moment ago may still do harm that nobody sees yet.
    settling: BTreeMap<RunKey, Settling>,
    /// What has helped, while it must last.
    lasting: Lasting,
    /// What runs have silenced and nobody has lifted.
    silences: Silences,
    attempts: Attempts,
    /// When each policy's runs ended that did not help.
    failures: HashMap<Arc<str>, Vec<Timestamp>>,
    /// Where policies stand that earn what they may do.
    standings: std::collections::HashMap<Arc<str>, Standing>,
    /// Requests for approval that may still lead to a run.
    approvals: HashMap<RunKey, Approval>,
    /// Plans in the shadow until they would have been carried out.
    shadowed: BTreeMap<Place, Shadowed>,
    /// Every policy of the configuration, by name.
    policies: HashMap<Arc<str>, Named>,
    /// How many questions were put.
    questions: u64,
    storm_total: Window,
    storm_by_name: HashMap<String, Window>,
    commands: VecDeque<Command>,
}

impl Engine {
    /// Replaces the policies. What runs goes on as planned; what waits is considered anew.
    pub fn reconfigure(&mut self, config: Arc<Config>, now: Timestamp) {
        self.advance(now);
        self.storm_total.set_rate(config.storm.total);
        self.storm_by_name.values_mut().for_each(|window| window.set_rate(config.storm.per_alert));
        self.policies = by_name(&config);
        self.config = config;
        self.finder = Finder::default();
        self.open.clear_candidates();
        self.trust_no_other_policy();
        self.consider_all();
        self.ask_again_before_next();
    }

    /// A command was carried out.
    pub fn handle_report(&mut self, report: Report, now: Timestamp) {
        self.advance(now);
        match report {
            Report::Confirmed { key, number, confirmation } => match self.run_awaiting(number) {
                Some(run) => self.confirmed_next(run, &confirmation),
                None if self.confirmed_shadow(&key, number, &confirmation) => {}
                None => self.confirmed(&key, number, *confirmation),
            },
            Report::Asked { key, result } => self.asked(key, result),
            Report::Begun { key, run } => self.begun(key, run),
            Report::BeginRefused { key, reason } => self.begin_refused(&key, reason),
            Report::StepBegun { run } => self.step_begun(run),
            Report::StepRefused { run, reason } => self.step_refused(run, reason),
            Report::Acted { run, step, result } => self.acted(run, step, result),
            Report::Probed { run, step, effect } => self.probed(run, step, effect),
        }
    }

    /// The journal holds an open run of which it did not say that it had begun. So there was no permit, and nothing was
    /// done: it ends.
    pub fn handle_lost_run(&mut self, run: Run, now: Timestamp) {
        self.advance(now);
        if self.runs.contains_key(&run.id) {
            return;
        }
        let key = &run.plan.key;
        self.remember_attempt(&run.plan, run.begun_at);
        self.open.remove_candidate(key.episode, &key.policy);
        self.runs.insert(run.id, ActiveRun::left_open(run.plan, 0));
        self.close(run.id, RunOutcome::NotStarted);
    }

    /// The stop switch was set or cleared. Set, it takes effect before the next step.
    pub fn handle_pause(&mut self, paused: bool, now: Timestamp) {
        self.advance(now);
        self.paused = paused;
        self.look_at_all();
    }

    /// A person has answered a request for approval.
    pub fn handle_answer(&mut self, approval: Approval, now: Timestamp) {
        self.advance(now);
        self.answered(approval);
    }

    /// No new runs and no new steps begin any more.
    pub fn handle_shutdown(&mut self, now: Timestamp) {
        self.advance(now);
        self.shutting_down = true;
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.advance(now);
        self.probe_due();
        self.give_up_due();
        self.expire_due();
        self.judge_shadows();
        self.look_at_due();
        self.attempts.forget(now);
        self.forget_failures();
        self.settling.retain(|_, settling| settling.until > now);
        self.silences.retain(|_, silenced| silenced.ends > now);
        self.lasting.retain(|_, help| help.is_watched(now));
    }

    /// When [`Engine::handle_timeout`] is due; `None`: nothing is.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let runs = self.runs.values().filter_map(ActiveRun::due);
        let approvals = self.approvals.values().map(|approval| approval.request.expires_at());
        self.open
            .next_due()
            .into_iter()
            .chain(runs)
            .chain(approvals)
            .chain(self.shadowed.values().map(|shadowed| shadowed.due))
            .min()
    }

    /// The next command; the loop asks until there is none. What was overtaken by the end of its alert since
    /// it was decided is taken back.
    pub fn poll_command(&mut self) -> Option<Command> {
        loop {
            match self.commands.pop_front()? {
                Command::Begin { plan, .. } if !self.open.contains(plan.key.episode) => {
                    self.begin_refused(&plan.key, Reason::Resolved);
                }
                Command::NextStep { run, .. } if !self.still_fires(run) => {
                    self.stop_before_next(run, Held::new(Reason::Resolved, ""));
                }
                command => return Some(command),
            }
        }
    }

    /// Runs under way.
    pub fn in_flight(&self) -> usize {
        self.runs.len() + self.beginning.len()
    }

    /// Whether an action is being carried out at this moment.
    pub fn is_acting(&self) -> bool {
        self.runs.values().any(ActiveRun::is_acting)
    }

    /// Whether so many alerts began at once that nothing is done about any of them.
    pub fn in_storm(&self) -> bool {
        self.storm_total.exceeded(self.now)
    }

    fn remember_attempt(&mut self, plan: &Plan, at: Timestamp) {
        self.attempts.add(&plan.key.policy, &plan.touches(), at);
        self.done.add(plan);
    }

    /// Records a refusal, unless the same one was the last word.
    fn hold(&mut self, subject: Subject<'_>, held: Held, plan: Option<Plan>, checks: Vec<Check>) {
        let Subject { episode, policy, target } = subject;
        let Held { reason, detail, .. } = held;
        if self.open.get_mut(episode).is_some_and(|open| !open.told.is_news(policy, reason)) {
            return;
        }
        let verdict = DecisionVerdict::Hold { reason, detail, plan };
        let (policy, target, at) = (policy.cloned(), target.cloned(), self.now);
        let decision = Decision { episode, policy, target, at, verdict, checks };
        self.commands.push_back(Command::Record(decision.into()));
    }
}

/// A policy of the configuration.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// Its place in the file.
    at: usize,
    /// What its standing is about.
    digest: u32,
}

/// A run whose intent is being written.
#[derive(Clone, Debug)]
struct Beginning {
    plan: Plan,
    /// When what was seen of the world allowed it.
    since: Timestamp,
    baseline: Option<Observation>,
    watch: Option<Watch>,
    checks: Vec<Check>,
    approved: bool,
    requested: bool,
}

/// What a decision is about.
#[derive(Clone, Copy, Debug)]
struct Subject<'a> {
    episode: EpisodeId,
    policy: Option<&'a Arc<str>>,
    target: Option<&'a Arc<str>>,
}

impl<'a> Subject<'a> {
    fn episode(episode: EpisodeId, policy: Option<&'a Arc<str>>) -> Self {
        Self { episode, policy, target: None }
    }

    fn run(key: &'a RunKey) -> Self {
        Self { episode: key.episode, policy: Some(&key.policy), target: Some(&key.target) }
    }
}
