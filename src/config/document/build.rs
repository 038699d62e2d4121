//! The values of a YAML text through `serde_yaml`, bounded in depth and number: aliases can make a
//! small file very large.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::{Entry, Node, Value};
use crate::config::fault::{Fault, Place};

/// Lists and mappings within each other.
const MAX_DEPTH: usize = 32;
/// Values in all, with every alias counted as often as it is used.
const MAX_NODES: usize = 100_000;

/// The tree of a text, without lines yet.
pub(super) fn node(text: &str) -> Result<Node, Fault> {
    let bounds = Bounds::default();
    let seed = Seed { depth: 0, bounds: &bounds };
    match seed.deserialize(serde_yaml::Deserializer::from_str(text)) {
        Ok(node) => Ok(node),
        Err(_) if is_blank(text) => Ok(Node { line: 1, value: Value::Null }),
        Err(error) => Err(refusal(&error, bounds.exceeded.get())),
    }
}

fn is_blank(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

fn refusal(error: &serde_yaml::Error, exceeded: Option<&str>) -> Fault {
    let line = error.location().map_or(1, |location| location.line().max(1));
    let reason = error.to_string();
    let message = match exceeded {
        Some(bound) => bound.to_owned(),
        None if reason.contains("more than one document") => {
            "holds more than one document; keep one of them".to_owned()
        }
        None if reason.contains("repetition limit") => {
            "uses aliases far more often than it has values; write them out".to_owned()
        }
        // Repeats the value, which may be a secret.
        None if reason.contains("invalid ") => {
            format!("is not valid YAML: a tag does not fit its value in column {}", column(error))
        }
        None => format!("is not valid YAML: {reason}"),
    };
    Fault { place: Place::Line(line), path: String::new(), message }
}

fn column(error: &serde_yaml::Error) -> usize {
    error.location().map_or(1, |location| location.column())
}

#[derive(Default)]
struct Bounds {
    nodes: Cell<usize>,
    exceeded: Cell<Option<&'static str>>,
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    depth: usize,
    bounds: &'a Bounds,
}

impl Seed<'_> {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn check<E: de::Error>(self) -> Result<(), E> {
        let nodes = self.bounds.nodes.get() + 1;
        self.bounds.nodes.set(nodes);
        if self.depth > MAX_DEPTH {
            self.bounds.exceeded.set(Some("is nested too deeply; no setting is deeper than 32 levels"));
        } else if nodes > MAX_NODES {
            self.bounds
                .exceeded
                .set(Some("holds more than 100,000 values, aliases included; make it smaller"));
        }
        if self.bounds.exceeded.get().is_some() { Err(E::custom("out of bounds")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.check()?;
        let value = deserializer.deserialize_any(self)?;
        Ok(Node { line: 1, value })
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Float(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = items.next_element_seed(self.deeper())? {
            nodes.push(node);
        }
        Ok(Value::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key_seed(self.deeper())? {
            let node = map.next_value_seed(self.deeper())?;
            entries.push(Entry { key: key_text(key), line: 1, node });
        }
        Ok(Value::Map(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (_tag, content) = tagged.variant::<String>()?;
        content.newtype_variant_seed(self.deeper())?;
        Ok(Value::Tagged)
    }
}

fn key_text(key: Node) -> String {
    match key.value {
        Value::Text(text) => text,
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::List(_) | Value::Map(_) | Value::Tagged => "?".to_owned(),
    }
}
