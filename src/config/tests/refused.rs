//! One tiny bad file per rule, each with its exact message.

mod notify;
mod openai;
mod remediation;
mod scoring;
mod servers;

use crate::decide::template::{Escape, Template};

use super::*;

/// Files with tests of their own.
const OTHERS: &[&str] = &["template", "ten_mistakes", "ec2_without_support"];

/// Every file with a fault, and the fault.
fn rules() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    [notify::RULES, openai::RULES, remediation::RULES, scoring::RULES, servers::RULES].into_iter().flatten()
}

pub(super) fn faults_in(name: &str) -> Vec<String> {
    faults_of(&std::fs::read_to_string(testdata().join(format!("{name}.yml"))).unwrap())
}

#[test]
fn every_rule_says_exactly_this() {
    for (name, expected) in rules() {
        assert_eq!(faults_in(name), [*expected], "{name}.yml");
    }
}

#[test]
fn every_bad_file_is_the_proof_of_a_rule() {
    for file in std::fs::read_dir(testdata()).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_used = rules().chain(aws::RULES).any(|(rule, _)| *rule == name) || OTHERS.contains(&name);
        assert!(is_used, "{} is in no test", path.display());
    }
}

/// The sentence is the template module's own.
#[test]
fn a_template_is_compiled_when_the_file_is_read() {
    let error = Template::compile("{{ target", Escape::Argument).unwrap_err();
    let path = "remediation.policies[0].steps[0].command.argv[1]";
    assert_eq!(faults_in("template"), [format!("line 7: {path}: {error}")]);
}

#[test]
fn ten_mistakes_are_ten_faults_each_on_its_line() {
    let faults = faults_in("ten_mistakes");
    let expected = [
        "line 3: prometheus.url: ",
        "line 4: prometheus.timeout: ",
        "line 5: prometheus.basic_auth.password: ",
        "line 7: scoring.intervall: ",
        "line 11: queries[0].direction: ",
        "line 12: queries[1].name: ",
        "line 16: remediation.mode: ",
        "line 19: remediation.policies[0].matchers[0]: ",
        "line 20: remediation.policies[0].target.pattern: ",
        "line 22: remediation.policies[0].steps[0].command.argv[0]: ",
    ];
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
    for (fault, expected) in faults.iter().zip(expected) {
        assert!(fault.starts_with(expected), "{fault}");
    }
}

#[test]
fn no_fault_repeats_a_secret() {
    for (name, _) in rules().chain(aws::RULES) {
        let text = std::fs::read_to_string(testdata().join(format!("{name}.yml"))).unwrap();
        let faults = parse(&text, &with_url()).unwrap_err();
        for secret in ["hunter2", "hunter-2"] {
            assert!(!format!("{faults}{faults:?}").contains(secret), "{name}.yml");
        }
    }
}
