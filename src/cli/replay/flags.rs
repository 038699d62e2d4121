//! The flags of `replay`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::export::When;
use crate::model::parse_duration;

/// Which past, and how the account looks.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Replay {
    /// Configuration file: the policies, and how to reach the Prometheus
    #[arg(long = "config.file", value_name = "FILE")]
    pub config_file: PathBuf,
    /// Address of the Prometheus to read; wins over the configuration file
    #[arg(long = "prometheus.url", value_name = "URL")]
    pub prometheus_url: Option<String>,
    /// First time: RFC 3339, seconds since 1970, or so long ago
    #[arg(long, value_name = "TIME", default_value = "30d", allow_hyphen_values = true)]
    pub start: When,
    /// Last time, included
    #[arg(long, value_name = "TIME", default_value = "now", allow_hyphen_values = true)]
    pub end: When,
    /// How far apart alerts are looked at: about as often as their rules are evaluated
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = step)]
    pub step: Duration,
    /// Form of the account
    #[arg(long, visible_alias = "format", value_name = "FORMAT", value_enum, default_value = "text")]
    pub output: ReplayFormat,
}

/// The form of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReplayFormat {
    /// Tables for people
    Text,
    /// One JSON object
    Json,
}

fn step(text: &str) -> Result<Duration, String> {
    let step = parse_duration(text).map_err(|error| error.to_string())?;
    if step < Duration::from_secs(1) { Err("must be 1s at least".to_owned()) } else { Ok(step) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::{self, Command};

    #[test]
    fn a_month_is_replayed_minute_by_minute_unless_told() {
        let parsed = |line: &str| match arguments::tests::parsed(&format!("smartcloudops replay {line}"))? {
            Command::Replay(replay) => Some(replay),
            other => panic!("{other:?}"),
        };
        let replay = parsed("--config.file a.yml").unwrap();
        let day = Duration::from_secs(86_400);
        assert_eq!((replay.start, replay.step), (When::Before(30 * day), Duration::from_secs(60)));
        for line in ["", "--config.file a --step 10ms", "--config.file a --output html"] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }
}
