//! What tasks beside the loop bring back.

use tokio::task::JoinError;

use super::outbox::Entry;
use super::worker::{Finished, Remediation, clock};
use crate::decide::Report;
use crate::model::{ActError, ActReport, Timestamp};

impl Remediation {
    /// Whatever else has finished meanwhile is heard in the same turn: what is decided of it is then written
    /// with one sync of the disk.
    pub(super) async fn handle_all_finished(&mut self, first: Result<Finished, JoinError>) {
        let mut next = Some(first);
        while let Some(finished) = next {
            self.handle_finished(finished).await;
            next = self.tasks.try_join_next();
        }
    }

    pub(super) async fn handle_finished(&mut self, finished: Result<Finished, JoinError>) {
        let now = clock();
        match finished {
            Ok(Finished::Report(report)) => self.handle_report(report, now),
            Ok(Finished::Lifted { run, step, result }) => self.lifted(run, step, result),
            Ok(Finished::Listed(listing)) => self.compare(listing, now).await,
            Err(error) => self.handle_lost(&error, now),
        }
        self.ask_the_world();
    }

    /// A task only ends early when it panics. Whether its action happened is then unknown.
    fn handle_lost(&mut self, error: &JoinError, now: Timestamp) {
        tracing::error!(%error, "a task of the remediation loop ended early");
        self.confirming.lost(error.id());
        if let Some((run, step)) = self.acting.remove(&error.id()) {
            let reason = "the action ended without a result".to_owned();
            let result = Err(ActError::Unknown { reason, report: ActReport::default() });
            self.handle_report(Report::Acted { run, step, result }, now);
        }
        // It may have been the question for the lists; asked twice, they say the same.
        self.reconciler.ask_again();
    }

    pub(super) fn handle_report(&mut self, report: Report, now: Timestamp) {
        if let Report::Acted { run, step, result } = &report {
            self.acting.retain(|_, acting| acting.0 != *run);
            self.outbox.push(Entry::Acted { run: *run, step: *step, result: result.clone(), at: now });
        }
        if let Report::Confirmed { number, .. } = &report {
            self.confirming.answered(*number);
        }
        self.engine.handle_report(report, now);
    }
}
