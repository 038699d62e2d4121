//! One file in memory: its times and values as numbers, every cell as text.

mod records;

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::CsvError;
use super::columns::{is_label, time_column, value_column};
use super::error::shown;
use super::guard::{Allowance, BUFFER, Guard, MAX_RECORD};
use super::time::Clock;
use crate::model::{Sample, Timestamp};

pub use records::{cells, records};

/// Largest file, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// Most rows of a file.
const MAX_ROWS: usize = 5_000_000;
/// Most cells of a file.
const MAX_CELLS: usize = 50_000_000;
/// Most columns of a file.
const MAX_COLUMNS: usize = 4096;
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

fn header_error(path: &Path, header: &[String], problem: &str) -> CsvError {
    CsvError::Header { path: path.to_owned(), problem: problem.to_owned(), header: shown(&header.join(",")) }
}

/// Files are shorter than a `u32` counts.
fn start(record: &StringRecord) -> u32 {
    record.position().map_or(0, |place| u32::try_from(place.byte()).unwrap_or(u32::MAX))
}

/// Pipes and devices are refused: they cannot be read again to find a line, and may never end.
fn open(path: &Path) -> io::Result<File> {
    match fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::Error::other("it is not a file")),
    }
}

/// The records of a file, with its limits.
struct Rows<'a> {
    path: &'a Path,
    reader: Reader<Guard<File>>,
    allowance: Allowance,
}

impl<'a> Rows<'a> {
    fn open(path: &'a Path) -> Result<Self, CsvError> {
        let file = open(path).map_err(|source| CsvError::Read { path: path.to_owned(), source })?;
        let allowance = Allowance::new();
        let mut builder = ReaderBuilder::new();
        builder.has_headers(true).trim(Trim::All).buffer_capacity(BUFFER);
        let reader = builder.from_reader(Guard::new(file, allowance.clone()));
        Ok(Self { path, reader, allowance })
    }

    fn header(&mut self) -> Result<Vec<String>, CsvError> {
        let header: Vec<String> = match self.reader.headers() {
            Ok(names) => names.iter().map(str::to_owned).collect(),
            Err(error) => return Err(self.explain(error)),
        };
        match header.len() {
            0 => Err(header_error(self.path, &header, "is empty; begin it with the line timestamp,value")),
            count if count > MAX_COLUMNS => {
                let problem = format!("has more than {MAX_COLUMNS} columns; keep those that matter");
                Err(header_error(self.path, &header, &problem))
            }
            1 if header[0].contains([';', '\t']) => {
                Err(header_error(self.path, &header, "is not separated by commas; write commas"))
            }
            _ if super::parse_time(&header[0]).is_some() => {
                Err(header_error(self.path, &header, "has no header; begin it with the line timestamp,value"))
            }
            _ => Ok(header),
        }
    }

    /// Reads the next record; `false` at the end.
    fn next(&mut self, record: &mut StringRecord) -> Result<bool, CsvError> {
        self.allowance.renew();
        self.reader.read_record(record).map_err(|error| self.explain(error))
    }

    fn check(&self, table: &Table) -> Result<(), CsvError> {
        let limits = [
            (self.reader.position().byte() > MAX_BYTES, format!("{} MiB", MAX_BYTES >> 20)),
            (table.starts.len() > MAX_ROWS, format!("{MAX_ROWS} rows")),
            (table.ends.len() > MAX_CELLS, format!("{MAX_CELLS} cells")),
        ];
        let exceeded = limits.into_iter().find(|(exceeded, _)| *exceeded);
        exceeded.map_or(Ok(()), |(_, limit)| Err(self.too_large(limit)))
    }

    fn too_large(&self, limit: String) -> CsvError {
        CsvError::TooLarge { path: self.path.to_owned(), limit }
    }

    fn line_error(&self, start: u32, problem: String) -> CsvError {
        line_error(self.path, start, problem)
    }

    fn explain(&self, error: csv::Error) -> CsvError {
        let place = error.position().unwrap_or(self.reader.position()).byte();
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        match error.into_kind() {
            ErrorKind::Io(_) if self.allowance.is_spent() => {
                let limit = MAX_RECORD >> 20;
                self.line_error(place, format!("is longer than {limit} MiB; a quote may not be closed"))
            }
            ErrorKind::Io(source) => CsvError::Read { path: self.path.to_owned(), source },
            ErrorKind::Utf8 { .. } => self.line_error(place, "is not UTF-8; convert the file".to_owned()),
            ErrorKind::UnequalLengths { expected_len, len, .. } => {
                let problem =
                    format!("has {len} fields where the header has {expected_len}; make them equal");
                self.line_error(place, problem)
            }
            other => self.line_error(place, format!("cannot be read: {other:?}")),
        }
    }
}

/// Only now is the line counted: the reader's own count is led astray by blank lines and CRLF.
fn line_error(path: &Path, start: u32, problem: String) -> CsvError {
    match line_at(path, start.into()) {
        Ok(line) => CsvError::Line { path: path.to_owned(), line, problem },
        Err(source) => CsvError::Read { path: path.to_owned(), source },
    }
}

/// The line, from 1, of the record that begins at a byte or after the blank lines there.
fn line_at(path: &Path, start: u64) -> io::Result<u64> {
    let (mut line, mut place) = (1, 0);
    for byte in BufReader::new(File::open(path)?).bytes() {
        let byte = byte?;
        if place >= start && !matches!(byte, b'\r' | b'\n') {
            break;
        }
        line += u64::from(byte == b'\n');
        place += 1;
    }
    Ok(line)
}

#[cfg(test)]
mod tests;
