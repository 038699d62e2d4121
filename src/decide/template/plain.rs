//! Templates that do nothing but name values, as nearly all do. They are filled in without the template engine, which
//! costs thirty times as much; what they cannot fill in, the engine refuses in its own words.

use crate::model::Alert;

use super::{Escape, escaped};

/// Bytes that a value is expected to have.
const USUAL: usize = 32;
/// Values in one template; with more of them the engine counts its steps.
const MAX_PARTS: usize = 100;

/// The text of a template in pieces.
#[derive(Debug)]
pub(super) struct Plain(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Target,
    AlertName,
    Label(String),
    Annotation(String),
}

impl Plain {
    /// `None`: the template does more than to name values.
    pub(super) fn read(text: &str) -> Option<Self> {
        // The engine leaves out the last line break.
        if ["\r", "{%", "{#"].iter().any(|more| text.contains(more)) || text.ends_with('\n') {
            return None;
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, expression)) = rest.split_once("{{") {
            let (name, after) = expression.split_once("}}")?;
            parts.extend(Part::text(before));
            parts.push(Part::read(name.trim_matches(' '))?);
            rest = after;
        }
        parts.extend(Part::text(rest));
        (parts.len() <= MAX_PARTS).then_some(Self(parts))
    }

    /// `None`: the alert lacks a value, or one goes nowhere.
    pub(super) fn fill(&self, alert: &Alert, target: &str, escape: Escape) -> Option<String> {
        let mut filled = String::with_capacity(self.0.iter().map(Part::size).sum());
        for part in &self.0 {
            let value = match part {
                Part::Text(text) => {
                    filled.push_str(text);
                    continue;
                }
                Part::Target => target,
                Part::AlertName => alert.labels.get("alertname")?,
                Part::Label(name) => alert.labels.get(name)?,
                Part::Annotation(name) => alert.annotations.get(name)?,
            };
            filled.push_str(&escaped(value, escape)?);
        }
        Some(filled)
    }
}

impl Part {
    fn text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::Text(text.to_owned()))
    }

    fn read(expression: &str) -> Option<Self> {
        match expression.split_once('.') {
            None if expression == "target" => Some(Self::Target),
            None if expression == "alertname" => Some(Self::AlertName),
            Some(("labels", name)) if is_name(name) => Some(Self::Label(name.to_owned())),
            Some(("annotations", name)) if is_name(name) => Some(Self::Annotation(name.to_owned())),
            _ => None,
        }
    }

    /// About how long it will be.
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            _ => USUAL,
        }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
