//! The section `remediation`: policies with every pattern and template compiled.

use std::time::Duration;

use crate::decide::{Config, ConfirmWith, Mode, Policy, Storm, Target};
use crate::model::{Labels, Matcher, Rate, format_duration, matches_all};

use super::actions;
use super::document::Node;
use super::item::Parsed;
use super::section::Section;
use super::values::{
    Names, anchored_pattern, choice, duration, label_name, matcher, name, rate, seconds, text, whole,
};

const MODES: [(&str, Mode); 2] = [("shadow", Mode::Shadow), ("enforce", Mode::Enforce)];
const CONFIRMERS: [(&str, ConfirmWith); 2] =
    [("alertmanager", ConfirmWith::Alertmanager), ("prometheus", ConfirmWith::Prometheus)];
const MATCHERS_HINT: &str = "write at least one matcher, for example alertname=\"AppDown\"";
const STEPS_HINT: &str = "write at least one step with command, http or ec2";
const TARGET_HINT: &str = "name the label that holds the target, and the pattern a target matches";

/// What may be done. `can_ask_alertmanager`: whether the file has a section for it.
pub(super) fn read(section: &mut Section, can_ask_alertmanager: bool) -> Config {
    let mut names = Names::default();
    let policies = section.list("policies", |item| {
        item.section(|section| policy(section, &mut names, can_ask_alertmanager)).flatten()
    });
    let protected = section.list("protected", |item| item.value(|node| text(node).map(str::to_owned)));
    Config {
        mode: section.value_or("mode", Mode::Shadow, choice(&MODES)),
        policies: policies.unwrap_or_default(),
        startup_grace: section.value_or("startup_grace", Duration::from_secs(30), duration(seconds(0, 3600))),
        max_in_flight: section.value_or("max_in_flight", 4, whole(1..=1000usize)),
        storm: section.child_or_empty("storm", storm),
        protected: protected.unwrap_or_default(),
    }
}

fn storm(section: &mut Section) -> Storm {
    Storm {
        total: section.value_or("total", per_seconds(30, 60), rate),
        per_alert: section.value_or("per_alert", per_seconds(10, 60), rate),
    }
}

/// Attempts are remembered for a month: a longer window would be a shorter one unsaid.
fn cooldown(node: &Node) -> Parsed<Rate> {
    let limit = rate(node)?;
    match limit.per() <= Duration::from_secs(30 * 86_400) {
        true => Ok(limit),
        false => Err(format!("must have a window of at most 30d, not {}", format_duration(limit.per()))),
    }
}

/// For defaults only.
fn per_seconds(count: u32, seconds: u64) -> Rate {
    Rate::new(count, Duration::from_secs(seconds)).expect("a default has neither a zero count nor window")
}

fn policy(section: &mut Section, names: &mut Names, can_ask_alertmanager: bool) -> Option<Policy> {
    let hint = "write the value that the label policy shall have, for example restart-app";
    let name = section.required("name", hint, |node| names.claim(node, name));
    let mode = section.value("mode", choice(&MODES));
    let matchers = section.required_list("matchers", MATCHERS_HINT, |item| item.value(matcher));
    if matchers.as_ref().is_some_and(|matchers| match_anything(matchers)) {
        section.fault(
            "matchers",
            "match alerts without any labels; write one that needs a value, for example alertname=\"AppDown\"",
        );
    }
    let target = section.required_child("target", TARGET_HINT, target).flatten();
    let min_firing = section.value_or("min_firing", Duration::ZERO, duration(seconds(0, 30 * 86_400)));
    let confirm_with = confirm_with(section, can_ask_alertmanager);
    let per_target = section
        .child_or_empty("limits", |limits| limits.value_or("per_target", per_seconds(1, 30 * 60), cooldown));
    let steps = section.required_list("steps", STEPS_HINT, |item| item.section(actions::step).flatten());
    Some(Policy {
        name: name?,
        mode,
        matchers: matchers?,
        target: target?,
        steps: steps?,
        per_target,
        min_firing,
        confirm_with: confirm_with?,
    })
}

/// As Alertmanager refuses a silence: one matcher must not match the empty value.
fn match_anything(matchers: &[Matcher]) -> bool {
    matches_all(matchers, &Labels::default())
}

fn target(section: &mut Section) -> Option<Target> {
    let label = section.required("label", "name the label that holds the target", label_name);
    let hint = "write what a target looks like, for example [a-z0-9.-]+:\\d+";
    let pattern = section.required("pattern", hint, anchored_pattern);
    Some(Target { label: label?, pattern: pattern? })
}

fn confirm_with(section: &mut Section, can_ask_alertmanager: bool) -> Option<Vec<ConfirmWith>> {
    if !section.has("confirm_with") {
        let first = can_ask_alertmanager.then_some(ConfirmWith::Alertmanager);
        section.list("confirm_with", |_| None::<()>);
        return Some(first.into_iter().chain([ConfirmWith::Prometheus]).collect());
    }
    let mut seen = Vec::new();
    let hint = "write alertmanager, prometheus or both, or remove it";
    section.required_list("confirm_with", hint, |item| {
        item.value(|node| {
            let confirmer = choice(&CONFIRMERS)(node)?;
            if confirmer == ConfirmWith::Alertmanager && !can_ask_alertmanager {
                return Err("needs the address in alertmanager.url".to_owned());
            }
            if seen.contains(&confirmer) {
                return Err("is given twice; keep one of the two".to_owned());
            }
            seen.push(confirmer);
            Ok(confirmer)
        })
    })
}
