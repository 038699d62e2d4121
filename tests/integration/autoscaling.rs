//! Auto Scaling groups in moto, which speaks the API, and endpoints that misbehave: what is set, what is
//! refused, and whether it is known what became of it.

mod faults;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::config::{BehaviorVersion, Region};
use aws_sdk_autoscaling::types::Tag;
use smartcloudops::act::aws::Aws;
use smartcloudops::model::{AutoscalingAction, ScaleChange, Scaling};

use crate::ec2::{SECRET, TAG, at, config, count, https, key, told};
use crate::support::{Moto, PATIENCE};

const GROUP: &str = "web";

fn change(change: ScaleChange) -> AutoscalingAction {
    let scaling = Scaling { change, at_least: None, at_most: None };
    AutoscalingAction { group: GROUP.to_owned(), scaling, wait: false, timeout: PATIENCE }
}

fn arranger(moto: &Moto) -> Client {
    let config = aws_sdk_autoscaling::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(key("AKIATEST", SECRET, None))
        .http_client(https())
        .endpoint_url(moto.url());
    Client::from_conf(config.build())
}

/// A group of 2 instances, from 1 to 4.
async fn make_group(arranger: &Client, name: &str, tag: (&str, &str)) {
    let launch = arranger.create_launch_configuration().launch_configuration_name(name);
    let launch = launch.image_id("ami-12345678").instance_type("t3.micro").send().await;
    launch.expect("moto takes a launch configuration");
    let tag = Tag::builder().resource_id(name).resource_type("auto-scaling-group").key(tag.0).value(tag.1);
    let group = arranger.create_auto_scaling_group().auto_scaling_group_name(name);
    let group = group.launch_configuration_name(name).availability_zones("us-east-1a");
    let group = group.min_size(1).max_size(4).desired_capacity(2);
    group.tags(tag.build()).send().await.expect("moto makes a group");
}

async fn desired(arranger: &Client) -> i32 {
    let answer = arranger.describe_auto_scaling_groups().auto_scaling_group_names(GROUP).send().await;
    let answer = answer.expect("moto answers");
    answer.auto_scaling_groups()[0].desired_capacity().expect("a group has a desired capacity")
}

#[tokio::test]
async fn a_group_is_scaled_step_by_step_and_no_further_than_its_bounds() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    make_group(&arranger, GROUP, TAG).await;
    let aws = at(&moto.url());
    for (step, expected, sentence) in [
        (ScaleChange::Up(1), 3, "set from 2 to 3"),
        (ScaleChange::Up(5), 4, "set from 3 to 4"),
        (ScaleChange::Down(1), 3, "set from 4 to 3"),
        (ScaleChange::To(1), 1, "set from 3 to 1"),
        (ScaleChange::To(3), 3, "set from 1 to 3"),
    ] {
        let report = aws.autoscaling(&AutoscalingAction { wait: true, ..change(step) }).await;
        let report = report.expect("moto accepts it");
        let end = format!("; the group says {expected}, with {expected} instances in service");
        assert!(report.summary.contains(sentence) && report.summary.ends_with(&end), "{report:?}");
        assert_eq!(desired(&arranger).await, expected);
    }
    assert_eq!(count(&moto.actions(), "SetDesiredCapacity"), 5);
}

#[tokio::test]
async fn a_group_that_may_not_be_changed_is_left_alone() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    make_group(&arranger, GROUP, TAG).await;
    make_group(&arranger, "untagged", ("Name", "web")).await;
    make_group(&arranger, "opted-out", (TAG.0, "false")).await;
    let group = |name: &str, step| AutoscalingAction { group: name.to_owned(), ..change(step) };
    let bounded = |step, at_least, at_most| AutoscalingAction {
        scaling: Scaling { change: step, at_least, at_most },
        ..change(step)
    };
    for (action, sentence) in [
        (group("untagged", ScaleChange::Up(1)), "does not carry the tag smartcloudops:managed=true"),
        (group("opted-out", ScaleChange::Up(1)), "does not carry the tag smartcloudops:managed=true"),
        (group("none", ScaleChange::Up(1)), "Auto Scaling knows no group none"),
        (change(ScaleChange::To(2)), "it is 2 already: the bounds are 1 to 4"),
        (change(ScaleChange::To(5)), "5 is not allowed: the bounds are 1 to 4"),
        (change(ScaleChange::To(0)), "0 is not allowed: the bounds are 1 to 4"),
        (bounded(ScaleChange::Up(1), None, Some(2)), "it is 2 already: the bounds are 1 to 2"),
        (bounded(ScaleChange::Down(1), Some(2), None), "it is 2 already: the bounds are 2 to 4"),
    ] {
        let (outcome, text) = told(&at(&moto.url()).autoscaling(&action).await);
        assert!(outcome == "not started" && text.contains(sentence), "{action:?}: {outcome}, {text}");
    }
    for (process, step) in [("Launch", ScaleChange::Up(1)), ("Terminate", ScaleChange::Down(1))] {
        let suspend = arranger.suspend_processes().auto_scaling_group_name(GROUP).scaling_processes(process);
        suspend.send().await.expect("moto suspends a process");
        let (outcome, text) = told(&at(&moto.url()).autoscaling(&change(step)).await);
        let sentence = format!("has its process {process} suspended");
        assert!(outcome == "not started" && text.contains(&sentence), "{outcome}, {text}");
    }
    assert_eq!(count(&moto.actions(), "SetDesiredCapacity"), 0);
}

#[tokio::test]
async fn without_the_right_to_scale_nothing_is_done() {
    let moto = Moto::start().await;
    let arranger = arranger(&moto);
    make_group(&arranger, GROUP, TAG).await;
    let (known, secret) = moto.user_without_rights().await;
    for (credentials, claim) in [
        (key("AKIAUNKNOWN", SECRET, None), "a key that AWS does not know"),
        (key(&known, SECRET, None), "a wrong secret"),
        (key(&known, &secret, None), "a user without rights"),
    ] {
        let aws = Aws::with_credentials(config(&moto.url()), credentials);
        for (free_requests, expected) in [(0, "not started"), (1, "failed")] {
            moto.demand_authentication_after(free_requests).await;
            let (outcome, text) = told(&aws.autoscaling(&change(ScaleChange::Up(1))).await);
            assert!(outcome == expected && !text.contains(&secret), "{claim}: {outcome}, {text}");
        }
    }
    moto.demand_authentication_after(100).await;
    assert_eq!(desired(&arranger).await, 2);
}
