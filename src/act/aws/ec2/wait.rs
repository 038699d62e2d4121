//! Waits until EC2 says of an instance what is waited for.

use std::ops::ControlFlow;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{InstanceStateName, InstanceStatus, SummaryStatus};
use tokio::time::Instant;

use crate::act::aws::outcome;
use crate::act::poll;
use crate::model::Ec2Wait;

use super::asking;

/// Waits; else says what was seen last. EC2's answers may be some seconds old: right after a start it may
/// still tell of a stopped instance, so that only the end of the time, and the end of the instance, are
/// taken for a no.
pub(super) async fn until(client: &Client, id: &str, wait: Ec2Wait, deadline: Instant) -> Result<(), String> {
    seen(client, id, wait, deadline).await?
}

/// The same, told apart: the outer error is the end of the time, the inner one the end of the instance.
pub(super) async fn seen(
    client: &Client,
    id: &str,
    wait: Ec2Wait,
    deadline: Instant,
) -> Result<Result<(), String>, String> {
    poll::until(deadline, || look(client, id, wait)).await
}

async fn look(
    client: &Client,
    id: &str,
    wait: Ec2Wait,
) -> Result<ControlFlow<Result<(), String>, String>, String> {
    let request = client.describe_instance_status().instance_ids(id).include_all_instances(true);
    let answer = request.customize().config_override(asking()).send().await;
    let answer = answer.map_err(|error| outcome::sentence(&error))?;
    let status = answer.instance_statuses().iter().find(|status| status.instance_id() == Some(id));
    let status = status.ok_or("EC2 knows nothing of it")?;
    let seen = describe(status);
    Ok(match state(status) {
        Some(InstanceStateName::ShuttingDown | InstanceStateName::Terminated) => {
            ControlFlow::Break(Err(seen))
        }
        _ if is_so(status, wait) => ControlFlow::Break(Ok(())),
        _ => ControlFlow::Continue(seen),
    })
}

fn is_so(status: &InstanceStatus, wait: Ec2Wait) -> bool {
    let runs = state(status) == Some(&InstanceStateName::Running);
    match wait {
        Ec2Wait::Running => runs,
        Ec2Wait::Stopped => state(status) == Some(&InstanceStateName::Stopped),
        Ec2Wait::StatusOk => runs && checks(status).iter().all(|check| *check == Some(&SummaryStatus::Ok)),
    }
}

fn state(status: &InstanceStatus) -> Option<&InstanceStateName> {
    status.instance_state()?.name()
}

/// Of the instance and of its system.
fn checks(status: &InstanceStatus) -> [Option<&SummaryStatus>; 2] {
    [status.instance_status(), status.system_status()].map(|check| check?.status())
}

fn describe(status: &InstanceStatus) -> String {
    let [instance, system] = checks(status).map(|check| check.map_or("unknown", SummaryStatus::as_str));
    let state = state(status).map_or("in no known state", InstanceStateName::as_str);
    outcome::one_line(&format!(
        "it is {state}, the check of the instance is {instance}, of the system {system}"
    ))
}

/// What is waited for, as the end of a sentence.
pub(super) fn sentence(wait: Ec2Wait) -> &'static str {
    match wait {
        Ec2Wait::Running => "is running",
        Ec2Wait::StatusOk => "is running and its checks pass",
        Ec2Wait::Stopped => "is stopped",
    }
}
