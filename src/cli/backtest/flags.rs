//! The flags of `backtest`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::export::When;
use crate::model::parse_duration;

/// What to score again, and how the report looks.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Backtest {
    /// Configuration file: queries, interval, and how to reach the Prometheus; without one the built-in presets
    #[arg(long = "config.file", value_name = "FILE", required_unless_present = "prometheus_url")]
    pub config_file: Option<PathBuf>,
    /// Address of the Prometheus to read; wins over the configuration file
    #[arg(long = "prometheus.url", value_name = "URL")]
    pub prometheus_url: Option<String>,
    /// First time that is reported: RFC 3339, seconds since 1970, or so long ago
    #[arg(long, value_name = "TIME", default_value = "7d", allow_hyphen_values = true)]
    pub start: When,
    /// Last time, included
    #[arg(long, value_name = "TIME", default_value = "now", allow_hyphen_values = true)]
    pub end: When,
    /// History before --start that is learnt and not reported; as much as the daemon reads if not given:
    /// scoring.history, 14d
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub warm_up: Option<Duration>,
    /// Only these queries and models; all if not given
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub query: Vec<String>,
    /// Form of the report; by the name of --out if not given, else text
    #[arg(long, visible_alias = "format", value_name = "FORMAT", value_enum)]
    pub output: Option<BacktestFormat>,
    /// File for the report; the standard output if not given
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Most anomalous series that are listed, and plotted in HTML
    #[arg(long, value_name = "COUNT", default_value = "10", value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub top: u16,
    /// Queries and models scored at once; all cores if not given
    #[arg(long, value_name = "COUNT")]
    pub threads: Option<NonZeroUsize>,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BacktestFormat {
    /// Tables for people
    Text,
    /// One JSON object
    Json,
    /// One page with plots that needs nothing else
    Html,
}

impl Backtest {
    /// The form asked for, by flag or by the name of the file.
    pub fn format(&self) -> BacktestFormat {
        let extension = self.out.as_deref().and_then(Path::extension).and_then(|it| it.to_str());
        let by_name = match extension {
            Some("html" | "htm") => BacktestFormat::Html,
            Some("json") => BacktestFormat::Json,
            _ => BacktestFormat::Text,
        };
        self.output.unwrap_or(by_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::{self, Command};

    fn parsed(line: &str) -> Option<Backtest> {
        match arguments::tests::parsed(&format!("smartcloudops backtest {line}"))? {
            Command::Backtest(backtest) => Some(backtest),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_week_is_scored_as_text_unless_told() {
        let backtest = parsed("--config.file a.yml").unwrap();
        let day = Duration::from_secs(86_400);
        assert_eq!((backtest.start, backtest.end), (When::Before(7 * day), When::Before(Duration::ZERO)));
        assert_eq!((backtest.warm_up, backtest.top, backtest.format()), (None, 10, BacktestFormat::Text));
        let line = "--config.file a.yml --start 2026-01-01 --end 12h --warm-up 3d --query a b --query c";
        let backtest = parsed(line).unwrap();
        assert_eq!((backtest.query.join(" "), backtest.warm_up), ("a b c".to_owned(), Some(3 * day)));
        assert_eq!(backtest.end, When::Before(day / 2));
    }

    #[test]
    fn the_form_is_that_of_the_flag_or_of_the_files_name() {
        use BacktestFormat::{Html, Json, Text};
        for (line, expected) in [
            ("--out a.html", Html),
            ("--out a.json", Json),
            ("--out a.txt", Text),
            ("--out a.html --output json", Json),
            ("--format html", Html),
        ] {
            assert_eq!(parsed(&format!("--prometheus.url=u {line}")).unwrap().format(), expected, "{line}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for line in ["", "--start 7d", "--config.file a --top 1001", "--config.file a --output xml"] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }
}
