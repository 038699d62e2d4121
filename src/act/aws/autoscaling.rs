//! Changes how many instances an Auto Scaling group shall have.
//!
//! The group is read first. It must carry the tag `smartcloudops:managed=true`, and what is set is a number
//! that comes of what was read, never a step: a request that arrives twice changes nothing more. Auto Scaling
//! knows no condition on what was read but its own cooldown, which is honoured: it refuses where the group
//! has just been scaled by somebody else.

mod group;
mod wait;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::config::Config;
use aws_sdk_autoscaling::operation::RequestId;
use tokio::time::{Instant, timeout, timeout_at};

use crate::model::{ActError, ActReport, AutoscalingAction, format_duration};

use super::{Aws, no_answer, outcome, patient};

impl Aws {
    /// Looks at the group, then sets its desired capacity, once, and looks until the group says so. Until the
    /// request is on its way every failure means not started, a group at its bound among them; a refusal
    /// is a failure; no answer, trouble inside AWS or the end of the time means unknown. Accepted means that
    /// the group has that desired capacity, and where it waits, that the instances are in service.
    pub async fn autoscaling(&self, action: &AutoscalingAction) -> Result<ActReport, ActError> {
        let deadline = Instant::now() + action.timeout;
        let time_to_look = action.timeout / 2;
        let looked = timeout(time_to_look, self.look_at_group(action)).await;
        let looked = looked.unwrap_or_else(|_| Err(no_answer(time_to_look)));
        let (client, from, to) = looked.map_err(|reason| ActError::NotStarted { reason })?;
        let set = timeout_at(deadline, set(&client, &action.group, to)).await;
        let set = set.unwrap_or_else(|_| Err(outcome::unknown(no_answer(action.timeout))))?;
        let summary = format!("desired capacity of {} set from {from} to {to}{set}", action.group);
        match wait::until(&client, action, from, to, deadline).await {
            Ok(seen) => Ok(ActReport { summary: format!("{summary}; {seen}"), output: String::new() }),
            Err(seen) => Err(outcome::unknown(format!(
                "{summary}, but it was not seen within {}: {seen}",
                format_duration(action.timeout)
            ))),
        }
    }

    /// A client, the desired capacity as it is and as it shall be; else a sentence.
    async fn look_at_group(&self, action: &AutoscalingAction) -> Result<(Client, u32, u32), String> {
        let client = self.autoscaling_client().await?;
        let group = group::only_one(&client, &action.group).await?;
        let (from, to) = group::check(&group, action)?;
        Ok((client, from, to))
    }

    async fn autoscaling_client(&self) -> Result<Client, String> {
        let mut config = aws_sdk_autoscaling::config::Builder::from(self.shared().await?);
        if let Some(url) = &self.config.autoscaling_endpoint_url {
            config = config.endpoint_url(url.as_str());
        }
        Ok(Client::from_conf(config.build()))
    }
}

/// The end of a sentence about it.
async fn set(client: &Client, group: &str, to: u32) -> Result<String, ActError> {
    let to = i32::try_from(to)
        .map_err(|_| ActError::NotStarted { reason: format!("{to} is more than Auto Scaling can count") })?;
    let request = client
        .set_desired_capacity()
        .auto_scaling_group_name(group)
        .desired_capacity(to)
        .honor_cooldown(true);
    let answer = request.send().await.map_err(|error| outcome::judge(&error))?;
    Ok(outcome::request_id(answer.request_id()))
}

/// Settings of a question.
fn asking() -> aws_sdk_autoscaling::config::Builder {
    Config::builder().retry_config(patient())
}
