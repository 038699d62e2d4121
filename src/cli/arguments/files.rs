//! The flags of the commands that write and read series in files. Scoring has the defaults of a query in
//! the configuration.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{ArgGroup, Args, ValueEnum};

use super::NarrowingFlags;
use crate::cli::export::When;
use crate::model::{Rate, format_duration, parse_duration};

/// What to export, and where to.
#[derive(Args, Clone, Debug, PartialEq)]
#[command(group(ArgGroup::new("expression").required(true).args(["expr", "query"])))]
pub struct Export {
    /// PromQL that yields one number per series
    #[arg(value_name = "EXPR")]
    expr: Option<String>,
    /// The same as a flag
    #[arg(long, value_name = "EXPR")]
    query: Option<String>,
    /// Address of the Prometheus to read; wins over the configuration file
    #[arg(long = "prometheus.url", value_name = "URL", required_unless_present = "config_file")]
    pub prometheus_url: Option<String>,
    /// Configuration file that says how to reach the Prometheus: authentication, TLS, headers
    #[arg(long = "config.file", value_name = "FILE")]
    pub config_file: Option<PathBuf>,
    /// First time: RFC 3339, seconds since 1970, or so long ago
    #[arg(long, value_name = "TIME", default_value = "-14d", allow_hyphen_values = true)]
    pub start: When,
    /// Last time, included
    #[arg(long, value_name = "TIME", default_value = "now", allow_hyphen_values = true)]
    pub end: When,
    /// Time between samples
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = positive_duration)]
    pub step: Duration,
    /// File for one series, folder for several, or - for the standard output
    #[arg(long, value_name = "FILE|FOLDER|-", default_value = "-")]
    pub output: PathBuf,
}

impl Export {
    /// The expression, wherever it was given.
    pub fn expr(&self) -> &str {
        self.query.as_deref().or(self.expr.as_deref()).unwrap_or_default()
    }
}

/// What to score, and how.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Score {
    /// CSV file with a column of times and one of values, or for a model of groups several, or a folder of them
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// Where the scores go: a file for a file, a folder of the same layout for a folder
    #[arg(value_name = "OUT")]
    pub output: PathBuf,
    /// What judges the series
    #[arg(long, value_enum, default_value_t = Model::Auto)]
    pub model: Model,
    /// Time between samples; auto takes the usual one of each file
    #[arg(long, value_name = "auto|DURATION", default_value_t = Interval::Auto)]
    pub interval: Interval,
    /// How many false alarms one series may cost
    #[arg(long, value_name = "RATE", default_value = "1 per 30d")]
    pub false_alarms: Rate,
    /// Which anomalies count
    #[command(flatten)]
    pub narrowing: NarrowingFlags,
    /// Add columns that take each score apart: samples seen, the gate that stopped it, the nearest past occurrence
    #[arg(long)]
    pub explain: bool,
    /// Files scored at once; all cores if not given
    #[arg(long, value_name = "COUNT")]
    pub threads: Option<NonZeroUsize>,
}

/// What judges a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// The daemon's default
    Auto,
    /// A profile of the time of day and the day of the week
    Seasonal,
    /// Prophet's trend and seasons, fitted anew every day
    Prophet,
    /// All columns of numbers together: rows that few random cuts set apart
    #[value(name = "isolation_forest")]
    IsolationForest,
    /// All columns of numbers together: rows that break the way in which they move
    Pca,
}

/// The time between samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// As the series itself shows.
    Auto,
    /// As given; at least 1 ms.
    Fixed(Duration),
}

impl FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        positive_duration(text).map(Self::Fixed)
    }
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Fixed(interval) => f.write_str(&format_duration(*interval)),
        }
    }
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(Duration::ZERO) => Err("must be longer than 0".to_owned()),
        other => other.map_err(|error| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::super::tests::parsed;
    use super::*;
    use crate::config::Overrides;
    use crate::detect::{DataRange, Narrowing};
    use crate::model::Direction;

    fn parse(line: &str) -> Command {
        parsed(line).unwrap()
    }

    #[test]
    fn scoring_has_the_defaults_of_the_configuration() {
        let Command::Score(score) = parse("smartcloudops score in out") else { panic!("not score") };
        let query = crate::config::parse(
            "prometheus: {url: http://p:9090}\nqueries: [{name: a, expr: b}]",
            &Overrides::default(),
        );
        let query = query.unwrap().scoring.queries.remove(0).detect;
        assert_eq!(
            (score.narrowing.narrowing(), score.false_alarms, &score.narrowing.time_zone),
            (query.narrowing, query.false_alarms, &query.time_zone)
        );
        assert_eq!((score.model, score.interval, score.threads), (Model::Auto, Interval::Auto, None));
        let line = "smartcloudops score in out --interval 5m --false-alarms 3/1h --explain --direction above \
                    --min-deviation 0.5 --min-relative-deviation 0.1 --data-range -1,inf --min-duration 10m";
        let Command::Score(score) = parse(line) else { panic!("not score") };
        assert_eq!((score.interval, score.explain), (Interval::Fixed(Duration::from_secs(300)), true));
        let expected = Narrowing {
            direction: Direction::Above,
            min_deviation: 0.5,
            min_relative_deviation: 0.1,
            data_range: DataRange::new(-1.0, f64::INFINITY).unwrap(),
            min_duration: Duration::from_secs(600),
        };
        assert_eq!(score.narrowing.narrowing(), expected);
        for flag in [
            "--interval=0",
            "--interval=5",
            "--min-deviation=-1",
            "--min-deviation=NaN",
            "--min-relative-deviation=-1",
            "--data-range=1,0",
            "--data-range=NaN,1",
            "--data-range=1",
            "--min-duration=8h",
            "--time-zone=Nowhere",
            "--threads=0",
        ] {
            assert_eq!(parsed(&format!("smartcloudops score in out {flag}")), None, "{flag}");
        }
    }

    #[test]
    fn exporting_takes_its_expression_either_way_and_times_of_every_kind() {
        let url = "--prometheus.url=http://p:9090";
        for line in [
            format!("smartcloudops export up {url} --start -1d"),
            format!("smartcloudops export {url} --query up --start now-1d --end now --step 1m --output -"),
        ] {
            let Command::Export(export) = parse(&line) else { panic!("not export") };
            let day = Duration::from_secs(86_400);
            assert_eq!((export.expr(), export.start), ("up", When::Before(day)), "{line}");
            assert_eq!((export.end, export.step.as_secs()), (When::Before(Duration::ZERO), 60), "{line}");
            assert_eq!(export.output, PathBuf::from("-"), "{line}");
        }
        for line in [
            format!("smartcloudops export {url}"),
            format!("smartcloudops export up --query up {url}"),
            "smartcloudops export up".to_owned(),
            format!("smartcloudops export up {url} --start yesterday"),
            format!("smartcloudops export up {url} --step 0"),
        ] {
            assert_eq!(parsed(&line), None, "{line}");
        }
    }
}
