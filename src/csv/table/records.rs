//! A file that holds no series, such as an index, with the same limits.

use std::path::Path;

use csv::StringRecord;

use super::{Rows, Table};
use crate::csv::CsvError;

/// All records of a file that holds no series: a table without times and values.
pub fn cells(path: &Path) -> Result<Table, CsvError> {
    let mut rows = Rows::open(path)?;
    let mut table = Table { header: rows.header()?, ..Table::default() };
    let mut record = StringRecord::new();
    while rows.next(&mut record)? {
        table.add(&record);
        rows.check(&table)?;
    }
    Ok(table)
}

/// The same as texts, the names of the columns first.
pub fn records(path: &Path) -> Result<Vec<Vec<String>>, CsvError> {
    let table = cells(path)?;
    let row = |row| (0..table.header.len()).map(|column| table.cell(row, column).to_owned()).collect();
    Ok(std::iter::once(table.header.clone()).chain((0..table.len()).map(row)).collect())
}
