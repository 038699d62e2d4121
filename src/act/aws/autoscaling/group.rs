//! Which group is meant: exactly the one of this name, with the tag, and where the change can take effect.

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::AutoScalingGroup;

use crate::act::aws::{MANAGED, outcome};
use crate::model::AutoscalingAction;

use super::asking;

/// The group of this name, or a sentence.
pub(super) async fn only_one(client: &Client, name: &str) -> Result<AutoScalingGroup, String> {
    let request = client.describe_auto_scaling_groups().auto_scaling_group_names(name);
    let answer = request.customize().config_override(asking()).send().await;
    let answer =
        answer.map_err(|error| format!("cannot look at the group {name}: {}", outcome::sentence(&error)))?;
    let whole = answer.next_token().is_none();
    let mut groups = answer.auto_scaling_groups.unwrap_or_default().into_iter();
    match (groups.next(), groups.next()) {
        (Some(group), None) if whole && group.auto_scaling_group_name() == Some(name) => Ok(group),
        (None, _) => Err(format!("Auto Scaling knows no group {name}")),
        _ => Err(format!("Auto Scaling does not answer with the group {name} alone")),
    }
}

/// The desired capacity as it is, and as it shall be.
pub(super) fn check(group: &AutoScalingGroup, action: &AutoscalingAction) -> Result<(u32, u32), String> {
    let name = &action.group;
    let (key, value) = MANAGED;
    if !group.tags().iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value)) {
        return Err(format!("the group {name} does not carry the tag {key}={value}"));
    }
    if let Some(status) = group.status() {
        return Err(format!("the group {name} is in the status {}", outcome::one_line(status)));
    }
    let [from, least, most] = [group.desired_capacity(), group.min_size(), group.max_size()]
        .map(|size| size.and_then(|size| u32::try_from(size).ok()));
    let (Some(from), Some(least), Some(most)) = (from, least, most) else {
        return Err(format!("Auto Scaling does not say the desired capacity and the bounds of {name}"));
    };
    let to = action.scaling.goal(from, least, most);
    let to = to.map_err(|reason| format!("the desired capacity of {name} is not changed: {reason}"))?;
    check_processes(group, name, to > from).map(|()| (from, to))
}

/// A group whose process is suspended would remember the number, and act on it at a time nobody expects.
fn check_processes(group: &AutoScalingGroup, name: &str, grows: bool) -> Result<(), String> {
    let needed = if grows { "Launch" } else { "Terminate" };
    let mut suspended = group.suspended_processes().iter().filter_map(|process| process.process_name());
    if suspended.any(|process| process == needed) {
        return Err(format!("the group {name} has its process {needed} suspended"));
    }
    Ok(())
}
