//! Scored CSV files, one for each labelled series under the same path.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::seconds;
use crate::csv::{self, CsvError, Table};
use crate::detect::evaluation::{Labelled, Scored};

/// Seconds that a row's time may differ from the labels': formats without fractions round.
const TOLERANCE: u64 = 1;
/// Columns of scores, the first that is there.
const SCORES: [&str; 2] = ["anomaly_score", "score"];

/// What raises an alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AlarmBy {
    /// A score at or above this number, above 0.
    Score(f64),
    /// The column `alarm`.
    Column,
}

/// Reads the scores of a series from a folder.
pub fn read(folder: &Path, series: Labelled, alarm_by: AlarmBy) -> anyhow::Result<Scored> {
    let file = place(folder, series.name());
    let table = csv::read(&file)?;
    check_times(&table, &file, &series)?;
    let scores = numbers(&table, &file, &SCORES)?;
    let scored = match alarm_by {
        AlarmBy::Score(line) => Scored::new(series, scores, line),
        AlarmBy::Column => {
            let alarms = numbers(&table, &file, &["alarm"])?;
            let alarms: Vec<bool> = alarms.into_iter().map(|alarm| alarm > 0.0).collect();
            Scored::with_alarms(series, scores, &alarms)
        }
    };
    scored.with_context(|| file.display().to_string())
}

fn check_times(table: &Table, file: &Path, series: &Labelled) -> Result<(), CsvError> {
    for (row, (time, expected)) in table.times.iter().zip(series.times()).enumerate() {
        let apart = seconds(*time).abs_diff(*expected);
        if apart > TOLERANCE {
            let problem = format!("its time is {apart} s from that of the label's row");
            return Err(table.fault(file, row, problem));
        }
    }
    Ok(())
}

/// The numbers of the first of these columns that is there.
fn numbers(table: &Table, file: &Path, names: &[&str]) -> anyhow::Result<Vec<f64>> {
    let position = |name: &&str| table.header.iter().position(|column| column.eq_ignore_ascii_case(name));
    let column = names.iter().find_map(position);
    let column =
        column.with_context(|| format!("{}:1: has no column {}", file.display(), names.join(" or ")))?;
    Ok(table.checked_numbers(file, column)?)
}

/// The file of a series. The Numenta Anomaly Benchmark puts the detector's name, that of the folder, before
/// the file's.
fn place(folder: &Path, series: &str) -> PathBuf {
    let plain = folder.join(series);
    let prefixed = || {
        let (detector, file) = (folder.file_name()?.display(), plain.file_name()?.display());
        Some(plain.with_file_name(format!("{detector}_{file}"))).filter(|path| path.is_file())
    };
    if plain.is_file() { plain } else { prefixed().unwrap_or(plain) }
}
