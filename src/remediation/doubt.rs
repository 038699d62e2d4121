//! Runs that the journal may hold though it could not say so: each is found and ended, so that none stays open and
//! keeps its target from everybody.

use std::time::Duration;

use crate::journal::{JournalError, RunFilter};
use crate::model::Timestamp;

use super::worker::Remediation;

/// For so long after an answer was lost a transaction may still end.
const LASTS: Duration = Duration::from_secs(120);

/// The answer to an intent was lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Doubt {
    since: Timestamp,
}

impl Remediation {
    /// The journal did not say whether it has written an intent.
    pub(super) fn doubt(&mut self, now: Timestamp) {
        self.doubt = Some(Doubt { since: now });
    }

    /// Takes up runs that nobody knows of, while there may be some.
    pub(super) async fn look_for_lost_runs(&mut self, now: Timestamp) {
        let Some(doubt) = self.doubt else { return };
        // What is over must not be taken for what nobody knows of.
        if !self.outbox.is_empty() {
            return;
        }
        match self.take_up_lost_runs(now).await {
            // A clock that was set back ends it later.
            Ok(()) if now.since(doubt.since) >= LASTS => self.doubt = None,
            Ok(()) => {}
            Err(error) => self.journal_failed(&error),
        }
    }

    async fn take_up_lost_runs(&mut self, now: Timestamp) -> Result<(), JournalError> {
        for run in self.surroundings.journal.runs(RunFilter::open()).await? {
            if self.begun.contains_key(&run.id) {
                continue;
            }
            tracing::warn!(run = %run.id, "an intent was written though the journal did not say so: the run ends, nothing was done");
            self.begun.insert(run.id, (run.plan.key.policy.clone(), run.begun_at));
            self.engine.handle_lost_run(run, now);
        }
        Ok(())
    }
}
