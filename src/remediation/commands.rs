//! Carries out the core's commands. What takes time runs beside the loop and comes back as a report; what
//! must not be lost goes to the journal first.

use crate::decide::{Command, Report};
use crate::journal::{BeginError, Intent, StepError};
use crate::model::{
    ActError, ActReport, Action, Before, Decision, DecisionVerdict, EpisodeId, Reason, RunId, RunOutcome,
    Scope, Timestamp,
};

use super::outbox::Entry;
use super::worker::{Finished, Remediation, clock};

impl Remediation {
    pub(super) async fn execute(&mut self, command: Command, now: Timestamp) {
        match command {
            Command::Record(decision) => self.record(*decision),
            Command::Confirm { key, number, question } => self.confirm(key, number, question),
            Command::Ask(request) => {
                self.ask(*request, now).await;
                self.count_pending().await;
            }
            Command::Cancel { approval, why } => {
                self.cancel(approval, why, now).await;
                self.count_pending().await;
            }
            Command::Remember { policy, standing } => self.remember(policy, &standing, now),
            Command::Begin { plan, budgets, max_in_flight, approval, before } => {
                let (plan, before) = (*plan, Some(*before));
                self.begin(Intent { plan, budgets, max_in_flight, approval, before }, now).await;
            }
            Command::NextStep { run, before } => self.next_step(run, *before, now).await,
            Command::Act { run, step } => self.act(run, step),
            Command::Finish { run, step } => self.finish(run, step).await,
            Command::Probe { run, step, probe } => {
                let witnesses = self.witnesses.clone();
                self.tasks.spawn(async move {
                    let effect = witnesses.probe(&probe, clock()).await.map(Box::new);
                    Finished::Report(Report::Probed { run, step, effect })
                });
            }
            Command::Conclude { run, step, effect } => {
                tracing::info!(%run, step, verdict = effect.verdict.as_str(), why = effect.why, "effect judged");
                self.outbox.push(Entry::Verified { run, step, effect, at: now });
            }
            Command::Lift { run, step } => {
                self.owed.insert((run, step));
                self.lift_owed(now).await;
            }
            Command::Relapse { run, policy, episode } => self.relapsed(run, &policy, episode, now),
            Command::Close { run, outcome } => self.close(run, outcome, now),
        }
    }

    fn record(&mut self, decision: Decision) {
        let policy = decision.policy.as_deref();
        let target = decision.target.as_deref().unwrap_or_default();
        match &decision.verdict {
            DecisionVerdict::Act { .. } => {
                self.surroundings.metrics.acted(policy.unwrap_or_default());
                tracing::info!(episode = %decision.episode, policy, target, "decided to act");
            }
            DecisionVerdict::Hold { reason, detail, .. } => {
                self.surroundings.metrics.held(policy, *reason);
                tracing::info!(episode = %decision.episode, policy, target, %reason, detail, "decided not to act");
            }
        }
        self.outbox.push(Entry::Decision(decision));
    }

    /// The intent is written before the core learns that it may act. Nothing begins while outcomes of
    /// earlier runs are still unwritten.
    async fn begin(&mut self, intent: Intent, now: Timestamp) {
        let key = intent.plan.key.clone();
        if self.look_for_stop_file(now) {
            return self.engine.handle_report(Report::BeginRefused { key, reason: Reason::Paused }, now);
        }
        let report = match self.journal_is_current().await {
            false => Report::BeginRefused { key, reason: Reason::JournalUnavailable },
            true => match self.surroundings.journal.begin(intent, now).await {
                Ok(permit) => {
                    let run = permit.run();
                    self.begun.insert(run, (key.policy.clone(), now));
                    self.permits.insert(run, permit);
                    Report::Begun { key, run }
                }
                Err(error) => {
                    if matches!(error, BeginError::Unavailable { .. }) {
                        self.doubt(now);
                    }
                    Report::BeginRefused { key, reason: reason(&error) }
                }
            },
        };
        self.engine.handle_report(report, now);
    }

    async fn next_step(&mut self, run: RunId, before: Before, now: Timestamp) {
        if self.look_for_stop_file(now) {
            return self.engine.handle_report(Report::StepRefused { run, reason: Reason::Paused }, now);
        }
        let refused = |reason| Report::StepRefused { run, reason };
        let report = match self.journal_is_current().await {
            false => refused(Reason::JournalUnavailable),
            true => match self.surroundings.journal.next_step(run, Some(before), now).await {
                Ok(permit) => {
                    self.permits.insert(run, permit);
                    Report::StepBegun { run }
                }
                Err(error) => {
                    tracing::error!(%error, %run, "the next step's intent could not be written, the run ends");
                    refused(match error {
                        StepError::Paused => Reason::Paused,
                        _ => Reason::JournalUnavailable,
                    })
                }
            },
        };
        self.engine.handle_report(report, now);
    }

    pub(super) async fn journal_is_current(&mut self) -> bool {
        self.outbox.flush(&self.surroundings.journal).await.is_ok()
    }

    fn act(&mut self, run: RunId, step: usize) {
        let Some(permit) = self.permits.remove(&run).filter(|permit| permit.step() == step) else {
            tracing::error!(%run, step, "asked to act without a permit, nothing is done");
            let result = Err(ActError::NotStarted { reason: "there is no permit".to_owned() });
            return self.handle_report(Report::Acted { run, step, result }, clock());
        };
        let actor = self.surroundings.actor.clone();
        let metrics = self.surroundings.metrics.clone();
        let kind = Action::kind(permit.action());
        let task = self.tasks.spawn(async move {
            let result = actor.carry_out(permit).await;
            metrics.action(kind, &result);
            Finished::Report(Report::Acted { run, step, result })
        });
        self.acting.insert(task.id(), (run, step));
    }

    /// What an earlier process has left is done as any other action; without the journal's leave nobody knows of it.
    async fn finish(&mut self, run: RunId, step: usize) {
        match self.surroundings.journal.unfinished(run).await {
            Ok(permit) => {
                tracing::warn!(%run, step, "an action that the daemon left in the middle is finished");
                self.permits.insert(run, permit);
                self.act(run, step);
            }
            Err(error) => {
                tracing::error!(%error, %run, step, "an action that the daemon left in the middle cannot be finished");
                let reason =
                    format!("the daemon ended in the middle of it, and it cannot be finished: {error}");
                let result = Err(ActError::Unknown { reason, report: ActReport::default() });
                self.handle_report(Report::Acted { run, step, result }, clock());
            }
        }
    }

    fn relapsed(&mut self, run: RunId, policy: &str, episode: EpisodeId, now: Timestamp) {
        self.surroundings.metrics.run_ended(policy, RunOutcome::DidNotLast, None);
        self.rates.did_not_last(policy);
        self.surroundings.metrics.success(&self.rates.tallies(now));
        tracing::warn!(%run, policy, %episode, "a run had helped, and its alert began again soon after");
        self.outbox.push(Entry::Relapsed { run, episode, at: now });
    }

    fn close(&mut self, run: RunId, outcome: RunOutcome, now: Timestamp) {
        self.permits.remove(&run);
        if let Some((policy, begun)) = self.begun.remove(&run) {
            self.surroundings.metrics.run_ended(&policy, outcome, Some(now.since(begun)));
            self.rates.add(&policy, outcome, now);
            self.surroundings.metrics.success(&self.rates.tallies(now));
        }
        tracing::info!(%run, outcome = outcome.as_str(), "run ended");
        self.outbox.push(Entry::Closed { run, outcome, at: now });
    }
}

fn reason(error: &BeginError) -> Reason {
    match error {
        BeginError::AlreadyRun => Reason::AlreadyRun,
        BeginError::Paused => Reason::Paused,
        BeginError::TargetBusy => Reason::TargetBusy,
        BeginError::TooManyInFlight => Reason::TooManyInFlight,
        BeginError::Spent(budget) => match budget.scope {
            Scope::PolicyTarget => Reason::Cooldown,
            Scope::Target => Reason::TargetBudget,
            Scope::Policy => Reason::PolicyBudget,
            Scope::Fleet => Reason::FleetBudget,
        },
        BeginError::NoLeave(why) => {
            tracing::warn!(%why, "an approval gives no leave, nothing is done");
            Reason::ApprovalPending
        }
        BeginError::Unavailable { .. } => {
            tracing::error!(%error, "the intent could not be written, nothing is done");
            Reason::JournalUnavailable
        }
    }
}
