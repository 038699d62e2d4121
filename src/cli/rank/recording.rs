//! A file of metrics: three lines of header (node, metric, statistic), one that names the index, then a row per
//! time, in seconds since 1970.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::csv::{self, CsvError, Table};
use crate::model::Timestamp;
use crate::rank::DependencyGraph;

/// The first cells of the header's lines.
const HEADER: [&str; 3] = ["microservice", "metric", "statistic"];
const INDEX: &str = "unix_timestamp";

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    /// The node.
    pub node: String,
    /// What is measured of it.
    pub metric: String,
    /// What of the measurements of a row.
    pub statistic: String,
}

/// Series on common times.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// The times of the rows, rising.
    pub times: Vec<Timestamp>,
    /// The values by row, NaN where one is missing.
    pub columns: BTreeMap<Column, Vec<f64>>,
}

impl Recording {
    /// Reads a file; an error names it and the line.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let table = csv::cells(path)?;
        let file = File { path, table: &table };
        let names = file.names()?;
        let mut recording = Self { times: file.times()?, ..Self::default() };
        for (column, name) in names.into_iter().enumerate() {
            let shown = format!("{} {} {}", name.node, name.metric, name.statistic);
            let values = file.numbers(column + 1)?;
            let twice = recording.columns.insert(name, values).is_some();
            ensure!(!twice, "{}:1: has two columns '{shown}'; keep one", path.display());
        }
        Ok(recording)
    }

    /// The values of a column.
    pub fn values(&self, node: &str, metric: &str, statistic: &str) -> Option<&[f64]> {
        let column = Column { node: node.into(), metric: metric.into(), statistic: statistic.into() };
        self.columns.get(&column).map(Vec::as_slice)
    }

    /// The nodes that have a metric, sorted.
    pub fn nodes(&self, metric: &str, statistic: &str) -> Vec<&str> {
        let has = |column: &&Column| column.metric == metric && column.statistic == statistic;
        self.columns.keys().filter(has).map(|column| column.node.as_str()).collect()
    }

    /// What lies before a row, and what from it on. The row must exist.
    pub fn split(&self, row: usize) -> (Self, Self) {
        let part = |rows: std::ops::Range<usize>| {
            let columns = self.columns.iter();
            let columns =
                columns.map(|(name, values)| (name.clone(), values[rows.clone()].to_vec())).collect();
            Self { times: self.times[rows.clone()].to_vec(), columns }
        };
        (part(0..row), part(row..self.times.len()))
    }
}

/// Lines after the first, which the table has as its header.
struct File<'a> {
    path: &'a Path,
    table: &'a Table,
}

/// Lines of header in the table's rows.
const SKIPPED: usize = 3;

impl File<'_> {
    fn names(&self) -> anyhow::Result<Vec<Column>> {
        let (path, table) = (self.path.display(), self.table);
        let first = &table.header[0];
        ensure!(first == HEADER[0], "{path}:1: begins with '{first}' where '{}' is expected", HEADER[0]);
        for (row, expected) in [HEADER[1], HEADER[2], INDEX].into_iter().enumerate() {
            ensure!(row < table.len(), "{path}: ends before the line that begins with '{expected}'");
            let found = table.cell(row, 0);
            if found != expected {
                let problem = format!("begins with '{found}' where '{expected}' is expected");
                return Err(table.fault(self.path, row, problem).into());
            }
        }
        let name = |column: usize| Column {
            node: table.header[column].clone(),
            metric: table.cell(0, column).to_owned(),
            statistic: table.cell(1, column).to_owned(),
        };
        Ok((1..table.header.len()).map(name).collect())
    }

    fn times(&self) -> Result<Vec<Timestamp>, CsvError> {
        let mut times: Vec<Timestamp> = Vec::new();
        for (row, seconds) in (SKIPPED..).zip(self.numbers(0)?) {
            let time = Timestamp::from_seconds(seconds);
            if seconds.is_nan() || times.last().is_some_and(|last| *last >= time) {
                let problem = "the time is missing or not after the one above; sort the rows".to_owned();
                return Err(self.table.fault(self.path, row, problem));
            }
            times.push(time);
        }
        Ok(times)
    }

    fn numbers(&self, column: usize) -> Result<Vec<f64>, CsvError> {
        self.table.checked_numbers_from(self.path, column, SKIPPED)
    }
}

/// Who calls whom, from a square of names: 1 where the node of the line calls that of the column.
pub fn read_graph(path: &Path) -> anyhow::Result<DependencyGraph> {
    let table = csv::cells(path)?;
    let names = table.header[1..].to_vec();
    let mut calls = Vec::new();
    for row in 0..table.len() {
        let caller = table.cell(row, 0);
        if !names.iter().any(|name| name == caller) {
            let problem = format!("the node '{caller}' has a line and no column; add the column");
            return Err(table.fault(path, row, problem).into());
        }
        for (column, callee) in names.iter().enumerate() {
            match table.cell(row, column + 1) {
                "0" | "0.0" => {}
                "1" | "1.0" => calls.push((caller.to_owned(), callee.clone())),
                other => {
                    let problem = format!("'{other}' under '{callee}' is neither 0 nor 1");
                    return Err(table.fault(path, row, problem).into());
                }
            }
        }
    }
    DependencyGraph::new(names, calls).with_context(|| path.display().to_string())
}

/// The path of a file of metrics in a folder.
pub fn metrics_file(folder: &Path) -> PathBuf {
    folder.join("metrics.csv")
}
