//! Runs a document on an instance through Systems Manager, and waits for its end.
//!
//! The instance is looked at as for an action on EC2: it must be exactly one, run, and carry the tag
//! `smartcloudops:managed=true`. The command is sent once; where its end does not come in time, Systems
//! Manager is asked to cancel it, and what became of it is not known.

mod invocation;

use std::time::Duration;

use aws_sdk_ec2::types::InstanceStateName;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::config::Config;
use tokio::time::{Instant, timeout, timeout_at};

use crate::model::{ActError, ActReport, SsmAction, format_duration};

use super::ec2::find;
use super::{Aws, no_answer, outcome, patient};
use invocation::End;

/// The shortest time to begin within that Systems Manager takes.
const SHORTEST_TIME: Duration = Duration::from_secs(30);
/// For asking that a command be cancelled, once its time is up.
const CANCELLING: Duration = Duration::from_secs(5);
/// Beside every command in the console and in its history.
const COMMENT: &str = "sent by smartcloudops";

impl Aws {
    /// Looks at the instance, has the document run on it, once, and looks until it has ended. Until the
    /// request is on its way every failure means not started, and so does a command that never reached the
    /// instance; a refusal or a failure of the document is a failure; anything else means unknown. At most
    /// `output` bytes are kept of what it printed. As for EC2, the instance is the one that was decided on.
    pub async fn ssm(&self, action: &SsmAction, output: usize) -> Result<ActReport, ActError> {
        let deadline = Instant::now() + action.timeout;
        let time_to_look = action.timeout / 2;
        let looked = timeout(time_to_look, self.look_for_node(action)).await;
        let looked = looked.unwrap_or_else(|_| Err(no_answer(time_to_look)));
        let (client, instance) = looked.map_err(|reason| ActError::NotStarted { reason })?;
        let sent = timeout_at(deadline, send(&client, &instance, action)).await;
        let command = sent.unwrap_or_else(|_| Err(outcome::unknown(no_answer(action.timeout))))?;
        match invocation::end(&client, &command, &instance, deadline, output).await {
            Ok(end) => judge(end, &format!("{} on {instance}, command {command}", action.document)),
            Err(seen) => Err(cancel(&client, &command, action, &seen).await),
        }
    }

    /// A client, and the instance; else a sentence.
    async fn look_for_node(&self, action: &SsmAction) -> Result<(Client, String), String> {
        let instance = find::only_one(&self.ec2_client().await?, &action.instance).await?;
        let id = find::check_state(&instance, &InstanceStateName::Running, &action.instance)?;
        find::still(&action.instance, action.found.as_deref(), &id)?;
        Ok((self.ssm_client().await?, id))
    }

    async fn ssm_client(&self) -> Result<Client, String> {
        let mut config = aws_sdk_ssm::config::Builder::from(self.shared().await?);
        if let Some(url) = &self.config.ssm_endpoint_url {
            config = config.endpoint_url(url.as_str());
        }
        Ok(Client::from_conf(config.build()))
    }
}

/// The command's id. It must begin within the action's own time, or it is not run at all.
async fn send(client: &Client, instance: &str, action: &SsmAction) -> Result<String, ActError> {
    let to_begin = action.timeout.max(SHORTEST_TIME).as_secs();
    let request = client
        .send_command()
        .document_name(&action.document)
        .instance_ids(instance)
        .set_parameters(Some(action.parameters.iter().cloned().collect()))
        .timeout_seconds(i32::try_from(to_begin).unwrap_or(i32::MAX))
        .comment(COMMENT);
    let answer = request.send().await.map_err(|error| outcome::judge(&error))?;
    let command = answer.command.and_then(|command| command.command_id);
    command.ok_or_else(|| outcome::unknown("Systems Manager does not say the id of the command".to_owned()))
}

fn judge(end: End, what: &str) -> Result<ActReport, ActError> {
    match end {
        End::Succeeded(output) => Ok(ActReport { summary: format!("Success of {what}"), output }),
        End::Failed(status, output) => {
            Err(ActError::Failed { report: ActReport { summary: format!("{status} of {what}"), output } })
        }
        End::NotDelivered(status) => Err(ActError::NotStarted { reason: format!("{status} of {what}") }),
        End::Interrupted(status, output) => {
            let reason = format!("{status} of {what}: part of it may be done");
            Err(ActError::Unknown { reason: reason.clone(), report: ActReport { summary: reason, output } })
        }
    }
}

/// Asks that it be cancelled, so that it does nothing more at a time when nobody expects it.
async fn cancel(client: &Client, command: &str, action: &SsmAction, seen: &str) -> ActError {
    let answer = timeout(CANCELLING, client.cancel_command().command_id(command).send()).await;
    let cancelled = match answer {
        Ok(Ok(_)) => "it was asked to be cancelled".to_owned(),
        Ok(Err(error)) => format!("it cannot be cancelled: {}", outcome::sentence(&error)),
        Err(_) => "no answer about cancelling it".to_owned(),
    };
    outcome::unknown(format!(
        "the end of command {command} was not seen within {}: {seen}; {cancelled}",
        format_duration(action.timeout)
    ))
}

/// Settings of a question.
fn asking() -> aws_sdk_ssm::config::Builder {
    Config::builder().retry_config(patient())
}
