//! Reloading: all that can fail happens before anything live is touched.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use arc_swap::ArcSwap;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::opening::{connect, load};
use super::signals::Heard;
use super::{Told, now, start_scoring, telling};
use crate::act::Actor;
use crate::chat;
use crate::cli::arguments::Serve;
use crate::config::Config;
use crate::explain;
use crate::http::{ReloadRequest, Reloader, Slack};
use crate::llm;
use crate::notify::{Notifier, Prepared};
use crate::remediation::{self, Reserved};
use crate::scoring::Scoring;
use crate::upstreams::Upstreams;

/// How long the remediation loop may take to have room for new policies.
const PATIENCE: Duration = Duration::from_secs(2);

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

/// What takes the place of it, complete: nothing of it can be refused any more.
struct Next {
    config: Config,
    upstreams: Upstreams,
    receivers: Prepared,
    llm: llm::Settings,
    policies: Reserved,
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
        let (live, result) = match self.prepare().await {
            Ok(next) => (self.replace(next).await, Ok(())),
            Err(error) => (self, Err(format!("{error:#}"))),
        };
        match &result {
            Ok(()) => {
                metrics.config_loaded(now());
                tracing::info!("configuration reloaded");
            }
            Err(error) => {
                metrics.config_refused();
                tracing::error!(
                    error,
                    "the configuration is bad or cannot be taken now, the running one stays"
                );
            }
        }
        (live, result)
    }

    /// Everything that may fail, and takes no longer than it may; nothing that runs is touched but the server's files,
    /// which come last and are taken whole or not at all. Files are read on the thread that the runtime was started on,
    /// which is no worker of it.
    async fn prepare(&self) -> anyhow::Result<Next> {
        let config = load(self.arguments)?;
        let upstreams = connect(&config, &self.told.metrics)?;
        let receivers = telling::prepare(&config)?;
        let llm = llm::Client::prepare(config.llm.as_ref()).map_err(whole)?;
        let policies = timeout(PATIENCE, self.handle.reserve()).await;
        let policies = policies
            .context("the remediation loop is busy and takes no new policies now; try again")?
            .context("new policies cannot be taken")?;
        self.notifier.begin(&receivers).await.map_err(whole)?;
        self.reloader.reload(&config.http).map_err(whole)?;
        Ok(Next { config, upstreams, receivers, llm, policies })
    }

    async fn replace(mut self, next: Next) -> Self {
        let Next { config, upstreams, receivers, llm, policies } = next;
        self.llm.take(llm);
        self.upstreams.store(Arc::new(upstreams));
        let upstreams = self.upstreams.load_full();
        let clients = (upstreams.prometheus.clone(), upstreams.alertmanager.clone());
        self.actor.reconfigure(config.act.clone(), upstreams.alertmanager_client());
        policies.reconfigure(Arc::new(config.remediation.clone()), clients);
        self.explain.store(Arc::new(config.explain.clone()));
        self.chat.store(Arc::new(config.chat.clone()));
        self.slack.configure(config.slack.clone(), telling::redaction(&config));
        self.notifier.replace(receivers, telling::redaction(&config)).await;
        let before = self.scoring.names().to_vec();
        self.scoring.stop().await;
        let scoring = start_scoring(&config, &upstreams, &self.told, self.arguments).await;
        for gone in before.iter().filter(|name| !scoring.names().contains(name)) {
            self.told.metrics.scoring.forget_query(gone);
        }
        Self { scoring, ..self }
    }
}

/// An error whose text names its causes already.
fn whole(error: impl std::error::Error) -> anyhow::Error {
    anyhow::Error::msg(error.to_string())
}
