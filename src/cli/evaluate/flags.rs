//! The flags of `evaluate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::model::Rate;

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
    /// of this folder of CSV files, or into those of the Numenta Anomaly Benchmark, each without its labelled parts
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::{self, Command};

    fn parsed(line: &str) -> Option<Evaluate> {
        match arguments::tests::parsed(&format!("smartcloudops evaluate {line}"))? {
            Command::Evaluate(evaluate) => Some(evaluate),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_false_alarm_in_30_days_is_promised_unless_told() {
        let evaluate = |flags: &str| parsed(&format!("s l {flags}")).unwrap();
        assert_eq!(evaluate("").budget.to_string(), "1 per 30d");
        assert_eq!(evaluate("--budget 2/1d").budget.to_string(), "2 per 1d");
        assert_eq!((evaluate("").alarm_at, evaluate("").format), (1.0, ReportFormat::Text));
    }

    #[test]
    fn scores_with_labels_or_faults_are_judged_and_by_one_decision() {
        for line in
            ["s", "", "s l --inject f", "s l --seed 3", "s l --alarms --alarm-at 2", "--inject f --alarms"]
        {
            assert_eq!(parsed(line), None, "{line}");
        }
        assert!(parsed("--inject f --seed 3").is_some());
    }
}
