//! What is told to others and what Slack is answered, made of the daemon's parts.

use std::sync::Arc;

use anyhow::Context;
use futures::FutureExt;

use super::now;
use crate::config::Config;
use crate::explain::{Format, explain, gather};
use crate::http::{Answerer, Slack};
use crate::notify::{self, Notifier, Prepared, Redaction, Sources};
use crate::{explain as explaining, metrics};

/// Slack's routes, answered by `answerer`.
pub(super) fn slack(config: &Config, answerer: Answerer) -> anyhow::Result<Slack> {
    Slack::new(config.slack.clone(), answerer).context("cannot set up the client for Slack")
}

/// Whatever is asked, what fires is told.
pub(super) fn firing(sources: Sources) -> Answerer {
    Arc::new(move |_question, _client| {
        let sources = sources.clone();
        async move {
            let (upstreams, config) = (sources.upstreams.load_full(), sources.explain.load_full());
            let read = explaining::Sources {
                journal: &sources.journal,
                exporter: &sources.exporter,
                prometheus: &upstreams.reading,
                answers: &upstreams.answers,
                config: &config,
            };
            match gather(read, None, now()).await {
                Ok(evidence) => explain(&evidence).render(Format::Text, None),
                Err(error) => {
                    tracing::warn!(%error, "cannot answer Slack");
                    "The journal cannot be read; ask again in a minute.".to_owned()
                }
            }
        }
        .boxed()
    })
}

/// Everything that may be refused, before anybody is told anything.
pub(super) fn prepare(config: &Config) -> anyhow::Result<Prepared> {
    notify::prepare(&config.notify).map_err(|(name, error)| {
        anyhow::anyhow!("the receiver '{name}' of notify cannot be told anything: {error}")
    })
}

/// Begins to tell them.
pub(super) async fn start(
    config: &Config,
    prepared: Prepared,
    sources: Sources,
    metrics: &metrics::Metrics,
) -> Notifier {
    Notifier::start(prepared, redaction(config), sources, metrics.notify.clone()).await
}

/// What is taken out of messages: the patterns are those for the language model.
pub(super) fn redaction(config: &Config) -> Redaction {
    Redaction::new(&config.llm.as_ref().map(|llm| llm.redact.clone()).unwrap_or_default())
}
