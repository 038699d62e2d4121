//! Runs: written before they are done, at most one per policy, target and episode.

use super::rules::{Entry, RunEntry, unfinished_step};
use super::write::Write;
use super::{BeginError, Intent, Journal, JournalError, Outcome, Permit, RunFilter, StepError};
use crate::model::{ActError, ActReport, Before, Effect, EpisodeId, Plan, Run, RunId, RunOutcome, Timestamp};

/// Attempts that are handed out at once at most. More is an error: a cooldown must not be forgotten.
const ATTEMPTS: u32 = 100_000;
/// Ends that are handed out at once at most.
const OUTCOMES: u32 = 100_000;

impl Journal {
    /// Writes down a run and the intent of its first step, if its limits allow it at this moment; the
    /// permit is the leave to do that step.
    ///
    /// If the caller goes away before the answer, the run stays open without outcome: unknown, to be
    /// verified, never repeated.
    pub async fn begin(&self, intent: Intent, now: Timestamp) -> Result<Permit, BeginError> {
        let unavailable = |reason: &str| BeginError::Unavailable { reason: reason.to_owned() };
        let first = intent.plan.steps.first().ok_or_else(|| unavailable("the plan has no step"))?;
        let action = first.action.clone();
        let written = self.submit(|reply| Write::Begin(Box::new(intent), now, reply)).await;
        let run = written.map_err(|reason| unavailable(&reason))??;
        Ok(Permit::new(run, 0, action, now))
    }

    /// Writes down the intent of the following step, and what was seen before it: the last one was accepted and the
    /// run is open.
    pub async fn next_step(
        &self,
        run: RunId,
        before: Option<Before>,
        now: Timestamp,
    ) -> Result<Permit, StepError> {
        let before = before.map(Box::new);
        let written = self.submit(|reply| Write::NextStep(run, before, now, reply)).await;
        let (step, action) =
            written.map_err(|reason| StepError::Unavailable { reason: reason.to_string() })??;
        Ok(Permit::new(run, step, action, now))
    }

    /// The permit to finish the last step of an open run, of whose outcome nothing is written because the process that
    /// began it is gone. Only for an action that must be finished; nothing further is written before it is.
    pub async fn unfinished(&self, run: RunId) -> Result<Permit, StepError> {
        let found =
            self.run(run).await.map_err(|error| StepError::Unavailable { reason: error.to_string() })?;
        let refuse = || StepError::Refused { reason: format!("run {run} is not known") };
        let (step, action, written) = unfinished_step(&found.ok_or_else(refuse)?)?;
        Ok(Permit::to_finish(run, step, action, written))
    }

    /// Writes down the intent to lift the silence that a step has created, unless it is written, and gives the permit
    /// to do so. The run may be over; what became of it is [`Journal::record_lift`]'s.
    pub async fn lift(&self, run: RunId, step: usize, now: Timestamp) -> Result<Permit, StepError> {
        let written = self.submit(|reply| Write::Lift(run, step, now, reply)).await;
        let found = written.map_err(|reason| StepError::Unavailable { reason: reason.to_string() })??;
        Ok(Permit::to_lift(run, step, found.action, found.written, found.id))
    }

    /// Writes down what became of the attempt to lift a silence.
    pub async fn record_lift(
        &self,
        run: RunId,
        step: usize,
        result: Result<ActReport, ActError>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.add(RunEntry { run, entry: Entry::Lifted(step, result), now }).await
    }

    /// Writes down what the action of a step said.
    pub async fn record_act(
        &self,
        run: RunId,
        step: usize,
        result: Result<ActReport, ActError>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.add(RunEntry { run, entry: Entry::Act(step, result), now }).await
    }

    /// Writes down what the proof of a step said, and what that rests on; it may come without a report of the action.
    pub async fn record_verdict(
        &self,
        run: RunId,
        step: usize,
        effect: impl Into<Effect>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.add(RunEntry { run, entry: Entry::Verdict(step, Box::new(effect.into())), now }).await
    }

    /// Closes a run. Closing it again the same way changes nothing; another way is refused.
    pub async fn close_run(
        &self,
        run: RunId,
        outcome: RunOutcome,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.add(RunEntry { run, entry: Entry::End(outcome), now }).await
    }

    /// Writes down that a run which had helped did not for long: this episode began soon after it.
    pub async fn record_relapse(
        &self,
        run: RunId,
        episode: EpisodeId,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.add(RunEntry { run, entry: Entry::Relapse(episode), now }).await
    }

    /// Runs, the newest first.
    pub async fn runs(&self, filter: RunFilter) -> Result<Vec<Run>, JournalError> {
        Ok(self.reads.runs(filter).await?)
    }

    /// One run; `None` if there is none of this number.
    pub async fn run(&self, run: RunId) -> Result<Option<Run>, JournalError> {
        Ok(self.reads.run(run).await?)
    }

    /// What each run with a step begun at `since` or later was to do, and when it last attempted something: what
    /// cooldowns count from. More than 100,000 are refused rather than cut.
    pub async fn last_attempts(&self, since: Timestamp) -> Result<Vec<(Plan, Timestamp)>, JournalError> {
        let attempts = self.reads.last_attempts(since, ATTEMPTS + 1).await?;
        if attempts.len() > ATTEMPTS as usize {
            return Err(JournalError::Refused { reason: format!("more than {ATTEMPTS} runs since {since}") });
        }
        Ok(attempts)
    }

    /// How the runs that ended at `since` or later ended, newest last; the newest 100,000 of them.
    pub async fn outcomes(&self, since: Timestamp) -> Result<Vec<Outcome>, JournalError> {
        Ok(self.reads.outcomes(since, OUTCOMES).await?)
    }

    async fn add(&self, entry: RunEntry) -> Result<(), JournalError> {
        self.store_checked(|reply| Write::Entry(entry, reply)).await
    }
}
