//! Tells one receiver what happened, message by message, in one lane.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::batch::Batch;
use super::compose::compose;
use super::config::{Format, Receiver};
use super::pace::pause;
use super::post::{Failed, Message, post};
use super::redaction::Redaction;
use super::told::Told;
use super::{Sources, json, slack};
use crate::journal::{JournalError, Progress};
use crate::metrics::notify::{Lane, NotifyMetrics, Outcome};
use crate::model::Timestamp;

/// How often the journal is asked for what happened.
const PACE: Duration = Duration::from_secs(1);
/// After trouble with the journal.
const TROUBLE: Duration = Duration::from_secs(10);
/// Entries that are read at once.
const PAGE: u32 = 100;

/// From where on a receiver is told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beginning {
    /// From where it was told last; from now on if it never was.
    AsBefore,
    /// From now on, whatever is known of one of its name.
    Now,
}

/// The task of one lane of a receiver.
pub(super) struct Worker {
    pub receiver: Receiver,
    pub lane: Lane,
    pub client: reqwest::Client,
    pub sources: Sources,
    pub redaction: Arc<Redaction>,
    pub metrics: NotifyMetrics,
    /// Up to which entry it has told, though that could not be written down yet.
    pub told: i64,
}

impl Worker {
    /// Writes down from where on a receiver is told, if this process leads: where it was told before, or from now on.
    /// Where that cannot be done the first turn does it.
    pub async fn begin(&self, beginning: Beginning) -> Result<(), JournalError> {
        if !self.sources.journal.status().leads {
            return Ok(());
        }
        match beginning {
            Beginning::AsBefore => self.progress().await.map(drop),
            Beginning::Now => self.begin_now().await.map(drop),
        }
    }

    /// Runs until it is aborted.
    pub async fn run(mut self) {
        let mut is_troubled = false;
        loop {
            let turn = match self.sources.journal.status().leads {
                true => self.turn().await,
                false => {
                    self.metrics.waits(&self.receiver.name, self.lane, 0, None);
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
        let begins_anew = progress.sending == progress.done;
        let batch = match begins_anew {
            true => self.grouped(progress).await?,
            false => self.read(progress).await?,
        };
        let (upto, expired) = (batch.upto, batch.expired);
        if let Some((seq, at)) = batch.first {
            if begins_anew {
                self.record(Progress { done: progress.done, sending: upto }).await?;
            }
            if self.told != upto && !self.tell(batch, id(&self.receiver.name, seq, at)).await? {
                return Ok(());
            }
            self.told = upto;
        }
        if upto > progress.done {
            self.record(Progress { done: upto, sending: upto }).await?;
        }
        self.metrics.ended(&self.receiver.name, Outcome::Expired, expired);
        self.metrics.waits(&self.receiver.name, self.lane, 0, None);
        Ok(())
    }

    /// What is to be told once it has waited for what belongs to it, or once something has come that does not wait.
    async fn grouped(&self, progress: Progress) -> Result<Batch, JournalError> {
        let until = Instant::now() + self.receiver.group_wait;
        loop {
            let batch = self.read(progress).await?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || !batch.can_wait() {
                return Ok(batch);
            }
            // What waits is in the journal: it is read again rather than kept.
            drop(batch);
            sleep(left.min(PACE.max(self.receiver.group_wait / 20))).await;
        }
    }

    async fn read(&self, progress: Progress) -> Result<Batch, JournalError> {
        let batch = self.batch(progress).await?;
        self.waits(&batch);
        Ok(batch)
    }

    fn waits(&self, batch: &Batch) {
        let oldest = batch.first.map(|(_, at)| at);
        self.metrics.waits(&self.receiver.name, self.lane, batch.count as u64, oldest);
    }

    /// How far the receiver was told. Somebody new hears of what happens from now on; so does one who was told more than
    /// there is, by another journal.
    async fn progress(&self) -> Result<Progress, JournalError> {
        let journal = &self.sources.journal;
        let newest = journal.newest_entry().await?;
        let known = journal.progress(&self.key(self.lane)).await?;
        match known.filter(|known| known.sending <= newest) {
            Some(known) => Ok(known),
            None => self.begin_now().await,
        }
    }

    async fn begin_now(&self) -> Result<Progress, JournalError> {
        let newest = self.sources.journal.newest_entry().await?;
        let begin = Progress { done: newest, sending: newest };
        self.record(begin).await?;
        Ok(begin)
    }

    /// The name of a lane in the journal: no receiver can have that of an urgent one.
    fn key(&self, lane: Lane) -> String {
        match lane {
            Lane::Grouped => self.receiver.name.clone(),
            Lane::Urgent => format!("{}/urgent", self.receiver.name),
        }
    }

    /// What was not told yet, as far as it is one message, or the message that may be on its way.
    async fn batch(&self, Progress { done, sending }: Progress) -> Result<Batch, JournalError> {
        let mut batch = Batch::after(done);
        loop {
            let page = self.sources.journal.outbox(batch.upto, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            for entry in page {
                let is_next = sending > done && entry.seq > sending;
                if is_next || !batch.add(entry, &self.receiver, self.lane, now()) {
                    batch.upto = if is_next { sending } else { batch.upto };
                    return Ok(batch);
                }
            }
            if is_last {
                // The last entry of a message on its way may be gone.
                batch.upto = batch.upto.max(sending);
                return Ok(batch);
            }
        }
    }

    async fn record(&self, progress: Progress) -> Result<(), JournalError> {
        self.sources.journal.record_progress(&self.key(self.lane), progress, now()).await
    }

    /// Whether the message is dealt with: taken, or dropped. It is not once another replica leads.
    async fn tell(&self, batch: Batch, id: String) -> Result<bool, JournalError> {
        let told = compose(batch, &self.sources, self.lane, now()).await?;
        if told.is_empty() {
            return Ok(true);
        }
        let answerable = told.answerable_for();
        // A message may be long, and taking secrets out of it is work. What it was made of is kept no longer.
        let (receiver, redaction) = (self.receiver.clone(), self.redaction.clone());
        let body = spawn_blocking(move || body(&told, &receiver, &redaction)).await;
        match body {
            Ok(body) => Ok(self.send(&Message { id, body: body.into() }, answerable).await),
            Err(error) => {
                tracing::error!(receiver = self.receiver.name, id, %error, "a message cannot be written, trying again");
                Ok(false)
            }
        }
    }

    /// `answerable`: how long what the message asks can be answered, if it asks something.
    async fn send(&self, message: &Message, answerable: Option<Duration>) -> bool {
        let patience = self.receiver.give_up_after.min(answerable.unwrap_or(Duration::MAX));
        let deadline = Instant::now() + patience;
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
                            self.fails(failed, id, &reason, pause);
                            sleep(pause).await;
                            continue;
                        }
                        None => (Outcome::GivenUp, reason),
                    }
                }
            };
            let outcome_name = outcome.as_str();
            tracing::warn!(
                receiver = name,
                id,
                reason,
                outcome = outcome_name,
                attempts = failed.max(1),
                "a message is dropped"
            );
            self.metrics.ended(name, outcome, 1);
            return true;
        }
        false
    }

    /// The first failure of a message is for people to see; the others say the same.
    fn fails(&self, failed: u32, id: &str, reason: &str, pause: Duration) {
        let receiver = &self.receiver.name;
        match failed {
            1 => tracing::warn!(receiver, id, reason, "a message is not taken, trying again"),
            _ => tracing::debug!(receiver, id, reason, failed, ?pause, "not taken again"),
        }
        self.metrics.ended(receiver, Outcome::Retried, 1);
    }
}

fn body(told: &Told, receiver: &Receiver, redaction: &Redaction) -> String {
    let body = match receiver.format {
        Format::Json => json::body(told, &receiver.name, redaction),
        Format::Slack => slack::body(told, redaction),
    };
    body.to_string()
}

/// The id of a message: by its first entry, so that it is the same after a restart, and by when that happened, so that
/// it is another one after a lost journal.
fn id(receiver: &str, seq: i64, at: Timestamp) -> String {
    format!("{receiver}-{seq}-{:x}", at.as_millis())
}

fn now() -> Timestamp {
    SystemTime::now().into()
}
