//! Steps on containers, and the section `docker`.

use std::path::PathBuf;
use std::time::Duration;

use crate::act::DockerConfig;
use crate::config::document::Node;
use crate::config::item::Parsed;
use crate::config::section::Section;
use crate::config::values::{choice, duration, seconds, text};
use crate::decide::template::Template;
use crate::decide::{ActionTemplate, ContainerTemplate, DockerTemplate};
use crate::model::{ContainerLookup, DockerOperation};

use super::{chosen, holds_template};

const OPERATIONS: [(&str, DockerOperation); 3] = [
    ("restart", DockerOperation::Restart),
    ("start", DockerOperation::Start),
    ("stop", DockerOperation::Stop),
];
const DO_HINT: &str = "write what is done to the container: restart, start or stop";
const NAME_HINT: &str =
    "write the container's name, for example app or \"app-{{ labels.shard }}\", or its label";
const KEY_HINT: &str = "write the label's name, for example com.docker.compose.service";
const VALUE_HINT: &str = "write the label's whole value, for example \"{{ target }}\"";
/// What is left of the time-out besides the time from TERM to KILL.
const MARGIN: Duration = Duration::from_secs(5);

/// How the engine is reached.
pub(in crate::config) fn section(section: &mut Section) -> DockerConfig {
    let socket = section.value("socket", socket);
    DockerConfig { socket: socket.unwrap_or_else(|| DockerConfig::default().socket) }
}

fn socket(node: &Node) -> Parsed<PathBuf> {
    let path = PathBuf::from(text(node)?);
    if path.is_absolute() {
        return Ok(path);
    }
    Err("must be the absolute path of a socket, for example /var/run/docker.sock".to_owned())
}

/// Something done to a container.
pub(super) fn docker(section: &mut Section) -> Option<ActionTemplate> {
    let operation = section.required("do", DO_HINT, choice(&OPERATIONS));
    let container = container(section);
    let kill_after = section.value("kill_after", duration(seconds(0, 3600)));
    let timeout = section.value_or("timeout", Duration::from_secs(60), duration(seconds(2, 3600)));
    match kill_after {
        Some(_) if operation == Some(DockerOperation::Start) => {
            section.fault("kill_after", "means nothing for a start; remove it");
        }
        Some(kill_after) if kill_after.subsec_nanos() != 0 => {
            section.fault("kill_after", "must be whole seconds");
        }
        Some(kill_after) if kill_after + MARGIN > timeout => {
            section.fault("kill_after", "must leave 5s of timeout; raise timeout or write less");
        }
        _ => {}
    }
    Some(ActionTemplate::Docker(DockerTemplate {
        operation: operation?,
        container: container?,
        kill_after,
        timeout,
    }))
}

/// One of the two ways to say which container is meant.
fn container(section: &mut Section) -> Option<ContainerTemplate> {
    if section.is_written("name") && section.is_written("label") {
        section.fault("label", "excludes name; keep one of the two");
    }
    let label = section.child("label", label).flatten();
    let name = match section.is_written("label") {
        true => section.value("name", name),
        false => section.required("name", NAME_HINT, name),
    };
    name.map(ContainerTemplate::Name).or(label)
}

fn label(section: &mut Section) -> Option<ContainerTemplate> {
    let key = section.required("key", KEY_HINT, |node| {
        let key = text(node)?;
        match holds_template(key) || key.contains('=') {
            true => Err("must be the fixed name of a label, without = and templates".to_owned()),
            false => Ok(key.to_owned()),
        }
    });
    let value = section.required("value", VALUE_HINT, |node| chosen(text(node)?));
    Some(ContainerTemplate::Label { key: key?, value: value? })
}

fn name(node: &Node) -> Parsed<Template> {
    let source = text(node)?;
    if !holds_template(source) && !ContainerLookup::is_name(source) {
        return Err("is not the name of a container, such as app-1, nor a template".to_owned());
    }
    chosen(source)
}
