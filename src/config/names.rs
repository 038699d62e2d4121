//! Names: what they may be made of, and that none is given twice.

use std::collections::BTreeMap;

use super::document::Node;
use super::item::Parsed;
use super::values::text;
use crate::model::is_reserved;

/// The longest name of a query, policy or token.
const MAX_NAME: usize = 64;

/// A label name.
pub(super) fn label_name(node: &Node) -> Parsed<String> {
    label(text(node)?)
}

/// The same as a key.
pub(super) fn label(name: &str) -> Parsed<String> {
    identifier(name, "a label name", |_| false)
}

/// A query's name: it becomes a label value that rules and dashboards spell out.
pub(super) fn query_name(node: &Node) -> Parsed<String> {
    identifier(text(node)?, "a query's name", |_| false)
}

/// The name of a policy or a token.
pub(super) fn name(node: &Node) -> Parsed<String> {
    identifier(text(node)?, "a name", |c| matches!(c, '-' | '.'))
}

/// A name of somebody who may ask or approve: none of those that stand for nobody and for the daemon itself.
pub(super) fn own_name(name: String) -> Parsed<String> {
    if is_reserved(&name) {
        return Err(format!(
            "must not be '{name}', which stands for nobody or for smartcloudops itself; choose another"
        ));
    }
    Ok(name)
}

fn identifier(text: &str, what: &str, also: impl Fn(char) -> bool) -> Parsed<String> {
    let head = |c: char| c.is_ascii_alphabetic() || c == '_';
    let tail = |c: char| head(c) || c.is_ascii_digit() || also(c);
    if text.starts_with(head) && text.chars().all(tail) && text.len() <= MAX_NAME {
        return Ok(text.to_owned());
    }
    let extra = if also('-') { ", - and ." } else { "" };
    Err(format!(
        "is not {what}; write a letter or _, then letters, digits, _{extra}, {MAX_NAME} characters at most"
    ))
}

/// Names that must not be given twice.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, usize>);

impl Names {
    /// The name read, unless an earlier one is the same.
    pub fn claim(&mut self, node: &Node, read: impl FnOnce(&Node) -> Parsed<String>) -> Parsed<String> {
        let name = read(node)?;
        if let Some(line) = self.0.get(&name) {
            return Err(format!(
                "'{name}' is the name on line {line} already; names must differ, change one"
            ));
        }
        self.0.insert(name.clone(), node.line);
        Ok(name)
    }
}
