//! The command line: its arguments, and one file per command.

pub mod arguments;
pub mod backtest;
pub mod check;
pub mod evaluate;
pub mod export;
pub mod journal;
mod progress;
pub mod rank;
pub mod replay;
pub mod score;
pub mod serve;
pub mod train;

use std::process::ExitCode;

/// Prints a report, or why there is none and exit code 1.
fn print_report(report: anyhow::Result<String>) -> ExitCode {
    match report {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
