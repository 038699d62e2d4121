//! The flags of `journal`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// What to do with a journal.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Journal {
    /// Verify the hash chain over everything that was written; exit code 1 if it is broken
    Verify(Verify),
}

/// Which journal to verify.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Verify {
    /// Folder of the journal; a daemon may be at work on it
    #[arg(long = "storage.path", value_name = "FOLDER", default_value = "data/")]
    pub storage_path: PathBuf,
    /// The daemon's configuration file, where the journal is in PostgreSQL
    #[arg(long = "config.file", value_name = "FILE")]
    pub config_file: Option<PathBuf>,
    /// Form of the report
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = VerifyFormat::Text)]
    pub output: VerifyFormat,
}

/// The form of a report on a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// Lines for people
    Text,
    /// One JSON object
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::{Command, tests::parsed};

    #[test]
    fn the_journal_is_where_the_daemon_has_it_unless_told_otherwise() {
        for (line, folder, config_file, output) in [
            ("smartcloudops journal verify", "data/", None, VerifyFormat::Text),
            (
                "smartcloudops journal verify --storage.path=/var/lib --output=json",
                "/var/lib",
                None,
                VerifyFormat::Json,
            ),
            (
                "smartcloudops journal verify --config.file=a.yml",
                "data/",
                Some("a.yml".into()),
                VerifyFormat::Text,
            ),
        ] {
            let expected = Verify { storage_path: folder.into(), config_file, output };
            assert_eq!(parsed(line), Some(Command::Journal(Journal::Verify(expected))), "{line}");
        }
        assert_eq!(parsed("smartcloudops journal"), None);
    }
}
