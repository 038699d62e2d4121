//! Templates over an alert, escaped for where their result goes.
//!
//! Values are data: a label that looks like a template, a quote or an option stays what it is. What cannot
//! be made safe is refused, when the file is read if possible, else when the plan is made.

mod plain;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{Environment, Output, UndefinedBehavior, Value, context};

use crate::model::{Alert, Labels, escape_promql};

use plain::Plain;

/// Where a result goes. Control characters of a value, those of the direction of text among them, go nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// One argument of a command: a leading `-` that the template itself does not have is refused.
    Argument,
    /// A label or a text for people: control characters are refused.
    Text,
    /// PromQL: every value must stand between double quotes and is escaped for there.
    PromQl,
    /// A URL: scheme and host are fixed, values are percent-encoded.
    Url,
    /// JSON: every value must stand between double quotes and is escaped for there.
    Json,
}

/// A compiled template. Cheap to clone.
#[derive(Clone)]
pub struct Template {
    escape: Escape,
    source: Arc<str>,
    /// How it is filled in where it does nothing but name values.
    plain: Option<Arc<Plain>>,
    environment: Arc<Environment<'static>>,
}

/// Why a template cannot be used, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(String);

impl TemplateError {
    /// A result that its place has no use for. The sentence does not repeat the result.
    pub(super) fn result(sentence: &str) -> Self {
        Self(sentence.to_owned())
    }
}

/// The names a template may use.
const NAMES: [&str; 4] = ["labels", "annotations", "target", "alertname"];
/// Steps of evaluation.
const FUEL: u64 = 10_000;
const NAME: &str = "template";

impl Template {
    /// Compiles a template.
    pub fn compile(text: &str, escape: Escape) -> Result<Self, TemplateError> {
        check_places(text, escape)?;
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_formatter(move |output, _, value| write_escaped(output, value, escape));
        environment.add_template_owned(NAME, text.to_owned()).map_err(|error| fault(&error))?;
        let template = environment.get_template(NAME).map_err(|error| fault(&error))?;
        let mut unknown: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        unknown.retain(|name| !NAMES.contains(&name.as_str()));
        unknown.sort();
        if let Some(name) = unknown.first() {
            return Err(TemplateError(format!("'{name}' is not known here; there are {}", NAMES.join(", "))));
        }
        let plain = Plain::read(text).map(Arc::new);
        Ok(Self { escape, source: text.into(), plain, environment: Arc::new(environment) })
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    /// Whether it says something of this name.
    pub fn names(&self, name: &str) -> bool {
        let template = self.environment.get_template(NAME);
        template.is_ok_and(|template| template.undeclared_variables(false).contains(name))
    }

    /// Fills it in. A label that the alert does not have is an error, not an empty text.
    pub fn render(&self, alert: &Alert, target: &str) -> Result<String, TemplateError> {
        let filled = self.plain.as_ref().and_then(|plain| plain.fill(alert, target, self.escape));
        let text = filled.map_or_else(|| self.evaluate(alert, target), Ok)?;
        self.check_result(&text)?;
        Ok(text)
    }

    fn evaluate(&self, alert: &Alert, target: &str) -> Result<String, TemplateError> {
        let template = self.environment.get_template(NAME).map_err(|error| fault(&error))?;
        let result = template.render(context! {
            labels => map(&alert.labels),
            annotations => map(&alert.annotations),
            target,
            alertname => alert.labels.get("alertname").map_or(Value::UNDEFINED, Value::from),
        });
        result.map_err(|error| fault(&error))
    }

    fn check_result(&self, text: &str) -> Result<(), TemplateError> {
        let limit = if self.escape == Escape::Json { 64 << 10 } else { 4 << 10 };
        if text.len() > limit {
            return Err(TemplateError(format!("the result is longer than {limit} bytes")));
        }
        if self.escape == Escape::Argument && text.starts_with('-') && !self.source.starts_with('-') {
            return Err(TemplateError("the result would be taken for an option".to_owned()));
        }
        if self.escape == Escape::Url && leaves_path(text) {
            return Err(TemplateError("a value would change the URL's path".to_owned()));
        }
        Ok(())
    }
}

fn leaves_path(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|part| matches!(part, "." | ".."))
}

fn map(labels: &Labels) -> Value {
    let pairs = labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    Value::from(pairs.collect::<BTreeMap<String, Value>>())
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({:?}, {:?})", self.escape, self.source)
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        (self.escape, &self.source) == (other.escape, &other.source)
    }
}

/// One line, without the values that were filled in.
fn fault(error: &minijinja::Error) -> TemplateError {
    let detail = error.detail().map_or(String::new(), |detail| format!(": {detail}"));
    TemplateError(format!("{}{detail}", error.kind()).lines().next().unwrap_or_default().to_owned())
}

/// What escaping cannot make safe: a value outside quotes, a host taken from a label.
fn check_places(text: &str, escape: Escape) -> Result<(), TemplateError> {
    let first = text.find("{{").into_iter().chain(text.find("{%")).min().unwrap_or(text.len());
    match escape {
        Escape::Argument | Escape::Text => Ok(()),
        Escape::Url => {
            let fixed = text[..first]
                .split_once("://")
                .is_some_and(|(_, rest)| first == text.len() || rest.contains('/'));
            fixed.then_some(()).ok_or_else(|| TemplateError("scheme and host must be fixed text".to_owned()))
        }
        Escape::PromQl | Escape::Json => match misplaced_value(text) {
            Some(message) => Err(TemplateError(message.to_owned())),
            None => Ok(()),
        },
    }
}

/// What is wrong with the place of a value: outside double quotes, or in a pattern, where even an escaped text
/// such as `.*` would match anything. Quotes are counted outside of other expressions.
fn misplaced_value(text: &str) -> Option<&'static str> {
    let (mut quoted, mut pattern, mut at) = (false, false, 0);
    while let Some(found) = text[at..].find(['"', '\\', '{']) {
        let (before, tail) = text.split_at(at + found);
        at = before.len() + 1;
        if let Some(expression) = tail.strip_prefix("{{") {
            if !quoted {
                return Some("a value must stand between double quotes, as in instance=\"{{ target }}\"");
            }
            if pattern {
                return Some("a value cannot be part of a pattern; compare it with = or !=");
            }
            at =
                text.len() - expression.len() + expression.find("}}").map_or(expression.len(), |end| end + 2);
        } else if let Some(escaped) = tail.strip_prefix('\\') {
            at += escaped.chars().next().map_or(0, char::len_utf8);
        } else if tail.starts_with('"') {
            quoted = !quoted;
            pattern = quoted && before.trim_end().ends_with('~');
        }
    }
    None
}

fn write_escaped(output: &mut Output, value: &Value, escape: Escape) -> Result<(), minijinja::Error> {
    let refuse = |why: &'static str| minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, why);
    if value.is_undefined() {
        return Err(refuse("the alert does not have what the template names"));
    }
    let text = value.to_string();
    let escaped = escaped(&text, escape).ok_or_else(|| refuse("a value holds a control character"))?;
    output.write_str(&escaped).map_err(minijinja::Error::from)
}

/// A value as its place needs it; `None`: it goes nowhere.
fn escaped(text: &str, escape: Escape) -> Option<Cow<'_, str>> {
    if is_misleading(text) {
        return None;
    }
    Some(match escape {
        Escape::Argument | Escape::Text => text.into(),
        Escape::PromQl => escape_promql(text),
        Escape::Url => percent_encode(text).into(),
        Escape::Json => {
            let quoted = serde_json::Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned().into()
        }
    })
}

/// What ends a line, steers a terminal, or shows what stands beside it in another order: a person approves what is
/// read, and that must be what is done.
fn misleads(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text has such a character. Nearly every text is printable ASCII and has none.
pub(super) fn is_misleading(text: &str) -> bool {
    !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text.chars().any(misleads)
}

/// Everything but RFC 3986's unreserved characters.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
