//! Labelled sets, told apart by their content: a folder of the Numenta Anomaly Benchmark, a folder of CSV
//! files with a column of labels, or a JSON file of windows, whose series are those of the scores.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::table::{Table, number, seconds};
use crate::detect::evaluation::{Labelled, Labels};

/// First and last time of each event, by the path of the series.
type Windows = BTreeMap<String, Vec<(String, String)>>;

/// Reads a set, sorted by name. `scores` holds the series where the labels are windows alone.
pub fn read(labels: &Path, scores: &Path) -> anyhow::Result<Vec<Labelled>> {
    let windows = labels.join("labels/combined_windows.json");
    let set = if windows.is_file() {
        from_windows(&windows, &labels.join("data"))?
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
    let windows: Windows = serde_json::from_str(&text).map_err(|error| {
        anyhow::anyhow!("{name}:{}: is not a list of windows by series: {error}", error.line())
    })?;
    let present = windows.into_iter().filter(|(series, _)| data.join(series).is_file());
    let read = |(series, windows): (String, Vec<(String, String)>)| {
        let table = Table::open(&data.join(&series))?;
        let columns = [table.column(&["timestamp"])?, table.column(&["value"])?];
        let rows = table.rows(columns, |[time, value]| Ok((seconds(time)?, number(value)?)))?;
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        let times = |(start, end): &(String, String)| Ok((seconds(start)?, seconds(end)?));
        let windows: anyhow::Result<_> = windows.iter().map(times).collect();
        let place = || format!("{name}: {series}");
        Labelled::new(series.clone(), rows, Labels::Windows(windows.with_context(place)?)).with_context(place)
    };
    present.map(read).collect()
}

fn from_folder(folder: &Path) -> anyhow::Result<Vec<Labelled>> {
    let mut files = Vec::new();
    csv_files(folder, &mut files)?;
    let named = files.into_iter().map(|file| {
        let name = file.strip_prefix(folder).expect("the file was found in the folder").display().to_string();
        (name, file)
    });
    let sorted: BTreeMap<String, PathBuf> = named.collect();
    sorted.into_iter().map(|(name, file)| from_file(name, &file)).collect()
}

fn csv_files(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let place = || format!("{}: cannot be read", folder.display());
    for entry in std::fs::read_dir(folder).with_context(place)? {
        let entry = entry.with_context(place)?;
        let path = entry.path();
        // A link to a folder is not followed: it may lead back here.
        if entry.file_type().with_context(place)?.is_dir() {
            csv_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "csv") {
            found.push(path);
        }
    }
    Ok(())
}

/// Whatever the columns are called, they are a time, a value and a label.
fn from_file(name: String, file: &Path) -> anyhow::Result<Labelled> {
    let table = Table::open(file)?;
    let columns = table.header().len();
    ensure!(columns >= 3, "{}: has {columns} columns; a time, a value and a label are expected", table.at(1));
    let rows = table
        .rows([0, 1, 2], |[time, value, label]| Ok(((seconds(time)?, number(value)?), read_label(label)?)))?;
    let (rows, labels) = rows.into_iter().map(|(_, row)| row).unzip();
    Labelled::new(name, rows, Labels::Rows(labels)).with_context(|| table.at(1))
}

fn read_label(field: &str) -> anyhow::Result<bool> {
    match field {
        "0" | "0.0" => Ok(false),
        "1" | "1.0" => Ok(true),
        _ => bail!("the label '{field}' is neither 0 nor 1"),
    }
}
