//! A world that carries out commands, loses, delays and repeats reports, and checks the rules that hold whatever
//! happens.

mod journal;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::super::super::action::{ActionTemplate, SystemdTemplate};
use super::super::super::config::Step;
use super::super::super::world::Members;
use super::property::{Event, Reached};
use super::*;
use crate::model::{ApprovalState, Budget, Class, Scope, SystemdOperation};

pub(super) struct World {
    config: Arc<Config>,
    /// What the next reload may find instead: its first policy asks a person.
    other: Arc<Config>,
    /// How often policies were read, and under which reading each question was put.
    reading: usize,
    asked_under: HashMap<u64, usize>,
    /// How far the clock was set forward since the process began, less how far it was set back.
    ahead: i64,
    engine: Engine,
    now: i64,
    paused: bool,
    open: HashMap<u8, Episode>,
    ended: HashSet<EpisodeId>,
    waiting: Vec<Command>,
    runs: BTreeMap<RunId, Run>,
    closed: HashSet<RunId>,
    /// When each run began and ended by a clock that nobody sets.
    begun: HashMap<RunId, i64>,
    over: HashMap<RunId, i64>,
    acts: HashSet<(RunKey, usize)>,
    approvals: BTreeMap<ApprovalId, Approval>,
    standings: HashMap<Arc<str>, Standing>,
    /// The key for which the answer that is being told allows the next intent.
    allowed: HashSet<RunKey>,
    /// Runs that were under way when a process ended.
    taken_up: HashSet<RunId>,
    reached: Reached,
}

/// One policy of each kind for the same alert, with two steps, a condition and a group.
fn policies() -> Config {
    let mut config = config();
    let mut first = config.policies.remove(0);
    first.steps.push(first.steps[0].clone());
    first.conditions = vec![Template::compile("up == 1", Escape::PromQl).unwrap()];
    first.group = Some(group("40%"));
    first.budgets.push(Budget { scope: Scope::Policy, rate: "3/1h".parse().unwrap() });
    config.budgets = vec![
        Budget { scope: Scope::Target, rate: "4/1h".parse().unwrap() },
        Budget { scope: Scope::Fleet, rate: "8/1h".parse().unwrap() },
    ];
    config.max_in_flight = 2;
    config.storm = Storm { total: "100000/1s".parse().unwrap(), per_alert: "100000/1s".parse().unwrap() };
    config.terms = Terms { shadow_plans: 1, helped: 1, min_success: 0.3, without_effect: 1 };
    let kinds = [
        (Mode::Enforce, Class::Disruptive),
        (Mode::Ask, Class::Disruptive),
        (Mode::Earned, Class::Harmless),
        (Mode::Enforce, Class::Destructive),
        (Mode::Shadow, Class::Harmless),
    ];
    config.policies = kinds
        .into_iter()
        .enumerate()
        .map(|(number, (mode, class))| Policy {
            name: format!("policy{number}").into(),
            mode: Some(mode),
            class,
            steps: steps(&first, number),
            ..first.clone()
        })
        .collect();
    config
}

/// Steps of which each policy has its own; two restart one unit, whichever their targets.
fn steps(policy: &Policy, number: usize) -> Vec<Step> {
    let mut steps = policy.steps.clone();
    if let ActionTemplate::Command { program, .. } = &mut steps[0].action {
        *program = format!("/bin/restart-{number}");
    }
    if number < 2 {
        let operation = [SystemdOperation::Restart, SystemdOperation::Reload][number];
        let unit = Template::compile("app.service", Escape::Argument).unwrap();
        let timeout = Duration::from_secs(10);
        steps[1].action = ActionTemplate::Systemd(SystemdTemplate { operation, unit, timeout });
    }
    steps
}

impl World {
    /// An empty world that counts on from `reached`.
    pub(super) fn new(reached: Reached) -> Self {
        let config = Arc::new(policies());
        let mut other = policies();
        other.policies[0].needs_approval = true;
        Self {
            other: Arc::new(other),
            reading: 0,
            asked_under: HashMap::new(),
            ahead: 0,
            begun: HashMap::new(),
            over: HashMap::new(),
            engine: Engine::new(config.clone(), Restored::default(), at(0)),
            config,
            now: 0,
            paused: false,
            open: HashMap::new(),
            ended: HashSet::new(),
            waiting: Vec::new(),
            runs: BTreeMap::new(),
            closed: HashSet::new(),
            acts: HashSet::new(),
            approvals: BTreeMap::new(),
            standings: HashMap::new(),
            allowed: HashSet::new(),
            taken_up: HashSet::new(),
            reached,
        }
    }

    pub(super) fn happen(&mut self, event: Event) {
        match event {
            Event::Fire(which, new) => self.fire(which, new),
            Event::Resolve(which) => self.resolve(which),
            Event::Answer(presence, holds, well) => self.confirm(&presence, holds, well),
            Event::Outcome(kind) => self.answer(|command| match command {
                Command::Act { run, step } => {
                    Some(Report::Acted { run: *run, step: *step, result: result(kind) })
                }
                _ => None,
            }),
            Event::Probe(holds) => self.probe(holds),
            Event::Approve(approve) => self.approve(approve),
            Event::Pause(paused) => {
                self.paused = paused;
                self.engine.handle_pause(paused, at(self.now));
            }
            Event::Restart => self.restart(),
            Event::Reload(changed) => self.reload(changed),
            Event::Time(seconds) => {
                self.now += seconds;
                self.ahead += seconds.min(0);
                self.engine.handle_timeout(at(self.now));
            }
            Event::Forward(seconds) => {
                (self.now, self.ahead) = (self.now + seconds, self.ahead + seconds);
                let by = Duration::from_secs(seconds.unsigned_abs());
                self.engine.handle_clock_set_forward(by, at(self.now));
            }
        }
        self.carry_out();
    }

    fn reload(&mut self, changed: bool) {
        if changed {
            std::mem::swap(&mut self.config, &mut self.other);
        }
        self.reading += 1;
        self.engine.reconfigure(self.config.clone(), at(self.now));
    }

    /// Seconds by a clock that nobody sets.
    fn true_now(&self) -> i64 {
        self.now - self.ahead
    }

    fn fire(&mut self, which: u8, new: bool) {
        if new {
            self.resolve(which);
        }
        let change = match self.open.get(&which).cloned() {
            Some(episode) => EpisodeChange::Repeated(episode),
            None => {
                let instance = format!("web{which}:80");
                let episode = episode(&[("alertname", "AppDown"), ("instance", &instance)], self.now);
                self.open.insert(which, episode.clone());
                self.ended.remove(&episode.id);
                EpisodeChange::Opened(episode)
            }
        };
        self.engine.handle_change(&change, at(self.now));
    }

    fn resolve(&mut self, which: u8) {
        if let Some(mut episode) = self.open.remove(&which) {
            Arc::make_mut(&mut episode.alert).status = AlertStatus::Resolved;
            self.ended.insert(episode.id);
            self.engine.handle_change(&EpisodeChange::Resolved(episode), at(self.now));
        }
    }

    /// Answers the oldest question. What is not confirmed as firing, with its condition and enough healthy members,
    /// allows nothing, nor does an answer to what policies asked before a reload, and what is allowed is so at this
    /// moment alone.
    fn confirm(&mut self, presence: &Presence, holds: bool, well: u8) {
        let asked = self.waiting.iter().find_map(|command| match command {
            Command::Confirm { key, number, .. } => Some((key.clone(), *number)),
            _ => None,
        });
        let Some((asked, number)) = asked else { return };
        let is_latest = self.asked_under.get(&number) == Some(&self.reading);
        self.reached.answers_to_other_policies += usize::from(!is_latest);
        if *presence == Presence::Firing && holds && is_latest && self.is_spared(&asked, well) {
            self.allowed.insert(asked.clone());
        }
        self.answer(|command| match command {
            Command::Confirm { key, number, .. } => {
                let confirmation = Confirmation {
                    prometheus: Some(presence.clone()),
                    baseline: Some(Observation::DoesNotHold),
                    conditions: vec![if holds { Observation::Holds } else { Observation::DoesNotHold }],
                    group: Some(Ok(Members { all: members(5), healthy: members(well) })),
                    ..Confirmation::default()
                };
                Some(Report::Confirmed {
                    key: key.clone(),
                    number: *number,
                    confirmation: confirmation.into(),
                })
            }
            _ => None,
        });
        self.allowed.remove(&asked);
    }

    /// Whether two of the five would still be well, those that others work on, or worked on a moment ago in vain, not
    /// counted.
    fn is_spared(&self, key: &RunKey, well: u8) -> bool {
        let is_lost = |run: &Run| match run.ended {
            None => true,
            Some((_, RunOutcome::Helped | RunOutcome::NotStarted)) => false,
            Some(_) => self.over[&run.id] + 120 > self.true_now(),
        };
        let others = self.runs.values().filter(|run| is_lost(run) && run.plan.key != *key);
        let busy: HashSet<&str> = others.map(|run| &*run.plan.key.target).collect();
        let well: BTreeSet<String> = members(well);
        let left = well.iter().filter(|one| ***one != *key.target && !busy.contains(one.as_str())).count();
        !well.contains(&*key.target) || left >= 2
    }

    fn probe(&mut self, holds: bool) {
        let (now, observation) =
            (at(self.now), if holds { Observation::Holds } else { Observation::DoesNotHold });
        self.answer(|command| match command {
            Command::Probe { run, step, probe } => {
                let verdict = verify::judge(probe.baseline.as_ref(), &observation, now >= probe.deadline);
                let effect = verdict.map(|verdict| Box::new(verdict.into()));
                Some(Report::Probed { run: *run, step: *step, effect })
            }
            _ => None,
        });
    }

    /// Someone answers the oldest request; the journal takes no answer that comes late.
    fn approve(&mut self, approve: bool) {
        let (now, by) = (at(self.now), "ann".to_owned());
        let mut pending = self.approvals.values_mut().filter(|one| one.state == ApprovalState::Pending);
        let Some(approval) = pending.next() else { return };
        if approval.request.expires_at() <= now {
            return;
        }
        approval.state = match approve {
            true => ApprovalState::Approved { by, at: now },
            false => ApprovalState::Rejected { by, at: now },
        };
        let approval = approval.clone();
        self.engine.handle_answer(approval, now);
    }

    /// Answers the oldest command that can be answered so, and then the same once more: reports may repeat.
    fn answer(&mut self, mut report: impl FnMut(&Command) -> Option<Report>) {
        let Some(index) = self.waiting.iter().position(|command| report(command).is_some()) else {
            return;
        };
        let command = self.waiting.remove(index);
        for _ in 0..2 {
            let report = report(&command).expect("it was found by this");
            if let Report::Acted { run, step, result } = &report
                && let Some(stored) = self.runs.get_mut(run)
                && let Some(record) = stored.steps.get_mut(*step)
            {
                record.acted = Some((at(self.now), result.clone()));
            }
            self.engine.handle_report(report, at(self.now));
            self.carry_out();
        }
    }

    fn carry_out(&mut self) {
        while let Some(command) = self.engine.poll_command() {
            match command {
                Command::Begin { plan, budgets, max_in_flight, approval, before } => {
                    assert_eq!(max_in_flight, self.config.max_in_flight);
                    self.begin(*plan, &budgets, approval, before);
                }
                Command::NextStep { run, before } => self.next_step(run, before),
                Command::Act { run, step } => {
                    let stored = self.runs.get(&run).expect("nothing is done that was not written first");
                    assert_eq!(stored.steps.len(), step + 1, "an act needs its own intent");
                    assert!(stored.steps[step].acted.is_none(), "a step is done once");
                    assert!(
                        self.acts.insert((stored.plan.key.clone(), step)),
                        "one act per policy, target and episode"
                    );
                    self.waiting.push(Command::Act { run, step });
                }
                Command::Finish { .. } => panic!("no action of these policies must be finished"),
                Command::Relapse { run, episode, .. } => self.relapse(run, episode),
                Command::Lift { .. } => panic!("these policies silence nothing"),
                Command::Close { run, outcome } => self.close(run, outcome),
                Command::Conclude { run, step, effect } => {
                    self.reached.no_effect += usize::from(effect.verdict == Verdict::NoEffect);
                    let stored = self.runs.get_mut(&run).expect("only what began is judged");
                    stored.steps[step].verified = Some((at(self.now), effect.verdict));
                }
                Command::Ask(request) => self.ask(*request),
                Command::Cancel { approval, why } => {
                    let approval =
                        self.approvals.get_mut(&approval).expect("only what was asked for is void");
                    assert!(approval.state.is_open(), "an answer is final: {:?}", approval.state);
                    approval.state = ApprovalState::Cancelled { why: why.to_owned(), at: at(self.now) };
                }
                Command::Remember { policy, standing } => drop(self.standings.insert(policy, standing)),
                Command::Record(decision) => self.recorded(&decision),
                Command::Confirm { number, .. } => {
                    self.asked_under.insert(number, self.reading);
                    self.waiting.push(command);
                }
                Command::Probe { .. } => self.waiting.push(command),
            }
        }
    }

    /// With every report delivered and time passing, every run ends.
    pub(super) fn finish(mut self) -> Reached {
        self.happen(Event::Pause(false));
        for _ in 0..60 {
            self.happen(Event::Outcome(0));
            self.happen(Event::Probe(false));
            self.happen(Event::Time(61));
        }
        assert!(self.runs.values().all(|run| run.ended.is_some()), "every run ends");
        assert!(self.closed.len() == self.runs.len());
        self.reached
    }
}

fn members(count: u8) -> BTreeSet<String> {
    (0..count).map(|number| format!("web{number}:80")).collect()
}

fn result(kind: u8) -> Result<ActReport, ActError> {
    match kind {
        0 | 1 => Ok(ActReport::default()),
        2 => Err(ActError::Failed { report: ActReport::default() }),
        _ => Err(ActError::Unknown { reason: String::new(), report: ActReport::default() }),
    }
}
