//! A world that carries out commands, loses, delays and repeats reports, and checks the rules that hold whatever
//! happens.

use super::super::super::world::Members;
use super::property::Event;
use super::*;
use crate::decide::autonomy::Level;
use crate::decide::policy::class;
use crate::model::{ApprovalState, Budget, Class, Scope};

pub(super) struct World {
    config: Arc<Config>,
    engine: Engine,
    now: i64,
    paused: bool,
    open: HashMap<u8, Episode>,
    ended: HashSet<EpisodeId>,
    waiting: Vec<Command>,
    runs: BTreeMap<RunId, Run>,
    closed: HashSet<RunId>,
    acts: HashSet<(RunKey, usize)>,
    approvals: BTreeMap<ApprovalId, Approval>,
    standings: HashMap<String, Standing>,
    /// Keys for which the last answer allowed the next intent.
    allowed: HashSet<RunKey>,
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
            name: format!("policy{number}"),
            mode: Some(mode),
            class,
            ..first.clone()
        })
        .collect();
    config
}

impl World {
    pub(super) fn new() -> Self {
        let config = Arc::new(policies());
        Self {
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
            Event::Reload => self.engine.reconfigure(self.config.clone(), at(self.now)),
            Event::Time(seconds) => {
                self.now += seconds;
                self.engine.handle_timeout(at(self.now));
            }
        }
        self.carry_out();
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
            episode.alert.status = AlertStatus::Resolved;
            self.ended.insert(episode.id);
            self.engine.handle_change(&EpisodeChange::Resolved(episode), at(self.now));
        }
    }

    /// What is not confirmed as firing with its condition and enough healthy members allows nothing.
    fn confirm(&mut self, presence: &Presence, holds: bool, well: u8) {
        let members = |count: u8| (0..count).map(|number| format!("web{number}:80")).collect();
        let mut confirmed = None;
        self.answer(|command| match command {
            Command::Confirm { key, .. } => {
                confirmed = Some(key.clone());
                let confirmation = Confirmation {
                    prometheus: Some(presence.clone()),
                    conditions: vec![if holds { Observation::Holds } else { Observation::DoesNotHold }],
                    group: Some(Ok(Members { all: members(5), healthy: members(well) })),
                    ..Confirmation::default()
                };
                Some(Report::Confirmed { key: key.clone(), confirmation: confirmation.into() })
            }
            _ => None,
        });
        if let Some(key) = confirmed {
            let lasting = *presence == Presence::Firing && holds;
            if lasting {
                self.allowed.insert(key)
            } else {
                self.allowed.remove(&key)
            };
        }
    }

    fn probe(&mut self, holds: bool) {
        let (now, observation) =
            (at(self.now), if holds { Observation::Holds } else { Observation::DoesNotHold });
        self.answer(|command| match command {
            Command::Probe { run, step, baseline, deadline, .. } => {
                let verdict = verify::judge(baseline.as_ref(), &observation, now >= *deadline);
                Some(Report::Probed { run: *run, step: *step, verdict })
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
        if let Command::Confirm { key, .. } = &command {
            self.allowed.insert(key.clone());
        }
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
                Command::Begin { plan, budgets, max_in_flight, approval } => {
                    assert_eq!(max_in_flight, self.config.max_in_flight);
                    self.begin(plan, &budgets, approval);
                }
                Command::NextStep { run } => self.next_step(run),
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
                Command::Close { run, outcome } => self.close(run, outcome),
                Command::Conclude { run, step, verdict } => {
                    let stored = self.runs.get_mut(&run).expect("only what began is judged");
                    stored.steps[step].verified = Some((at(self.now), verdict));
                }
                Command::Ask(request) => self.ask(request),
                Command::Cancel { approval, why } => {
                    let approval =
                        self.approvals.get_mut(&approval).expect("only what was asked for is void");
                    assert!(approval.state.is_open(), "an answer is final: {:?}", approval.state);
                    approval.state = ApprovalState::Cancelled { why: why.to_owned(), at: at(self.now) };
                }
                Command::Remember { policy, standing } => drop(self.standings.insert(policy, standing)),
                Command::Record(decision) => self.recorded(&decision),
                Command::Confirm { .. } | Command::Probe { .. } => self.waiting.push(command),
            }
        }
    }

    fn ask(&mut self, request: ApprovalRequest) {
        let key = request.plan.key.clone();
        let same = |approval: &&Approval| approval.state.is_open() && approval.request.plan.key == key;
        let approval = self.approvals.values().find(same).cloned().unwrap_or_else(|| {
            let id = ApprovalId(self.approvals.len() as i64 + 1);
            Approval { id, request, state: ApprovalState::Pending }
        });
        self.approvals.insert(approval.id, approval.clone());
        self.engine.handle_report(Report::Asked { key, result: Ok(approval.into()) }, at(self.now));
    }

    /// A refusal without a guard's word is one that no guard is asked for.
    fn recorded(&self, decision: &Decision) {
        let failed = decision.checks.iter().find(|check| !check.passed);
        match (&decision.verdict, failed) {
            (DecisionVerdict::Act { .. }, failed) => {
                assert!(failed.is_none() && !decision.checks.is_empty(), "every guard let it pass");
            }
            (DecisionVerdict::Hold { reason, .. }, Some(check)) => assert_eq!(*reason, check.guard),
            (DecisionVerdict::Hold { .. }, None) => {}
        }
    }

    fn begin(&mut self, plan: Plan, budgets: &[Budget], approval: Option<ApprovalId>) {
        let (key, now) = (plan.key.clone(), at(self.now));
        assert!(!self.paused, "nothing begins while paused");
        assert!(!self.ended.contains(&key.episode), "nothing begins for an alert that ended");
        assert!(self.allowed.remove(&key), "nothing begins that was not confirmed just before");
        let open: Vec<&Run> = self.runs.values().filter(|run| run.ended.is_none()).collect();
        assert!(open.iter().all(|run| run.plan.key.target != key.target), "one run per target at a time");
        assert!(open.len() < self.config.max_in_flight);
        let policy = self.config.policies.iter().find(|policy| policy.name == key.policy).unwrap();
        let level = match policy.mode {
            Some(Mode::Earned) => self.standings.get(&key.policy).map_or(Level::Shadow, |one| one.level),
            Some(Mode::Enforce) => Level::Act,
            _ => Level::Ask,
        };
        assert!(level > Level::Shadow && policy.mode != Some(Mode::Shadow), "the shadow does nothing");
        let alone = level == Level::Act && class(policy, &plan) < Class::Destructive;
        assert!(alone || approval.is_some(), "what is grave or new needs a person's leave");
        if self.runs.values().any(|run| run.plan.key == key) {
            return self.engine.handle_report(Report::BeginRefused { key, reason: Reason::AlreadyRun }, now);
        }
        for Budget { scope, rate } in budgets {
            let counts = |run: &&Run| scope.covers(&key, &run.plan.key) && run.begun_at + rate.per() > now;
            let spent = self.runs.values().filter(counts).count();
            assert!(spent < rate.count() as usize, "{} of {rate} for each {}", spent, scope.as_str());
        }
        let run = RunId(self.runs.len() as i64 + 1);
        if let Some(approval) = approval.map(|id| self.approvals.get_mut(&id).expect("it was asked for")) {
            assert_eq!(approval.request.plan, plan, "it was given for this plan");
            assert!(approval.request.expires_at() > now, "it has not expired");
            let ApprovalState::Approved { by, .. } = approval.state.clone() else {
                panic!("{:?}", approval.state)
            };
            approval.state = ApprovalState::Used { run, by };
        }
        self.runs.insert(run, Run { id: run, plan, begun_at: now, steps: Vec::new(), ended: None });
        self.step(run);
        self.engine.handle_report(Report::Begun { key, run }, now);
    }

    fn next_step(&mut self, run: RunId) {
        assert!(!self.paused, "no step begins while paused");
        let stored = self.runs.get(&run).expect("only what began goes on");
        let key = &stored.plan.key;
        assert!(!self.ended.contains(&key.episode), "no further step for an alert that ended");
        assert!(self.allowed.remove(key), "no step begins that was not confirmed just before");
        let last = stored.steps.last().expect("a run has a first step");
        assert!(matches!(last.acted, Some((_, Ok(_)))), "no step follows one that failed or is not known");
        self.step(run);
        self.engine.handle_report(Report::StepBegun { run }, at(self.now));
    }

    fn close(&mut self, run: RunId, outcome: RunOutcome) {
        assert!(self.closed.insert(run), "a run ends once");
        let stored = self.runs.get_mut(&run).expect("only what began ends");
        let proved = stored.steps.iter().any(|step| matches!(step.verified, Some((_, Verdict::Helped))));
        assert!(outcome != RunOutcome::Helped || proved, "success is never reported without its proof");
        stored.ended = Some((at(self.now), outcome));
    }

    fn step(&mut self, run: RunId) {
        let begun_at = at(self.now);
        let stored = self.runs.get_mut(&run).expect("only what began goes on");
        stored.steps.push(StepRecord { begun_at, acted: None, verified: None });
    }

    /// The process ends and another takes over what was written.
    fn restart(&mut self) {
        let ended = |run: &Run| run.ended.map(|(at, outcome)| (run.plan.key.clone(), outcome, at));
        let restored = Restored {
            episodes: self.open.values().cloned().collect(),
            attempts: self.runs.values().map(|run| (run.plan.key.clone(), run.begun_at)).collect(),
            open_runs: self.runs.values().filter(|run| run.ended.is_none()).cloned().collect(),
            paused: self.paused,
            approvals: self.approvals.values().filter(|one| one.state.is_open()).cloned().collect(),
            outcomes: self.runs.values().filter_map(ended).collect(),
            standings: self.standings.clone(),
        };
        self.waiting.clear();
        self.allowed.clear();
        self.engine = Engine::new(self.config.clone(), restored, at(self.now));
    }

    /// With every report delivered and time passing, every run ends.
    pub(super) fn finish(&mut self) {
        self.happen(Event::Pause(false));
        for _ in 0..60 {
            self.happen(Event::Outcome(0));
            self.happen(Event::Probe(false));
            self.happen(Event::Time(61));
        }
        assert!(self.runs.values().all(|run| run.ended.is_some()), "every run ends");
        assert!(self.closed.len() == self.runs.len());
    }
}

fn result(kind: u8) -> Result<ActReport, ActError> {
    match kind {
        0 | 1 => Ok(ActReport::default()),
        2 => Err(ActError::Failed { report: ActReport::default() }),
        _ => Err(ActError::Unknown { reason: String::new(), report: ActReport::default() }),
    }
}
