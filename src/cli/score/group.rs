//! A file whose columns of numbers are one group, scored row by row as the daemon scores a group of all.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};

use super::jobs::Job;
use crate::csv::{Table, Writer, number};
use crate::detect::{Config, GroupConfig, GroupJudge, GroupKind, GroupScore, Narrowing};
use crate::model::Labels;

/// The columns that every result has; a share for each feature follows.
const COLUMNS: [&str; 3] = ["timestamp", "anomaly_score", "alarm"];
/// The time between two forests, as it is by default in the configuration.
const RETRAIN_EVERY: Duration = Duration::from_secs(86_400);

/// Scores the rows of a file and writes them.
pub(super) fn score(table: &Table, kind: GroupKind, detect: Config, job: &Job) -> anyhow::Result<()> {
    let columns = features(table, kind, &job.input)?;
    ensure!(
        detect.narrowing == Narrowing::default(),
        "{}: --direction, --data-range and the least deviations and durations are for models of one series; {} \
         takes none",
        job.input.display(),
        kind.name()
    );
    let numbers = columns.iter().map(|column| table.checked_numbers(&job.input, *column));
    let numbers: Vec<Vec<f64>> = numbers.collect::<Result<_, _>>()?;
    // Of the group without labels.
    let seed = Labels::default().fingerprint().0;
    let config = GroupConfig { kind, detect, retrain_every: RETRAIN_EVERY, seed };
    let judge = GroupJudge::new(&config, columns.len());
    let mut judge = judge.with_context(|| job.input.display().to_string())?;
    let mut writer = Writer::create(&job.output)?;
    let names = columns.iter().map(|column| format!("contribution_{}", table.header[*column]));
    writer.row(COLUMNS.into_iter().map(str::to_owned).chain(names))?;
    for (row, at) in table.times.iter().enumerate() {
        let values: Vec<f64> = numbers.iter().map(|column| column[row]).collect();
        let score = judge.observe(*at, &values);
        writer.row(cells(&table.time_text[row], score.as_ref(), columns.len()))?;
    }
    Ok(writer.finish()?)
}

/// The columns that are scored together.
fn features(table: &Table, kind: GroupKind, input: &Path) -> anyhow::Result<Vec<usize>> {
    let columns = table.number_columns();
    let names: Vec<&str> = columns.iter().map(|column| table.header[*column].as_str()).collect();
    ensure!(
        columns.len() >= 2,
        "{}: has one column of numbers at most ({}), and {} takes several; score it with --model auto",
        input.display(),
        names.join(", "),
        kind.name()
    );
    Ok(columns)
}

/// The shares of the members that are named; the others' are empty. A row that is not newer than those before scores 0.
fn cells(time: &str, score: Option<&GroupScore>, features: usize) -> Vec<String> {
    let mut cells = vec![String::new(); COLUMNS.len() + features];
    cells[0] = time.to_owned();
    cells[1] = number(score.map_or(0.0, |score| score.score));
    cells[2] = u8::from(score.is_some_and(|score| score.alarm)).to_string();
    for part in score.iter().flat_map(|score| &score.contributions) {
        cells[COLUMNS.len() + part.feature] = number(part.share);
    }
    cells
}
