//! The flags of `train`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::object_storage::Location;

/// What to learn from, and where to store it.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Train {
    /// Configuration file with the queries; without one the built-in presets are learnt
    #[arg(long = "config.file", value_name = "FILE")]
    pub config_file: Option<PathBuf>,
    /// Address of the Prometheus to read; wins over the configuration file
    #[arg(long = "prometheus.url", value_name = "URL")]
    pub prometheus_url: Option<String>,
    /// Where the models go, in the place of those that are there: a folder, or a prefix in an S3 bucket
    #[arg(long, value_name = "FOLDER|s3://BUCKET/PREFIX")]
    pub to: Location,
    /// Learn this query from what export wrote of it, a file or a folder, and no query from Prometheus; may be given
    /// for several
    #[arg(long, value_name = "QUERY=CSV")]
    pub from: Vec<Source>,
}

/// A query's series in files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The query's name.
    pub query: String,
    /// A file, or a folder with an index.
    pub path: PathBuf,
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((query, path)) if !query.is_empty() && !path.is_empty() => {
                Ok(Self { query: query.to_owned(), path: path.into() })
            }
            _ => {
                Err("must be a query's name and a file or folder, for example node_cpu_busy=series"
                    .to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Arguments, Command};

    #[test]
    fn places_and_sources_are_read_and_wrong_ones_refused() {
        let line =
            "smartcloudops train --config.file=a.yml --to=s3://my-bucket/m --from=a=x.csv --from b=y/z=1";
        let Command::Train(train) =
            Arguments::try_parse_from(line.split_whitespace()).unwrap().into_command()
        else {
            panic!("not train")
        };
        assert_eq!(train.to.to_string(), "s3://my-bucket/m");
        let sources = train.from.iter().map(|from| (from.query.as_str(), from.path.display().to_string()));
        assert_eq!(sources.collect::<Vec<_>>(), [("a", "x.csv".to_owned()), ("b", "y/z=1".to_owned())]);
        for flags in ["", "--to=gs://my-bucket", "--to=m --from=a", "--to=m --from==a", "--to=m --from=a="] {
            let line = format!("smartcloudops train {flags}");
            assert!(Arguments::try_parse_from(line.split_whitespace()).is_err(), "{flags}");
        }
    }
}
