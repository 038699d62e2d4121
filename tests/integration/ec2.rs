//! EC2 actions against moto, which speaks EC2's API, and against endpoints that misbehave: what is done,
//! what is refused, and whether it is known what became of it.

mod crashes;
mod daemon;
pub mod faults;
mod lookup;
mod restart;
mod spared;
mod unfinished;

use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_sdk_ec2::types::{InstanceType, ResourceType, Tag, TagSpecification};
use aws_smithy_http_client::{Builder, tls};
use smartcloudops::act::AwsConfig;
use smartcloudops::act::aws::Aws;
use smartcloudops::model::{ActError, ActReport, Ec2Action, Ec2Operation, Ec2Wait, InstanceLookup};

use crate::support::{Moto, PATIENCE};

pub const ID: &str = "i-0123456789abcdef0";
pub const SECRET: &str = "hunter2hunter2hunter2";
const SESSION: &str = "hunter3hunter3hunter3";
pub const TAG: (&str, &str) = ("smartcloudops:managed", "true");

pub fn config(url: &str) -> AwsConfig {
    AwsConfig {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(url.parse().expect("a test's address")),
        autoscaling_endpoint_url: Some(url.parse().expect("a test's address")),
        ssm_endpoint_url: Some(url.parse().expect("a test's address")),
    }
}

pub fn key(id: &str, secret: &str, session: Option<&str>) -> Credentials {
    Credentials::new(id, secret, session.map(str::to_owned), None, "test")
}

/// AWS at an address, with a key that moto takes for anybody's.
pub fn at(url: &str) -> Aws {
    Aws::with_credentials(config(url), key("AKIATEST", SECRET, Some(SESSION)))
}

async fn reboot(aws: &Aws, id: &str, timeout: Duration) -> Result<ActReport, ActError> {
    aws.ec2(&Ec2Action { timeout, ..operation(Ec2Operation::Reboot, by_id(id), None) }).await
}

fn by_id(id: &str) -> InstanceLookup {
    InstanceLookup::InstanceId(id.to_owned())
}

fn operation(operation: Ec2Operation, instance: InstanceLookup, wait: Option<Ec2Wait>) -> Ec2Action {
    Ec2Action { operation, instance, found: None, wait, timeout: PATIENCE }
}

/// The outcome's name and everything that is said about it. Nothing of it holds a secret.
pub fn told(result: &Result<ActReport, ActError>) -> (&'static str, String) {
    let text = format!("{result:?}");
    assert!(!text.contains(SECRET) && !text.contains(SESSION), "{text}");
    let outcome = match result {
        Ok(_) => "accepted",
        Err(ActError::NotStarted { .. }) => "not started",
        Err(ActError::Failed { .. }) => "failed",
        Err(ActError::Unknown { .. }) => "unknown",
    };
    (outcome, text)
}

/// How the SDK reaches moto.
pub fn https() -> SharedHttpClient {
    let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    Builder::new().tls_provider(ring).build_https()
}

/// The SDK as the test itself uses it, to arrange moto's world.
pub fn arranger(moto: &Moto) -> Client {
    let config = aws_sdk_ec2::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(key("AKIATEST", SECRET, None))
        .http_client(https())
        .endpoint_url(moto.url());
    Client::from_conf(config.build())
}

pub async fn run_instance(arranger: &Client, tags: &[(&str, &str)]) -> String {
    run_instance_of(arranger, InstanceType::T3Micro, tags).await
}

async fn run_instance_of(arranger: &Client, kind: InstanceType, tags: &[(&str, &str)]) -> String {
    let mut request =
        arranger.run_instances().image_id("ami-12345678").instance_type(kind).min_count(1).max_count(1);
    if !tags.is_empty() {
        let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build()).collect();
        let of_instance = TagSpecification::builder().resource_type(ResourceType::Instance);
        request = request.tag_specifications(of_instance.set_tags(Some(tags)).build());
    }
    let answer = request.send().await.expect("moto runs an instance");
    answer.instances()[0].instance_id().expect("an instance has an id").to_owned()
}

pub fn count(actions: &[String], name: &str) -> usize {
    actions.iter().filter(|action| *action == name).count()
}

#[tokio::test]
async fn a_running_instance_with_the_tag_is_rebooted_once() {
    let moto = Moto::start().await;
    let id = run_instance(&arranger(&moto), &[("Name", "web"), TAG]).await;
    let report = reboot(&at(&moto.url()), &id, PATIENCE).await.expect("moto accepts the reboot");
    assert!(report.summary.starts_with("reboot requested, request id "), "{report:?}");
    assert_eq!(moto.actions(), ["RunInstances", "DescribeInstances", "RebootInstances"]);
}

#[tokio::test]
async fn an_instance_that_may_not_be_acted_on_is_left_alone() {
    let moto = Moto::start().await;
    let (arranger, ec2) = (arranger(&moto), at(&moto.url()));
    let untagged = run_instance(&arranger, &[("Name", "web")]).await;
    let opted_out = run_instance(&arranger, &[(TAG.0, "false")]).await;
    let other_tag = run_instance(&arranger, &[("managed", "true")]).await;
    let stopped = run_instance(&arranger, &[TAG]).await;
    arranger.stop_instances().instance_ids(&stopped).send().await.expect("moto stops an instance");
    let gone = run_instance(&arranger, &[TAG]).await;
    arranger.terminate_instances().instance_ids(&gone).send().await.expect("moto terminates an instance");
    for (id, sentence) in [
        (untagged.as_str(), "does not carry the tag smartcloudops:managed=true"),
        (&opted_out, "does not carry the tag smartcloudops:managed=true"),
        (&other_tag, "does not carry the tag smartcloudops:managed=true"),
        (&stopped, "is stopped, not running"),
        (&gone, "is terminated, not running"),
        (ID, "InvalidInstanceID.NotFound"),
        ("web-1", "InvalidInstanceID"),
    ] {
        let (outcome, text) = told(&reboot(&ec2, id, PATIENCE).await);
        assert!(outcome == "not started" && text.contains(sentence), "{id}: {outcome}, {text}");
    }
    assert_eq!(count(&moto.actions(), "RebootInstances"), 0);
}

#[tokio::test]
async fn without_the_right_to_do_it_nothing_is_done() {
    let moto = Moto::start().await;
    let id = run_instance(&arranger(&moto), &[TAG]).await;
    let (known, secret) = moto.user_without_rights().await;
    for (credentials, code, claim) in [
        (key("AKIAUNKNOWN", SECRET, None), "AuthFailure", "a key that EC2 does not know"),
        (key(&known, SECRET, None), "AuthFailure", "a wrong secret"),
        (key(&known, &secret, None), "AccessDenied", "a user without rights"),
    ] {
        let ec2 = Aws::with_credentials(config(&moto.url()), credentials);
        for (free_requests, expected) in [(0, "not started"), (1, "failed")] {
            moto.demand_authentication_after(free_requests).await;
            let (outcome, text) = told(&reboot(&ec2, &id, PATIENCE).await);
            assert_eq!(outcome, expected, "{claim}: {text}");
            assert!(text.contains(code) && !text.contains(&secret), "{claim}: {text}");
        }
    }
    assert_eq!(count(&moto.actions(), "RebootInstances"), 3, "each was asked for and refused");
}
