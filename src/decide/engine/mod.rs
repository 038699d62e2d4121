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
mod candidates;
mod done;
mod earning;
mod lasting;
mod leave;
mod message;
mod requests;
mod running;
mod silences;
mod storms;
mod taking_up;
#[cfg(test)]
mod tests;
mod waiting;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::model::{
    Approval, Check, Decision, DecisionVerdict, Episode, EpisodeChange, EpisodeId, Observation, Plan, Reason,
    Run, RunId, RunKey, RunOutcome, Timestamp,
};

use super::attempts::Attempts;
use super::autonomy::Standing;
use super::config::Config;
use super::effect::Watch;
use super::finder::Finder;
use super::guards::{self, Held, Said, Window};

pub use message::{Command, Report, Restored};
pub use requests::RequestError;

use candidates::{Candidates, Place};
use done::Done;
use earning::{Settling, Shadowed, by_name};
use lasting::Lasting;
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
    open: HashMap<EpisodeId, Episode>,
    finder: Finder,
    candidates: Candidates,
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
    failures: HashMap<String, Vec<Timestamp>>,
    /// Where policies stand that earn what they may do.
    standings: HashMap<String, Standing>,
    /// Requests for approval that may still lead to a run.
    approvals: HashMap<RunKey, Approval>,
    /// Plans in the shadow until they would have been carried out.
    shadowed: BTreeMap<Place, Shadowed>,
    /// Every policy of the configuration, by name.
    policies: HashMap<String, Named>,
    /// How many questions were put.
    questions: u64,
    told: BTreeMap<(EpisodeId, Option<String>), Reason>,
    storm_total: Window,
    storm_by_name: HashMap<String, Window>,
    /// Open episodes that are not acted on because of how they began.
    began_in_storm: HashSet<EpisodeId>,
    commands: VecDeque<Command>,
}

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
            open: HashMap::new(),
            finder: Finder::default(),
            candidates: Candidates::default(),
            beginning: HashMap::new(),
            runs: BTreeMap::new(),
            done: Done::default(),
            denied: BTreeMap::new(),
            requested: BTreeMap::new(),
            settling: BTreeMap::new(),
            lasting: Lasting::new(),
            silences: Silences::new(),
            attempts: Attempts::default(),
            failures: HashMap::new(),
            standings: restored.standings.clone(),
            approvals: HashMap::new(),
            shadowed: BTreeMap::new(),
            questions: 0,
            told: BTreeMap::new(),
            storm_by_name: HashMap::new(),
            began_in_storm: HashSet::new(),
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
        engine.open = open.map(|episode| (episode.id, episode.clone())).collect();
        engine.recall_silences(&restored.recent);
        engine.recall_help(&restored.recent);
        for run in &restored.open_runs {
            engine.resume(run, &restored);
        }
        engine.done.keep_first(|episode| engine.open.contains_key(&episode));
        engine.recall_approvals(restored.approvals.clone());
        engine.recall_storms(&restored.episodes);
        engine.trust_no_other_policy();
        engine.catch_up(&restored.outcomes);
        engine.consider_all();
        engine
    }

    /// Replaces the policies. What runs goes on as planned; what waits is considered anew.
    pub fn reconfigure(&mut self, config: Arc<Config>, now: Timestamp) {
        self.advance(now);
        self.storm_total.set_rate(config.storm.total);
        self.storm_by_name.values_mut().for_each(|window| window.set_rate(config.storm.per_alert));
        self.policies = by_name(&config);
        self.config = config;
        self.finder = Finder::default();
        self.candidates.clear();
        self.trust_no_other_policy();
        self.consider_all();
        self.ask_again_before_next();
    }

    /// An episode began, was heard of again, or ended.
    pub fn handle_change(&mut self, change: &EpisodeChange, now: Timestamp) {
        self.advance(now);
        match change {
            EpisodeChange::Opened(episode) => {
                self.open.insert(episode.id, episode.clone());
                // One that is opened again is no new alert.
                if episode.deliveries <= 1 {
                    self.count_for_storm(episode);
                }
                self.consider(episode.id);
            }
            EpisodeChange::Repeated(episode) => {
                if let Some(known) = self.open.get_mut(&episode.id) {
                    if known.alert != episode.alert {
                        self.candidates.forget_plans(episode.id);
                    }
                    *known = episode.clone();
                }
            }
            EpisodeChange::Resolved(episode) => self.end_episode(episode.id),
            EpisodeChange::Stale(_) | EpisodeChange::Collision(_) => {}
        }
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
        self.candidates.remove(&(key.episode, key.policy.clone()));
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
        self.candidates
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
                Command::Begin { plan, .. } if !self.open.contains_key(&plan.key.episode) => {
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

    /// The clock was set forward by so much, to `now`. Nothing has become older by that: windows and budgets stay as
    /// full as they are, and whatever waits goes on waiting for as long as it would have.
    pub fn handle_clock_set_forward(&mut self, by: Duration, now: Timestamp) {
        let later = |at: Timestamp| at + by;
        self.move_timers(later);
        self.attempts.move_times(later);
        self.failures.values_mut().flatten().for_each(|at| *at = later(*at));
        self.settling.values_mut().for_each(|settling| settling.until = later(settling.until));
        self.now = later(self.now);
        self.advance(now);
    }

    /// A clock that is set back stops no timer: whatever waits goes on waiting for as long as it would have.
    /// It frees nothing either: attempts keep their times.
    fn advance(&mut self, now: Timestamp) {
        let back = self.now.since(now);
        if back > Duration::ZERO {
            self.move_timers(|at| at - back);
        }
        self.now = now;
    }

    fn move_timers(&mut self, moved: impl Fn(Timestamp) -> Timestamp + Copy) {
        self.started = moved(self.started);
        self.candidates.move_timers(moved);
        self.runs.values_mut().for_each(|run| run.move_timers(moved));
        self.shadowed.values_mut().for_each(|shadowed| shadowed.due = moved(shadowed.due));
        self.silences.values_mut().for_each(|silenced| silenced.ends = moved(silenced.ends));
        self.storm_total.move_events(moved);
        self.storm_by_name.values_mut().for_each(|window| window.move_events(moved));
    }

    fn end_episode(&mut self, id: EpisodeId) {
        self.open.remove(&id);
        self.done.keep_first(|episode| episode != id);
        self.began_in_storm.remove(&id);
        let policies: Vec<String> = self.candidates.of(id).map(|(_, policy)| policy.clone()).collect();
        for policy in policies {
            self.candidates.remove(&(id, policy.clone()));
            self.hold(Subject::episode(id, Some(&policy)), Held::new(Reason::Resolved, ""), None, &[]);
        }
        self.cancel_all_of(id);
        self.lift_of_episode(id);
        self.denied.retain(|(episode, _), _| *episode != id);
        self.requested.retain(|(episode, _), _| *episode != id);
        self.end_shadows(id);
        let told = self.told.range((id, None)..).take_while(|((episode, _), _)| *episode == id);
        let told: Vec<_> = told.map(|(key, _)| key.clone()).collect();
        for key in &told {
            self.told.remove(key);
        }
    }

    fn remember_attempt(&mut self, plan: &Plan, at: Timestamp) {
        self.attempts.add(&plan.key.policy, &plan.touches(), at);
        self.done.add(plan);
    }

    /// Records a refusal, unless the same one was the last word.
    fn hold(&mut self, subject: Subject<'_>, held: Held, plan: Option<Plan>, said: &[Said]) {
        let Subject { episode, policy, target } = subject;
        let Held { reason, detail, .. } = held;
        let policy = policy.map(str::to_owned);
        let is_open = self.open.contains_key(&episode);
        if is_open && self.told.insert((episode, policy.clone()), reason) == Some(reason) {
            return;
        }
        let verdict = DecisionVerdict::Hold { reason, detail, plan };
        let target = target.map(str::to_owned);
        let (at, checks) = (self.now, guards::checks(said));
        self.commands.push_back(Command::Record(Decision { episode, policy, target, at, verdict, checks }));
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
    policy: Option<&'a str>,
    target: Option<&'a str>,
}

impl<'a> Subject<'a> {
    fn episode(episode: EpisodeId, policy: Option<&'a str>) -> Self {
        Self { episode, policy, target: None }
    }

    fn run(key: &'a RunKey) -> Self {
        Self { episode: key.episode, policy: Some(&key.policy), target: Some(&key.target) }
    }
}
