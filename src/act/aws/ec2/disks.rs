//! Whether an instance keeps what its disks hold while it is stopped.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{DeviceType, Instance, InstanceType};

use crate::act::aws::outcome;

use super::asking;

/// A refusal in a sentence unless every disk is known to be of EBS. EC2 tells of an instance's own disks (its
/// instance store) by its type alone: they are no block devices of the instance in its answers.
pub(super) async fn outlast_a_stop(client: &Client, instance: &Instance, id: &str) -> Result<(), String> {
    let refused = |why: &str| Err(format!("{id} is not restarted: {why}, which a stop erases"));
    if instance.root_device_type() != Some(&DeviceType::Ebs) {
        return refused("its root device is not known to be of EBS but may be an instance store");
    }
    if instance.block_device_mappings().iter().any(|device| device.ebs().is_none()) {
        return refused("one of its block devices is not of EBS but an instance store");
    }
    let kind = instance.instance_type().ok_or_else(|| format!("EC2 does not say the type of {id}"))?;
    match has_store(client, kind).await? {
        false => Ok(()),
        true => refused(&format!("its type {} has an instance store", outcome::one_line(kind.as_str()))),
    }
}

/// Whether instances of this type have disks of their own.
async fn has_store(client: &Client, kind: &InstanceType) -> Result<bool, String> {
    let name = outcome::one_line(kind.as_str());
    let request = client.describe_instance_types().instance_types(kind.clone());
    let answer = request.customize().config_override(asking()).send().await;
    let answer =
        answer.map_err(|error| format!("cannot look at the type {name}: {}", outcome::sentence(&error)))?;
    let mut kinds = answer.instance_types().iter().filter(|one| one.instance_type() == Some(kind));
    let store = kinds.next().and_then(|one| one.instance_storage_supported());
    store.ok_or_else(|| format!("EC2 does not say whether the type {name} has an instance store"))
}
