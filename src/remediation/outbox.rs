//! Journal entries about runs under way, written in order and kept until they are written: an outcome is
//! never lost to a journal that is busy for a moment.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::journal::{Journal, JournalError};
use crate::model::{ActError, ActReport, Decision, Effect, EpisodeId, RunId, RunOutcome, Timestamp};

/// Decisions kept while the journal does not answer; older ones are dropped first and counted in the log.
const MAX_ENTRIES: usize = 10_000;

pub(super) enum Entry {
    Decision(Decision),
    Acted { run: RunId, step: usize, result: Result<ActReport, ActError>, at: Timestamp },
    Verified { run: RunId, step: usize, effect: Box<Effect>, at: Timestamp },
    Lifted { run: RunId, step: usize, result: Result<ActReport, ActError>, at: Timestamp },
    Closed { run: RunId, outcome: RunOutcome, at: Timestamp },
    Relapsed { run: RunId, episode: EpisodeId, at: Timestamp },
    Standing { policy: Arc<str>, body: String, at: Timestamp },
}

#[derive(Default)]
pub(super) struct Outbox(VecDeque<Entry>);

impl Outbox {
    pub(super) fn push(&mut self, entry: Entry) {
        if self.0.len() >= MAX_ENTRIES {
            let oldest = self.0.iter().position(|entry| matches!(entry, Entry::Decision(_)));
            if let Some(lost) = oldest.and_then(|index| self.0.remove(index)) {
                tracing::error!(
                    lost = lost.describe(),
                    "the journal does not answer, a decision goes unrecorded"
                );
            }
        }
        self.0.push_back(entry);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes everything, in order; what could not be written stays.
    pub(super) async fn flush(&mut self, journal: &Journal) -> Result<(), JournalError> {
        while let Some(first) = self.0.front() {
            if matches!(first, Entry::Decision(_)) {
                self.flush_decisions(journal).await?;
                continue;
            }
            match first.write(journal).await {
                // It contradicts what is recorded: writing it again can only be refused again.
                Err(error @ JournalError::Refused { .. }) => {
                    tracing::error!(%error, entry = first.describe(), "the journal refuses an entry for good");
                }
                written => written?,
            }
            self.0.pop_front();
        }
        Ok(())
    }

    async fn flush_decisions(&mut self, journal: &Journal) -> Result<(), JournalError> {
        let decisions: Vec<Decision> = self
            .0
            .iter()
            .map_while(|entry| match entry {
                Entry::Decision(decision) => Some(decision.clone()),
                _ => None,
            })
            .collect();
        let count = decisions.len();
        journal.record_decisions(decisions).await?;
        self.0.drain(..count);
        Ok(())
    }
}

impl Entry {
    async fn write(&self, journal: &Journal) -> Result<(), JournalError> {
        match self {
            Self::Decision(decision) => journal.record_decisions(vec![decision.clone()]).await,
            Self::Acted { run, step, result, at } => {
                journal.record_act(*run, *step, result.clone(), *at).await
            }
            Self::Verified { run, step, effect, at } => {
                journal.record_verdict(*run, *step, Effect::clone(effect), *at).await
            }
            Self::Lifted { run, step, result, at } => {
                journal.record_lift(*run, *step, result.clone(), *at).await
            }
            Self::Closed { run, outcome, at } => journal.close_run(*run, *outcome, *at).await,
            Self::Relapsed { run, episode, at } => journal.record_relapse(*run, *episode, *at).await,
            Self::Standing { policy, body, at } => journal.remember(policy, body, *at).await,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Decision(decision) => format!("decision on episode {}", decision.episode),
            Self::Standing { policy, .. } => format!("standing of policy {policy}"),
            Self::Acted { run, .. }
            | Self::Verified { run, .. }
            | Self::Lifted { run, .. }
            | Self::Relapsed { run, .. }
            | Self::Closed { run, .. } => {
                format!("run {run}")
            }
        }
    }
}
