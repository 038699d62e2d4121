//! What the daemon is made of, opened as configured.

use std::sync::Arc;

use anyhow::Context;

use super::keys;
use crate::act::Actor;
use crate::chat;
use crate::cli::arguments::Serve;
use crate::config::{self, Config, Source};
use crate::journal::Journal;
use crate::llm;
use crate::lookup::{self, Lookups};
use crate::metrics::Metrics;
use crate::metrics::lookup::Caller;
use crate::remediation::{self, Replica};
use crate::upstreams::Upstreams;

/// Reads the configuration and the keys that it names. Blocks, for a bounded time.
pub(super) fn load(arguments: &Serve) -> anyhow::Result<Config> {
    let source = Source::open(arguments.config_file.as_deref(), arguments.overrides());
    let loaded = source.and_then(config::load);
    let config = loaded.map_err(|faults| anyhow::anyhow!("the configuration has faults:\n{faults}"))?;
    keys::check(&config).context("a key cannot be used")?;
    Ok(config)
}

/// The clients of servers, ready to ask. Certificates are read; nothing is sent.
pub(super) fn connect(config: &Config, metrics: &Metrics) -> anyhow::Result<Upstreams> {
    let alertmanager = config.alertmanager.as_ref();
    Upstreams::connect(&config.prometheus, alertmanager, config.loki.as_ref(), &metrics.prometheus)
        .context("cannot set up the clients")
}

/// What was spent on it is kept beside the states.
pub(super) async fn connect_llm(
    config: &Config,
    arguments: &Serve,
    metrics: &Metrics,
) -> anyhow::Result<llm::Client> {
    let client = llm::Client::new(Some(&arguments.storage_path), metrics.llm.clone());
    client.configure(config.llm.as_ref()).context("cannot set up the client of the language model")?;
    if let (Some(_), Err(error)) = (&config.llm, client.model().await) {
        tracing::warn!(%error, "explanations stay without a summary");
    }
    Ok(client)
}

/// What questions of people are answered from.
pub(super) fn answering(sources: lookup::Sources, llm: &llm::Client, metrics: &Metrics) -> chat::Sources {
    chat::Sources {
        exporter: sources.exporter.clone(),
        lookups: Lookups::new(sources, Caller::Chat, metrics.lookup.clone()),
        llm: llm.clone(),
        llm_metrics: metrics.llm.clone(),
        metrics: metrics.chat.clone(),
    }
}

/// What remediation reads, writes and acts by.
pub(super) fn surroundings(
    upstreams: &Upstreams,
    journal: &Journal,
    actor: &Actor,
    metrics: &Metrics,
) -> remediation::Surroundings {
    remediation::Surroundings {
        prometheus: upstreams.prometheus.clone(),
        alertmanager: upstreams.alertmanager.clone(),
        journal: journal.clone(),
        actor: actor.clone(),
        metrics: metrics.remediation.clone(),
        webhook_metrics: metrics.webhook.clone(),
    }
}

/// Loop 2, with what the journal knows.
pub(super) async fn open_remediation(
    config: &Config,
    surroundings: remediation::Surroundings,
) -> anyhow::Result<(Replica, remediation::Handle)> {
    let policies = Arc::new(config.remediation.clone());
    Replica::open(policies, surroundings, holder(config)).await.context("cannot read the journal")
}

/// The name under which this daemon leads where others share its journal.
fn holder(config: &Config) -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{host} {} {}", config.http.listen_address, std::process::id())
}
