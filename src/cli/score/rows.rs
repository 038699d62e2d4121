//! One series scored row by row, exactly as the daemon scores it live: each sample by what came before it.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;

use crate::csv::{CsvError, Table, Writer, number};
use crate::detect::{Detector, Explanation, Gate};
use crate::model::{Score, Timestamp};

/// The columns that every result has; one for each evidence follows.
const COLUMNS: [&str; 7] = [
    "timestamp",
    "value",
    "anomaly_expected",
    "anomaly_expected_lower",
    "anomaly_expected_upper",
    "anomaly_score",
    "alarm",
];
/// The interval of a file that shows none.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);

/// Columns that take each score apart, where they are asked for: the samples learnt from, the gate that kept the row
/// from an alarm, and when the series was most like this before.
const EXPLAINED: [&str; 4] = ["samples_seen", "gate", "nearest_from", "nearest_distance"];

/// A file with several columns of numbers and none that is called `value` does not say which is meant.
pub(super) fn check(table: &Table, input: &Path) -> anyhow::Result<()> {
    let columns = table.number_columns();
    let names: Vec<&str> = columns.iter().take(8).map(|column| table.header[*column].as_str()).collect();
    let is_named = table.header[table.value_column].trim().eq_ignore_ascii_case("value");
    ensure!(
        is_named || columns.len() < 2,
        "{}: has {} columns of numbers ({}), and this model takes one; call it 'value', or score all of them \
         together with --model pca or --model isolation_forest",
        input.display(),
        columns.len(),
        names.join(", ")
    );
    Ok(())
}

/// Scores every row and writes it. A row that is not newer than those before scores 0 and has no band, as
/// the detector does not look at it.
pub(super) fn score(
    table: &Table,
    detector: &mut dyn Detector,
    writer: &mut Writer,
    explain: bool,
) -> Result<(), CsvError> {
    let mut evidences: Option<Vec<&'static str>> = None;
    for (row, sample) in table.samples().enumerate() {
        let score = detector.observe(sample);
        let explanation = score.and_then(|_| detector.explain());
        if evidences.is_none() {
            evidences = Some(write_header(explanation.as_ref(), writer, explain)?);
        }
        let names = evidences.as_deref().unwrap_or_default();
        let [time, value] = [table.time_text[row].as_str(), table.cell(row, table.value_column)];
        let value = if sample.value.is_nan() { "" } else { value };
        let texts = judged(score.as_ref());
        let given = [time, value].into_iter().map(str::to_owned);
        let tails = names.iter().map(|name| tail(explanation.as_ref(), name));
        let parts = explain.then(|| parts(explanation.as_ref(), detector));
        writer.row(given.chain(texts).chain(tails).chain(parts.into_iter().flatten()))?;
    }
    if evidences.is_none() {
        write_header(None, writer, explain)?;
    }
    Ok(())
}

/// Writes the names of the columns; gives back those of the evidences.
fn write_header(
    explanation: Option<&Explanation>,
    writer: &mut Writer,
    explain: bool,
) -> Result<Vec<&'static str>, CsvError> {
    let names: Vec<&str> =
        explanation.iter().flat_map(|it| it.evidences.iter().map(|evidence| evidence.name)).collect();
    let columns = COLUMNS.into_iter().map(str::to_owned);
    let explained = EXPLAINED.into_iter().filter(|_| explain).map(str::to_owned);
    writer.row(columns.chain(names.iter().map(|name| format!("evidence_{name}"))).chain(explained))?;
    Ok(names)
}

/// The columns that take a score apart; empty where the row was not looked at.
fn parts(explanation: Option<&Explanation>, detector: &dyn Detector) -> [String; 4] {
    let Some(explanation) = explanation else { return Default::default() };
    let gate = explanation.gate.map_or("", Gate::name).to_owned();
    let nearest = detector.occurrences().into_iter().next();
    let (from, distance) =
        nearest.map_or_else(Default::default, |nearest| (nearest.from.to_string(), number(nearest.distance)));
    [explanation.samples_seen.to_string(), gate, from, distance]
}

fn judged(score: Option<&Score>) -> [String; 5] {
    match score {
        Some(score) => {
            let [expected, lower, upper] = [score.expected, score.lower, score.upper].map(number);
            [expected, lower, upper, number(score.score), u8::from(score.alarm).to_string()]
        }
        None => ["", "", "", "0", "0"].map(str::to_owned),
    }
}

/// The probability of a deviation at least as large, by one evidence; empty where there is none.
fn tail(explanation: Option<&Explanation>, name: &str) -> String {
    let evidence = explanation.and_then(|it| it.evidences.iter().find(|evidence| evidence.name == name));
    evidence.map_or_else(String::new, |evidence| number(evidence.tail_probability()))
}

/// The usual time from one row to the next: the median of those that go forward.
pub(in crate::cli) fn usual_interval(times: &[Timestamp]) -> Duration {
    let mut steps: Vec<Duration> = times.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    steps.retain(|step| !step.is_zero());
    let middle = steps.len() / 2;
    if steps.is_empty() { DEFAULT_INTERVAL } else { *steps.select_nth_unstable(middle).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_the_usual_step_forward() {
        for (name, times, expected) in [
            ("no row", vec![], 60_000),
            ("one row", vec![5], 60_000),
            ("one time over and over", vec![5, 5, 5], 60_000),
            ("a regular series", vec![0, 10, 20, 30], 10),
            ("a long gap and a repeat", vec![0, 10, 10, 20, 9000, 9010], 10),
            ("a jump back", vec![0, 10, 20, 5, 15], 10),
            ("extremes", vec![i64::MIN, i64::MAX], i64::MAX as u64),
        ] {
            let times: Vec<Timestamp> = times.into_iter().map(Timestamp::from_millis).collect();
            assert_eq!(usual_interval(&times), Duration::from_millis(expected), "{name}");
        }
    }
}
