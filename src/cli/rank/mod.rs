//! `smartcloudops rank FOLDER…`: how good the root-cause ranking is, on scenarios in the form of the PetShop
//! benchmark. It reads files and prints figures; ties count by their chance.

mod flags;
mod protocol;
mod question;
mod recording;
mod report;
mod scenario;
mod traversal;

use std::process::ExitCode;

use anyhow::Context;

pub use flags::{Method, Rank, Without};
use report::Report;

/// Prints the report; exit code 1 if a file cannot be read.
pub fn run(arguments: &Rank) -> ExitCode {
    super::print_report(printed(arguments))
}

fn printed(arguments: &Rank) -> anyhow::Result<String> {
    let (mut issues, mut cuts) = (Vec::new(), Vec::new());
    for scenario in scenario::read_all(&arguments.folders)? {
        let (answers, more) =
            protocol::answers(&scenario, arguments).with_context(|| scenario.name.clone())?;
        issues.extend(answers);
        cuts.extend(more);
    }
    let report = Report::of(issues, cuts, arguments.per_issue);
    if !arguments.json {
        return Ok(report.to_string());
    }
    let json = serde_json::to_string_pretty(&report).context("the report cannot be written as JSON")?;
    Ok(format!("{json}\n"))
}
