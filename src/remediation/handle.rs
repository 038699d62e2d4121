//! How the rest of the daemon speaks to the remediation loop: it can wake it, pause it and reconfigure
//! it, never make it act.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot};

use crate::journal::Answer;
use crate::model::{Approval, ApprovalId, Fingerprint};
use crate::{alertmanager, decide, prometheus};

/// The clients the loop asks; replaced on reload.
pub type Clients = (prometheus::Client, Option<(alertmanager::Client, alertmanager::Config)>);

/// The loop has ended, or the journal refused the change.
#[derive(Debug, thiserror::Error)]
pub enum Gone {
    /// The daemon is shutting down.
    #[error("the remediation loop has ended")]
    Ended,
    /// The stop switch could not be written down; it is in force all the same, and written as soon as that is possible.
    #[error("the change is in force but could not be written to the journal yet: {0}")]
    NotJournalled(String),
    /// The stop switch could not be written down where another replica acts: it is not in force.
    #[error("the change is not in force, it could not be written to the journal: {0}")]
    NotInForce(String),
}

/// Why an answer to a request for approval does not count.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such request.
    #[error("there is no such request for approval")]
    Unknown,
    /// It cannot be answered, or not by this person; the text says why.
    #[error("{0}")]
    NotAnswerable(String),
    /// It could not be written down: answer again later.
    #[error("the answer could not be written to the journal: {0}")]
    NotJournalled(String),
    /// The daemon is shutting down.
    #[error("the remediation loop has ended")]
    Ended,
}

/// Why what a person asks for is not even looked at.
#[derive(Debug, thiserror::Error)]
pub enum NotRequested {
    /// There is nothing to ask for.
    #[error(transparent)]
    Impossible(decide::RequestError),
    /// Another replica decides.
    #[error("this replica stands by: ask the one that leads")]
    StandingBy,
    /// The daemon is shutting down.
    #[error("the remediation loop has ended")]
    Ended,
}

/// What a person asks for: what a policy would do about an alert.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The alert's.
    pub fingerprint: Fingerprint,
    /// The policy's name.
    pub policy: String,
    /// The person's name, as they were authenticated.
    pub by: String,
}

pub(super) enum Message {
    Request { wish: Wish, done: oneshot::Sender<Result<(), NotRequested>> },
    Answer { id: ApprovalId, answer: Answer, done: oneshot::Sender<Result<Approval, Refused>> },
    Pause { paused: bool, by: String, done: oneshot::Sender<Result<(), Gone>> },
    Reconfigure(Arc<decide::Config>, Box<Clients>),
}

/// A handle on the loop. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    pub(super) delivered: Arc<Notify>,
    pub(super) messages: mpsc::Sender<Message>,
}

impl Handle {
    /// A delivery has been written to the journal.
    pub fn delivered(&self) {
        self.delivered.notify_one();
    }

    /// Sets the stop switch. Effective before the next step when this returns.
    pub async fn set_paused(&self, paused: bool, by: &str) -> Result<(), Gone> {
        let (done, answer) = oneshot::channel();
        let message = Message::Pause { paused, by: by.to_owned(), done };
        self.messages.send(message).await.map_err(|_| Gone::Ended)?;
        answer.await.map_err(|_| Gone::Ended)?
    }

    /// A person answers a request for approval. What was approved is looked at again before anything is done.
    pub async fn answer(&self, id: ApprovalId, answer: Answer) -> Result<Approval, Refused> {
        let (done, answered) = oneshot::channel();
        let message = Message::Answer { id, answer, done };
        self.messages.send(message).await.map_err(|_| Refused::Ended)?;
        answered.await.map_err(|_| Refused::Ended)?
    }

    /// A person asks for what a policy would do. It is looked at as if the policy were in the mode ask.
    pub async fn request(&self, wish: Wish) -> Result<(), NotRequested> {
        let (done, answer) = oneshot::channel();
        self.messages.send(Message::Request { wish, done }).await.map_err(|_| NotRequested::Ended)?;
        answer.await.map_err(|_| NotRequested::Ended)?
    }

    /// A place in the loop's queue for new policies and clients, which it then cannot refuse.
    pub async fn reserve(&self) -> Result<Reserved, Gone> {
        self.messages.clone().reserve_owned().await.map(Reserved).map_err(|_| Gone::Ended)
    }
}

/// A place in the loop's queue. Dropped, it is free again.
pub struct Reserved(mpsc::OwnedPermit<Message>);

impl Reserved {
    /// Replaces the policies and the clients.
    pub fn reconfigure(self, config: Arc<decide::Config>, clients: Clients) {
        self.0.send(Message::Reconfigure(config, Box::new(clients)));
    }
}
