//! `smartcloudops export`: a PromQL expression over a range, as CSV files that `score` reads.
//!
//! The range is asked piece by piece and written as it comes, so its length costs no memory. It only
//! reads from the Prometheus.

mod files;
mod name;
mod when;

use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, ensure};
use prometheus_client::registry::Registry;

use self::files::{Target, Totals};
pub use self::when::When;
use super::arguments::{Export, LogFormat, LogLevel};
use super::progress::Progress;
use crate::config::{self, Overrides, Source};
use crate::log;
use crate::metrics::prometheus::PrometheusMetrics;
use crate::model::Timestamp;
use crate::prometheus::{Client, Pieces};

/// Exports and logs what happens; exit code 1 if it cannot.
pub fn run(arguments: &Export) -> ExitCode {
    log::start(LogLevel::Info, LogFormat::Logfmt);
    match export(arguments, SystemTime::now().into()) {
        Ok(Totals { series, samples }) => {
            tracing::info!(series, samples, output = %arguments.output.display(), "exported");
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "cannot export");
            ExitCode::FAILURE
        }
    }
}

fn export(arguments: &Export, now: Timestamp) -> anyhow::Result<Totals> {
    let overrides = Overrides { prometheus_url: arguments.prometheus_url.clone(), ..Overrides::default() };
    let config = Source::open(arguments.config_file.as_deref(), overrides).and_then(config::load)?;
    let client = Client::new(&config.prometheus, PrometheusMetrics::register(&mut Registry::default()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("cannot start the runtime")?.block_on(async {
        tokio::select! {
            // First, so that the signal is caught before anything is written.
            biased;
            _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted; nothing is written"),
            exported = fetch(arguments, &client, now) => exported,
        }
    })
}

async fn fetch(arguments: &Export, client: &Client, now: Timestamp) -> anyhow::Result<Totals> {
    let step = arguments.step;
    let [start, end] = [arguments.start, arguments.end].map(|when| when.resolve(step, now));
    ensure!(start <= end, "--start is {start}, after --end, {end}; swap them");
    let mut target = Target::open(&arguments.output)?;
    let mut pieces = Pieces::new(client, arguments.expr(), (start, end), step)?;
    let progress = Progress::new("steps", pieces.steps_left());
    while let Some(piece) = pieces.next().await? {
        target.add(&piece.series)?;
        progress.advance(piece.steps);
    }
    target.finish()
}
