//! What is wrong with a configuration, where, and what to do about it.

use std::fmt;

/// Where a fault is. Flags come before the file, and the file before its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// On the command line; the path is the flag.
    Flag,
    /// In the file as a whole, or in no file at all.
    File,
    /// On a line of the file, counted from 1.
    Line(usize),
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub place: Place,
    /// The key path, for example `remediation.policies[1].name`; empty for the file as a whole.
    pub path: String,
    /// What is wrong and what to do, on one line. Never holds a secret.
    pub message: String,
}

impl Fault {
    pub(super) fn of_file(message: &str) -> Self {
        Self { place: Place::File, path: String::new(), message: message.to_owned() }
    }
}

/// All faults of one configuration, in the order of its lines. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    file: Option<String>,
    faults: Vec<Fault>,
}

impl Faults {
    pub(super) fn new(file: Option<String>, mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|fault| fault.place);
        Self { file, faults }
    }

    /// The faults, in the order of their lines.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Fault> {
        self.faults.iter()
    }

    /// One line for each fault, as the whole prints it.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.faults.iter().map(|fault| {
            let place = self.prefix(fault.place);
            let path = if fault.path.is_empty() { String::new() } else { format!("{}: ", fault.path) };
            format!("{place}{path}{}", fault.message)
        })
    }

    fn prefix(&self, place: Place) -> String {
        match (place, &self.file) {
            (Place::Flag, _) | (Place::File, None) => String::new(),
            (Place::File, Some(file)) => format!("{file}: "),
            (Place::Line(line), Some(file)) => format!("{file}:{line}: "),
            (Place::Line(line), None) => format!("line {line}: "),
        }
    }
}

impl fmt::Display for Faults {
    /// `FILE:LINE: key.path: sentence`, one fault a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().collect::<Vec<_>>().join("\n"))
    }
}

impl std::error::Error for Faults {}
