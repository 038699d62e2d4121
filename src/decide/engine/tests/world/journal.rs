//! The journal's side of the world: what is written down, and the rules that hold whenever something is.

use super::super::*;
use super::World;
use crate::decide::autonomy::Level;
use crate::decide::policy::class;
use crate::model::{ApprovalState, Before, Budget, Class};

impl World {
    pub(super) fn ask(&mut self, request: ApprovalRequest) {
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
    pub(super) fn recorded(&self, decision: &Decision) {
        let failed = decision.checks.iter().find(|check| !check.passed);
        match (&decision.verdict, failed) {
            (DecisionVerdict::Act { .. }, failed) => {
                assert!(failed.is_none() && !decision.checks.is_empty(), "every guard let it pass");
            }
            (DecisionVerdict::Hold { reason, .. }, Some(check)) => assert_eq!(*reason, check.guard),
            (DecisionVerdict::Hold { .. }, None) => {}
        }
    }

    pub(super) fn begin(
        &mut self,
        plan: Plan,
        budgets: &[Budget],
        approval: Option<ApprovalId>,
        before: Box<Before>,
    ) {
        let (key, now) = (plan.key.clone(), at(self.now));
        assert!(!self.paused, "nothing begins while paused");
        assert!(!self.ended.contains(&key.episode), "nothing begins for an alert that ended");
        assert!(self.allowed.remove(&key), "nothing begins that was not confirmed just before");
        let open: Vec<&Run> = self.runs.values().filter(|run| run.ended.is_none()).collect();
        let touched = plan.touches();
        let apart = |run: &&Run| run.plan.touches().shared_with(&touched).is_none();
        assert!(open.iter().all(apart), "one run at a time on whatever is touched");
        assert!(open.len() < self.config.max_in_flight);
        let policy = self.config.policies.iter().find(|policy| policy.name == key.policy).unwrap();
        let level = match policy.mode {
            Some(Mode::Earned) => self.standings.get(&key.policy).map_or(Level::Shadow, |one| one.level),
            Some(Mode::Enforce) => Level::Act,
            _ => Level::Ask,
        };
        assert!(level > Level::Shadow && policy.mode != Some(Mode::Shadow), "the shadow does nothing");
        let alone =
            level == Level::Act && !policy.needs_approval && class(policy, &plan) < Class::Destructive;
        assert!(alone || approval.is_some(), "what is grave or new needs a person's leave");
        if self.runs.values().any(|run| run.plan.key == key) {
            return self.engine.handle_report(Report::BeginRefused { key, reason: Reason::AlreadyRun }, now);
        }
        for Budget { scope, rate } in budgets {
            let per = i64::try_from(rate.per().as_secs()).unwrap();
            let is_recent = |run: &Run| self.begun[&run.id] + per > self.true_now();
            let counts = |run: &&Run| scope.covers(&plan, &run.plan) && is_recent(run);
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
            self.reached.leaves_used += 1;
        }
        self.begun.insert(run, self.true_now());
        self.runs.insert(
            run,
            Run { id: run, plan, begun_at: now, steps: Vec::new(), ended: None, relapsed: None },
        );
        self.step(run, before);
        self.reached.begun += 1;
        self.engine.handle_report(Report::Begun { key, run }, now);
    }

    pub(super) fn next_step(&mut self, run: RunId, before: Box<Before>) {
        assert!(!self.paused, "no step begins while paused");
        assert!(!self.taken_up.contains(&run), "no step follows a restart");
        let stored = self.runs.get(&run).expect("only what began goes on");
        let key = &stored.plan.key;
        assert!(!self.ended.contains(&key.episode), "no further step for an alert that ended");
        assert!(self.allowed.remove(key), "no step begins that was not confirmed just before");
        let is_approved =
            |one: &Approval| matches!(one.state, ApprovalState::Used { run: of, .. } if of == run);
        let policy = self.config.policies.iter().find(|policy| policy.name == key.policy).unwrap();
        let approved = self.approvals.values().any(is_approved);
        assert!(approved || !policy.needs_approval, "a person must be asked by now, and was not");
        let last = stored.steps.last().expect("a run has a first step");
        assert!(matches!(last.acted, Some((_, Ok(_)))), "no step follows one that failed or is not known");
        self.step(run, before);
        self.reached.further_steps += 1;
        self.engine.handle_report(Report::StepBegun { run }, at(self.now));
    }

    pub(super) fn close(&mut self, run: RunId, outcome: RunOutcome) {
        assert!(self.closed.insert(run), "a run ends once");
        let stored = self.runs.get_mut(&run).expect("only what began ends");
        let proved = stored.steps.iter().any(|step| matches!(step.verified, Some((_, Verdict::Helped))));
        assert!(outcome != RunOutcome::Helped || proved, "success is never reported without its proof");
        let known = stored.steps.last().is_some_and(|step| step.acted.is_some());
        assert!(outcome != RunOutcome::Helped || known, "what may never have been begun has not helped");
        stored.ended = Some((at(self.now), outcome));
        self.over.insert(run, self.now - self.ahead);
        self.reached.not_known += usize::from(outcome == RunOutcome::Unknown);
    }

    pub(super) fn relapse(&mut self, run: RunId, episode: EpisodeId) {
        let stored = self.runs.get_mut(&run).expect("only what began can fail to last");
        let helped = matches!(stored.ended, Some((_, RunOutcome::Helped)));
        assert!(helped && stored.relapsed.is_none(), "what helped may not last, and that is said once");
        assert!(stored.plan.key.episode != episode, "its own alert is not another one");
        stored.relapsed = Some((at(self.now), episode));
        self.reached.relapsed += 1;
    }

    fn step(&mut self, run: RunId, before: Box<Before>) {
        let before = Some(before);
        let begun_at = at(self.now);
        let stored = self.runs.get_mut(&run).expect("only what began goes on");
        stored.steps.push(StepRecord { begun_at, before, ..StepRecord::default() });
    }

    /// The process ends and another takes over what was written.
    pub(super) fn restart(&mut self) {
        let ended = |run: &Run| {
            let at = run.relapsed.map(|(at, _)| at).or(run.ended.map(|(at, _)| at))?;
            Some((run.plan.key.clone(), run.outcome()?, at))
        };
        let restored = Restored {
            episodes: self.open.values().cloned().collect(),
            attempts: self.runs.values().map(|run| (run.plan.clone(), run.begun_at)).collect(),
            open_runs: self.runs.values().filter(|run| run.ended.is_none()).cloned().collect(),
            recent: self.runs.values().cloned().collect(),
            paused: self.paused,
            approvals: self.approvals.values().cloned().collect(),
            outcomes: self.runs.values().filter_map(ended).collect(),
            standings: self.standings.clone(),
        };
        self.reached.taken_up_after_a_restart += restored.open_runs.len();
        self.taken_up.extend(restored.open_runs.iter().map(|run| run.id));
        // What the journal holds are times by the clock that was set.
        let by_the_clock = |time: Timestamp| (time.as_millis() - at(0).as_millis()).div_euclid(1000);
        self.ahead = 0;
        self.begun = self.runs.values().map(|run| (run.id, by_the_clock(run.begun_at))).collect();
        let ended = |run: &Run| Some((run.id, by_the_clock(run.ended?.0)));
        self.over = self.runs.values().filter_map(ended).collect();
        self.waiting.clear();
        self.allowed.clear();
        self.engine = Engine::new(self.config.clone(), restored, at(self.now));
    }
}
