//! `smartcloudops backtest`: the configured queries and models over a past range of a real Prometheus: what would have alarmed,
//! and when. The detectors, the ticks and so the scores are the daemon's.
//!
//! The range is read piece by piece and scored as it comes. What is kept of a series is its detector, its figures
//! and a plot of at most 400 columns, about 20 kB, whatever the length of the range; `limits.max_series` bounds
//! the series of each query. It only reads from the Prometheus.

mod account;
mod assemble;
mod drive;
mod envelope;
mod flags;
mod ledger;
mod page;
mod plot;
pub mod report;
#[cfg(test)]
mod sample;
mod selection;
mod text;
mod watched;
mod words;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, ensure};
use prometheus_client::registry::Registry;

use self::assemble::{Found, assemble};
use self::drive::{Work, drive};
pub use self::flags::{Backtest, BacktestFormat};
use self::selection::chosen;
use self::text::Text;
use self::watched::Watched;
use super::arguments::{LogFormat, LogLevel};
use crate::config::{self, Overrides, Source};
use crate::log;
use crate::metrics::prometheus::PrometheusMetrics;
use crate::model::Timestamp;
use crate::prometheus::{Client, QueryError};
use crate::scoring::PastRange;

/// Writes the report and logs what happens. Exit code 0 whatever is found, 1 if there is no report.
pub fn run(arguments: &Backtest) -> ExitCode {
    log::start(LogLevel::Info, LogFormat::Logfmt);
    match backtest(arguments, SystemTime::now().into()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "cannot backtest");
            ExitCode::FAILURE
        }
    }
}

fn backtest(arguments: &Backtest, now: Timestamp) -> anyhow::Result<()> {
    let work = prepare(arguments, now)?;
    if let Some(folder) = arguments.out.as_deref().and_then(Path::parent).filter(|it| *it != Path::new("")) {
        ensure!(folder.is_dir(), "--out: there is no folder {}; create it first", folder.display());
    }
    let (range, interval) = (work.range, work.scoring.interval.as_secs_f64());
    let threads = threads(arguments);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let finished = runtime.block_on(async {
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted; nothing is written"),
            finished = drive(work, threads) => finished,
        }
    });
    // A query that is being scored when another one fails is not waited for.
    runtime.shutdown_background();
    let finished = finished.map_err(with_remedy)?;
    let found = assemble(range, interval, finished, usize::from(arguments.top));
    ensure!(
        found.report.queries.iter().any(|query| query.samples > 0),
        "no query has a sample from {} to {}; choose a range that the Prometheus still has, and check the expressions",
        range.start,
        range.end
    );
    write(arguments, &found)
}

fn prepare(arguments: &Backtest, now: Timestamp) -> anyhow::Result<Work> {
    let overrides = Overrides { prometheus_url: arguments.prometheus_url.clone(), ..Overrides::default() };
    let config = Source::open(arguments.config_file.as_deref(), overrides).and_then(config::load)?;
    let client = Client::new(&config.prometheus, PrometheusMetrics::register(&mut Registry::default()))?;
    let scoring = config.scoring;
    let watched = Watched::all(&scoring);
    let names: Vec<&str> = watched.iter().map(|one| one.name.as_str()).collect();
    let chosen = chosen(&names, &arguments.query)?;
    ensure!(!chosen.is_empty(), "no query is configured; write queries or presets into the configuration");
    let [start, end] = [arguments.start, arguments.end].map(|when| when.resolve(scoring.interval, now));
    ensure!(start <= end, "--start is {start}, after --end, {end}; swap them");
    let range = PastRange { start, end, warm_up: arguments.warm_up.unwrap_or(scoring.history) };
    Ok(Work { scoring, client, range, watched, chosen, top: usize::from(arguments.top) })
}

fn threads(arguments: &Backtest) -> usize {
    arguments.threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// Says what to do where the error itself does not.
fn with_remedy(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<QueryError>() {
        Some(QueryError::Unreachable(_)) => {
            error.context("is the Prometheus running, and is --prometheus.url or prometheus.url its address?")
        }
        Some(QueryError::TimedOut(_)) => {
            error.context("raise prometheus.timeout, shorten the range, or choose fewer queries with --query")
        }
        _ => error,
    }
}

fn write(arguments: &Backtest, found: &Found) -> anyhow::Result<()> {
    let text = match arguments.format() {
        BacktestFormat::Text => Text(&found.report).to_string(),
        BacktestFormat::Json => serde_json::to_string_pretty(&found.report)? + "\n",
        BacktestFormat::Html => page::render(found).context("the page cannot be written")?,
    };
    let Some(path) = &arguments.out else {
        return Ok(std::io::stdout().write_all(text.as_bytes())?);
    };
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))?;
    let (alarms, episodes) = (found.report.alarms, found.report.episodes.len());
    tracing::info!(alarms, episodes, out = %path.display(), "backtested");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use report::Report;

    #[test]
    fn the_json_holds_everything_and_can_be_read_back() {
        let report = sample::report();
        let json = serde_json::to_string(&report).unwrap();
        let back: Report = serde_json::from_str(&json).unwrap();
        assert!(back.episodes[2].peak.value.is_nan(), "infinite is null");
        assert_eq!(serde_json::to_string(&back).unwrap(), json);
        assert_eq!((back.queries, back.top_series), (report.queries, report.top_series));
    }

    #[test]
    fn errors_name_what_to_do() {
        let dead =
            anyhow::Error::from(QueryError::Unreachable("connection refused".to_owned())).context("query a");
        let text = format!("{:#}", with_remedy(dead));
        assert!(
            text.starts_with("is the Prometheus running") && text.contains("query a: the server cannot"),
            "{text}"
        );
    }
}
