//! Series in files as answers of Prometheus: what `export` writes.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Map, Value};

use crate::cli::score::usual_interval;
use crate::csv::{self, INDEX_COLUMN, INDEX_FILE, Table};
use crate::model::{Sample, format_duration};
use crate::prometheus::Answer;

/// Reads a file as a series without labels, or a folder with an index as series with theirs.
pub(super) fn read(path: &Path, interval: Duration) -> anyhow::Result<Vec<Answer>> {
    if !path.is_dir() {
        return Ok(vec![series(path, "{}", interval)?]);
    }
    let index = path.join(INDEX_FILE);
    let mut answers = Vec::new();
    for (file, labels) in entries(&index)? {
        let plain = Path::new(&file).components().count() == 1;
        ensure!(plain, "{} names {file}, which is not in its folder", index.display());
        answers.push(series(&path.join(file), &labels, interval)?);
    }
    Ok(answers)
}

/// File and labels of each series, the labels as a JSON object.
fn entries(index: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let rows = csv::records(index)
        .with_context(|| format!("{} lists the series of the folder; export writes it", index.display()))?;
    let (header, rows) = rows.split_first().with_context(|| format!("{} is empty", index.display()))?;
    ensure!(header[0] == INDEX_COLUMN, "{} is no index of an export", index.display());
    let labels = |row: &Vec<String>| {
        let pairs = header.iter().zip(row).skip(1).filter(|(_, value)| !value.is_empty());
        let object: Map<String, Value> =
            pairs.map(|(name, value)| (label_name(name).to_owned(), Value::from(value.as_str()))).collect();
        Value::Object(object).to_string()
    };
    Ok(rows.iter().map(|row| (row[0].clone(), labels(row))).collect())
}

/// A label that is called as the column of the files was renamed.
fn label_name(column: &str) -> &str {
    match column.strip_prefix("exported_") {
        Some(name) if name == INDEX_COLUMN => name,
        _ => column,
    }
}

fn series(path: &Path, labels: &str, interval: Duration) -> anyhow::Result<Answer> {
    let table = csv::read(path)?;
    let (found, wanted) = (usual_interval(&table.times), format_duration(interval));
    ensure!(
        found == interval || table.len() < 2,
        "{} has a sample each {}, and scoring.interval is {wanted}; export with --step={wanted}",
        path.display(),
        format_duration(found),
    );
    let mut answer = Answer::default();
    answer.push(labels, in_order(&table));
    Ok(answer)
}

/// The samples that are newer than those before.
fn in_order(table: &Table) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for sample in table.samples() {
        if samples.last().is_none_or(|last| sample.at > last.at) {
            samples.push(sample);
        }
    }
    samples
}
