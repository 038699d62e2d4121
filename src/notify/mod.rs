//! Tells others what happened: alerts that begin, explained, and end, requests for approval, and runs that have ended.
//!
//! What is to be told comes from the journal's outbox, so nothing is lost in a restart, and what a message covers is
//! written down before it is sent: after a crash it goes once more under the same id. Only the replica that leads sends.
//! A receiver that does not answer has a message tried for a bounded time, and then dropped; what happens meanwhile waits
//! in the journal, and is one message as soon as it answers. Nobody waits for any of this, least of all remediation.
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

use arc_swap::ArcSwap;
use tokio::task::JoinHandle;

use crate::exporter::Exporter;
use crate::http_client::{self, BuildError};
use crate::journal::Journal;
use crate::metrics::llm::LlmMetrics;
use crate::metrics::notify::NotifyMetrics;
use crate::upstreams::Upstreams;
use crate::{explain, llm};
use worker::Worker;

pub use config::{Address, Config, Format, Receiver, Topic};
pub use redaction::Redaction;

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

/// Those who are told, each by a task of its own; they end when this is dropped.
pub struct Notifier {
    sources: Sources,
    metrics: NotifyMetrics,
    tasks: Vec<(String, JoinHandle<()>)>,
}

impl Notifier {
    /// Begins to tell them. A new receiver hears of all that happens once this has returned, if this process leads.
    pub async fn start(
        prepared: Prepared,
        redaction: Redaction,
        sources: Sources,
        metrics: NotifyMetrics,
    ) -> Self {
        let mut notifier = Self { sources, metrics, tasks: Vec::new() };
        notifier.spawn(prepared, redaction).await;
        notifier
    }

    /// Tells these from now on. A message that is under way is sent once more under its id.
    pub async fn replace(&mut self, prepared: Prepared, redaction: Redaction) {
        self.stop().await;
        let kept = |name: &String| prepared.0.iter().any(|(receiver, _)| receiver.name == *name);
        let gone: Vec<String> =
            self.tasks.drain(..).map(|(name, _)| name).filter(|name| !kept(name)).collect();
        gone.iter().for_each(|name| self.metrics.forget(name));
        self.spawn(prepared, redaction).await;
    }

    /// Ends at the next wait of each: nothing is written to the journal after this has returned.
    pub async fn stop(&mut self) {
        for (_, task) in &mut self.tasks {
            task.abort();
            // Cancelled, or ended by a panic that is logged.
            let _ = task.await;
        }
    }

    async fn spawn(&mut self, prepared: Prepared, redaction: Redaction) {
        let redaction = Arc::new(redaction);
        for (receiver, client) in prepared.0 {
            let name = receiver.name.clone();
            self.metrics.expect(&name);
            let worker = Worker {
                receiver,
                client,
                sources: self.sources.clone(),
                redaction: redaction.clone(),
                metrics: self.metrics.clone(),
                told: 0,
            };
            worker.begin().await;
            self.tasks.push((name, tokio::spawn(worker.run())));
        }
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.tasks.iter().for_each(|(_, task)| task.abort());
    }
}
