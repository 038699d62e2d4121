//! What kind of value a key takes, in the user's words: from the function that reads it.

use std::time::Duration;

use smartcloudops::model::format_duration;
use syn::visit::{self, Visit};
use syn::{Expr, ExprPath};

use super::code::Code;
use super::readers::{hands, rows, stands_for};
use super::values::{At, Value};

/// Functions that read one value, and what they read. Those with bounds or words of their own stand below.
const KINDS: [(&str, &str); 46] = [
    ("config::addresses::base_url", "URL"),
    ("config::aws::region", "name of a region"),
    ("config::actions::alertmanager::matcher", "matcher, template"),
    ("config::actions::autoscaling::group", "name of a group, template"),
    ("config::actions::chosen", "text, template"),
    ("config::actions::docker::name", "name of a container, template"),
    ("config::actions::docker::socket", "absolute path"),
    ("config::actions::ec2::instance_id", "id of an instance, template"),
    ("config::actions::ec2::key", "name of a tag"),
    ("config::actions::ec2::private_ip", "IPv4 address, template"),
    ("config::actions::headers::fixed", "text"),
    ("config::actions::http::url_template", "URL, template"),
    ("config::actions::kubernetes::name", "name of an object, template"),
    ("config::actions::kubernetes::namespace", "name of a namespace, template"),
    ("config::actions::ssm::command", "text"),
    ("config::actions::ssm::parameter", "text, template"),
    ("config::actions::systemd::bus", "address of a bus"),
    ("config::actions::systemd::unit", "name of a unit, template"),
    ("config::actions::template", "text, template"),
    ("config::dependencies::expr", "PromQL"),
    ("config::dependencies::name", "name of a service"),
    ("config::dependencies::template", "PromQL, template"),
    ("config::holidays::date", "date"),
    ("config::limits::at_most", "count, or share of PromQL"),
    ("config::limits::bounded_rate", "rate"),
    ("config::limits::keep", "count or share"),
    ("config::maintenance::minutes", "local time in quotes"),
    ("config::maintenance::name", "text"),
    ("config::maintenance::time", "time"),
    ("config::models::member", "name of a query"),
    ("config::openai::money", "number of dollars"),
    ("config::openai::name", "name"),
    ("config::openai::pattern", "regular expression"),
    ("config::policies::promql", "PromQL, template"),
    ("config::postgres::database_url", "URL of a database"),
    ("config::remediation::share", "share"),
    ("config::scoring::budget", "rate"),
    ("config::scoring::time_zone", "time zone"),
    ("config::servers::scheme", "name of a scheme"),
    ("config::servers::user_name", "text"),
    ("config::slack::host", "host"),
    ("config::values::anchored_pattern", "regular expression"),
    ("config::values::data_range", "two numbers"),
    ("config::names::label", "name of a label"),
    ("config::names::label_name", "name of a label"),
    ("config::values::magnitude", "number, 0 or more"),
];
/// Those that others are made of, which say more where both are found.
const PLAIN: [(&str, &str); 8] = [
    ("config::values::any_text", "text"),
    ("config::values::boolean", "true or false"),
    ("config::values::matcher", "matcher"),
    ("config::names::name", "name"),
    ("config::values::number", "number"),
    ("config::names::query_name", "name"),
    ("config::values::rate", "rate"),
    ("config::values::text", "text"),
];

/// What a key takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// In the user's words.
    pub words: String,
    /// The words to choose from, each with what it stands for.
    pub choices: Vec<(String, Option<Value>)>,
}

impl Kind {
    fn plain(words: &str) -> Self {
        Self { words: words.to_owned(), choices: Vec::new() }
    }
}

/// What `reader` reads: the value itself, or where it is handed an item, the item's.
pub fn kind(code: &Code, reader: &At) -> Option<Kind> {
    let reader = hands(code, reader, "value").unwrap_or_else(|| reader.clone());
    let mut parts = Parts { code, at: &reader, bounded: None, special: None, plain: None };
    parts.visit_expr(&reader.expr);
    let named = |words: Option<&str>| words.map(Kind::plain);
    parts.bounded.or_else(|| named(parts.special)).or_else(|| named(parts.plain))
}

/// What an expression that reads a value is made of.
struct Parts<'a> {
    code: &'a Code,
    at: &'a At,
    bounded: Option<Kind>,
    special: Option<&'static str>,
    plain: Option<&'static str>,
}

impl<'ast> Visit<'ast> for Parts<'_> {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        let at = self.at.with(&Expr::Path(path.clone()));
        if let Some(stands) = stands_for(&at) {
            let found = kind(self.code, &stands);
            self.bounded = self.bounded.take().or(found);
            return;
        }
        let name = self.code.callee(self.at.scope.file, &path.path).join("::");
        let find = |table: &'static [(&str, &str)]| {
            table.iter().find(|(of, _)| *of == name).map(|(_, words)| *words)
        };
        self.special = self.special.or_else(|| find(&KINDS));
        self.plain = self.plain.or_else(|| find(&PLAIN));
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (Expr::Path(callee), Some(argument)) = (&*call.func, call.args.first()) {
            let name = self.code.callee(self.at.scope.file, &callee.path);
            let found = match name.join("::").as_str() {
                "config::values::choice" => choice(self.code, &self.at.with(argument)),
                "config::values::duration" => bounds(self.code, "duration", &self.at.with(argument)),
                "config::values::bytes" => bounds(self.code, "size", &self.at.with(argument)),
                "config::values::whole" => bounds(self.code, "whole number", &self.at.with(argument)),
                _ => None,
            };
            self.bounded = self.bounded.take().or(found);
        }
        visit::visit_expr_call(self, call);
    }
}

fn bounds(code: &Code, what: &str, range: &At) -> Option<Kind> {
    let Some(Value::Range(first, last)) = code.value(range) else { return Some(Kind::plain(what)) };
    let show = |value: &Value| match value {
        Value::Whole(number) if what == "size" => size(*number),
        value => shown(value),
    };
    Some(Kind::plain(&format!("{what}, {} to {}", show(&first), show(&last))))
}

fn choice(code: &Code, table: &At) -> Option<Kind> {
    let Expr::Reference(table_ref) = &table.expr else { return None };
    let rows = rows(code, &table.with(&table_ref.expr))?;
    let choices: Vec<_> = rows
        .iter()
        .map(|row| match code.value(&row[0]) {
            Some(Value::Text(word)) => (word, code.value(&row[1])),
            _ => panic!("a table of words has something else in it"),
        })
        .collect();
    let words: Vec<_> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
    let words = match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    };
    Some(Kind { words, choices })
}

/// A number of bytes in the largest unit that it is whole in.
fn size(bytes: i128) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| bytes % (1 << shift) == 0);
    unit.map_or_else(|| format!("{bytes}B"), |(shift, name)| format!("{}{name}", bytes >> shift))
}

/// A value as it is written in the file.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Whole(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Truth(truth) => truth.to_string(),
        Value::Time(Duration::ZERO) => "0s".to_owned(),
        Value::Time(time) => format_duration(*time),
        Value::Rate(count, per) => format!("{count} per {}", format_duration(*per)),
        Value::Range(first, last) => format!("{} to {}", shown(first), shown(last)),
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Path(path) => path.clone(),
    }
}

/// A default as it is written in the file for a key of this kind.
pub fn default(kind: &Kind, value: &Value) -> String {
    let choice = kind.choices.iter().find(|(_, stands)| stands.as_ref() == Some(value));
    match (choice, value) {
        (Some((word, _)), _) => word.clone(),
        (None, Value::Whole(bytes)) if kind.words.starts_with("size") => size(*bytes),
        (None, Value::Number(share)) if kind.words == "share" => format!("{}%", share * 100.0),
        (None, Value::Path(zone)) if zone == "TimeZone::UTC" => "UTC".to_owned(),
        (None, value) => shown(value),
    }
}
