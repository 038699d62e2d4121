//! Arguments → command → exit code.

use std::process::ExitCode;

use clap::Parser;
use smartcloudops::cli::arguments::{Arguments, Command};
use smartcloudops::cli::{backtest, check, evaluate, export, journal, rank, replay, score, serve, train};

fn main() -> ExitCode {
    match Arguments::parse().into_command() {
        Command::Serve(arguments) => serve::serve(&arguments),
        Command::Backtest(arguments) => backtest::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Journal(arguments) => journal::run(&arguments),
        Command::Rank(arguments) => rank::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Score(arguments) => score::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
    }
}
