//! Writes rows. A file is written beside its place and renamed into it once complete, so that nobody
//! reads half of one, and a run that fails leaves what was there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::CsvError;

/// Writes one file, or the standard output. Dropped before [`Writer::finish`], it leaves no new file.
pub struct Writer {
    rows: csv::Writer<Box<dyn Write>>,
    path: PathBuf,
    /// Where it is written until it is complete.
    temporary: Option<PathBuf>,
}

impl Writer {
    /// Replaces a file, or makes it, with the folders above it.
    pub fn create(path: &Path) -> Result<Self, CsvError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let temporary = PathBuf::from(name);
        let open = || {
            fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
            File::create(&temporary)
        };
        let file = open().map_err(|source| CsvError::Write { path: path.to_owned(), source })?;
        let mut writer = Self::new(path, file);
        writer.temporary = Some(temporary);
        Ok(writer)
    }

    /// Goes on with a file, or makes it. It grows at once, row by row.
    pub fn append(path: &Path) -> Result<Self, CsvError> {
        let file = File::options().append(true).create(true).open(path);
        Ok(Self::new(path, file.map_err(|source| CsvError::Write { path: path.to_owned(), source })?))
    }

    /// Writes to the standard output.
    pub fn stdout() -> Self {
        Self::new(Path::new("standard output"), io::stdout())
    }

    fn new(path: &Path, to: impl Write + 'static) -> Self {
        let rows = csv::Writer::from_writer(Box::new(BufWriter::new(to)) as Box<dyn Write>);
        Self { rows, path: path.to_owned(), temporary: None }
    }

    /// Writes a row. Every row must have as many fields as the first.
    pub fn row<F: AsRef<[u8]>>(&mut self, fields: impl IntoIterator<Item = F>) -> Result<(), CsvError> {
        let written = self.rows.write_record(fields);
        written.map_err(|error| self.error(error.into()))
    }

    /// Completes the file.
    pub fn finish(mut self) -> Result<(), CsvError> {
        self.rows.flush().map_err(|error| self.error(error))?;
        let Some(temporary) = self.temporary.as_ref() else { return Ok(()) };
        fs::rename(temporary, &self.path).map_err(|error| self.error(error))?;
        self.temporary = None;
        Ok(())
    }

    fn error(&self, source: io::Error) -> CsvError {
        CsvError::Write { path: self.path.clone(), source }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // There is nobody left to tell.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// A number as text: the shortest that reads back to the same bits; `NaN`, `+Inf` and `-Inf` as in
/// Prometheus.
pub fn number(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let mut text = format!("{value:?}");
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_to_the_bit() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (7.0, "7"),
            (0.1, "0.1"),
            (1e300, "1e300"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(number(value), text);
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
        assert_eq!(number(f64::NAN), "NaN");
    }

    #[test]
    fn a_file_appears_only_once_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/a.csv");
        let names = || fs::read_dir(path.parent().unwrap()).unwrap().count();
        let mut writer = Writer::create(&path).unwrap();
        writer.row(["a", "b,c"]).unwrap();
        assert!(!path.exists());
        writer.finish().unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names()), ("a,\"b,c\"\n", 1));

        let mut abandoned = Writer::create(&path).unwrap();
        abandoned.row(["x", "y"]).unwrap();
        drop(abandoned);
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names()), ("a,\"b,c\"\n", 1));
    }

    #[test]
    fn rows_are_appended_and_a_place_that_cannot_be_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        for row in [["a", "b"], ["1", "2"]] {
            let mut writer = Writer::append(&path).unwrap();
            writer.row(row).unwrap();
            writer.finish().unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "a,b\n1,2\n");
        let error = Writer::create(&path.join("b.csv")).err().unwrap().to_string();
        assert!(error.contains("a.csv/b.csv: cannot be written: "), "{error}");
    }
}
