//! Wiring: configuration → clients, journal, both loops, server; reload; ordered shutdown.

mod keeping;
mod keys;
mod models;
mod opening;
mod reload;
mod signals;
mod stop;
mod telling;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context;
use arc_swap::ArcSwap;
use prometheus_client::registry::Registry;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::opening::{answering, connect, connect_llm, load, open_remediation, surroundings};
use self::signals::Signals;
use self::stop::{ACTION_GRACE, Stop};
use crate::act::{self, Actor};
use crate::chat::Chat;
use crate::cli::arguments::Serve;
use crate::config::Config;
use crate::exporter::Exporter;
use crate::http::{self, Readiness, Reload, Server};
use crate::http_client;
use crate::journal::Journal;
use crate::log::Recent;
use crate::logs;
use crate::lookup::{self, Lookups};
use crate::metrics::Metrics;
use crate::metrics::lookup::Caller;
use crate::model::Timestamp;
use crate::notify;
use crate::scoring::{self, Requests, Scoring};
use crate::upstreams::Upstreams;

/// Runs the daemon until SIGTERM or SIGINT. `recent`: what it logs, as far as it is remembered.
pub async fn run(arguments: &Serve, recent: Recent) -> anyhow::Result<()> {
    // Before anything else: a SIGHUP while starting must not end the process.
    let signals = Signals::listen().context("cannot listen to signals")?;
    http_client::install_crypto_provider();
    let config = load(arguments)?;
    let mut registry = Registry::default();
    let metrics = Metrics::register(&mut registry, http::ROUTES, lookup::Name::ALL.map(lookup::Name::as_str));
    let exporter = Exporter::register(&mut registry);
    let upstreams = connect(&config, &metrics)?;
    let journal = Journal::open(&config.journal, metrics.journal.clone()).await?;
    let actor = Actor::new(act::Limits::default(), config.act.clone(), upstreams.alertmanager_client());
    let surroundings = surroundings(&upstreams, &journal, &actor, &metrics);
    let (remediation, handle) = open_remediation(&config, surroundings).await?;
    let heard = signals.hear(handle.clone());
    let requests = Requests::open(&state_folder(arguments), now());

    let inquiries = scoring::Inquiries::default();
    let (reload_sender, reloads) = mpsc::channel(4);
    let readiness = Readiness::default();
    let shared_upstreams = Arc::new(ArcSwap::from_pointee(upstreams));
    let explain = Arc::new(ArcSwap::from_pointee(config.explain.clone()));
    let llm = connect_llm(&config, arguments, &metrics).await?;
    let logs = logs::Reader::new(recent, journal.clone(), shared_upstreams.clone());
    let sources = lookup::Sources {
        exporter: exporter.clone(),
        journal: journal.clone(),
        inquiries: inquiries.clone(),
        upstreams: shared_upstreams.clone(),
        explain: explain.clone(),
        logs: logs.clone(),
    };
    let chat_config = Arc::new(ArcSwap::from_pointee(config.chat.clone()));
    let chat = Chat::new(answering(sources.clone(), &llm, &metrics), chat_config.clone());
    let told_from = notify::Sources {
        journal: journal.clone(),
        exporter: exporter.clone(),
        upstreams: shared_upstreams.clone(),
        explain: explain.clone(),
        llm: llm.clone(),
        llm_metrics: metrics.llm.clone(),
    };
    let started = now();
    let slack = telling::slack(&config, chat.clone(), started)?;
    let prepared = telling::prepare(&config)?;
    let daemon = http::Daemon {
        registry: Arc::new(registry),
        exporter: exporter.clone(),
        journal: journal.clone(),
        remediation: handle.clone(),
        inquiries: inquiries.clone(),
        holds: requests.clone(),
        webhook_metrics: metrics.webhook.clone(),
        upstreams: shared_upstreams.clone(),
        explain: explain.clone(),
        llm: llm.clone(),
        llm_metrics: metrics.llm.clone(),
        daemon_metrics: metrics.daemon.clone(),
        scoring_metrics: metrics.scoring.clone(),
        logs,
        lookups: Lookups::new(sources, Caller::Mcp, metrics.lookup.clone()),
        chat,
        slack: slack.clone(),
        readiness: readiness.clone(),
        reload: Reload(reload_sender),
        started,
    };
    // Before anything can happen that a new receiver would not hear of.
    let notifier = telling::start(&config, prepared, told_from, &metrics).await;
    let server = Server::bind(&config.http, http::router(daemon), metrics.http.clone())?;
    tracing::info!(address = %server.local_addr(), version = env!("CARGO_PKG_VERSION"), "listening");

    let stop = Stop::default();
    let reloader = server.reloader();
    let ended = CancellationToken::new();
    let serving = essential(&ended, server.run(stop.server.clone()));
    let remediation = remediation.run(stop.remediation.clone(), ACTION_GRACE, stop.answers.clone());
    let acting = essential(&ended, remediation);
    let journal_metrics = metrics.journal.clone();
    let told = Told { exporter, inquiries, requests, metrics, stopping: heard.stopping.clone() };
    let scoring = start_scoring(&config, &shared_upstreams.load(), &told, arguments).await;
    told.metrics.daemon.config_loaded(now());
    readiness.set();
    tracing::info!("ready");

    let upstreams = shared_upstreams;
    let live = reload::Live {
        arguments,
        told,
        upstreams,
        explain,
        chat: chat_config,
        llm,
        slack: slack.clone(),
        notifier,
        actor,
        handle,
        reloader,
        scoring,
        ended,
    };
    let archive = config.journal.archive.clone();
    let keeping = tokio::spawn(keeping::keep(journal.clone(), archive, journal_metrics));
    let (scoring, mut notifier) = live.until_signal(heard, reloads).await;

    readiness.clear();
    notifier.stop().await;
    keeping.abort();
    // It ends at its next wait; the journal is not closed under it.
    let _ = keeping.await;
    stop.in_order(serving, &slack, scoring, acting).await?;
    journal.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Spawns what the daemon is of no use without: that it ends, by a panic too, shows in the token. A daemon
/// that accepts deliveries and deals with none is worse than one that is started anew.
fn essential<F>(ended: &CancellationToken, task: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let guard = ended.clone().drop_guard();
    tokio::spawn(async move {
        let _guard = guard;
        task.await
    })
}

fn now() -> Timestamp {
    SystemTime::now().into()
}

/// What the scoring loops tell, and are asked by; it outlives every reload.
struct Told {
    exporter: Exporter,
    inquiries: scoring::Inquiries,
    requests: Requests,
    metrics: Metrics,
    /// Cancelled once the daemon shall stop: what takes long is left then.
    stopping: CancellationToken,
}

async fn start_scoring(config: &Config, upstreams: &Upstreams, told: &Told, arguments: &Serve) -> Scoring {
    let surroundings = scoring::Surroundings {
        client: upstreams.scoring.clone(),
        exporter: told.exporter.clone(),
        metrics: told.metrics.scoring.clone(),
        inquiries: told.inquiries.clone(),
        requests: told.requests.clone(),
    };
    let folder = state_folder(arguments);
    let put_in_place = models::put_in_place(config, &folder, &told.metrics.scoring);
    // The state is whole whenever this is left.
    told.stopping.run_until_cancelled(put_in_place).await;
    Scoring::start(&config.scoring, surroundings, &folder).await
}

/// Where the queries' states are.
fn state_folder(arguments: &Serve) -> PathBuf {
    arguments.storage_path.join("state")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_that_ends_early_is_noticed_even_when_it_panics() {
        for panics in [false, true] {
            let ended = CancellationToken::new();
            let task = essential(&ended, async move { assert!(!panics, "as it may happen") });
            ended.cancelled().await;
            assert_eq!(task.await.is_err(), panics);
        }
    }
}
