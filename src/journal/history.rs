//! Episodes, decisions, the stop switch, and forgetting.

use super::query::Cutoff;
use super::write::Write;
use super::{EpisodeFilter, Journal, JournalError, Pause};
use crate::model::{Decision, Episode, EpisodeId, Timestamp};

/// Episodes whose latest decisions are looked up at once at most.
const EPISODES: usize = 10_000;

impl Journal {
    /// Episodes, those heard of last first.
    pub async fn episodes(&self, filter: EpisodeFilter) -> Result<Vec<Episode>, JournalError> {
        Ok(self.reads.episodes(filter).await?)
    }

    /// Writes decisions down, refusals like actions. The newest 500 of an episode are kept,
    /// and up to a hundred more.
    pub async fn record_decisions(&self, decisions: Vec<Decision>) -> Result<(), JournalError> {
        if decisions.is_empty() {
            return Ok(());
        }
        self.store(|reply| Write::Decisions(decisions, reply)).await
    }

    /// The decisions about an episode, oldest first; at most 500.
    pub async fn decisions(&self, episode: EpisodeId) -> Result<Vec<Decision>, JournalError> {
        Ok(self.reads.decisions(episode).await?)
    }

    /// The latest decisions about several episodes, oldest first: at most 20 of each, of at most 10,000.
    pub async fn decisions_for(&self, episodes: &[EpisodeId]) -> Result<Vec<Decision>, JournalError> {
        if episodes.len() > EPISODES {
            let reason = format!("{} episodes at once, at most {EPISODES}", episodes.len());
            return Err(JournalError::Refused { reason });
        }
        Ok(self.reads.latest_decisions(episodes.to_vec()).await?)
    }

    /// The stop switch: who set it and when, `None` if it is not set. An error is no leave to act.
    pub async fn paused(&self) -> Result<Option<Pause>, JournalError> {
        Ok(self.reads.pause().await?)
    }

    /// Sets or clears the stop switch. Once this has returned for `true`, no permit is given.
    pub async fn set_paused(&self, paused: bool, by: &str, now: Timestamp) -> Result<(), JournalError> {
        let by = by.to_owned();
        self.store(|reply| Write::Pause { paused, by, now, reply }).await
    }

    /// Writes down where a policy stands, in a form of the caller's own. Each change is kept, as a fact; the last one
    /// of a policy outlives the retention.
    pub async fn remember(&self, policy: &str, body: &str, now: Timestamp) -> Result<(), JournalError> {
        let (policy, body) = (policy.to_owned(), body.to_owned());
        self.store(|reply| Write::Remember { policy, body, now, reply }).await
    }

    /// Where policies stand: what was last written down of each.
    pub async fn standings(&self) -> Result<Vec<(String, String)>, JournalError> {
        Ok(self.reads.standings().await?)
    }

    /// Drops what is older than the retention, in small transactions that let other writes through;
    /// returns how many rows went. Firing episodes, their runs, open runs and unapplied deliveries stay.
    pub async fn prune(&self, now: Timestamp) -> Result<u64, JournalError> {
        let (deliveries, history) = (now - self.delivery_retention(), now - self.retention);
        let cutoff = Cutoff { now, deliveries, history };
        let mut rows = 0;
        loop {
            let pruned = self.store(|reply| Write::Prune(cutoff, reply)).await?;
            rows += pruned.rows;
            if !pruned.more {
                return Ok(rows);
            }
        }
    }
}
