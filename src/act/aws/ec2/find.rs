//! Which instance is meant: exactly one, in the right state, with the tag.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, Instance, InstanceStateName};

use crate::act::aws::{MANAGED, outcome};
use crate::act::looked_up;
use crate::model::{Ec2Action, Ec2Operation, InstanceLookup};

use super::asking;

/// What has ended keeps its tags for an hour, and its address may be another's.
const NOT_TERMINATED: [InstanceStateName; 4] = [
    InstanceStateName::Pending,
    InstanceStateName::Running,
    InstanceStateName::Stopping,
    InstanceStateName::Stopped,
];

/// The tag by which Auto Scaling marks the instances of a group.
const GROUP: &str = "aws:autoscaling:groupName";

/// The one instance that is meant, or a sentence. An id is asked for as it is, so that the answer can say
/// what became of it.
pub(in crate::act::aws) async fn only_one(
    client: &Client,
    lookup: &InstanceLookup,
) -> Result<Instance, String> {
    let request = client.describe_instances();
    let request = match lookup {
        InstanceLookup::InstanceId(id) => request.instance_ids(id),
        InstanceLookup::Tag { key, value } => request.filters(filter(&format!("tag:{key}"), [value])),
        InstanceLookup::PrivateIp(address) => request.filters(filter("private-ip-address", [address])),
    };
    let request = match lookup {
        InstanceLookup::InstanceId(_) => request,
        _ => request
            .filters(filter("instance-state-name", NOT_TERMINATED.map(|state| state.as_str().to_owned()))),
    };
    let answer = request.customize().config_override(asking()).send().await;
    let answer = answer.map_err(|error| format!("cannot look at {lookup}: {}", outcome::sentence(&error)))?;
    let whole = answer.next_token().is_none();
    let mut instances = answer
        .reservations
        .unwrap_or_default()
        .into_iter()
        .flat_map(|held| held.instances.unwrap_or_default());
    match (instances.next(), instances.count()) {
        (Some(instance), 0) if whole && is_meant(&instance, lookup) => Ok(instance),
        (None, _) => Err(format!("EC2 knows nothing of {lookup}")),
        _ => Err(format!("EC2 does not answer with {lookup} alone")),
    }
}

fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Filter {
    let values = values.into_iter().map(Into::into).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}

/// What EC2 answers is compared with what was asked: a filter may match more than it says.
fn is_meant(instance: &Instance, lookup: &InstanceLookup) -> bool {
    match lookup {
        InstanceLookup::InstanceId(id) => instance.instance_id() == Some(id),
        InstanceLookup::Tag { key, value } => has_tag(instance, key, value),
        InstanceLookup::PrivateIp(address) => {
            let interfaces =
                instance.network_interfaces().iter().flat_map(|card| card.private_ip_addresses());
            let mut further = interfaces.filter_map(|held| held.private_ip_address());
            instance.private_ip_address() == Some(address) || further.any(|further| further == address)
        }
    }
}

fn has_tag(instance: &Instance, key: &str, value: &str) -> bool {
    instance.tags().iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value))
}

/// The instance's id.
pub(super) fn id(instance: &Instance, lookup: &InstanceLookup) -> Result<String, String> {
    let id = instance.instance_id().filter(|id| InstanceLookup::is_instance_id(id));
    id.map(str::to_owned).ok_or_else(|| format!("EC2 does not say the id of {lookup}"))
}

/// Whether what is no id leads to the instance to which it led when it was decided on.
pub(in crate::act::aws) fn still(
    lookup: &InstanceLookup,
    found: Option<&str>,
    id: &str,
) -> Result<(), String> {
    match lookup {
        InstanceLookup::InstanceId(_) => Ok(()),
        _ => looked_up::still(lookup, found, id),
    }
}

/// The instance's id, if it may be acted on.
pub(super) fn check(instance: &Instance, action: &Ec2Action) -> Result<String, String> {
    let needed = match action.operation {
        Ec2Operation::Reboot | Ec2Operation::Stop | Ec2Operation::Restart => InstanceStateName::Running,
        Ec2Operation::Start => InstanceStateName::Stopped,
    };
    let id = check_state(instance, &needed, &action.instance)?;
    match action.operation {
        Ec2Operation::Stop | Ec2Operation::Restart => check_group(instance, &id).map(|()| id),
        Ec2Operation::Reboot | Ec2Operation::Start => Ok(id),
    }
}

/// Auto Scaling takes a member of its group that is stopped for a broken one: it terminates it, with what its
/// disks hold, and launches another.
fn check_group(instance: &Instance, id: &str) -> Result<(), String> {
    match instance.tags().iter().find(|tag| tag.key() == Some(GROUP)) {
        None => Ok(()),
        Some(tag) => Err(format!(
            "{id} belongs to the Auto Scaling group {}, which terminates an instance that stops; reboot it, or \
             put it into standby first",
            outcome::one_line(tag.value().unwrap_or_default())
        )),
    }
}

/// The instance's id, if it is in this state and carries the tag.
pub(in crate::act::aws) fn check_state(
    instance: &Instance,
    needed: &InstanceStateName,
    lookup: &InstanceLookup,
) -> Result<String, String> {
    let id = id(instance, lookup)?;
    let state = instance.state().and_then(|state| state.name());
    if state != Some(needed) {
        let state = state.map_or("in no known state", InstanceStateName::as_str);
        return Err(format!("{id} is {state}, not {}", needed.as_str()));
    }
    let (key, value) = MANAGED;
    if has_tag(instance, key, value) {
        return Ok(id);
    }
    Err(format!("{id} does not carry the tag {key}={value}"))
}
