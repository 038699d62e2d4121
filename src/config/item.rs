//! One value at its place, and the list of faults that all readers of one configuration share.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::document::{Node, Value};
use super::fault::{Fault, Place};
use super::section::Section;

/// What one value is read into, or the sentence that says what is wrong and what to do.
pub(super) type Parsed<T> = Result<T, String>;

/// What all sections of one reading share.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) folder: PathBuf,
    faults: RefCell<Vec<Fault>>,
    namespaces: RefCell<Vec<String>>,
}

impl Reading {
    /// A reading whose relative paths start from `folder`.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), ..Self::default() }
    }

    /// What was found.
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults.into_inner()
    }

    /// Notes the namespaces of Kubernetes in which steps that are read from now on may do something.
    pub fn allow(&self, namespaces: &[String]) {
        self.namespaces.replace(namespaces.to_vec());
    }

    /// What was allowed.
    pub fn namespaces(&self) -> Vec<String> {
        self.namespaces.borrow().clone()
    }

    /// Reads what a flag says.
    pub fn flag<T>(&self, flag: &str, text: &str, parse: impl FnOnce(&str) -> Parsed<T>) -> Option<T> {
        parse(text).map_err(|message| self.report(Place::Flag, flag.to_owned(), &message)).ok()
    }

    /// Notes a fault. Control characters would break the line it is printed on.
    pub fn report(&self, place: Place, path: String, message: &str) {
        let message = message.replace(char::is_control, " ");
        self.faults.borrow_mut().push(Fault { place, path, message });
    }
}

/// One value at its place: what a key or a list holds.
pub(super) struct Item<'a> {
    pub(super) reading: &'a Reading,
    pub(super) place: Place,
    pub(super) path: String,
    pub(super) node: &'a Node,
}

impl<'a> Item<'a> {
    /// The whole document, or in its stead nothing.
    pub fn root(reading: &'a Reading, node: &'a Node, place: Place) -> Self {
        Self { reading, place, path: String::new(), node }
    }

    /// Reads a single value. Nothing written is a fault: it is a slip more often than a wish.
    pub fn value<T>(&self, parse: impl FnOnce(&'a Node) -> Parsed<T>) -> Option<T> {
        let parsed = match self.node.value {
            Value::Null => Err("has no value; give it one or remove it".to_owned()),
            _ => parse(self.node),
        };
        parsed.map_err(|message| self.fault(&message)).ok()
    }

    /// Reads a mapping, and reports the keys that `read` does not ask for.
    pub fn section<T>(&self, read: impl FnOnce(&mut Section<'a>) -> T) -> Option<T> {
        match &self.node.value {
            Value::Map(entries) => {
                Some(Section::read(self.reading, self.place, self.path.clone(), entries, read))
            }
            _ => {
                self.fault(&format!("must be a mapping of keys to values, not {}", self.node.kind()));
                None
            }
        }
    }

    /// The items of a list; `None` with a fault if it is none.
    pub fn items(&self) -> Option<Vec<Item<'a>>> {
        let Value::List(nodes) = &self.node.value else {
            self.fault(&format!("must be a list, not {}", self.node.kind()));
            return None;
        };
        let item = |(index, node): (usize, &'a Node)| Item {
            reading: self.reading,
            place: Place::Line(node.line),
            path: format!("{}[{index}]", self.path),
            node,
        };
        Some(nodes.iter().enumerate().map(item).collect())
    }

    /// Notes a fault of this value.
    pub fn fault(&self, message: &str) {
        self.reading.report(self.place, self.path.clone(), message);
    }
}

/// Keys that would be hard to read in a path are quoted and cut.
pub(super) fn join(path: &str, key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let key = if !key.is_empty() && key.len() <= 64 && key.chars().all(plain) {
        key.to_owned()
    } else {
        format!("{:?}", key.chars().take(64).collect::<String>())
    };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}
