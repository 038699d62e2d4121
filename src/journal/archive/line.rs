//! A link as a line of JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::journal::backend::LinkedFact;
use crate::journal::chain::{Link, hex};

/// The format of the lines.
const FORMAT: u32 = 1;

/// The first line of an object: the columns of each kind, in the order in which they are part of its digest,
/// after the number, the part and the time.
pub(super) fn header(columns: &BTreeMap<&'static str, Vec<String>>) -> String {
    json!({"format": FORMAT, "columns": columns}).to_string() + "\n"
}

/// The line, with its end. A fact that retention has dropped is `null`.
pub(super) fn of(LinkedFact { link, fact }: &LinkedFact) -> String {
    let Link { seq, fact: place, hash } = link;
    let mut line = Map::new();
    let mut put = |name: &str, value: Value| {
        line.insert(name.to_owned(), value);
    };
    put("seq", (*seq).into());
    put("kind", place.kind.as_str().into());
    put("reference", place.reference.into());
    put("part", place.part.into());
    put("at", place.at.as_millis().into());
    put("fact", fact.clone().map_or(Value::Null, Value::Object));
    put("digest", hex(&place.digest).into());
    put("hash", hex(hash).into());
    Value::Object(line).to_string() + "\n"
}
