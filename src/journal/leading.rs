//! Which of the replicas leads. With a file there is one process, and it leads.

use super::write::Write;
use super::{Journal, JournalError, Term};
use crate::model::Timestamp;

impl Journal {
    /// Whether other processes write to it as well.
    pub fn is_shared(&self) -> bool {
        self.shared.is_shared
    }

    /// Tries to lead from now on, under a name that a person understands. `None`: another replica leads; ask
    /// again. Whoever has led before begins anew: others may have written meanwhile.
    pub async fn lead(&self, holder: &str, now: Timestamp) -> Result<Option<Term>, JournalError> {
        let holder = holder.to_owned();
        self.store(|reply| Write::Lead { holder, now, reply }).await
    }

    /// Whether this process still leads; asked often, for that keeps it leading. An error says nothing: while the
    /// journal cannot be reached nobody can act, and the term goes on if nobody else has led meanwhile.
    pub async fn still_leads(&self) -> Result<bool, JournalError> {
        self.store(Write::Keep).await
    }
}
