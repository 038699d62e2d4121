//! `smartcloudops replay`: today's policies over the alerts that a Prometheus remembers: what would have been done, when,
//! to whom, and which guard would have stopped it. It only reads.

mod flags;
mod text;

use std::cell::Cell;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, ensure};
use prometheus_client::registry::Registry;

pub use self::flags::{Replay, ReplayFormat};
use self::text::Text;
use super::arguments::{LogFormat, LogLevel};
use super::progress::Progress;
use crate::config::{self, Overrides, Source};
use crate::log;
use crate::metrics::prometheus::PrometheusMetrics;
use crate::model::Timestamp;
use crate::prometheus::Client;
use crate::remediation::{Account, ReplayRange, replay};

/// Prints the account and logs what happens. Exit code 0 whatever would have been done, 1 if there is no account.
pub fn run(arguments: &Replay) -> ExitCode {
    log::start(LogLevel::Warn, LogFormat::Logfmt);
    match replayed(arguments, SystemTime::now().into()) {
        Ok(account) => print(arguments, &account),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "cannot replay");
            ExitCode::FAILURE
        }
    }
}

fn replayed(arguments: &Replay, now: Timestamp) -> anyhow::Result<Account> {
    let overrides = Overrides { prometheus_url: arguments.prometheus_url.clone(), ..Overrides::default() };
    let config = Source::open(Some(&arguments.config_file), overrides).and_then(config::load)?;
    ensure!(
        !config.remediation.policies.is_empty(),
        "there is no policy to replay; write remediation.policies into the configuration"
    );
    let step = arguments.step;
    let [start, end] = [arguments.start, arguments.end].map(|when| when.resolve(step, now));
    ensure!(start <= end, "--start is {start}, after --end, {end}; swap them");
    let client = Client::new(&config.prometheus, PrometheusMetrics::register(&mut Registry::default()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let (bar, done) = (Progress::new("minutes", end.since(start).as_secs() / 60), Cell::new(0));
    let range = ReplayRange { start, end, step };
    let told = runtime.block_on(replay(&config.remediation, client, range, |at| {
        let minutes = at.since(start).as_secs() / 60;
        bar.advance(minutes.saturating_sub(done.replace(minutes)));
    }));
    told.context("the alerts of the range cannot be read")
}

fn print(arguments: &Replay, account: &Account) -> ExitCode {
    let text = match arguments.output {
        ReplayFormat::Text => Ok(Text(account).to_string()),
        ReplayFormat::Json => serde_json::to_string_pretty(account).map(|json| json + "\n"),
    };
    match text {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the account cannot be written");
            ExitCode::FAILURE
        }
    }
}
