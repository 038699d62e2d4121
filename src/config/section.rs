//! A mapping read key by key: a fault is noted and reading goes on, so that one run reports them
//! all. What was not asked for by the time a section is left is an unknown key.

use std::path::{Path, PathBuf};

use super::document::{Entry, Node, Value};
use super::fault::Place;
use super::item::{Item, Parsed, Reading, join};
use super::suggestion;

/// A mapping under way.
pub(super) struct Section<'a> {
    reading: &'a Reading,
    place: Place,
    path: String,
    entries: &'a [Entry],
    known: Vec<&'static str>,
    refused: Vec<&'static str>,
    missing: Vec<(&'static str, &'static str)>,
}

impl<'a> Section<'a> {
    /// Reads a mapping with `read`, then reports the keys that were not asked for.
    pub fn read<T>(
        reading: &'a Reading,
        place: Place,
        path: String,
        entries: &'a [Entry],
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let (known, refused, missing) = (Vec::new(), Vec::new(), Vec::new());
        let mut section = Self { reading, place, path, entries, known, refused, missing };
        let result = read(&mut section);
        section.finish();
        result
    }

    /// Whether the key is there and holds something.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key && entry.node.value != Value::Null)
    }

    /// Whether the key holds a list.
    pub fn is_list(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key && matches!(entry.node.value, Value::List(_)))
    }

    /// Whether the key is written at all, even with nothing.
    pub fn is_written(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// Notes a fault of a key, whether it is there or not.
    pub fn fault(&self, key: &str, message: &str) {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        let place = entry.map_or(self.place, |entry| Place::Line(entry.line));
        self.reading.report(place, self.path_of(key), message);
    }

    /// A value that may be absent. `None` also after a fault.
    pub fn value<T>(&mut self, key: &'static str, parse: impl FnOnce(&'a Node) -> Parsed<T>) -> Option<T> {
        self.item(key)?.value(parse)
    }

    /// A value with a default.
    pub fn value_or<T>(
        &mut self,
        key: &'static str,
        default: T,
        parse: impl FnOnce(&'a Node) -> Parsed<T>,
    ) -> T {
        self.value(key, parse).unwrap_or(default)
    }

    /// A value that must be there; `hint` is a sentence without its full stop that says what to write.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        hint: &'static str,
        parse: impl FnOnce(&'a Node) -> Parsed<T>,
    ) -> Option<T> {
        self.require(key, hint)?.value(parse)
    }

    /// A section that may be absent.
    pub fn child<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'a>) -> T) -> Option<T> {
        let item = self.item(key)?;
        if item.node.value == Value::Null { None } else { item.section(read) }
    }

    /// A section whose keys all have defaults: where it is absent, an empty one is read.
    pub fn child_or_empty<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'a>) -> T) -> T {
        let item = self.item(key).filter(|item| item.node.value != Value::Null);
        let entries = match item.as_ref().map(|item| &item.node.value) {
            Some(Value::Map(entries)) => entries.as_slice(),
            _ => &[],
        };
        let place = item.as_ref().map_or(self.place, |item| item.place);
        if let Some(item) = item
            && !matches!(item.node.value, Value::Map(_))
        {
            item.fault(&format!("must be a mapping of keys to values, not {}", item.node.kind()));
        }
        Section::read(self.reading, place, self.path_of(key), entries, read)
    }

    /// A section that must be there.
    pub fn required_child<T>(
        &mut self,
        key: &'static str,
        hint: &'static str,
        read: impl FnOnce(&mut Section<'a>) -> T,
    ) -> Option<T> {
        self.require(key, hint)?.section(read)
    }

    /// A list that may be absent; `None` if it is. Items with a fault are left out.
    pub fn list<T>(&mut self, key: &'static str, read: impl FnMut(&Item<'a>) -> Option<T>) -> Option<Vec<T>> {
        let item = self.item(key).filter(|item| item.node.value != Value::Null)?;
        Some(item.items()?.iter().filter_map(read).collect())
    }

    /// A list that must be there with at least one item; `None` if any item has a fault.
    pub fn required_list<T>(
        &mut self,
        key: &'static str,
        hint: &'static str,
        read: impl FnMut(&Item<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.required_items(key, hint, read)?;
        if items.is_empty() {
            self.fault(key, &format!("must not be empty; {hint}"));
            return None;
        }
        Some(items)
    }

    /// A list that must be there, of any length; `None` if any item has a fault.
    pub fn required_items<T>(
        &mut self,
        key: &'static str,
        hint: &'static str,
        read: impl FnMut(&Item<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.require(key, hint)?.items()?;
        // Not `iter().map(read).collect()`, which would stop at the first fault.
        let read: Vec<Option<T>> = items.iter().map(read).collect();
        read.into_iter().collect()
    }

    /// A mapping with keys of the user's own, in its order.
    pub fn pairs<T>(
        &mut self,
        key: &'static str,
        mut parse: impl FnMut(&str, &'a Node) -> Parsed<T>,
    ) -> Option<Vec<T>> {
        self.named_items(key, |name, item| item.value(|node| parse(name, node)))
    }

    /// The same, each of whose values is read as it is. Those with a fault are left out.
    pub fn named_items<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&str, &Item<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let item = self.item(key).filter(|item| item.node.value != Value::Null)?;
        let Value::Map(entries) = &item.node.value else {
            item.fault(&format!("must be a mapping of keys to values, not {}", item.node.kind()));
            return None;
        };
        let read = |entry: &'a Entry| {
            let (place, path) = (Place::Line(entry.line), join(&item.path, &entry.key));
            read(&entry.key, &Item { reading: self.reading, place, path, node: &entry.node })
        };
        Some(entries.iter().filter_map(read).collect())
    }

    /// In which namespaces of Kubernetes a step may do something.
    pub fn namespaces(&self) -> Vec<String> {
        self.reading.namespaces()
    }

    /// The folder of the configuration file.
    pub fn folder(&self) -> &'a Path {
        &self.reading.folder
    }

    /// A file; a relative path starts from the folder of the configuration file.
    pub fn file(&mut self, key: &'static str) -> Option<PathBuf> {
        let path = self.value(key, super::values::text)?;
        Some(self.reading.folder.join(path))
    }

    /// A file that must be named.
    pub fn required_file(&mut self, key: &'static str, hint: &'static str) -> Option<PathBuf> {
        self.require(key, hint);
        self.file(key)
    }

    /// A key that must not be there, and is not offered as a suggestion either.
    pub fn refuse(&mut self, key: &'static str, message: &str) {
        self.refused.push(key);
        if self.is_written(key) {
            self.fault(key, message);
        }
    }

    fn item(&mut self, key: &'static str) -> Option<Item<'a>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        let place = Place::Line(entry.line);
        Some(Item { reading: self.reading, place, path: self.path_of(key), node: &entry.node })
    }

    fn require(&mut self, key: &'static str, hint: &'static str) -> Option<Item<'a>> {
        let item = self.item(key);
        if item.is_none() {
            self.missing.push((key, hint));
        }
        item
    }

    fn path_of(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// A required key that is only misspelt is reported once, as misspelt.
    fn finish(self) {
        let mut meant = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let place = Place::Line(entry.line);
            if let Some(first) = self.entries[..index].iter().find(|earlier| earlier.key == entry.key) {
                let message = format!("is given twice, first on line {}; keep one of the two", first.line);
                self.reading.report(place, self.path_of(&entry.key), &message);
            } else if !self.known.iter().chain(&self.refused).any(|known| *known == entry.key) {
                let suggestion = suggestion::nearest(&entry.key, &self.known);
                meant.extend(suggestion);
                let message = suggestion::sentence(suggestion, &self.known);
                self.reading.report(place, self.path_of(&entry.key), &message);
            }
        }
        for (key, hint) in &self.missing {
            if !meant.contains(key) {
                self.reading.report(self.place, self.path_of(key), &format!("is required; {hint}"));
            }
        }
    }
}
