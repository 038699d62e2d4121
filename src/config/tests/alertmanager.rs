//! Steps that tell Alertmanager something, each fault with its exact message.

use std::time::Duration;

use crate::decide::{ActionTemplate, AlertmanagerTemplate};

use super::{faults_of, parse, with_step, with_url};

const ALERTMANAGER: &str = "alertmanager: {url: 'http://localhost:9093'}\n";

/// The faults of a step that tells Alertmanager something, without their place up to the action's name.
fn faults_of_telling(settings: &str) -> Vec<String> {
    let faults = faults_of(&(ALERTMANAGER.to_owned() + &with_step("alertmanager", settings)));
    let place = "remediation.policies[0].steps[0].alertmanager.";
    faults.iter().filter_map(|fault| Some(fault.split_once(place)?.1.to_owned())).collect()
}

#[test]
fn every_fault_of_an_alertmanager_step_says_where_and_what() {
    let own = "is set by the daemon itself; remove it";
    let name = "is not a label name; write a letter or _, then letters, digits, _, 64 characters at most";
    let quotes = "a value must stand between double quotes, as in instance=\"{{ target }}\"";
    let many: Vec<String> = (0..31).map(|number| format!("l{number}: x")).collect();
    for (step, fault) in [
        (
            "timeout: 5s",
            "alert: is required unless there is silence; write the labels of the alert that calls a person",
        ),
        ("alert: {}, silence: {}", "silence: excludes alert; make two steps of it"),
        ("alert: {labels: {a-b: x}}", &format!("alert.labels.a-b: {name}")),
        ("alert: {labels: {smartcloudops: x}}", &format!("alert.labels.smartcloudops: {own}")),
        ("alert: {labels: {policy: x}}", &format!("alert.labels.policy: {own}")),
        ("alert: {labels: {target: x}}", &format!("alert.labels.target: {own}")),
        ("alert: {annotations: {remediation: x}}", &format!("alert.annotations.remediation: {own}")),
        ("alert: {labels: {a: x, a: y}}", "alert.labels.a: is given twice; keep one of the two"),
        (
            "alert: {labels: {a: '{{ nothing }}'}}",
            "alert.labels.a: 'nothing' is not known here; there are labels, annotations, target, alertname",
        ),
        (
            &format!("alert: {{labels: {{{}}}}}", many.join(", ")),
            "alert.labels: must not have more than 30 items",
        ),
        ("alert: {lasts: 8d}", "alert.lasts: must be from 1m to 7d, not 8d"),
        ("silence: {lasts: 25h}", "silence.lasts: must be from 1m to 1d, not 1d1h"),
        ("silence: {matchers: ['instance={{ target }}']}", &format!("silence.matchers[0]: {quotes}")),
        (
            "silence: {matchers: ['job=~\"a{{ target }}\"']}",
            "silence.matchers[0]: a value cannot be part of a pattern; compare it with = or !=",
        ),
        ("alert: {}, timeout: 1s", "timeout: must be from 2s to 10m, not 1s"),
    ] {
        assert_eq!(faults_of_telling(step), [fault], "{step}");
    }
    let matcher = faults_of_telling("silence: {matchers: [everything]}");
    assert!(matcher[0].starts_with("silence.matchers[0]: 'everything' is not a matcher; "), "{matcher:?}");
    let pattern = faults_of_telling("silence: {matchers: ['job=~\"(\"']}");
    assert!(pattern[0].starts_with("silence.matchers[0]: the pattern of "), "{pattern:?}");
}

#[test]
fn a_step_tells_alertmanager_nothing_where_none_is_configured() {
    let faults = faults_of(&with_step("alertmanager", "alert: {}"));
    let place = "line 6: remediation.policies[0].steps[0].alertmanager";
    assert_eq!(faults, [format!("{place}: needs the address in alertmanager.url")]);
}

#[test]
fn an_alertmanager_step_needs_only_alert_or_silence() {
    let told = |settings: &str| {
        let text = ALERTMANAGER.to_owned() + &with_step("alertmanager", settings);
        let config = parse(&text, &with_url()).unwrap_or_else(|faults| panic!("{text}{faults}"));
        match config.remediation.policies[0].steps[0].action.clone() {
            ActionTemplate::Alertmanager(told) => told,
            other => panic!("not an action on Alertmanager: {other:?}"),
        }
    };
    let AlertmanagerTemplate::Alert(alert) = told("alert: {labels: {severity: page}}") else {
        panic!("not an alert")
    };
    assert_eq!((alert.labels.len(), alert.annotations.len()), (1, 0));
    assert_eq!((alert.lasts, alert.timeout), (Duration::from_secs(3600), Duration::from_secs(20)));
    let AlertmanagerTemplate::Silence(silence) = told("silence: {lasts: 1d}") else {
        panic!("not a silence")
    };
    assert_eq!((silence.matchers.len(), silence.comment), (0, None));
    assert_eq!((silence.lasts, silence.timeout), (Duration::from_secs(86_400), Duration::from_secs(20)));
}
