//! What is told to others and what Slack is answered, made of the daemon's parts.

use std::sync::Arc;

use anyhow::Context;
use futures::FutureExt;

use super::now;
use crate::chat::{Chat, ClientId};
use crate::config::Config;
use crate::http::{Answerer, Slack};
use crate::metrics;
use crate::model::Timestamp;
use crate::notify::{self, Notifier, Prepared, Redaction, Sources};

/// Slack's routes: each question is answered as one of `POST /query` is.
pub(super) fn slack(config: &Config, chat: Chat, started: Timestamp) -> anyhow::Result<Slack> {
    let answerer: Answerer = Arc::new(move |question, client| {
        let chat = chat.clone();
        async move {
            match chat.question(&question) {
                Ok(question) => chat.answer(question, &ClientId::named("slack", &client), now()).await.text(),
                Err(error) => error.to_string(),
            }
        }
        .boxed()
    });
    Slack::new(config.slack.clone(), redaction(config), answerer, started)
        .context("cannot set up the client for Slack")
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
