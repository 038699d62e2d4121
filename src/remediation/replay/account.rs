//! What a replay tells: decisions in the order of their times, runs, and each policy's figures.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::decide::Config;
use crate::model::{Decision, DecisionVerdict, Labels, Plan, Reason, RunId, RunOutcome, Timestamp};

use super::{ReplayRange, number};

/// What would have been done in a range, and what not.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// The first time replayed.
    pub start: Timestamp,
    /// The last.
    pub end: Timestamp,
    /// Alerts that fired in between.
    pub alerts: usize,
    /// Requests for approval there would have been.
    pub asked: i64,
    /// Each policy's figures, by its name.
    pub policies: BTreeMap<Arc<str>, PolicyAccount>,
    /// Runs in the order in which they would have begun.
    pub runs: Vec<ReplayedRun>,
    /// Every decision, refusals like actions, in the order of their times.
    pub decisions: Vec<Told>,
}

/// What one policy would have done.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PolicyAccount {
    /// Runs.
    pub runs: usize,
    /// Actions, over all runs.
    pub actions: usize,
    /// Requests for approval.
    pub asked: usize,
    /// How often each reason would have held it back.
    pub held: BTreeMap<Reason, usize>,
}

/// A run that would have been.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayedRun {
    /// What would have been done.
    pub plan: Plan,
    /// When it would have begun.
    pub begun_at: Timestamp,
    /// When each of its steps would have been carried out.
    pub acted_at: Vec<Timestamp>,
    /// When it would have ended, and how, had nothing that was done had an effect; `None`: not in the range.
    pub ended: Option<(Timestamp, RunOutcome)>,
}

/// A decision and the alert it is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// The alert's labels.
    pub labels: Labels,
    /// What would have been decided.
    #[serde(flatten)]
    pub decision: Decision,
}

impl Account {
    pub(super) fn new(range: ReplayRange, alerts: usize, config: &Config) -> Self {
        let policies = config.policies.iter().map(|policy| (policy.name.clone(), PolicyAccount::default()));
        let ReplayRange { start, end, .. } = range;
        let (runs, decisions) = (Vec::new(), Vec::new());
        Self { start, end, alerts, asked: 0, policies: policies.collect(), runs, decisions }
    }

    pub(super) fn record(&mut self, decision: Decision, labels: Labels) {
        if let (Some(policy), DecisionVerdict::Hold { reason, .. }) = (&decision.policy, &decision.verdict) {
            *self.policies.entry(policy.clone()).or_default().held.entry(*reason).or_default() += 1;
        }
        self.decisions.push(Told { labels, decision });
    }

    pub(super) fn asked(&mut self, policy: &Arc<str>) {
        self.asked += 1;
        self.policies.entry(policy.clone()).or_default().asked += 1;
    }

    pub(super) fn begin(&mut self, plan: Plan, begun_at: Timestamp) -> RunId {
        self.policies.entry(plan.key.policy.clone()).or_default().runs += 1;
        self.runs.push(ReplayedRun { plan, begun_at, acted_at: Vec::new(), ended: None });
        number(self.runs.len() - 1)
    }

    pub(super) fn act(&mut self, run: RunId, at: Timestamp) {
        let Some(run) = self.run(run) else { return };
        run.acted_at.push(at);
        let policy = run.plan.key.policy.clone();
        self.policies.entry(policy).or_default().actions += 1;
    }

    pub(super) fn close(&mut self, run: RunId, outcome: RunOutcome, at: Timestamp) {
        if let Some(run) = self.run(run) {
            run.ended = Some((at, outcome));
        }
    }

    fn run(&mut self, run: RunId) -> Option<&mut ReplayedRun> {
        self.runs.get_mut(usize::try_from(run.0 - 1).ok()?)
    }
}
