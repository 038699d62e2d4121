//! Tells others what happened: alerts that begin, explained, and end, requests for approval, and runs that have ended.
//!
//! What is to be told comes from the journal's outbox, so nothing is lost in a restart, and what a message covers is
//! written down before it is sent: after a crash it goes once more under the same id. Only the replica that leads sends.
//! A receiver that does not answer has a message tried for a bounded time, and then dropped; what happens meanwhile waits
//! in the journal, not in memory, and is one message as soon as it answers. Requests for approval have a lane of their
//! own: they wait neither for that, nor for others, nor for a language model. Nobody waits for any of this, least of all
//! remediation.
//!
//! It reads, explains and sends; it cannot act. Secrets are taken out of what is sent, whatever a label holds.

mod batch;
mod compose;
mod config;
mod json;
mod pace;
mod post;
mod redaction;
mod slack;
mod told;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::exporter::Exporter;
use crate::http_client::{self, BuildError};
use crate::journal::{Journal, JournalError};
use crate::metrics::llm::LlmMetrics;
use crate::metrics::notify::{Lane, NotifyMetrics};
use crate::upstreams::Upstreams;
use crate::{explain, llm};
use worker::{Beginning, Worker};

pub use config::{Address, Config, Format, Receiver, Topic};
pub use redaction::Redaction;

/// How long the journal may take to write down from where on new receivers are told.
const PATIENCE: Duration = Duration::from_secs(2);

/// What messages are made from. Cheap to clone.
#[derive(Clone)]
pub struct Sources {
    /// What happened.
    pub journal: Journal,
    /// The latest scores.
    pub exporter: Exporter,
    /// Asked about expressions and changes.
    pub upstreams: Arc<ArcSwap<Upstreams>>,
    /// What explanations look at besides.
    pub explain: Arc<ArcSwap<explain::Config>>,
    /// Asked for summaries.
    pub llm: llm::Client,
    /// Counts what of them is struck.
    pub llm_metrics: LlmMetrics,
}

/// Receivers and their clients, before anybody is told anything.
pub struct Prepared(Vec<(Receiver, reqwest::Client)>);

/// Makes the clients. The error names the receiver and the setting at fault.
pub fn prepare(config: &Config) -> Result<Prepared, (String, BuildError)> {
    let client = |receiver: &Receiver| {
        let http = http_client::Config { tls: receiver.tls.clone(), ..http_client::Config::default() };
        let client = http_client::build(&http).map_err(|error| (receiver.name.clone(), error))?;
        Ok((receiver.clone(), client))
    };
    config.receivers.iter().map(client).collect::<Result<_, _>>().map(Prepared)
}

/// Why nobody new can be told anything now. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    /// The journal refuses to write down from where on.
    #[error(
        "cannot write down from where on new receivers of notify are told: {0}; try again once it can be written"
    )]
    Journal(#[from] JournalError),
    /// It takes too long.
    #[error(
        "cannot write down from where on new receivers of notify are told: the journal has not answered within {} s; \
         try again once it does",
        PATIENCE.as_secs()
    )]
    Late,
}

/// Those who are told, each by a task for each lane; they end when this is dropped.
pub struct Notifier {
    sources: Sources,
    metrics: NotifyMetrics,
    tasks: Vec<(String, Lane, JoinHandle<()>)>,
}

impl Notifier {
    /// Begins to tell them. A new receiver hears of all that happens once this has returned, if this process leads and
    /// the journal answers within 2 s.
    pub async fn start(
        prepared: Prepared,
        redaction: Redaction,
        sources: Sources,
        metrics: NotifyMetrics,
    ) -> Self {
        let mut notifier = Self { sources, metrics, tasks: Vec::new() };
        if let Err(error) = notifier.begin_new(&prepared, Beginning::AsBefore).await {
            tracing::warn!(%error, "new receivers are told from a later moment on");
        }
        notifier.spawn(prepared, redaction);
        notifier
    }

    /// Writes down from where on those among them are told who are new, within 2 s; [`Notifier::replace`] begins to tell
    /// them. Without anybody new the journal is not asked.
    pub async fn begin(&self, prepared: &Prepared) -> Result<(), NotBegun> {
        self.begin_new(prepared, Beginning::Now).await
    }

    async fn begin_new(&self, prepared: &Prepared, beginning: Beginning) -> Result<(), NotBegun> {
        let redaction = Arc::new(Redaction::new(&Default::default()));
        let is_new = |worker: &Worker| {
            let is_it =
                |(name, lane, _): &(String, Lane, _)| *name == worker.receiver.name && *lane == worker.lane;
            !self.tasks.iter().any(is_it)
        };
        let all = async {
            for worker in self.workers(prepared, &redaction).filter(is_new) {
                worker.begin(beginning).await?;
            }
            Ok(())
        };
        timeout(PATIENCE, all).await.map_err(|_| NotBegun::Late)?
    }

    /// Tells these from now on. A message that is under way is sent once more under its id.
    pub async fn replace(&mut self, prepared: Prepared, redaction: Redaction) {
        self.stop().await;
        let kept = |name: &String| prepared.0.iter().any(|(receiver, _)| receiver.name == *name);
        let gone: Vec<String> =
            self.tasks.drain(..).map(|(name, ..)| name).filter(|name| !kept(name)).collect();
        gone.iter().for_each(|name| self.metrics.forget(name));
        self.spawn(prepared, redaction);
    }

    /// Ends at the next wait of each: nothing is written to the journal after this has returned.
    pub async fn stop(&mut self) {
        self.tasks.iter().for_each(|(.., task)| task.abort());
        for (.., task) in &mut self.tasks {
            // Cancelled, or ended by a panic that is logged.
            let _ = task.await;
        }
    }

    fn spawn(&mut self, prepared: Prepared, redaction: Redaction) {
        let redaction = Arc::new(redaction);
        prepared.0.iter().for_each(|(receiver, _)| self.metrics.expect(&receiver.name));
        let begun: Vec<_> = self
            .workers(&prepared, &redaction)
            .map(|worker| (worker.receiver.name.clone(), worker.lane, tokio::spawn(worker.run())))
            .collect();
        self.tasks.extend(begun);
    }

    /// One for each lane in which a receiver is told something.
    fn workers<'a>(
        &'a self,
        prepared: &'a Prepared,
        redaction: &'a Arc<Redaction>,
    ) -> impl Iterator<Item = Worker> + 'a {
        let lanes = [Lane::Grouped, Lane::Urgent];
        let all = prepared.0.iter().flat_map(move |one| lanes.map(|lane| (one, lane)));
        let told =
            all.filter(|((receiver, _), lane)| receiver.topics.iter().any(|topic| topic.lane() == *lane));
        told.map(|((receiver, client), lane)| Worker {
            receiver: receiver.clone(),
            lane,
            client: client.clone(),
            sources: self.sources.clone(),
            redaction: redaction.clone(),
            metrics: self.metrics.clone(),
            told: 0,
        })
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.tasks.iter().for_each(|(.., task)| task.abort());
    }
}
