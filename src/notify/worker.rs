//! Tells one receiver what happened, message by message.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};

use super::batch::Batch;
use super::compose::compose;
use super::config::{Format, Receiver};
use super::pace::pause;
use super::post::{Failed, Message, post};
use super::redaction::Redaction;
use super::{Sources, json, slack};
use crate::journal::{Entry, JournalError, Progress};
use crate::metrics::notify::{NotifyMetrics, Outcome};
use crate::model::Timestamp;

/// How often the journal is asked for what happened.
const PACE: Duration = Duration::from_secs(1);
/// After trouble with the journal.
const TROUBLE: Duration = Duration::from_secs(10);
/// Entries of one message at most, and those read at once.
const MAX_ENTRIES: usize = 10_000;
const PAGE: u32 = 1000;

/// The task of one receiver.
pub(super) struct Worker {
    pub receiver: Receiver,
    pub client: reqwest::Client,
    pub sources: Sources,
    pub redaction: Arc<Redaction>,
    pub metrics: NotifyMetrics,
    /// Up to which entry it has told, though that could not be written down yet.
    pub told: i64,
}

impl Worker {
    /// Writes down from where on a new receiver is told; if that cannot be done now, the first turn does it.
    pub async fn begin(&self) {
        if self.sources.journal.status().leads
            && let Err(error) = self.progress().await
        {
            tracing::warn!(receiver = self.receiver.name, %error, "cannot note from where on to tell");
        }
    }

    /// Runs until it is aborted.
    pub async fn run(mut self) {
        let mut is_troubled = false;
        loop {
            let turn = match self.sources.journal.status().leads {
                true => self.turn().await,
                false => {
                    self.metrics.waits(&self.receiver.name, 0, None);
                    Ok(())
                }
            };
            if let (Err(error), false) = (&turn, is_troubled) {
                tracing::warn!(receiver = self.receiver.name, %error, "cannot read what is to be told, trying again");
            }
            is_troubled = turn.is_err();
            sleep(if is_troubled { TROUBLE } else { PACE }).await;
        }
    }

    /// One message, if there is something to tell.
    async fn turn(&mut self) -> Result<(), JournalError> {
        let progress = self.progress().await?;
        let mut entries = self.entries(progress).await?;
        let first = Batch::of(entries.clone(), &self.receiver, now());
        self.metrics.waits(&self.receiver.name, entries.len() as u64, first.first.map(|(_, at)| at));
        let begins_anew = progress.sending == progress.done;
        if begins_anew && first.first.is_some() && first.can_wait() {
            sleep(self.receiver.group_wait).await;
            entries = self.entries(progress).await?;
        }
        let mut batch = Batch::of(entries, &self.receiver, now());
        if !begins_anew {
            batch.upto = progress.sending;
        }
        self.metrics.ended(&self.receiver.name, Outcome::Expired, batch.expired);
        let upto = batch.upto.max(progress.done);
        if let Some((seq, at)) = batch.first {
            if begins_anew {
                self.record(Progress { done: progress.done, sending: upto }).await?;
            }
            if self.told < upto && !self.tell(batch, id(&self.receiver.name, seq, at)).await? {
                return Ok(());
            }
            self.told = upto;
        }
        if upto > progress.done {
            self.record(Progress { done: upto, sending: upto }).await?;
        }
        self.metrics.waits(&self.receiver.name, 0, None);
        Ok(())
    }

    /// How far the receiver was told. Somebody new hears of what happens from now on; so does one who was told more than
    /// there is, by another journal.
    async fn progress(&self) -> Result<Progress, JournalError> {
        let journal = &self.sources.journal;
        let (known, newest) = (journal.progress(&self.receiver.name).await?, journal.newest_entry().await?);
        if let Some(known) = known.filter(|known| known.sending <= newest) {
            return Ok(known);
        }
        let begin = Progress { done: newest, sending: newest };
        self.record(begin).await?;
        Ok(begin)
    }

    /// What was not told yet, or what the message holds that may be on its way.
    async fn entries(&self, Progress { done, sending }: Progress) -> Result<Vec<Entry>, JournalError> {
        let mut entries: Vec<Entry> = Vec::new();
        while entries.len() < MAX_ENTRIES {
            let after = entries.last().map_or(done, |entry| entry.seq);
            let page = self.sources.journal.outbox(after, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            entries.extend(page);
            if is_last {
                break;
            }
        }
        if sending > done {
            entries.retain(|entry| entry.seq <= sending);
        }
        Ok(entries)
    }

    async fn record(&self, progress: Progress) -> Result<(), JournalError> {
        self.sources.journal.record_progress(&self.receiver.name, progress, now()).await
    }

    /// Whether the message is dealt with: taken, or dropped. It is not once another replica leads.
    async fn tell(&self, batch: Batch, id: String) -> Result<bool, JournalError> {
        let told = compose(batch, &self.sources, now()).await?;
        if told.is_empty() {
            return Ok(true);
        }
        let body = match self.receiver.format {
            Format::Json => json::body(&told, &self.receiver.name, &self.redaction),
            Format::Slack => slack::body(&told, &self.redaction),
        };
        Ok(self.send(&Message { id, body: body.to_string() }).await)
    }

    async fn send(&self, message: &Message) -> bool {
        let deadline = Instant::now() + self.receiver.give_up_after;
        let (name, id) = (&self.receiver.name, &message.id);
        let mut failed = 0;
        while self.sources.journal.status().leads {
            let (outcome, reason) = match post(&self.client, &self.receiver, message, now()).await {
                Ok(()) => {
                    tracing::debug!(receiver = name, id, "told");
                    self.metrics.ended(name, Outcome::Delivered, 1);
                    return true;
                }
                Err(Failed::Refused(reason)) => (Outcome::Refused, reason),
                Err(Failed::Later(reason, asked)) => {
                    failed += 1;
                    let left = deadline.saturating_duration_since(Instant::now());
                    match pause(failed, asked, left) {
                        Some(pause) => {
                            tracing::debug!(
                                receiver = name,
                                id,
                                reason,
                                ?pause,
                                "not told yet, trying again"
                            );
                            self.metrics.ended(name, Outcome::Retried, 1);
                            sleep(pause).await;
                            continue;
                        }
                        None => (Outcome::GivenUp, reason),
                    }
                }
            };
            tracing::warn!(receiver = name, id, reason, outcome = outcome.as_str(), "a message is dropped");
            self.metrics.ended(name, outcome, 1);
            return true;
        }
        false
    }
}

/// The id of a message: by its first entry, so that it is the same after a restart, and by when that happened, so that
/// it is another one after a lost journal.
fn id(receiver: &str, seq: i64, at: Timestamp) -> String {
    format!("{receiver}-{seq}-{:x}", at.as_millis())
}

fn now() -> Timestamp {
    SystemTime::now().into()
}
