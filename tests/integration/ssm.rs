//! Documents run through Systems Manager: against moto, which takes every command for done, and against
//! endpoints that misbehave.

mod faults;

use std::time::Duration;

use smartcloudops::act::aws::Aws;
use smartcloudops::model::{ActError, ActReport, InstanceLookup, SHELL_SCRIPT, SsmAction};

use crate::ec2::{ID, SECRET, TAG, arranger, at, config, count, key, run_instance, told};
use crate::support::{Moto, PATIENCE};

/// Bytes kept of what a command prints.
const OUTPUT: usize = 100;

fn script(instance: InstanceLookup, timeout: Duration) -> SsmAction {
    let commands = ("commands".to_owned(), vec!["systemctl restart app.service".to_owned()]);
    SsmAction {
        document: SHELL_SCRIPT.to_owned(),
        parameters: vec![commands],
        instance,
        found: None,
        timeout,
    }
}

fn by_id(id: &str) -> InstanceLookup {
    InstanceLookup::InstanceId(id.to_owned())
}

async fn run(aws: &Aws, action: &SsmAction) -> Result<ActReport, ActError> {
    aws.ssm(action, OUTPUT).await
}

#[tokio::test]
async fn a_script_is_run_once_on_the_instance_that_is_meant() {
    let moto = Moto::start().await;
    let id = run_instance(&arranger(&moto), &[("Name", "web"), TAG]).await;
    let by_name = InstanceLookup::Tag { key: "Name".to_owned(), value: "web".to_owned() };
    for instance in [by_id(&id), by_name] {
        let found = at(&moto.url()).instance_id(&instance).await.ok();
        let script = SsmAction { found, ..script(instance, PATIENCE) };
        let report = run(&at(&moto.url()), &script).await.expect("moto runs it");
        let expected = format!("Success of AWS-RunShellScript on {id}, command ");
        assert!(report.summary.starts_with(&expected), "{report:?}");
    }
    let actions = moto.actions();
    assert_eq!((count(&actions, "SendCommand"), count(&actions, "GetCommandInvocation")), (2, 2));
}

#[tokio::test]
async fn on_an_instance_that_may_not_be_acted_on_nothing_is_run() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    let untagged = run_instance(&arranger, &[("Name", "web")]).await;
    let stopped = run_instance(&arranger, &[TAG]).await;
    arranger.stop_instances().instance_ids(&stopped).send().await.expect("moto stops an instance");
    for (id, sentence) in [
        (untagged.as_str(), "does not carry the tag smartcloudops:managed=true"),
        (&stopped, "is stopped, not running"),
        (ID, "InvalidInstanceID.NotFound"),
    ] {
        let (outcome, text) = told(&run(&at(&moto.url()), &script(by_id(id), PATIENCE)).await);
        assert!(outcome == "not started" && text.contains(sentence), "{id}: {outcome}, {text}");
    }
    assert_eq!(count(&moto.actions(), "SendCommand"), 0);
}

#[tokio::test]
async fn without_the_right_to_run_it_nothing_is_run() {
    let moto = Moto::start().await;
    let id = run_instance(&arranger(&moto), &[TAG]).await;
    let (known, secret) = moto.user_without_rights().await;
    for (credentials, claim) in [
        (key("AKIAUNKNOWN", SECRET, None), "a key that AWS does not know"),
        (key(&known, SECRET, None), "a wrong secret"),
        (key(&known, &secret, None), "a user without rights"),
    ] {
        let aws = Aws::with_credentials(config(&moto.url()), credentials);
        for (free_requests, expected) in [(0, "not started"), (1, "failed")] {
            moto.demand_authentication_after(free_requests).await;
            let (outcome, text) = told(&run(&aws, &script(by_id(&id), PATIENCE)).await);
            assert!(outcome == expected && !text.contains(&secret), "{claim}: {outcome}, {text}");
        }
    }
    assert_eq!(count(&moto.actions(), "GetCommandInvocation"), 0);
}
