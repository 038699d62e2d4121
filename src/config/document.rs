//! YAML text → a tree of values with their lines. Duplicate keys survive, so that they can be
//! reported with everything else. It knows nothing of what the keys mean.

mod build;

use super::fault::Fault;
use super::positions::{self, Mark};

/// A longer text is refused, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Where it stands, counted from 1.
    pub line: usize,
    /// What it is.
    pub value: Value,
}

/// The kinds of values YAML knows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    Tagged,
}

/// One key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// As text, whatever it is in YAML.
    pub key: String,
    /// The line of the key.
    pub line: usize,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The kind in words, for sentences such as "must be text, not a list".
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Tagged => "a value with a tag",
        }
    }
}

/// Reads a text. An empty one is a mapping without entries. Fails on what is not one YAML document
/// within the bounds of size, depth and number of values.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    if text.len() > MAX_BYTES {
        return Err(Fault::of_file("is larger than 1 MiB; a configuration has to be smaller"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut root = build::node(text)?;
    if root.value == Value::Null {
        root.value = Value::Map(Vec::new());
    }
    settle(&mut root, positions::marks(text).as_deref(), 1);
    Ok(root)
}

/// Gives each value its line, and merges `<<` keys; what stands in the mapping itself wins.
fn settle(node: &mut Node, mark: Option<&Mark>, around: usize) {
    let line = mark.map_or(around, |mark| mark.line);
    node.line = line;
    let child = |index: usize| mark.and_then(|mark| mark.children.get(index)).map(AsRef::as_ref);
    match &mut node.value {
        Value::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                settle(item, child(index), line);
            }
        }
        Value::Map(entries) => {
            for (index, entry) in entries.iter_mut().enumerate() {
                entry.line = child(2 * index).map_or(line, |mark| mark.line);
                settle(&mut entry.node, child(2 * index + 1), entry.line);
            }
            merge(entries);
        }
        _ => {}
    }
}

fn merge(entries: &mut Vec<Entry>) {
    let (merges, mut own): (Vec<Entry>, Vec<Entry>) =
        std::mem::take(entries).into_iter().partition(|entry| entry.key == "<<" && can_merge(&entry.node));
    for source in merges {
        let maps = match source.node.value {
            Value::List(items) => items.into_iter().map(|item| item.value).collect(),
            value => vec![value],
        };
        for map in maps {
            let Value::Map(inherited) = map else { continue };
            for entry in inherited {
                if own.iter().all(|present| present.key != entry.key) {
                    own.push(entry);
                }
            }
        }
    }
    *entries = own;
}

fn can_merge(node: &Node) -> bool {
    match &node.value {
        Value::Map(_) => true,
        Value::List(items) => items.iter().all(|item| matches!(item.value, Value::Map(_))),
        _ => false,
    }
}
