//! Acts on an EC2 instance, once: what changes something is never sent again.
//!
//! Before anything is done, EC2 is asked about the instance. It must be exactly one, it must run, and it
//! must carry the tag `smartcloudops:managed=true`: a policy can name the wrong instance, a tag is set on
//! purpose. Whatever is not known for sure is a refusal. The client is made when it is first needed, so
//! that a daemon without such actions never looks for credentials.

mod outcome;

use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::config::{
    AppName, BehaviorVersion, Config, ProvideCredentials, Region, SharedCredentialsProvider, SharedHttpClient,
};
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::{Instance, InstanceStateName};
use aws_smithy_http_client::{Builder, tls};
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout, timeout_at};

use crate::model::{ActError, ActReport, Ec2Action, Ec2Operation, format_duration};

use super::AwsConfig;

/// The tag without which nothing is done to an instance, and its value.
const MANAGED: (&str, &str) = ("smartcloudops:managed", "true");
/// How often EC2 is asked about an instance where another attempt may help. Looking changes nothing.
const LOOKS: u32 = 3;

/// EC2, as one set of settings reaches it.
#[derive(Debug)]
pub struct Ec2 {
    config: AwsConfig,
    credentials: Option<SharedCredentialsProvider>,
    client: OnceCell<Client>,
}

impl Ec2 {
    /// With credentials from AWS's own chain.
    pub fn new(config: AwsConfig) -> Self {
        Self { config, credentials: None, client: OnceCell::new() }
    }

    /// With credentials from elsewhere.
    pub fn with_credentials(config: AwsConfig, credentials: impl ProvideCredentials + 'static) -> Self {
        let credentials = Some(SharedCredentialsProvider::new(credentials));
        Self { credentials, ..Self::new(config) }
    }

    /// The settings it was made with.
    pub fn config(&self) -> &AwsConfig {
        &self.config
    }

    /// Looks at the instance, then does what is asked, once. Until the request that changes something is
    /// on its way every failure means not started; EC2's refusal of it is a failure; no answer, a lost
    /// connection or trouble inside EC2 means unknown. Accepted means that EC2 has taken the request.
    pub async fn carry_out(&self, action: &Ec2Action) -> Result<ActReport, ActError> {
        let deadline = Instant::now() + action.timeout;
        let time_to_look = action.timeout / 2;
        let looked = timeout(time_to_look, self.look(&action.instance_id)).await;
        let looked = looked.unwrap_or_else(|_| Err(no_answer(time_to_look)));
        let client = looked.map_err(|reason| ActError::NotStarted { reason })?;
        match action.operation {
            Ec2Operation::Reboot => {
                let answer = timeout_at(deadline, reboot(client, &action.instance_id)).await;
                answer.unwrap_or_else(|_| Err(outcome::unknown(no_answer(action.timeout))))
            }
        }
    }

    /// The client, once the instance is known to be one that may be acted on; else a sentence.
    async fn look(&self, id: &str) -> Result<&Client, String> {
        let client = self.client.get_or_try_init(|| self.connect()).await?;
        let patient = Config::builder().retry_config(RetryConfig::standard().with_max_attempts(LOOKS));
        let request = client.describe_instances().instance_ids(id).customize().config_override(patient);
        let answer = request.send().await;
        let answer = answer.map_err(|error| format!("cannot look at {id}: {}", outcome::sentence(&error)))?;
        let instances: Vec<&Instance> =
            answer.reservations().iter().flat_map(|reservation| reservation.instances()).collect();
        match instances.as_slice() {
            [instance] if instance.instance_id() == Some(id) => check(instance, id).map(|()| client),
            _ => Err(format!("EC2 does not answer with {id} alone")),
        }
    }

    async fn connect(&self) -> Result<Client, String> {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .app_name(AppName::new("smartcloudops").expect("it holds letters only"))
            .http_client(https());
        if let Some(region) = &self.config.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(credentials) = &self.credentials {
            loader = loader.credentials_provider(credentials.clone());
        }
        let shared = loader.load().await;
        if shared.region().is_none() {
            return Err("no region is known; write it in aws.region or AWS_REGION".to_owned());
        }
        let mut config = aws_sdk_ec2::config::Builder::from(&shared).retry_config(RetryConfig::disabled());
        if let Some(url) = &self.config.endpoint_url {
            config = config.endpoint_url(url.as_str());
        }
        Ok(Client::from_conf(config.build()))
    }
}

/// TLS on `ring`, with the system's authorities.
fn https() -> SharedHttpClient {
    let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    Builder::new().tls_provider(ring).build_https()
}

fn check(instance: &Instance, id: &str) -> Result<(), String> {
    let state = instance.state().and_then(|state| state.name());
    if state != Some(&InstanceStateName::Running) {
        let state = state.map_or("in no known state", InstanceStateName::as_str);
        return Err(format!("{id} is {state}, not running"));
    }
    let (key, value) = MANAGED;
    let is_managed = instance.tags().iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value));
    if is_managed { Ok(()) } else { Err(format!("{id} does not carry the tag {key}={value}")) }
}

async fn reboot(client: &Client, id: &str) -> Result<ActReport, ActError> {
    let answer = client.reboot_instances().instance_ids(id).send().await;
    let answer = answer.map_err(|error| outcome::judge(&error))?;
    let request =
        answer.request_id().map(|id| format!(", request id {}", outcome::one_line(id))).unwrap_or_default();
    Ok(ActReport { summary: format!("reboot requested{request}"), output: String::new() })
}

fn no_answer(within: Duration) -> String {
    format!("no answer from EC2 within {}", format_duration(within))
}
