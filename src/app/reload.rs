//! Reloading: all that can fail happens before anything live is touched.

use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::signals::Heard;
use super::{Told, connect, load, now, start_scoring, telling};
use crate::act::Actor;
use crate::chat;
use crate::cli::arguments::Serve;
use crate::explain;
use crate::http::{ReloadRequest, Reloader, Slack};
use crate::llm;
use crate::notify::{Notifier, Prepared};
use crate::remediation;
use crate::scoring::Scoring;
use crate::upstreams::Upstreams;

/// Everything that a reload replaces.
pub(super) struct Live<'a> {
    pub(super) arguments: &'a Serve,
    pub(super) told: Told,
    pub(super) upstreams: Arc<ArcSwap<Upstreams>>,
    pub(super) explain: Arc<ArcSwap<explain::Config>>,
    pub(super) chat: Arc<ArcSwap<chat::Config>>,
    pub(super) llm: llm::Client,
    pub(super) slack: Slack,
    pub(super) notifier: Notifier,
    pub(super) actor: Actor,
    pub(super) handle: remediation::Handle,
    pub(super) reloader: Reloader,
    pub(super) scoring: Scoring,
    /// Cancelled when the server or the remediation loop has ended by itself.
    pub(super) ended: CancellationToken,
}

impl Live<'_> {
    /// Serves reloads until a signal asks to stop or an essential task is gone; returns the scoring loops
    /// and whoever is told something, still running.
    pub(super) async fn until_signal(
        mut self,
        mut heard: Heard,
        mut requests: mpsc::Receiver<ReloadRequest>,
    ) -> (Scoring, Notifier) {
        let ended = self.ended.clone();
        loop {
            tokio::select! {
                () = ended.cancelled() => {
                    tracing::error!("the server or the remediation loop ended by itself, stopping");
                    return (self.scoring, self.notifier);
                }
                () = heard.stopping.cancelled() => return (self.scoring, self.notifier),
                Some(()) = heard.reloads.recv() => {
                    let (next, _) = self.reload().await;
                    self = next;
                }
                Some(request) = requests.recv() => {
                    let (next, result) = self.reload().await;
                    self = next;
                    // The caller may have gone away; the reload stands.
                    let _ = request.send(result);
                }
            }
        }
    }

    async fn reload(self) -> (Self, Result<(), String>) {
        let metrics = self.told.metrics.daemon.clone();
        let (live, result) = match self.prepare() {
            Ok((config, upstreams, receivers)) => match self.take(&config) {
                Ok(()) => (self.replace(config, upstreams, receivers).await, Ok(())),
                Err(error) => (self, Err(error)),
            },
            Err(error) => (self, Err(format!("{error:#}"))),
        };
        match &result {
            Ok(()) => {
                metrics.config_loaded(now());
                tracing::info!("configuration reloaded");
            }
            Err(error) => {
                metrics.config_refused();
                tracing::error!(error, "the configuration is bad, the running one stays");
            }
        }
        (live, result)
    }

    /// What may still be refused, the language model's settings and the server's files: both are taken, or neither.
    fn take(&self, config: &crate::config::Config) -> Result<(), String> {
        let prepared = llm::Client::prepare(config.llm.as_ref()).map_err(|error| error.to_string())?;
        self.reloader.reload(&config.http).map_err(|error| error.to_string())?;
        self.llm.take(prepared);
        Ok(())
    }

    fn prepare(&self) -> anyhow::Result<(crate::config::Config, Upstreams, Prepared)> {
        let config = load(self.arguments)?;
        let upstreams = connect(&config, &self.told.metrics)?;
        let receivers = telling::prepare(&config)?;
        Ok((config, upstreams, receivers))
    }

    async fn replace(
        mut self,
        config: crate::config::Config,
        upstreams: Upstreams,
        receivers: Prepared,
    ) -> Self {
        self.upstreams.store(Arc::new(upstreams));
        self.explain.store(Arc::new(config.explain.clone()));
        self.slack.configure(config.slack.clone(), telling::redaction(&config));
        self.notifier.replace(receivers, telling::redaction(&config)).await;
        self.chat.store(Arc::new(config.chat.clone()));
        let upstreams = self.upstreams.load_full();
        self.actor.reconfigure(config.act.clone(), upstreams.alertmanager_client());
        let policies = Arc::new(config.remediation.clone());
        let clients = (upstreams.prometheus.clone(), upstreams.alertmanager.clone());
        let told = self.handle.reconfigure(policies, clients).await;
        if let Err(error) = told.context("the remediation loop keeps its policies") {
            tracing::error!(error = format!("{error:#}"), "reload incomplete");
        }
        let before = self.scoring.names().to_vec();
        self.scoring.stop().await;
        let scoring = start_scoring(&config, &upstreams, &self.told, self.arguments).await;
        for gone in before.iter().filter(|name| !scoring.names().contains(name)) {
            self.told.metrics.scoring.forget_query(gone);
        }
        Self { scoring, ..self }
    }
}
