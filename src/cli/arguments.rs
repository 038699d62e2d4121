//! The flags, spelt as Prometheus users know them. Secrets never come from flags: other users of
//! the machine can read them.

mod files;
mod journal;
mod narrowing;
mod train;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::backtest::Backtest;
use super::evaluate::Evaluate;
use super::rank::Rank;
use super::replay::Replay;
use crate::config::Overrides;

pub use files::{Export, Interval, Model, Score};
pub use journal::{Journal, Verify, VerifyFormat};
pub use narrowing::NarrowingFlags;
pub use train::{Source as TrainSource, Train};

/// Anomaly scores, safe remediation and explanations beside Prometheus and Alertmanager.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "smartcloudops",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "With nothing but --prometheus.url it watches what that Prometheus has; see \
                  smartcloudops.example.yml for everything that can be set."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

impl Arguments {
    /// The command to run: `serve` where none is named.
    pub fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Command {
    /// Run the daemon (the default)
    Serve(Serve),
    /// Score the configured queries over a past range: what would have alarmed, and when
    Backtest(Backtest),
    /// Check configuration files and report every fault; exit code 1 if there is one
    Check(Check),
    /// Judge scored CSV files against labels: NAB score, VUS-PR, every F1 by its name, false alarms per day
    Evaluate(Evaluate),
    /// Write a PromQL expression over a range as CSV
    Export(Export),
    /// Look into the journal of a daemon
    #[command(subcommand)]
    Journal(Journal),
    /// Judge the root-cause ranking on scenarios in the form of the PetShop benchmark: top-1, top-3, specificity
    Rank(Rank),
    /// Today's remediation policies over past alerts: what would have been done, and what would have stopped it
    Replay(Replay),
    /// Score series in CSV files, row by row as the daemon scores live; exit code 1 if a file fails
    Score(Score),
    /// Learn the history of every query and model, and store it for daemons to begin with, in a folder or in S3
    Train(Train),
}

/// The flags of the daemon.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Serve {
    /// Configuration file; without one the built-in presets are watched
    #[arg(long = "config.file", value_name = "FILE")]
    pub config_file: Option<PathBuf>,
    /// Address of the Prometheus to read; wins over the configuration file
    #[arg(long = "prometheus.url", value_name = "URL")]
    pub prometheus_url: Option<String>,
    /// Address to listen on; :PORT listens on every IPv4 address
    #[arg(long = "web.listen-address", value_name = "HOST:PORT", default_value = "127.0.0.1:9494")]
    pub listen_address: String,
    /// TLS, client certificates and users, in the format of Prometheus's exporter-toolkit
    #[arg(long = "web.config.file", value_name = "FILE")]
    pub web_config_file: Option<PathBuf>,
    /// Folder of the journal and the state; it is created if it does not exist
    #[arg(long = "storage.path", value_name = "FOLDER", default_value = "data/")]
    pub storage_path: PathBuf,
    /// Least severe messages to log
    #[arg(long = "log.level", value_name = "LEVEL", value_enum, default_value_t = LogLevel::Info)]
    pub log_level: LogLevel,
    /// Form of log lines
    #[arg(long = "log.format", value_name = "FORMAT", value_enum, default_value_t = LogFormat::Logfmt)]
    pub log_format: LogFormat,
}

impl Serve {
    /// What the configuration takes from the flags.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            prometheus_url: self.prometheus_url.clone(),
            listen_address: self.listen_address.clone(),
            web_config_file: self.web_config_file.clone(),
            storage_path: self.storage_path.clone(),
        }
    }
}

/// What to check.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Check {
    /// Configuration files
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The address the daemon is given by flag, for files that do not hold it
    #[arg(long = "prometheus.url", value_name = "URL")]
    pub prometheus_url: Option<String>,
}

/// How severe a message must be to be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Failures that need somebody
    Error,
    /// Failures that heal by themselves
    Warn,
    /// What the daemon does
    Info,
    /// What it considers
    Debug,
    /// Everything
    Trace,
}

impl LogLevel {
    /// The name that `tracing` filters understand.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// key=value pairs
    Logfmt,
    /// One JSON object a line
    Json,
}

#[cfg(test)]
pub(crate) mod tests {
    use clap::CommandFactory;

    use super::*;

    /// The command of a line without quotes; `None` where it is refused.
    pub(crate) fn parsed(line: &str) -> Option<Command> {
        Some(Arguments::try_parse_from(line.split_whitespace()).ok()?.into_command())
    }

    fn parse(line: &str) -> Command {
        parsed(line).unwrap()
    }

    #[test]
    fn the_declaration_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn serving_is_what_happens_without_a_command() {
        let flags = "--prometheus.url=http://p:9090 --web.listen-address :1 --log.level debug";
        assert_eq!(parse(&format!("smartcloudops {flags}")), parse(&format!("smartcloudops serve {flags}")));
    }

    #[test]
    fn the_defaults_of_the_flags_are_those_of_the_configuration() {
        let Command::Serve(serve) = parse("smartcloudops") else { panic!("not serve") };
        assert_eq!(serve.overrides(), Overrides::default());
        assert_eq!((serve.log_level, serve.log_format), (LogLevel::Info, LogFormat::Logfmt));
    }

    #[test]
    fn check_takes_several_files_and_at_least_one() {
        let Command::Check(check) = parse("smartcloudops check a.yml b.yml") else { panic!("not check") };
        assert_eq!(check.files, [PathBuf::from("a.yml"), PathBuf::from("b.yml")]);
        assert!(Arguments::try_parse_from(["smartcloudops", "check"]).is_err());
    }

    #[test]
    fn unknown_flags_and_commands_are_refused() {
        for line in ["smartcloudops --config-file x", "smartcloudops serv", "smartcloudops --log.format xml"]
        {
            assert_eq!(parsed(line), None, "{line}");
        }
    }

    #[test]
    fn the_help_names_every_flag_and_command() {
        let help = Arguments::command().render_long_help().to_string();
        for expected in [
            "backtest",
            "check",
            "evaluate",
            "rank",
            "serve",
            "--config.file",
            "--storage.path",
            "--log.format",
            "[default: data/]",
        ] {
            assert!(help.contains(expected), "{expected}\n{help}");
        }
    }
}
