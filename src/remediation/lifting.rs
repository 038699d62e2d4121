//! Lifts silences that runs have created, each with an intent of its own.

use crate::journal::StepError;
use crate::model::{ActError, ActReport, RunId, Timestamp};

use super::outbox::Entry;
use super::worker::{Finished, Remediation, clock};

/// What lifting is counted as.
const KIND: &str = "alertmanager";

impl Remediation {
    /// Begins to lift what is to be lifted. What the journal cannot write down now waits.
    pub(super) async fn lift_owed(&mut self, now: Timestamp) {
        if self.owed.is_empty() || !self.journal_is_current().await {
            return;
        }
        for (run, step) in std::mem::take(&mut self.owed) {
            match self.surroundings.journal.lift(run, step, now).await {
                Ok(permit) => {
                    let actor = self.surroundings.actor.clone();
                    self.tasks.spawn(async move {
                        let result = actor.carry_out(permit).await;
                        Finished::Lifted { run, step, result }
                    });
                }
                Err(StepError::Unavailable { .. }) => drop(self.owed.insert((run, step))),
                Err(error) => tracing::warn!(%error, %run, step, "no silence is lifted"),
            }
        }
    }

    /// One is lifted, or was tried to be for long enough.
    pub(super) fn lifted(&mut self, run: RunId, step: usize, result: Result<ActReport, ActError>) {
        self.surroundings.metrics.action(KIND, &result);
        if let Err(error) = &result {
            tracing::error!(%error, %run, step, "a silence could not be lifted, it ends by itself when its time is over");
        }
        self.outbox.push(Entry::Lifted { run, step, result, at: clock() });
    }
}
