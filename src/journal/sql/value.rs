//! A statement with its values, as every database takes it.

use std::borrow::Cow;

use crate::model::Timestamp;

/// SQL with numbered parameters (`$1`), and their values. The texts of the journal's own statements are
/// constants or put together from constants and whole numbers; everything else is a value.
#[derive(Clone, Debug)]
pub(in crate::journal) struct Statement {
    /// The SQL.
    pub sql: Cow<'static, str>,
    /// The values, in the order of their numbers.
    pub values: Vec<Value>,
    /// Whether it comes again word for word, so that it is worth being kept prepared.
    pub persistent: bool,
}

impl Statement {
    /// A statement that comes again word for word.
    pub fn new(sql: &'static str) -> Self {
        Self { sql: Cow::Borrowed(sql), values: Vec::new(), persistent: true }
    }

    /// One that was put together; whether it comes again word for word is told.
    pub fn built(sql: String, persistent: bool) -> Self {
        Self { sql: Cow::Owned(sql), values: Vec::new(), persistent }
    }

    /// With the next value.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

/// A value that is sent. What is not there has a type all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) enum Value {
    Integer(i64),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

/// More than an `i64` holds is stored as the largest one: sizes and places never are.
impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Flags are whole numbers in every database: 0 or 1.
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Integer(flag.into())
    }
}

/// Milliseconds since the epoch.
impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Integer(time.as_millis())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<Option<&String>> for Value {
    fn from(text: Option<&String>) -> Self {
        Self::Text(text.cloned())
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

/// The parameters `$first` to `$last`, in groups: `($1, $2), ($3, $4)`.
pub(super) fn groups(rows: usize, columns: usize) -> String {
    let group = |row: usize| {
        let numbers: Vec<String> =
            (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", numbers.join(", "))
    };
    (0..rows).map(group).collect::<Vec<_>>().join(", ")
}

/// Whole numbers as a list of SQL.
pub(super) fn list(numbers: &[i64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_through() {
        assert_eq!(groups(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(groups(0, 3), "");
        assert_eq!(list(&[1, -2]), "1, -2");
    }
}
