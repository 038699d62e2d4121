//! The records of a file, with its limits, and what is wrong with it.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::super::CsvError;
use super::super::error::shown;
use super::super::guard::{Allowance, BUFFER, Guard, MAX_RECORD};
use super::Table;

/// Largest file, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// Most rows of a file.
const MAX_ROWS: usize = 5_000_000;
/// Most cells of a file.
const MAX_CELLS: usize = 50_000_000;
/// Most columns of a file.
pub(super) const MAX_COLUMNS: usize = 4096;
/// Pipes and devices are refused: they cannot be read again to find a line, and may never end.
fn open(path: &Path) -> io::Result<File> {
    match fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::Error::other("it is not a file")),
    }
}

/// The records of a file, with its limits.
pub(super) struct Rows<'a> {
    path: &'a Path,
    reader: Reader<Guard<File>>,
    allowance: Allowance,
}

impl<'a> Rows<'a> {
    pub fn open(path: &'a Path) -> Result<Self, CsvError> {
        let file = open(path).map_err(|source| CsvError::Read { path: path.to_owned(), source })?;
        let allowance = Allowance::new();
        let mut builder = ReaderBuilder::new();
        builder.has_headers(true).trim(Trim::All).buffer_capacity(BUFFER);
        let reader = builder.from_reader(Guard::new(file, allowance.clone()));
        Ok(Self { path, reader, allowance })
    }

    pub fn header(&mut self) -> Result<Vec<String>, CsvError> {
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
            _ if super::super::parse_time(&header[0]).is_some() => {
                Err(header_error(self.path, &header, "has no header; begin it with the line timestamp,value"))
            }
            _ => Ok(header),
        }
    }

    /// Reads the next record; `false` at the end.
    pub fn next(&mut self, record: &mut StringRecord) -> Result<bool, CsvError> {
        self.allowance.renew();
        self.reader.read_record(record).map_err(|error| self.explain(error))
    }

    pub fn check(&self, table: &Table) -> Result<(), CsvError> {
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

    pub fn line_error(&self, start: u32, problem: String) -> CsvError {
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
pub(super) fn line_error(path: &Path, start: u32, problem: String) -> CsvError {
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

pub(super) fn header_error(path: &Path, header: &[String], problem: &str) -> CsvError {
    CsvError::Header { path: path.to_owned(), problem: problem.to_owned(), header: shown(&header.join(",")) }
}
