//! Waits until the group itself says what was set, and where that is wanted, until its instances follow.

use std::ops::ControlFlow;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::{AutoScalingGroup, LifecycleState};
use tokio::time::Instant;

use crate::act::poll;
use crate::model::AutoscalingAction;

use super::group;

/// What was seen in the end. Another desired capacity than the one set may be old news, so that only the end
/// of the time is taken for a no.
pub(super) async fn until(
    client: &Client,
    action: &AutoscalingAction,
    from: u32,
    to: u32,
    deadline: Instant,
) -> Result<String, String> {
    poll::until(deadline, || async {
        let group = group::only_one(client, &action.group).await?;
        let (desired, in_service) = (group.desired_capacity(), in_service(&group));
        let seen = format!(
            "the group says {}, with {in_service} instances in service",
            desired.map_or_else(|| "nothing".to_owned(), |desired| desired.to_string())
        );
        let follows = if to > from { in_service >= to } else { in_service <= to };
        let is_so = desired == i32::try_from(to).ok() && (follows || !action.wait);
        Ok(if is_so { ControlFlow::Break(seen) } else { ControlFlow::Continue(seen) })
    })
    .await
}

fn in_service(group: &AutoScalingGroup) -> u32 {
    let serves = group.instances().iter().filter(|instance| {
        instance.lifecycle_state() == Some(&LifecycleState::InService)
            && instance.health_status().is_some_and(|health| health.eq_ignore_ascii_case("healthy"))
    });
    u32::try_from(serves.count()).unwrap_or(u32::MAX)
}
