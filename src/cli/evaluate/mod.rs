//! `smartcloudops evaluate SCORES LABELS`: how good scores are. It reads CSV files and writes a report; it
//! scores nothing itself, so that any detector can be judged. Only `--inject` runs the default model, on
//! faults that it puts into healthy series.

mod flags;
mod folder;
mod inject;
mod labels;
mod scores;
mod text;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{bail, ensure};
use serde::Serialize;

use crate::csv::Table;
use crate::detect::evaluation::{Report, Scored, evaluate};
use crate::model::Timestamp;
pub use flags::{Evaluate, ReportFormat};
use scores::AlarmBy;
use text::Text;
pub(super) use text::short;

/// Prints the report; exit code 1 if a file cannot be read.
pub fn run(arguments: &Evaluate) -> ExitCode {
    super::print_report(printed(arguments))
}

fn printed(arguments: &Evaluate) -> anyhow::Result<String> {
    if let Some(folder) = &arguments.inject {
        let table = inject::table(folder, arguments.budget, arguments.seed)?;
        return Ok(in_format(arguments.format, &table, || table.to_string()));
    }
    let report = report(arguments)?;
    let text = || Text { report: &report, per_series: arguments.per_series }.to_string();
    Ok(in_format(arguments.format, &report, text))
}

/// Reads the files and judges the scores.
pub fn report(arguments: &Evaluate) -> anyhow::Result<Report> {
    let line = arguments.alarm_at;
    ensure!(line > 0.0 && line.is_finite(), "--alarm-at {line}: a number above 0 is expected");
    let alarm_by = if arguments.alarms { AlarmBy::Column } else { AlarmBy::Score(line) };
    let (Some(scores), Some(labels)) = (&arguments.scores, &arguments.labels) else {
        bail!("SCORES and LABELS are expected")
    };
    let set = scored(scores, labels, alarm_by)?;
    Ok(evaluate(&set, arguments.budget))
}

fn scored(scores: &Path, labels: &Path, alarm_by: AlarmBy) -> anyhow::Result<Vec<Scored>> {
    let series = labels::read(labels, scores)?;
    series.into_iter().map(|series| scores::read(scores, series, alarm_by)).collect()
}

/// Whole seconds: labels and scores may be written with and without a fraction.
fn seconds(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

fn rows(table: &Table) -> Vec<(i64, f64)> {
    table.times.iter().copied().map(seconds).zip(table.values.iter().copied()).collect()
}

fn in_format(format: ReportFormat, report: &impl Serialize, text: impl Fn() -> String) -> String {
    match format {
        ReportFormat::Text => text(),
        ReportFormat::Json => {
            let json = serde_json::to_string_pretty(report).expect("a report has nothing JSON cannot hold");
            format!("{json}\n")
        }
    }
}

#[cfg(test)]
mod tests;
