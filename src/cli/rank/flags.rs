//! The flags of `rank`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What to rank, and how the report looks.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct Rank {
    /// Scenario with graph.csv, noissue, train and test, as in the PetShop benchmark, or a folder of such
    #[arg(value_name = "FOLDER", required = true)]
    pub folders: Vec<PathBuf>,
    /// What ranks: the daemon's ranking, or the benchmark's own baseline
    #[arg(long, value_name = "METHOD", value_enum, default_value_t = Method::Excess)]
    pub method: Method,
    /// Leave out what another place may not have: the graph, or the counts of requests
    #[arg(long, value_name = "WHAT", value_enum)]
    pub without: Vec<Without>,
    /// Add a line for each issue, with its first suspects
    #[arg(long)]
    pub per_issue: bool,
    /// Print JSON, which always holds each issue
    #[arg(long)]
    pub json: bool,
}

/// What ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// The daemon's: what accounts for the target's excess
    Excess,
    /// The benchmark's anomaly traversal
    Traversal,
}

/// What is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Without {
    /// Who calls whom
    Graph,
    /// How many requests each node had
    Requests,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::{self, Command};

    #[test]
    fn at_least_one_folder_is_ranked() {
        assert_eq!(arguments::tests::parsed("smartcloudops rank"), None);
        let line = "smartcloudops rank a b --method traversal --without graph --without requests --json";
        let Some(Command::Rank(rank)) = arguments::tests::parsed(line) else { panic!("not rank") };
        assert_eq!((rank.folders.len(), rank.method, rank.json), (2, Method::Traversal, true));
        assert_eq!(rank.without, [Without::Graph, Without::Requests]);
    }
}
