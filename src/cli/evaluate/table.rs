//! A CSV file with a header, read so that every fault can be told by its line. Fields are not quoted: what
//! `score` writes and what the benchmarks ship never is, and a quote is refused rather than misread.

use std::path::Path;

use anyhow::{Context, bail, ensure};

/// From this number on a time counts milliseconds: as seconds it would be the year 5138.
const MILLISECONDS_FROM: f64 = 1e11;

/// The text of a file and its name for messages.
pub struct Table {
    name: String,
    text: String,
}

impl Table {
    /// Reads a file.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("{name}: cannot be read"))?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        ensure!(!text.trim().is_empty(), "{name}:1: has no header");
        Ok(Self { name, text })
    }

    /// The names of its columns.
    pub fn header(&self) -> Vec<&str> {
        self.text.lines().next().unwrap_or_default().split(',').map(str::trim).collect()
    }

    /// The column with the first of these names that it has.
    pub fn column(&self, names: &[&str]) -> anyhow::Result<usize> {
        let header = self.header();
        let found = names.iter().find_map(|name| header.iter().position(|column| column == name));
        found.with_context(|| format!("{}:1: has no column {}", self.name, names.join(" or ")))
    }

    /// Reads every row, giving each the fields of the columns; empty lines are passed over.
    pub fn rows<T, const N: usize>(
        &self,
        columns: [usize; N],
        read: impl Fn([&str; N]) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<(usize, T)>> {
        let lines = self.text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty());
        let row = |(index, line): (usize, &str)| {
            let row = fields(line, columns).and_then(&read);
            Ok((index + 1, row.with_context(|| format!("{}:{}", self.name, index + 1))?))
        };
        lines.map(row).collect()
    }

    /// Names a line of it, for a message.
    pub fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.name)
    }
}

fn fields<const N: usize>(line: &str, columns: [usize; N]) -> anyhow::Result<[&str; N]> {
    ensure!(!line.contains('"'), "quoted fields are not read");
    let mut found = [""; N];
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    for (slot, column) in found.iter_mut().zip(columns) {
        *slot =
            fields.get(column).with_context(|| format!("has {} of {} columns", fields.len(), column + 1))?;
    }
    Ok(found)
}

/// A number; an empty field is NaN.
pub fn number(field: &str) -> anyhow::Result<f64> {
    if field.is_empty() {
        return Ok(f64::NAN);
    }
    field.parse().ok().with_context(|| format!("'{field}' is not a number"))
}

/// Whole seconds since 1970 of a date and time (UTC where it names no offset) or of a number of seconds or
/// milliseconds.
pub fn seconds(field: &str) -> anyhow::Result<i64> {
    if let Ok(number) = field.parse::<f64>() {
        let number = if number.abs() >= MILLISECONDS_FROM { number / 1000.0 } else { number };
        return Ok(number.floor() as i64);
    }
    let millis = match (field.parse::<jiff::Timestamp>(), field.parse::<jiff::civil::DateTime>()) {
        (Ok(time), _) => time.as_millisecond(),
        (_, Ok(time)) => time.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp().as_millisecond(),
        _ => bail!("'{field}' is not a time"),
    };
    Ok(millis.div_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_forms_of_the_benchmarks() {
        for (field, expected) in [
            ("1970-01-02 00:00:01", 86_401),
            ("1970-01-02 00:00:01.900000", 86_401),
            ("1970-01-02T00:00:01Z", 86_401),
            ("1970-01-02T01:00:01+01:00", 86_401),
            ("1700000000", 1_700_000_000),
            ("1700000000.9", 1_700_000_000),
            ("1700000000123", 1_700_000_000),
        ] {
            assert_eq!(seconds(field).unwrap(), expected, "{field}");
        }
        assert_eq!(seconds("yesterday").unwrap_err().to_string(), "'yesterday' is not a time");
    }
}
