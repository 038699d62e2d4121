//! `smartcloudops evaluate SCORES LABELS`: how good scores are. It reads CSV files and writes a report; it
//! scores nothing itself, so that any detector can be judged.

mod labels;
mod scores;
mod text;

use std::process::ExitCode;

use anyhow::ensure;

use super::arguments::{Evaluate, ReportFormat};
use crate::detect::evaluation::{Report, Scored, evaluate};
use crate::model::Timestamp;
use scores::AlarmBy;
use text::Text;

/// Prints the report; exit code 1 if a file cannot be read.
pub fn run(arguments: &Evaluate) -> ExitCode {
    match report(arguments) {
        Ok(report) => {
            print!("{}", printed(&report, arguments));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the files and judges the scores.
pub fn report(arguments: &Evaluate) -> anyhow::Result<Report> {
    let line = arguments.alarm_at;
    ensure!(line > 0.0 && line.is_finite(), "--alarm-at {line}: a number above 0 is expected");
    let alarm_by = if arguments.alarms { AlarmBy::Column } else { AlarmBy::Score(line) };
    let series = labels::read(&arguments.labels, &arguments.scores)?;
    let scored = series.into_iter().map(|series| scores::read(&arguments.scores, series, alarm_by));
    let set: Vec<Scored> = scored.collect::<anyhow::Result<_>>()?;
    Ok(evaluate(&set, arguments.budget))
}

/// Whole seconds: labels and scores may be written with and without a fraction.
fn seconds(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

fn printed(report: &Report, arguments: &Evaluate) -> String {
    match arguments.format {
        ReportFormat::Text => Text { report, per_series: arguments.per_series }.to_string(),
        ReportFormat::Json => {
            let json = serde_json::to_string_pretty(report).expect("a report has nothing JSON cannot hold");
            format!("{json}\n")
        }
    }
}

#[cfg(test)]
mod tests;
