//! Steps on EC2 instances.

use std::time::Duration;

use crate::config::document::Node;
use crate::config::item::Parsed;
use crate::config::section::Section;
use crate::config::values::{choice, duration, seconds, text};
use crate::decide::template::Template;
use crate::decide::{ActionTemplate, Ec2Template, InstanceTemplate};
use crate::model::{Ec2Operation, Ec2Wait, InstanceLookup};

use super::{chosen, chosen_number, holds_template};

const OPERATIONS: [(&str, Ec2Operation); 4] = [
    ("reboot", Ec2Operation::Reboot),
    ("start", Ec2Operation::Start),
    ("stop", Ec2Operation::Stop),
    ("restart", Ec2Operation::Restart),
];
const WAITS: [(&str, Ec2Wait); 3] =
    [("running", Ec2Wait::Running), ("status_ok", Ec2Wait::StatusOk), ("stopped", Ec2Wait::Stopped)];
const DO_HINT: &str = "write what is done to the instance: reboot, start, stop or restart";
const ID_HINT: &str = "write where the instance's id comes from, for example \"{{ target }}\"";
const TAG_HINT: &str = "write the tag's value, for example \"{{ target }}\"";
/// EC2 takes from half a minute to two minutes to stop an instance, and a third of the time is kept for the start.
const SHORTEST_RESTART: Duration = Duration::from_secs(120);
/// The longest key of a tag.
const MAX_KEY: usize = 128;

/// Something done to an instance.
pub(super) fn ec2(section: &mut Section) -> Option<ActionTemplate> {
    let operation = section.required("do", DO_HINT, choice(&OPERATIONS));
    let instance = instance(section);
    let wait = section.value("wait", choice(&WAITS));
    let waits = wait.is_some() || operation == Some(Ec2Operation::Restart);
    let default = Duration::from_secs(if waits { 600 } else { 30 });
    let timeout = section.value_or("timeout", default, duration(seconds(2, 3600)));
    if operation == Some(Ec2Operation::Restart) && timeout < SHORTEST_RESTART {
        section
            .fault("timeout", "leaves no time to stop the instance and to start it again; write at least 2m");
    }
    if let (Some(operation), Some(wait)) = (operation, wait) {
        check_wait(section, operation, wait);
    }
    Some(ActionTemplate::Ec2(Ec2Template { operation: operation?, instance: instance?, wait, timeout }))
}

/// EC2 shows nothing of a reboot, and a wait for what cannot come would always run out.
fn check_wait(section: &Section, operation: Ec2Operation, wait: Ec2Wait) {
    let message = match (operation, wait) {
        (Ec2Operation::Reboot, _) => {
            "cannot be told of a reboot: EC2 shows nothing of it; prove it with verify"
        }
        (Ec2Operation::Stop, Ec2Wait::Running | Ec2Wait::StatusOk) => "never comes of a stop; write stopped",
        (Ec2Operation::Start | Ec2Operation::Restart, Ec2Wait::Stopped) => {
            "never comes of a start; write running or status_ok"
        }
        _ => return,
    };
    section.fault("wait", message);
}

/// One of the three ways to say which instance is meant.
pub(super) fn instance(section: &mut Section) -> Option<InstanceTemplate> {
    let ways = ["instance_id", "tag", "private_ip"];
    let given: Vec<&str> = ways.into_iter().filter(|way| section.is_written(way)).collect();
    for other in given.iter().skip(1) {
        section.fault(other, &format!("excludes {}; keep one of the two", given[0]));
    }
    let tag = section.child("tag", tag).flatten();
    let address = section.value("private_ip", private_ip).map(InstanceTemplate::PrivateIp);
    let id = match given.first() {
        None | Some(&"instance_id") => section.required("instance_id", ID_HINT, instance_id),
        Some(_) => section.value("instance_id", instance_id),
    };
    id.map(InstanceTemplate::Id).or(tag).or(address)
}

fn instance_id(node: &Node) -> Parsed<Template> {
    let source = text(node)?;
    if !holds_template(source) && !InstanceLookup::is_instance_id(source) {
        return Err("is not the id of an instance, such as i-0123456789abcdef0, nor a template".to_owned());
    }
    chosen_number(source)
}

fn tag(section: &mut Section) -> Option<InstanceTemplate> {
    let key = section.required("key", "write the tag's name, for example Name", key);
    let value = section.required("value", TAG_HINT, |node| {
        let source = text(node)?;
        if !holds_template(source) && !InstanceLookup::is_tag_value(source) {
            return Err("must be one value: 1 to 256 characters, without *, ? and \\".to_owned());
        }
        chosen(source)
    });
    Some(InstanceTemplate::Tag { key: key?, value: value? })
}

fn key(node: &Node) -> Parsed<String> {
    let key = text(node)?;
    if key.chars().count() > MAX_KEY || key.contains(['*', '?', '\\', '{', '}']) {
        return Err(format!(
            "must be the fixed name of a tag: at most {MAX_KEY} characters, without *, ?, \\ and templates"
        ));
    }
    Ok(key.to_owned())
}

fn private_ip(node: &Node) -> Parsed<Template> {
    let source = text(node)?;
    if !holds_template(source) && !InstanceLookup::is_address(source) {
        return Err("is not an IPv4 address, such as 10.0.0.1, nor a template".to_owned());
    }
    chosen_number(source)
}
