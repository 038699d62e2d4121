//! One file in memory: its times and values as numbers, every cell as text.

mod records;
mod rows;

use std::path::Path;

use csv::StringRecord;

use super::CsvError;
use super::columns::{is_label, time_column, value_column};
use super::error::shown;
use super::time::Clock;
use crate::model::{Sample, Timestamp};

use rows::{Rows, header_error, line_error};

pub use records::{cells, records};

/// What stands for a value that is missing, in small letters.
const MISSING: [&str; 6] = ["", "nan", "null", "none", "na", "n/a"];

/// A series as a file has it: rows in the order of the file, whatever their times.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The times, one per row. Neither sorted nor unique where the file is not.
    pub times: Vec<Timestamp>,
    /// The times as they are written.
    pub time_text: Vec<String>,
    /// The values, one per row; NaN where one is missing.
    pub values: Vec<f64>,
    /// Which column holds the values.
    pub value_column: usize,
    /// All cells, row by row, without anything between them.
    cells: String,
    /// Where each cell ends.
    ends: Vec<u32>,
    /// Where each row begins in the file, in bytes.
    starts: Vec<u32>,
}

impl Table {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The samples, in the order of the file.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = Sample> + '_ {
        (0..self.values.len()).map(|row| Sample { at: self.times[row], value: self.values[row] })
    }

    /// The texts of a column, by its name in any letter case; `None` if there is no such column.
    pub fn texts(&self, column: &str) -> Option<impl ExactSizeIterator<Item = &str>> {
        let column = self.header.iter().position(|name| name.eq_ignore_ascii_case(column))?;
        Some((0..self.len()).map(move |row| self.cell(row, column)))
    }

    /// The numbers of a column, by its name in any letter case; NaN where a cell is none.
    pub fn numbers(&self, column: &str) -> Option<Vec<f64>> {
        self.texts(column).map(|texts| texts.map(|text| value(text).unwrap_or(f64::NAN)).collect())
    }

    /// The numbers of a column, which counts from 0 and must exist; a cell that is none is a fault of the file,
    /// which is that of `path`.
    pub fn checked_numbers(&self, path: &Path, column: usize) -> Result<Vec<f64>, CsvError> {
        self.checked_numbers_from(path, column, 0)
    }

    /// The same from a row on, which counts from 0: those before it are of another kind, such as more header.
    pub fn checked_numbers_from(
        &self,
        path: &Path,
        column: usize,
        first: usize,
    ) -> Result<Vec<f64>, CsvError> {
        let read = |row: usize| {
            let text = self.cell(row, column);
            value(text).ok_or_else(|| {
                let text = shown(text);
                let problem =
                    format!("'{text}' is not a number; leave the field empty where a value is missing");
                self.fault(path, row, problem)
            })
        };
        (first..self.len()).map(read).collect()
    }

    /// The columns of numbers that may be values: neither times nor labels.
    pub fn number_columns(&self) -> Vec<usize> {
        let time = time_column(&self.header);
        let is_value = |column: &usize| Some(*column) != time && !is_label(&self.header[*column]);
        (0..self.header.len()).filter(is_value).filter(|column| self.is_numeric(*column)).collect()
    }

    /// What is wrong with a row, which counts from 0 and must exist, of the file that was read from `path`.
    pub fn fault(&self, path: &Path, row: usize, problem: String) -> CsvError {
        line_error(path, self.starts[row], problem)
    }

    /// One cell as it is written, without the space around it. Both count from 0 and must exist.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let index = row * self.header.len() + column;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.cells[start as usize..self.ends[index] as usize]
    }

    fn add(&mut self, record: &StringRecord) {
        for cell in record {
            self.cells.push_str(cell);
            self.ends.push(self.cells.len() as u32);
        }
        self.starts.push(start(record));
    }

    /// Whether the first cell of a column that is not missing is a number.
    fn is_numeric(&self, column: usize) -> bool {
        let cells = (0..self.len()).map(|row| value(self.cell(row, column)));
        cells.into_iter().find(|value| !value.is_some_and(f64::is_nan)).is_some_and(|value| value.is_some())
    }
}

/// Reads a file that holds a series.
pub fn read(path: &Path) -> Result<Table, CsvError> {
    let mut rows = Rows::open(path)?;
    let header = rows.header()?;
    let time = time_column(&header).ok_or_else(|| header_error(path, &header, NO_TIME))?;
    let mut table = Table { header, ..Table::default() };
    let (mut clock, mut record) = (Clock::default(), StringRecord::new());
    while rows.next(&mut record)? {
        table.add(&record);
        rows.check(&table)?;
        let text = &record[time];
        if !clock.add(text) {
            return Err(rows.line_error(start(&record), not_a_time(text)));
        }
        table.time_text.push(text.to_owned());
    }
    table.times = clock.finish();
    let column = value_column(&table.header, time, |column| table.is_numeric(column));
    table.value_column = column.ok_or_else(|| header_error(path, &table.header, NO_VALUE))?;
    table.values = table.checked_numbers(path, table.value_column)?;
    Ok(table)
}

/// The names of a file's columns; nothing else of it is read.
pub fn header(path: &Path) -> Result<Vec<String>, CsvError> {
    Rows::open(path)?.header()
}

const NO_TIME: &str = "has no column of times; call it 'timestamp'";
const NO_VALUE: &str = "has no column of numbers after its times; call it 'value'";

/// A number, NaN for one that is missing, or `None`.
fn value(text: &str) -> Option<f64> {
    let number = text.parse();
    number.ok().or_else(|| MISSING.contains(&text.to_ascii_lowercase().as_str()).then_some(f64::NAN))
}

fn not_a_time(text: &str) -> String {
    let text = shown(text);
    format!(
        "'{text}' is not a time, or not of the kind of those above; write all of them as 2014-02-14 14:27:00, \
         as RFC 3339 or as seconds since 1970"
    )
}

/// Files are shorter than a `u32` counts.
fn start(record: &StringRecord) -> u32 {
    record.position().map_or(0, |place| u32::try_from(place.byte()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
