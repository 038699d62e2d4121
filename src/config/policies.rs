//! A policy: every pattern, template and limit checked.

use std::sync::Arc;
use std::time::Duration;

use crate::decide::template::{Escape, Template};
use crate::decide::{ActionTemplate, AtMost, ConfirmWith, Group, Indicator, Policy, Step, Target};
use crate::model::{Better, Budget, Class, Labels, Matcher, Scope, matches_all};

use super::actions;
use super::document::Node;
use super::item::Parsed;
use super::limits::{at_most, bounded_rate, budgets, keep, per_seconds};
use super::names::{Names, label_name, name};
use super::remediation::MODES;
use super::section::Section;
use super::values::{anchored_pattern, choice, duration, matcher, matches_one, seconds, text};

const CONFIRMERS: [(&str, ConfirmWith); 2] =
    [("alertmanager", ConfirmWith::Alertmanager), ("prometheus", ConfirmWith::Prometheus)];
const CLASSES: [(&str, Class); 3] =
    [("harmless", Class::Harmless), ("disruptive", Class::Disruptive), ("destructive", Class::Destructive)];
const APPROVALS: [(&str, bool); 2] = [("required", true), ("none", false)];
const BETTER: [(&str, Better); 2] = [("lower", Better::Lower), ("higher", Better::Higher)];
const MATCHERS_HINT: &str = "write at least one matcher, for example alertname=\"AppDown\"";
const STEPS_HINT: &str = "write at least one step, for example with command or http";
const TARGET_HINT: &str = "name the label that holds the target, and the pattern a target matches";
/// Expressions of a kind at most; each is a question before every action.
const MOST_EXPRESSIONS: usize = 10;

/// One policy; `None` after a fault.
pub(super) fn policy(section: &mut Section, names: &mut Names, can_ask_alertmanager: bool) -> Option<Policy> {
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
    let (budgets, at_most) = section.child_or_empty("limits", limits);
    let group = section.child("group", |section| group(section, target.as_ref()));
    let steps = section.required_list("steps", STEPS_HINT, |item| {
        item.section(|section| actions::step(section, can_ask_alertmanager)).flatten()
    });
    let indicator = section.child("indicator", indicator);
    let of_group = group.is_some();
    if let Some(Some(indicator)) = &indicator {
        measurable(section, indicator, of_group, steps.as_deref());
    }
    let breaker = section.value_or("breaker", per_seconds(3, 6 * 3600), bounded_rate);
    let class = section.value_or("class", Class::Disruptive, choice(&CLASSES));
    if let (Some(target), Some(steps)) = (&target, &steps) {
        one_object_each(section, target, steps, class);
    }
    let needs_approval = section.value_or("approval", false, choice(&APPROVALS));
    let (evidence, conditions) = (expressions(section, "evidence"), expressions(section, "conditions"));
    Some(Policy {
        name: name?.into(),
        mode,
        matchers: matchers?,
        target: target?,
        steps: steps?,
        budgets,
        at_most: at_most?,
        breaker,
        class,
        needs_approval,
        evidence,
        conditions,
        group: group.map_or(Some(None), |group| group.map(Some))?,
        indicator: indicator.map_or(Some(None), |indicator| indicator.map(Some))?,
        min_firing,
        confirm_with: confirm_with?.into(),
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
    Some(Target { label: label?.into(), pattern: pattern? })
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

fn limits(section: &mut Section) -> (Vec<Budget>, Option<Option<AtMost>>) {
    let mut limits = budgets(section, "per_target", Scope::PolicyTarget, &[per_seconds(1, 30 * 60)]);
    limits.extend(budgets(section, "per_policy", Scope::Policy, &[]));
    let at_most = match section.has("at_most") {
        true => section.value("at_most", at_most).map(Some),
        false => Some(None),
    };
    (limits, at_most)
}

/// The members of a group are named as targets are, by the same label unless it says another.
fn group(section: &mut Section, target: Option<&Target>) -> Option<Group> {
    let members = section.required(
        "members",
        "write PromQL with one series a member, for example up{job=\"app\"}",
        promql,
    );
    let hint = "write PromQL with one series a healthy member, for example up{job=\"app\"} == 1";
    let healthy = section.required("healthy", hint, promql);
    let label = section.value("label", label_name).map(Arc::from).or_else(|| Some(target?.label.clone()));
    let keep = section.value("keep", keep);
    Some(Group { members: members?, healthy: healthy?, label: label?, keep })
}

fn indicator(section: &mut Section) -> Option<Indicator> {
    let hint = "write PromQL with one number for a target, for example rate(errors_total{instance=\"{{ target }}\"}[1m])";
    let expr = section.required("expr", hint, promql);
    let better =
        section.required("better", "write lower or higher: which way it gets better", choice(&BETTER));
    let peers = section.has("peers").then(|| section.value("peers", promql));
    Some(Indicator {
        expr: expr?,
        better: better?,
        peers: peers.map_or(Some(None), |peers| peers.map(Some))?,
    })
}

/// It is measured when a verification's time is over, and of peers by naming them instead of the target.
fn measurable(section: &Section, indicator: &Indicator, of_group: bool, steps: Option<&[Step]>) {
    if steps.is_some_and(|steps| steps.iter().all(|step| step.verify.is_none())) {
        let message = "is measured at the end of verify.within, and no step has a verify; write one";
        section.fault("indicator", message);
    }
    if of_group && indicator.peers.is_none() && !indicator.expr.names("target") {
        let message = "has an expr without {{ target }}, so the members of group cannot be measured; write it with {{ target }}, or write peers";
        section.fault("indicator", message);
    }
}

/// An object that is the same whichever target an alert names: what is counted, spared and approved would be the target,
/// and what is acted on something else.
fn one_object_each(section: &Section, target: &Target, steps: &[Step], class: Class) {
    if matches_one(&target.pattern) {
        return;
    }
    for (index, step) in steps.iter().enumerate() {
        let is_harmless = class == Class::Harmless && matches!(step.action, ActionTemplate::Ssm(_));
        let object = step.action.object().map(Template::source).filter(|text| !actions::holds_template(text));
        if let Some(object) = object.filter(|_| !is_harmless) {
            let message = format!(
                "has a pattern for more than one target, but steps[{index}] acts on {object} whichever it is; write \
                 the one target that it belongs to, for example localhost:8080 (and \\. for a dot), or name the \
                 object by {{{{ target }}}}"
            );
            section.fault("target", &message);
        }
    }
}

fn expressions(section: &mut Section, key: &'static str) -> Vec<Template> {
    let expressions = section.list(key, |item| item.value(promql)).unwrap_or_default();
    if expressions.len() > MOST_EXPRESSIONS {
        section.fault(key, &format!("has more than {MOST_EXPRESSIONS} expressions; join some with and"));
    }
    expressions
}

fn promql(node: &Node) -> Parsed<Template> {
    Template::compile(text(node)?, Escape::PromQl).map_err(|error| error.to_string())
}
