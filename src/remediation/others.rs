//! What other replicas have written meanwhile: the stop switch, and people's answers. Their deliveries are read
//! with one's own.

use std::collections::HashSet;
use std::time::Duration;

use super::worker::Remediation;
use crate::journal::{ApprovalFilter, JournalError};
use crate::model::{ApprovalId, ApprovalState, Timestamp};

/// How often the loop looks.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);
/// The newest requests that are looked at; there are never so many open ones.
const REQUESTS: u32 = 1000;

/// What the loop has seen of what others write.
#[derive(Default)]
pub(super) struct Others {
    looked: Option<Timestamp>,
    answered: HashSet<ApprovalId>,
}

impl Others {
    fn is_due(&self, now: Timestamp) -> bool {
        // A clock that was set back makes it due as well.
        self.looked.is_none_or(|looked| now < looked || now.since(looked) >= INTERVAL)
    }
}

impl Remediation {
    /// Looks, where the journal is shared and it is time to.
    pub(super) async fn look_at_others(&mut self, now: Timestamp) {
        if !self.surroundings.journal.is_shared() || !self.others.is_due(now) {
            return;
        }
        self.others.looked = Some(now);
        match self.hear(now).await {
            Ok(()) => self.journal_answers(),
            Err(error) => self.journal_failed(&error),
        }
    }

    async fn hear(&mut self, now: Timestamp) -> Result<(), JournalError> {
        let paused = self.surroundings.journal.paused().await?.is_some();
        if !self.stop.is_unwritten() {
            self.switch(paused, now);
        }
        let requests = self.surroundings.journal.approvals(ApprovalFilter::latest(REQUESTS)).await?;
        let answered = |state: &ApprovalState| {
            matches!(state, ApprovalState::Approved { .. } | ApprovalState::Rejected { .. })
        };
        let answers: Vec<_> = requests.into_iter().filter(|request| answered(&request.state)).collect();
        let known: HashSet<_> = answers.iter().map(|request| request.id).collect();
        for answer in answers {
            if !self.others.answered.contains(&answer.id) {
                self.engine.handle_answer(answer, now);
            }
        }
        self.others.answered = known;
        Ok(())
    }
}
