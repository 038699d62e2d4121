//! The flags, spelt as Prometheus users know them. Secrets never come from flags: other users of
//! the machine can read them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Overrides;
use crate::model::Rate;

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
    /// Check configuration files and report every fault; exit code 1 if there is one
    Check(Check),
    /// Judge scored CSV files against labels: NAB score, VUS-PR, every F1 by its name, false alarms per day
    Evaluate(Evaluate),
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

/// What to judge, and how the report looks.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Evaluate {
    /// Folder of scored CSV files, as the command score writes them: a column timestamp, a column
    /// anomaly_score and, with --alarms, a column alarm
    #[arg(value_name = "SCORES", required_unless_present = "inject")]
    pub scores: Option<PathBuf>,
    /// The labels: a folder of the Numenta Anomaly Benchmark, a folder of CSV files whose columns are a time, a
    /// value and a label of 0 or 1, or a JSON file of windows
    #[arg(value_name = "LABELS", required_unless_present = "inject")]
    pub labels: Option<PathBuf>,
    /// Instead of scores, judge the default model on faults of stated kind and size, put into the healthy series
    /// of this folder of CSV files
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["scores", "labels", "alarms", "alarm_at", "per_series"])]
    pub inject: Option<PathBuf>,
    /// Seed of the places and directions of the faults
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["scores", "labels"], default_value_t = 1)]
    pub seed: u64,
    /// Take the column alarm as the decision: a row with 1 raises a notification, no other does
    #[arg(long, conflicts_with = "alarm_at")]
    pub alarms: bool,
    /// The score at which the detector alarms; all scores are divided by it
    #[arg(long, value_name = "SCORE", default_value_t = 1.0)]
    pub alarm_at: f64,
    /// Add a line for each series
    #[arg(long)]
    pub per_series: bool,
    /// Form of the report; JSON always holds each series
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// False alarms that were promised for each series; with --inject the model is given this budget
    #[arg(long, value_name = "RATE", default_value = "1 per 30d")]
    pub budget: Rate,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// A table for people
    Text,
    /// One JSON object
    Json,
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
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Command {
        Arguments::try_parse_from(line.split_whitespace()).unwrap().into_command()
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
    fn evaluate_promises_one_false_alarm_in_30_days_unless_told() {
        let evaluate = |flags: &str| match parse(&format!("smartcloudops evaluate s l {flags}")) {
            Command::Evaluate(evaluate) => evaluate,
            other => panic!("{other:?}"),
        };
        assert_eq!(evaluate("").budget.to_string(), "1 per 30d");
        assert_eq!(evaluate("--budget 2/1d").budget.to_string(), "2 per 1d");
        assert_eq!((evaluate("").alarm_at, evaluate("").format), (1.0, ReportFormat::Text));
        let both = "smartcloudops evaluate s l --alarms --alarm-at 2";
        assert!(Arguments::try_parse_from(both.split_whitespace()).is_err(), "two decisions");
        for line in ["s", "", "s l --inject f", "s l --seed 3"] {
            let line = format!("smartcloudops evaluate {line}");
            assert!(Arguments::try_parse_from(line.split_whitespace()).is_err(), "{line}");
        }
        assert!(Arguments::try_parse_from("smartcloudops evaluate --inject f".split_whitespace()).is_ok());
    }

    #[test]
    fn unknown_flags_and_commands_are_refused() {
        for line in ["smartcloudops --config-file x", "smartcloudops serv", "smartcloudops --log.format xml"]
        {
            assert!(Arguments::try_parse_from(line.split_whitespace()).is_err(), "{line}");
        }
    }

    #[test]
    fn the_help_names_every_flag_and_command() {
        let help = Arguments::command().render_long_help().to_string();
        for expected in [
            "check",
            "evaluate",
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
