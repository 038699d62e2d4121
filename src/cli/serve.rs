//! `smartcloudops serve`: the daemon.

use std::process::ExitCode;

use anyhow::Context;

use super::arguments::Serve;
use crate::{app, log};

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
    runtime.context("cannot start the runtime")?.block_on(app::run(arguments, recent))
}
