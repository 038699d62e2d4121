//! Labelled sets, told apart by their content: a folder of the Numenta Anomaly Benchmark, a folder of CSV
//! files with a column of labels, or a JSON file of windows, whose series are those of the scores.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow, ensure};

use super::folder::csv_files;
use super::{rows, seconds};
use crate::csv;
use crate::detect::evaluation::{Labelled, Labels};

/// The column of labels: whatever it is called, it is the third.
const LABEL_COLUMN: usize = 2;

/// First and last time of each event, by the path of the series.
type Windows = BTreeMap<String, Vec<(String, String)>>;

/// The windows of the Numenta Anomaly Benchmark, in its folder.
const NAB_WINDOWS: &str = "labels/combined_windows.json";

/// Whether a folder is that of the Numenta Anomaly Benchmark.
pub fn is_nab(folder: &Path) -> bool {
    folder.join(NAB_WINDOWS).is_file()
}

/// Reads a set, sorted by name. `scores` holds the series where the labels are windows alone.
pub fn read(labels: &Path, scores: &Path) -> anyhow::Result<Vec<Labelled>> {
    let set = if is_nab(labels) {
        from_windows(&labels.join(NAB_WINDOWS), &labels.join("data"))?
    } else if labels.is_dir() {
        from_folder(labels)?
    } else {
        from_windows(labels, scores)?
    };
    ensure!(!set.is_empty(), "{}: holds no labelled series", labels.display());
    Ok(set)
}

/// Series without a file are left out, so that a part of a benchmark can be judged.
fn from_windows(file: &Path, data: &Path) -> anyhow::Result<Vec<Labelled>> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{name}: cannot be read"))?;
    let windows: Windows = serde_json::from_str(&text)
        .map_err(|error| anyhow!("{name}:{}: is not a list of windows by series: {error}", error.line()))?;
    let present = windows.into_iter().filter(|(series, _)| data.join(series).is_file());
    let read = |(series, windows): (String, Vec<(String, String)>)| {
        let table = csv::read(&data.join(&series))?;
        let place = || format!("{name}: {series}");
        let windows = windows.iter().map(|(start, end)| Ok((time(start)?, time(end)?)));
        let windows = Labels::Windows(windows.collect::<anyhow::Result<_>>().with_context(place)?);
        Labelled::new(series.clone(), rows(&table), windows).with_context(place)
    };
    present.map(read).collect()
}

fn from_folder(folder: &Path) -> anyhow::Result<Vec<Labelled>> {
    csv_files(folder)?.into_iter().map(|(name, file)| from_file(name, &file)).collect()
}

fn from_file(name: String, file: &Path) -> anyhow::Result<Labelled> {
    let table = csv::read(file)?;
    let columns = table.header.len();
    let path = file.display();
    ensure!(
        columns > LABEL_COLUMN,
        "{path}:1: has {columns} columns; a time, a value and a label are expected"
    );
    let label = |row: usize| match table.cell(row, LABEL_COLUMN) {
        "0" | "0.0" => Ok(false),
        "1" | "1.0" => Ok(true),
        other => Err(table.fault(file, row, format!("the label '{other}' is neither 0 nor 1"))),
    };
    let labels: Vec<bool> = (0..table.len()).map(label).collect::<Result<_, _>>()?;
    Labelled::new(name, rows(&table), Labels::Rows(labels)).with_context(|| path.to_string())
}

fn time(text: &str) -> anyhow::Result<i64> {
    csv::parse_time(text).map(seconds).with_context(|| format!("'{text}' is not a time"))
}
