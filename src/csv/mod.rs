//! Series in CSV files: read in any of the time formats that data sets use, written in one.
//!
//! [`read`] finds the column of times and that of values by their names, keeps every other column as
//! text, and says by file and line what is wrong. It guesses no time zone: a time without an offset is
//! UTC. It refuses files of more than 256 MiB or 5 million rows, so memory has a bound. [`Writer`]
//! replaces a file only once the new one is complete.

mod columns;
mod error;
mod guard;
mod table;
mod time;
mod write;

pub use error::CsvError;
pub use table::{Table, cells, header, read, records};
pub use time::parse_time;
pub use write::{Writer, number};

/// The file that names the series of a folder: its first column is [`INDEX_COLUMN`]. It is no series.
pub const INDEX_FILE: &str = "index.csv";
/// The first column of an [`INDEX_FILE`].
pub const INDEX_COLUMN: &str = "file";
