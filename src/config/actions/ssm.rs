//! Steps that run a document on an instance through Systems Manager.

use std::time::Duration;

use crate::config::document::{Node, Value};
use crate::config::item::Parsed;
use crate::config::section::Section;
use crate::config::values::{any_text, duration, seconds, text};
use crate::decide::template::Escape;
use crate::decide::{ActionTemplate, SsmTemplate, SsmValue};
use crate::model::{SHELL_SCRIPT, SsmAction};

use super::ec2::instance;
use super::{holds_template, template};

const COMMANDS_HINT: &str = "write the shell commands to run, one item each, or the name of a document";
/// Parameters of a document at most, and values of one.
const MOST: usize = 50;

type Parameter = (String, Vec<SsmValue>);

/// Commands, or a document with its parameters.
pub(super) fn ssm(section: &mut Section) -> Option<ActionTemplate> {
    let instance = instance(section);
    let timeout = section.value_or("timeout", Duration::from_secs(300), duration(seconds(30, 3600)));
    let (document, parameters) = match section.is_written("document") {
        true => document(section),
        false => (Some(SHELL_SCRIPT.to_owned()), commands(section, timeout)),
    };
    Some(ActionTemplate::Ssm(SsmTemplate {
        document: document?,
        parameters: parameters?,
        instance: instance?,
        timeout,
    }))
}

/// What is run is told when it has to end.
fn commands(section: &mut Section, timeout: Duration) -> Option<Vec<Parameter>> {
    if section.is_written("parameters") {
        section.fault("parameters", "need a document; write its name, or remove them");
    }
    section.value("document", text);
    section.pairs("parameters", |_, _| Ok(()));
    let commands = section.required_list("commands", COMMANDS_HINT, |item| item.value(command))?;
    let end = vec![SsmValue::Fixed(timeout.as_secs().to_string())];
    Some(vec![("commands".to_owned(), commands), ("executionTimeout".to_owned(), end)])
}

fn command(node: &Node) -> Parsed<SsmValue> {
    let command = any_text(node)?;
    if holds_template(command) {
        return Err(
            "must be fixed text: a shell runs it, and Systems Manager fills in what is in braces".to_owned()
        );
    }
    Ok(SsmValue::Fixed(command.to_owned()))
}

fn document(section: &mut Section) -> (Option<String>, Option<Vec<Parameter>>) {
    if section.is_written("commands") {
        section.fault("commands", "excludes document; keep one of the two");
    }
    section.list("commands", |_| None::<()>);
    let name = section.value("document", |node| {
        let name = text(node)?;
        let is_document = SsmAction::is_document(name);
        is_document.then(|| name.to_owned()).ok_or_else(|| "is not the fixed name of a document".to_owned())
    });
    let is_shell = name.as_deref().is_some_and(SsmAction::runs_its_parameters);
    let parameters = section.pairs("parameters", |name, node| parameter(name, node, is_shell));
    let parameters = parameters.unwrap_or_default();
    if parameters.len() > MOST {
        section.fault("parameters", &format!("are more than {MOST}"));
    }
    (name, Some(parameters))
}

fn parameter(name: &str, node: &Node, is_shell: bool) -> Parsed<Parameter> {
    if !SsmAction::is_parameter(name) {
        return Err("is not the name of a parameter: at most 64 letters, digits and _".to_owned());
    }
    let one = std::slice::from_ref(node);
    let values = if let Value::List(values) = &node.value { values.as_slice() } else { one };
    if values.len() > MOST {
        return Err(format!("has more than {MOST} values"));
    }
    let values = values.iter().map(|node| value(node, is_shell)).collect::<Parsed<Vec<_>>>()?;
    Ok((name.to_owned(), values))
}

fn value(node: &Node, is_shell: bool) -> Parsed<SsmValue> {
    let source = any_text(node)?;
    match holds_template(source) {
        false => Ok(SsmValue::Fixed(source.to_owned())),
        true if is_shell => Err("must be fixed text: this document runs what its parameters say".to_owned()),
        true => Ok(SsmValue::FromAlert(template(source, Escape::Argument)?)),
    }
}
