//! Acts on AWS. What changes something is sent once, but for what is known not to have been done.
//!
//! Settings and credentials are looked for when they are first needed, so that a daemon without such
//! actions never asks for any.

pub mod autoscaling;
pub mod ec2;
mod outcome;
pub mod ssm;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::config::{
    AppName, BehaviorVersion, ProvideCredentials, Region, SharedCredentialsProvider, SharedHttpClient,
};
use aws_smithy_http_client::{Builder, tls};
use tokio::sync::OnceCell;

use crate::model::format_duration;

use super::AwsConfig;

/// How often AWS is asked about something where another attempt may help. Looking changes nothing.
const LOOKS: u32 = 3;

/// The tag without which nothing is done to an instance or a group, and its value.
const MANAGED: (&str, &str) = ("smartcloudops:managed", "true");

/// AWS, as one set of settings reaches it.
#[derive(Debug)]
pub struct Aws {
    config: AwsConfig,
    credentials: Option<SharedCredentialsProvider>,
    shared: OnceCell<SdkConfig>,
}

impl Aws {
    /// With credentials from AWS's own chain.
    pub fn new(config: AwsConfig) -> Self {
        Self { config, credentials: None, shared: OnceCell::new() }
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

    /// What every client is made from. Its clients repeat nothing by themselves.
    async fn shared(&self) -> Result<&SdkConfig, String> {
        self.shared.get_or_try_init(|| self.load()).await
    }

    async fn load(&self) -> Result<SdkConfig, String> {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .app_name(AppName::new("smartcloudops").expect("it holds letters only"))
            .retry_config(RetryConfig::disabled())
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
        Ok(shared)
    }
}

/// TLS on `ring`, with the system's authorities.
fn https() -> SharedHttpClient {
    let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    Builder::new().tls_provider(ring).build_https()
}

/// For questions.
fn patient() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(LOOKS)
}

fn no_answer(within: Duration) -> String {
    format!("no answer from AWS within {}", format_duration(within))
}
