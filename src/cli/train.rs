//! `smartcloudops train`: what the history of every query teaches, stored in a folder or in S3 for daemons to begin
//! with.
//!
//! Everything is learnt before anything is stored: a query that cannot be read leaves the models there as they are.

mod series;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context, bail, ensure};
use prometheus_client::registry::Registry;

use super::arguments::{LogFormat, LogLevel, Train};
use super::progress::Progress;
use crate::config::{self, Config, Overrides, Source};
use crate::metrics::prometheus::PrometheusMetrics;
use crate::model::Timestamp;
use crate::prometheus::Client;
use crate::scoring::{Training, train_on};
use crate::snapshots::models::{Manifest, ModelStore, TrainedModel};
use crate::{http_client, log};

/// Trains and logs what happens; exit code 1 if nothing is stored.
pub fn run(arguments: &Train) -> ExitCode {
    log::start(LogLevel::Info, LogFormat::Logfmt);
    match train(arguments, SystemTime::now().into()) {
        Ok(manifest) => {
            let series: usize = manifest.models.iter().map(|model| model.series).sum();
            tracing::info!(queries = manifest.models.len(), series, to = %arguments.to, "trained");
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "cannot train");
            ExitCode::FAILURE
        }
    }
}

fn train(arguments: &Train, now: Timestamp) -> anyhow::Result<Manifest> {
    http_client::install_crypto_provider();
    let overrides = Overrides { prometheus_url: arguments.prometheus_url.clone(), ..Overrides::default() };
    let config = Source::open(arguments.config_file.as_deref(), overrides).and_then(config::load)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start the runtime")?.block_on(async {
        tokio::select! {
            // First, so that the signal is caught before anything is stored.
            biased;
            _ = tokio::signal::ctrl_c() => bail!("interrupted; the models that were there stay"),
            stored = learn_and_store(arguments, &config, now) => stored,
        }
    })
}

async fn learn_and_store(arguments: &Train, config: &Config, now: Timestamp) -> anyhow::Result<Manifest> {
    let store = ModelStore::open(&arguments.to, &config.snapshots)?;
    let mut models = match arguments.from.is_empty() {
        true => from_prometheus(config, now).await?,
        false => from_files(arguments, config)?,
    };
    models.retain(|model| model.series > 0);
    ensure!(!models.is_empty(), "no query has a series; check the expressions and the history");
    if models.iter().map(|model| model.series).sum::<usize>() >= config.scoring.max_series {
        tracing::warn!(
            max_series = config.scoring.max_series,
            "limits.max_series is reached, further series are left out"
        );
    }
    Ok(store.write(&models, now).await?)
}

async fn from_prometheus(config: &Config, now: Timestamp) -> anyhow::Result<Vec<TrainedModel>> {
    let client = Client::new(&config.prometheus, PrometheusMetrics::register(&mut Registry::default()))?;
    let training = Training::new(&config.scoring, client, now);
    let progress = Progress::new("ticks", training.ticks());
    Ok(training.run(Arc::new(move |ticks| progress.advance(ticks))).await?)
}

fn from_files(arguments: &Train, config: &Config) -> anyhow::Result<Vec<TrainedModel>> {
    let progress = Progress::new("queries", arguments.from.len() as u64);
    let mut models = Vec::new();
    for (index, source) in arguments.from.iter().enumerate() {
        let repeated = arguments.from[..index].iter().any(|earlier| earlier.query == source.query);
        ensure!(!repeated, "--from is given twice for {}; keep one of the two", source.query);
        let place = config.scoring.queries.iter().position(|query| query.name == source.query);
        let place = place.with_context(|| {
            format!("--from={}: the configuration has no query of this name", source.query)
        })?;
        let answers = series::read(&source.path, config.scoring.interval)?;
        models.extend(train_on(&config.scoring, place, &answers)?);
        progress.advance(1);
    }
    Ok(models)
}

#[cfg(test)]
mod tests;
