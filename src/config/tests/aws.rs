//! The section `aws` and steps on EC2. A build without AWS reads them all the same, and refuses the steps.

use super::refused::faults_in;

/// A file of `testdata` and the fault that is found in it by every build.
pub(super) const RULES: &[(&str, &str)] = &[
    ("aws_region", "line 1: aws.region: is not the name of a region; write for example us-east-1"),
    ("aws_secret", "line 1: aws.secret_access_key: is not a known key; known here: endpoint_url, region"),
    ("ec2_operation", "line 7: remediation.policies[0].steps[0].ec2.do: 'terminate' is not one of reboot"),
    (
        "ec2_without_operation",
        "line 7: remediation.policies[0].steps[0].ec2.do: is required; write what is done to the instance: reboot",
    ),
    (
        "ec2_instance_id",
        "line 7: remediation.policies[0].steps[0].ec2.instance_id: is not the id of an instance, such as i-0123456789abcdef0, nor a template",
    ),
    (
        "ec2_without_instance_id",
        r#"line 7: remediation.policies[0].steps[0].ec2.instance_id: is required; write where the instance's id comes from, for example "{{ labels.instance_id }}""#,
    ),
    (
        "ec2_and_command",
        "line 8: remediation.policies[0].steps[0].ec2: excludes command; make two steps of it",
    ),
];
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

#[cfg(feature = "aws")]
#[test]
fn an_ec2_step_needs_only_what_is_done_and_to_what() {
    use std::time::Duration;

    use crate::act::AwsConfig;
    use crate::decide::ActionTemplate;
    use crate::model::Ec2Operation;

    use super::{parse, testdata, with_url};

    let policy = std::fs::read_to_string(testdata().join("policy_without_steps.yml")).unwrap();
    let policy = format!("{policy}      steps: [{{ec2: {{do: reboot, instance_id: i-1234abcd}}}}]\n");
    let config = parse(&policy, &with_url()).unwrap_or_else(|faults| panic!("{faults}"));
    let ActionTemplate::Ec2 { operation, instance_id, timeout } =
        &config.remediation.policies[0].steps[0].action
    else {
        panic!("not an EC2 action")
    };
    assert_eq!(*operation, Ec2Operation::Reboot);
    assert_eq!((instance_id.source(), *timeout), ("i-1234abcd", Duration::from_secs(30)));
    assert_eq!(config.act.aws, AwsConfig::default());
}
