//! Scored CSV files, one for each labelled series under the same path.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::table::{Table, number, seconds};
use crate::detect::evaluation::{Labelled, Scored};

/// Seconds that a row's time may differ from the labels': formats without fractions round.
const TOLERANCE: u64 = 1;

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
    let table = Table::open(&file)?;
    let (time, score) = (table.column(&["timestamp"])?, table.column(&["anomaly_score", "score"])?);
    let alarm = match alarm_by {
        AlarmBy::Score(_) => score,
        AlarmBy::Column => table.column(&["alarm"])?,
    };
    let read = |[time, score, alarm]: [&str; 3]| Ok((seconds(time)?, number(score)?, number(alarm)? > 0.0));
    let rows = table.rows([time, score, alarm], read)?;
    for ((line, (time, ..)), expected) in rows.iter().zip(series.times()) {
        let apart = time.abs_diff(*expected);
        ensure!(
            apart <= TOLERANCE,
            "{}: its time is {apart} s from that of the label's row",
            table.at(*line)
        );
    }
    let (scores, alarms): (Vec<f64>, Vec<bool>) = rows.into_iter().map(|(_, (_, s, a))| (s, a)).unzip();
    let scored = match alarm_by {
        AlarmBy::Score(line) => Scored::new(series, scores, line),
        AlarmBy::Column => Scored::with_alarms(series, scores, &alarms),
    };
    scored.with_context(|| file.display().to_string())
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
