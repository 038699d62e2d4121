//! The section `aws` and steps on EC2. A build without AWS reads them all the same, and refuses the steps.

#[cfg(feature = "aws")]
use crate::decide::ActionTemplate;

use super::faults_of_step;
use super::refused::faults_in;
#[cfg(feature = "aws")]
use super::{action_of_step, parse, with_url};

/// A file of `testdata` and the fault that is found in it by every build.
pub(super) const RULES: &[(&str, &str)] = &[
    ("aws_region", "line 1: aws.region: is not the name of a region; write for example us-east-1"),
    (
        "aws_secret",
        "line 1: aws.secret_access_key: is not a known key; known here: autoscaling_endpoint_url, endpoint_url, region, ssm_endpoint_url",
    ),
    (
        "ec2_operation",
        "line 7: remediation.policies[0].steps[0].ec2.do: 'terminate' is not one of reboot, start, stop, restart",
    ),
    (
        "ec2_without_operation",
        "line 7: remediation.policies[0].steps[0].ec2.do: is required; write what is done to the instance: reboot, start, stop or restart",
    ),
    (
        "ec2_instance_id",
        "line 7: remediation.policies[0].steps[0].ec2.instance_id: is not the id of an instance, such as i-0123456789abcdef0, nor a template",
    ),
    (
        "ec2_without_instance_id",
        r#"line 7: remediation.policies[0].steps[0].ec2.instance_id: is required; write where the instance's id comes from, for example "{{ target }}""#,
    ),
    (
        "ec2_and_command",
        "line 8: remediation.policies[0].steps[0].ec2: excludes command; make two steps of it",
    ),
];
const UNBOUNDED: &str =
    "must begin with fixed text or with {{ target }}, which the policy's pattern has checked";
const NUMBER: &str = "must be fixed text or come from {{ target }}, which the policy's pattern has checked";
const NO_SUPPORT: &str = "line 7: remediation.policies[0].steps[0].ec2: cannot be done: this build has no AWS support; use one with the feature aws";

#[test]
fn every_rule_says_exactly_this_in_every_build() {
    for (name, expected) in RULES {
        let mut faults = faults_in(name);
        faults.retain(|fault| !fault.contains("this build has no AWS support"));
        assert_eq!(faults, [*expected], "{name}.yml");
    }
}

#[test]
fn an_ec2_step_is_refused_by_a_build_without_aws_and_by_no_other() {
    let expected = if cfg!(feature = "aws") { &[][..] } else { &[NO_SUPPORT] };
    assert_eq!(faults_in("ec2_without_support"), expected);
}

#[test]
fn every_fault_of_an_ec2_step_says_where_and_what() {
    for (step, path, message) in [
        (
            "do: start, tag: {key: 'N*', value: a}",
            "tag.key",
            "must be the fixed name of a tag: at most 128 characters, without *, ?, \\ and templates",
        ),
        (
            "do: start, tag: {key: Name, value: 'a*'}",
            "tag.value",
            "must be one value: 1 to 256 characters, without *, ? and \\",
        ),
        (
            "do: start, tag: {key: Name}",
            "tag.value",
            "is required; write the tag's value, for example \"{{ target }}\"",
        ),
        (
            "do: start, private_ip: 10.0.0",
            "private_ip",
            "is not an IPv4 address, such as 10.0.0.1, nor a template",
        ),
        (
            "do: start, instance_id: i-1234abcd, private_ip: 10.0.0.1",
            "private_ip",
            "excludes instance_id; keep one of the two",
        ),
        (
            "do: start, instance_id: i-1234abcd, wait: stopped",
            "wait",
            "never comes of a start; write running or status_ok",
        ),
        ("do: stop, instance_id: i-1234abcd, wait: running", "wait", "never comes of a stop; write stopped"),
        (
            "do: reboot, instance_id: i-1234abcd, wait: running",
            "wait",
            "cannot be told of a reboot: EC2 shows nothing of it; prove it with verify",
        ),
        (
            "do: start, instance_id: i-1234abcd, wait: healthy",
            "wait",
            "'healthy' is not one of running, status_ok, stopped",
        ),
        ("do: start, instance_id: '{{ labels.id }}'", "instance_id", NUMBER),
        ("do: start, instance_id: 'i-{{ labels.id }}'", "instance_id", NUMBER),
        ("do: start, private_ip: '10.{{ labels.rest }}'", "private_ip", NUMBER),
        ("do: start, private_ip: '{{ annotations.ip }}'", "private_ip", NUMBER),
        ("do: start, tag: {key: Name, value: '{{ labels.host }}'}", "tag.value", UNBOUNDED),
        ("do: start, tag: {key: Name, value: '{# a #}{{ labels.host }}'}", "tag.value", UNBOUNDED),
        (
            "do: restart, instance_id: i-1234abcd, timeout: 119s",
            "timeout",
            "leaves no time to stop the instance and to start it again; write at least 2m",
        ),
        ("do: start, instance_id: i-1234abcd, timeout: 2h", "timeout", "must be from 2s to 1h, not 2h"),
    ] {
        assert_eq!(faults_of_step("ec2", step), [format!("{path}: {message}")], "{step}");
    }
}

#[cfg(feature = "aws")]
#[test]
fn an_ec2_step_needs_only_what_is_done_and_to_what() {
    use std::time::Duration;

    use crate::act::AwsConfig;
    use crate::decide::{Ec2Template, InstanceTemplate};
    use crate::model::{Ec2Operation, Ec2Wait};

    let ec2 = |step: &str| match action_of_step("ec2", step) {
        ActionTemplate::Ec2(template) => template,
        other => panic!("not an EC2 action: {other:?}"),
    };
    let Ec2Template { operation, instance: InstanceTemplate::Id(id), wait: None, timeout } =
        ec2("do: reboot, instance_id: i-1234abcd")
    else {
        panic!("not by id")
    };
    assert_eq!(
        (operation, &**id.source(), timeout),
        (Ec2Operation::Reboot, "i-1234abcd", Duration::from_secs(30))
    );
    let restart = ec2("do: restart, tag: {key: Name, value: '{{ target }}'}, wait: status_ok");
    assert_eq!((restart.wait, restart.timeout), (Some(Ec2Wait::StatusOk), Duration::from_secs(600)));
    assert_eq!(parse("", &with_url()).unwrap().act.aws, AwsConfig::default());
}

#[test]
fn every_fault_of_an_autoscaling_step_says_where_and_what() {
    let name = "must be a plain name: at most 255 letters, digits and -_.:/@+=, or a template";
    for (step, path, message) in [
        ("up: 1", "group", "is required; write the name of the Auto Scaling group"),
        ("group: 'web*', up: 1", "group", name),
        ("group: '{{ labels.asg }}', up: 1", "group", UNBOUNDED),
        ("group: web", "up", "is required; write by how many: up or down; or to how many: to"),
        ("group: web, up: 1, to: 3", "to", "excludes up; keep one of the two"),
        ("group: web, up: 0", "up", "must be from 1 to 10000, not 0"),
        ("group: web, down: -1", "down", "must be from 1 to 10000, not -1"),
        ("group: web, to: 1.5", "to", "must be a whole number from 0 to 10000, not 1.5"),
        ("group: web, to: 9, at_most: 8", "to", "lies outside of at_least and at_most"),
        ("group: web, up: 1, at_least: 3, at_most: 2", "at_least", "is greater than at_most, which is 2"),
        ("group: web, up: 1, wait: healthy", "wait", "'healthy' is not one of in_service"),
        ("group: web, up: 1, timeout: 2h", "timeout", "must be from 2s to 1h, not 2h"),
    ] {
        assert_eq!(faults_of_step("autoscaling", step), [format!("{path}: {message}")], "{step}");
    }
}

#[cfg(feature = "aws")]
#[test]
fn an_autoscaling_step_needs_only_a_group_and_a_change() {
    use std::time::Duration;

    use crate::model::{ScaleChange, Scaling};

    let autoscaling = |step: &str| match action_of_step("autoscaling", step) {
        ActionTemplate::Autoscaling(template) => template,
        other => panic!("not an Auto Scaling action: {other:?}"),
    };
    let step = autoscaling("group: '{{ target }}', up: 1");
    assert_eq!(step.scaling, Scaling { change: ScaleChange::Up(1), at_least: None, at_most: None });
    assert_eq!((step.wait, step.timeout), (false, Duration::from_secs(30)));
    let step = autoscaling("group: web, down: 2, at_least: 2, at_most: 9, wait: in_service");
    let scaling = Scaling { change: ScaleChange::Down(2), at_least: Some(2), at_most: Some(9) };
    assert_eq!((step.scaling, step.wait, step.timeout), (scaling, true, Duration::from_secs(600)));
}

#[test]
fn every_fault_of_an_ssm_step_says_where_and_what() {
    let fixed = "must be fixed text: a shell runs it, and Systems Manager fills in what is in braces";
    let shell = "must be fixed text: this document runs what its parameters say";
    for (step, path, message) in [
        (
            "instance_id: i-1234abcd",
            "commands",
            "is required; write the shell commands to run, one item each, or the name of a document",
        ),
        (
            "commands: [id]",
            "instance_id",
            r#"is required; write where the instance's id comes from, for example "{{ target }}""#,
        ),
        ("commands: ['restart {{ labels.a }}'], instance_id: i-1234abcd", "commands[0]", fixed),
        ("commands: ['{{ssm:password}}'], instance_id: i-1234abcd", "commands[0]", fixed),
        (
            "commands: [id], document: Restart, instance_id: i-1234abcd",
            "commands",
            "excludes document; keep one of the two",
        ),
        (
            "commands: [id], parameters: {A: b}, instance_id: i-1234abcd",
            "parameters",
            "need a document; write its name, or remove them",
        ),
        (
            "document: 'My {{ labels.a }}', instance_id: i-1234abcd",
            "document",
            "is not the fixed name of a document",
        ),
        (
            "document: AWS-RunShellScript, parameters: {commands: ['{{ labels.a }}']}, instance_id: i-1234abcd",
            "parameters.commands",
            shell,
        ),
        (
            "document: 'arn:aws:ssm:us-east-1::document/aws-runpowershellscript', parameters: {commands: '{{ target }}'}, instance_id: i-1234abcd",
            "parameters.commands",
            shell,
        ),
        (
            "document: Restart, parameters: {a-b: c}, instance_id: i-1234abcd",
            "parameters.a-b",
            "is not the name of a parameter: at most 64 letters, digits and _",
        ),
        ("commands: [id], instance_id: '{{ labels.id }}'", "instance_id", NUMBER),
        ("commands: [id], tag: {key: Name, value: '{{ alertname }}'}", "tag.value", UNBOUNDED),
        (
            "commands: [id], instance_id: i-1234abcd, timeout: 10s",
            "timeout",
            "must be from 30s to 1h, not 10s",
        ),
    ] {
        assert_eq!(faults_of_step("ssm", step), [format!("{path}: {message}")], "{step}");
    }
}

#[cfg(feature = "aws")]
#[test]
fn an_ssm_step_is_commands_or_a_document_with_parameters() {
    use std::time::Duration;

    use crate::decide::SsmValue;

    let ssm = |step: &str| match action_of_step("ssm", step) {
        ActionTemplate::Ssm(template) => template,
        other => panic!("not a run of a document: {other:?}"),
    };
    let fixed = |text: &str| SsmValue::Fixed(text.to_owned());
    let step = ssm("commands: [systemctl restart app, id], instance_id: i-1234abcd, timeout: 2m");
    let commands = ("commands".to_owned(), vec![fixed("systemctl restart app"), fixed("id")]);
    let end = ("executionTimeout".to_owned(), vec![fixed("120")]);
    assert_eq!((step.document.as_str(), step.parameters), ("AWS-RunShellScript", vec![commands, end]));
    let step =
        ssm("document: Restart, parameters: {Service: '{{ labels.app }}'}, tag: {key: Name, value: web}");
    let [(name, values)] = step.parameters.as_slice() else { panic!("one parameter") };
    assert!(name == "Service" && matches!(values.as_slice(), [SsmValue::FromAlert(_)]));
    assert_eq!((step.document.as_str(), step.timeout), ("Restart", Duration::from_secs(300)));
}
