//! Acts on an EC2 instance.
//!
//! Before anything is done, EC2 is asked about the instance. It must be exactly one, it must be in the
//! state that what is asked begins from, and it must carry the tag `smartcloudops:managed=true`: a policy
//! can name the wrong instance, a tag is set on purpose. What stops it leaves members of Auto Scaling groups
//! alone, and a restart whatever does not keep its disks. Whatever is not known for sure is a refusal.

mod disks;
pub(super) mod find;
mod restart;
mod wait;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::Config;
use aws_sdk_ec2::operation::RequestId;
use tokio::time::{Instant, timeout, timeout_at};

use crate::model::{ActError, ActReport, Ec2Action, Ec2Operation, Ec2Wait, InstanceLookup, format_duration};

use super::{Aws, no_answer, outcome, patient};

impl Aws {
    /// The id of the one instance that is meant, else a sentence. Looks only.
    pub async fn instance_id(&self, lookup: &InstanceLookup) -> Result<String, String> {
        find::id(&find::only_one(&self.ec2_client().await?, lookup).await?, lookup)
    }

    /// Looks at the instance, then does what is asked, once. Until the request that changes something is
    /// on its way every failure means not started; EC2's refusal of it is a failure; no answer, a lost
    /// connection, trouble inside EC2 or the end of the time while waiting means unknown. Accepted means
    /// that EC2 has taken the request, or where something is waited for, that it says it is so. What a tag or an
    /// address leads to must be the instance to which it led when it was decided on.
    pub async fn ec2(&self, action: &Ec2Action) -> Result<ActReport, ActError> {
        let deadline = Instant::now() + action.timeout;
        let time_to_look = action.timeout / 2;
        let looked = timeout(time_to_look, self.look(action)).await;
        let looked = looked.unwrap_or_else(|_| Err(no_answer(time_to_look)));
        let (client, id) = looked.map_err(|reason| ActError::NotStarted { reason })?;
        let summary = Changing { client: &client, id: &id, action, deadline }.carry_out().await?;
        Ok(ActReport { summary, output: String::new() })
    }

    /// A client, and the instance once it is known to be one that may be acted on; else a sentence.
    async fn look(&self, action: &Ec2Action) -> Result<(Client, String), String> {
        let client = self.ec2_client().await?;
        let instance = find::only_one(&client, &action.instance).await?;
        let id = find::check(&instance, action)?;
        find::still(&action.instance, action.found.as_deref(), &id)?;
        if action.operation == Ec2Operation::Restart {
            disks::outlast_a_stop(&client, &instance, &id).await?;
        }
        Ok((client, id))
    }

    pub(super) async fn ec2_client(&self) -> Result<Client, String> {
        let mut config = aws_sdk_ec2::config::Builder::from(self.shared().await?);
        if let Some(url) = &self.config.endpoint_url {
            config = config.endpoint_url(url.as_str());
        }
        Ok(Client::from_conf(config.build()))
    }
}

/// One operation on one instance, by a deadline.
struct Changing<'a> {
    client: &'a Client,
    id: &'a str,
    action: &'a Ec2Action,
    deadline: Instant,
}

impl Changing<'_> {
    async fn carry_out(&self) -> Result<String, ActError> {
        let summary = match self.action.operation {
            Ec2Operation::Reboot => self.within_time(self.reboot()).await?,
            Ec2Operation::Start => self.within_time(self.start()).await?,
            Ec2Operation::Stop => self.within_time(self.stop()).await?,
            Ec2Operation::Restart => return self.restart().await,
        };
        self.wait(summary, self.action.wait).await
    }

    async fn wait(&self, summary: String, wait: Option<Ec2Wait>) -> Result<String, ActError> {
        let Some(wait) = wait else { return Ok(summary) };
        match wait::until(self.client, self.id, wait, self.deadline).await {
            Ok(()) => Ok(format!("{summary}; EC2 says that {} {}", self.id, wait::sentence(wait))),
            Err(seen) => Err(outcome::unknown(format!(
                "{summary}, but it was not seen within {} that {} {}: {seen}",
                format_duration(self.action.timeout),
                self.id,
                wait::sentence(wait)
            ))),
        }
    }

    async fn within_time(
        &self,
        request: impl Future<Output = Result<String, ActError>>,
    ) -> Result<String, ActError> {
        self.by(self.deadline, request).await
    }

    /// The answer to a request that has until then, which may be before the end of the time.
    async fn by(
        &self,
        deadline: Instant,
        request: impl Future<Output = Result<String, ActError>>,
    ) -> Result<String, ActError> {
        let answer = timeout_at(deadline, request).await;
        let within = self.action.timeout.saturating_sub(self.deadline - deadline);
        answer.unwrap_or_else(|_| Err(outcome::unknown(no_answer(within))))
    }

    async fn reboot(&self) -> Result<String, ActError> {
        let answer = self.client.reboot_instances().instance_ids(self.id).send().await;
        answer.map(|answer| requested("reboot", answer.request_id())).map_err(|error| outcome::judge(&error))
    }

    async fn start(&self) -> Result<String, ActError> {
        let answer = self.client.start_instances().instance_ids(self.id).send().await;
        answer.map(|answer| requested("start", answer.request_id())).map_err(|error| outcome::judge(&error))
    }

    async fn stop(&self) -> Result<String, ActError> {
        let answer = self.client.stop_instances().instance_ids(self.id).send().await;
        answer.map(|answer| requested("stop", answer.request_id())).map_err(|error| outcome::judge(&error))
    }
}

fn requested(what: &str, id: Option<&str>) -> String {
    format!("{what} requested{}", outcome::request_id(id))
}

/// Settings of a question.
fn asking() -> aws_sdk_ec2::config::Builder {
    Config::builder().retry_config(patient())
}
