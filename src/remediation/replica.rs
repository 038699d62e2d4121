//! Leading or standing by. Replicas that share a journal all take in deliveries, answers and the stop switch;
//! the one that leads decides and acts. With a journal of its own a daemon always leads.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::handle::{Gone, Handle, Message, NotRequested};
use super::leaves::written;
use super::stop::Unwritten;
use super::surroundings::Surroundings;
use super::worker::{Remediation, clock};
use crate::decide;
use crate::journal::{Journal, JournalError};

/// Messages waiting for the loop.
const MESSAGES: usize = 16;
/// How often a replica that stands by tries to lead, and one that leads sees whether it still does.
const INTERVAL: Duration = Duration::from_secs(1);

/// How the loop is reached; handed on from one that leads to the next.
pub(super) struct Inbox {
    pub delivered: Arc<Notify>,
    pub messages: mpsc::Receiver<Message>,
}

/// What outlives a time of leading.
pub(super) struct Idle {
    pub config: Arc<decide::Config>,
    pub surroundings: Surroundings,
    pub inbox: Inbox,
    /// What it could not write of the stop switch while it led.
    pub unwritten: Option<Unwritten>,
}

/// The loop, leading or standing by.
pub struct Replica {
    state: State,
    /// The name under which it leads.
    holder: String,
}

enum State {
    Leading(Box<Remediation>),
    StandingBy(Box<Idle>),
}

impl Replica {
    /// Leads if nobody else does: reads the journal and takes up where the last process stopped.
    pub async fn open(
        config: Arc<decide::Config>,
        surroundings: Surroundings,
        holder: String,
    ) -> Result<(Self, Handle), JournalError> {
        config.policies.iter().for_each(|policy| surroundings.metrics.for_policy(&policy.name));
        let (sender, messages) = mpsc::channel(MESSAGES);
        let delivered = Arc::new(Notify::new());
        let handle = Handle { delivered: delivered.clone(), messages: sender };
        let idle = Idle { config, surroundings, inbox: Inbox { delivered, messages }, unwritten: None };
        let state = match idle.surroundings.journal.lead(&holder, clock()).await? {
            Some(_) => {
                State::Leading(Box::new(Remediation::restore(idle).await.map_err(|(error, _)| error)?))
            }
            None => State::StandingBy(Box::new(idle)),
        };
        Ok((Self { state, holder }, handle))
    }

    /// Runs until `stop` is cancelled, then lets actions under way end within `grace` and records them. What people say is
    /// written down until `end` is cancelled too: whoever was heard is not forgotten because the daemon stops.
    pub async fn run(self, stop: CancellationToken, grace: Duration, end: CancellationToken) {
        let Self { mut state, holder } = self;
        while !stop.is_cancelled() {
            state = match state {
                State::Leading(remediation) => {
                    State::StandingBy(Box::new(lead(*remediation, &stop, grace).await))
                }
                State::StandingBy(idle) => stand_by(*idle, &holder, &stop).await,
            };
        }
        if let State::StandingBy(idle) = state {
            idle.hear_out(&end).await;
        }
    }
}

/// Leads until it is told to stop, or until another replica leads.
async fn lead(remediation: Remediation, stop: &CancellationToken, grace: Duration) -> Idle {
    let over = stop.child_token();
    let journal = remediation.journal();
    let metrics = remediation.metrics();
    metrics.leading(true);
    let watching = tokio::spawn(watch(journal, over.clone()));
    let idle = remediation.run(over, grace).await;
    watching.abort();
    metrics.leading(false);
    idle
}

/// Ends the token once another replica leads. While the journal does not answer nobody can tell, and nobody can
/// begin anything.
async fn watch(journal: Journal, over: CancellationToken) {
    if !journal.is_shared() {
        return;
    }
    loop {
        tokio::time::sleep(INTERVAL).await;
        if journal.still_leads().await == Ok(false) {
            tracing::warn!("another replica leads now");
            return over.cancel();
        }
    }
}

/// Waits for the lead.
async fn stand_by(mut idle: Idle, holder: &str, stop: &CancellationToken) -> State {
    tracing::info!("standing by: another replica leads");
    let mut answers = true;
    while !stop.is_cancelled() {
        match take_over(idle, holder).await {
            Ok(remediation) => return State::Leading(remediation),
            Err((error, back)) => {
                idle = back;
                if let Some(error) = error.as_ref().filter(|_| answers) {
                    tracing::error!(%error, "cannot ask for the lead, trying again");
                }
                answers = error.is_none();
            }
        }
        idle.wait(stop).await;
    }
    State::StandingBy(Box::new(idle))
}

type NotLeading = (Option<JournalError>, Idle);

async fn take_over(idle: Idle, holder: &str) -> Result<Box<Remediation>, NotLeading> {
    match idle.surroundings.journal.lead(holder, clock()).await {
        Err(error) => Err((Some(error), idle)),
        Ok(None) => Err((None, idle)),
        Ok(Some(term)) => {
            tracing::warn!(term = term.0, "this replica leads now");
            match Remediation::restore(idle).await {
                Ok(remediation) => Ok(Box::new(remediation)),
                Err((error, idle)) => Err((Some(error), idle)),
            }
        }
    }
}

impl Idle {
    /// Deals with messages until it is time to try again.
    async fn wait(&mut self, stop: &CancellationToken) {
        let again = tokio::time::sleep(INTERVAL);
        tokio::pin!(again);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = &mut again => break,
                Some(message) = self.inbox.messages.recv() => self.handle_message(message).await,
            }
        }
        if let Some(unwritten) = &self.unwritten
            && unwritten.write(&self.surroundings.journal).await.is_ok()
        {
            self.unwritten = None;
        }
        if let Ok(paused) = self.surroundings.journal.paused().await {
            self.surroundings.metrics.paused(paused.is_some());
        }
    }

    /// Deals with messages until the end, and with those that wait then. Who leads next finds what they say in the journal.
    pub(super) async fn hear_out(mut self, end: &CancellationToken) {
        loop {
            tokio::select! {
                biased;
                Some(message) = self.inbox.messages.recv() => match message {
                    // The caller may have gone away.
                    Message::Request { done, .. } => drop(done.send(Err(NotRequested::Ended))),
                    message => self.handle_message(message).await,
                },
                () = end.cancelled() => return,
            }
        }
    }

    /// What it writes down is seen by the replica that leads.
    async fn handle_message(&mut self, message: Message) {
        match message {
            Message::Answer { id, answer, done } => {
                // The caller may have gone away; the answer counts all the same.
                let _ = done.send(written(&self.surroundings.journal, id, answer).await);
            }
            // The caller may have gone away.
            Message::Request { done, .. } => drop(done.send(Err(NotRequested::StandingBy))),
            Message::Pause { paused, by, done } => {
                tracing::warn!(paused, %by, "remediation stop switch");
                let result = self.surroundings.journal.set_paused(paused, &by, clock()).await;
                if result.is_ok() {
                    self.unwritten = None;
                }
                // The caller may have gone away; the switch is set all the same.
                let _ = done.send(result.map_err(|error| Gone::NotInForce(error.to_string())));
            }
            Message::Reconfigure(config, clients) => {
                config.policies.iter().for_each(|policy| self.surroundings.metrics.for_policy(&policy.name));
                self.config = config;
                self.surroundings.use_clients(*clients);
            }
        }
    }
}
