//! `smartcloudops serve`: the daemon.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;

use super::arguments::Serve;
use crate::{app, log};

/// For what still runs on a thread of its own once the daemon has stopped.
const LEFT_OVER: Duration = Duration::from_secs(1);

/// Runs until a signal ends it. Exit code 1 means that it could not start or could not stop in order.
pub fn serve(arguments: &Serve) -> ExitCode {
    let recent = log::start(arguments.log_level, arguments.log_format);
    match run(arguments, recent) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "cannot go on");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Serve, recent: log::Recent) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let result = runtime.block_on(app::run(arguments, recent));
    // All is in order by now. What is left may be the look-up of a name that no server answers, which nothing
    // can end, and which would hold the exit for longer than whoever asked for it waits.
    runtime.shutdown_timeout(LEFT_OVER);
    result
}
