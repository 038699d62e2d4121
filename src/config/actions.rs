//! The steps of a policy: what is done, one file per action, and the proof of its effect.

mod alertmanager;
mod autoscaling;
mod command;
pub(super) mod docker;
mod ec2;
mod headers;
mod http;
pub(super) mod kubernetes;
mod scaling;
mod ssm;
pub(super) mod systemd;

use std::time::Duration;

use crate::decide::template::{Escape, Template};
use crate::decide::{ActionTemplate, Step, VerifyTemplate, proof};

use super::item::Parsed;
use super::section::Section;
use super::values::{duration, seconds, text};

/// What reads the settings of one action.
type Read = fn(&mut Section) -> Option<ActionTemplate>;
const ACTIONS: [(&str, Read); 9] = [
    ("command", command::command),
    ("http", http::http),
    ("ec2", ec2::ec2),
    ("autoscaling", autoscaling::autoscaling),
    ("ssm", ssm::ssm),
    ("kubernetes", kubernetes::kubernetes),
    ("systemd", systemd::systemd),
    ("docker", docker::docker),
    ("alertmanager", alertmanager::alertmanager),
];
/// How long an effect must hold on at most where nothing is said.
const MOST_LASTING: Duration = Duration::from_secs(60);
/// Actions that not every build can do: with the feature that they need, what it is called, and whether it is in.
const OPTIONAL: [(&str, &str, &str, bool); 4] = [
    ("ec2", "aws", "AWS", cfg!(feature = "aws")),
    ("autoscaling", "aws", "AWS", cfg!(feature = "aws")),
    ("ssm", "aws", "AWS", cfg!(feature = "aws")),
    ("kubernetes", "kubernetes", "Kubernetes", cfg!(feature = "kubernetes")),
];

/// One step. `can_ask_alertmanager`: whether the file says where it is.
pub(super) fn step(section: &mut Section, can_ask_alertmanager: bool) -> Option<Step> {
    // Every action is read, also a second one: all faults are reported at once.
    let read = ACTIONS.map(|(name, read)| section.child(name, read));
    let action = read.into_iter().flatten().next();
    let verify = section.child("verify", verify);
    one_action(section);
    if section.has("alertmanager") && !can_ask_alertmanager {
        section.fault("alertmanager", "needs the address in alertmanager.url");
    }
    // Some(None): it is there and has a fault.
    let verify = verify.map_or(Some(None), |verify| verify.map(Some));
    Some(Step { action: action??, verify: verify? })
}

fn one_action(section: &Section) {
    let names = ACTIONS.map(|(name, _)| name);
    let given: Vec<&str> = names.into_iter().filter(|action| section.has(action)).collect();
    if given.is_empty() {
        let others = names[1..].join(", ");
        section.fault(
            "command",
            &format!("is required unless there is one of {others}; write what shall be done"),
        );
    }
    for other in given.iter().skip(1) {
        section.fault(other, &format!("excludes {}; make two steps of it", given[0]));
    }
    for (action, feature, name, _) in
        OPTIONAL.iter().filter(|(action, .., is_in)| !is_in && given.contains(action))
    {
        section.fault(
            action,
            &format!("cannot be done: this build has no {name} support; use one with the feature {feature}"),
        );
    }
}

/// What a template may begin with instead of fixed text: the policy's pattern has checked it.
const TARGET: [&str; 2] = ["{{ target }}", "{{target}}"];

/// Which object of many is meant: whoever can set a label of an alert must not be able to choose among all of them.
fn chosen(source: &str) -> Parsed<Template> {
    let begins = ["{{", "{%", "{#"].iter().any(|open| source.starts_with(open));
    if begins && !TARGET.iter().any(|target| source.starts_with(target)) {
        return Err(
            "must begin with fixed text or with {{ target }}, which the policy's pattern has checked"
                .to_owned(),
        );
    }
    template(source, Escape::Argument)
}

/// The same of a number, whose beginning says nothing of which it is.
fn chosen_number(source: &str) -> Parsed<Template> {
    let template = template(source, Escape::Argument)?;
    if ["labels", "annotations", "alertname"].iter().any(|name| template.names(name)) {
        return Err(
            "must be fixed text or come from {{ target }}, which the policy's pattern has checked".to_owned()
        );
    }
    Ok(template)
}

pub(super) fn holds_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// The template of a fixed text and one of a label alike.
fn template(text: &str, escape: Escape) -> Parsed<Template> {
    Template::compile(text, escape).map_err(|error| error.to_string())
}

fn verify(section: &mut Section) -> Option<VerifyTemplate> {
    let expr = section.value("expr", |node| template(text(node)?, Escape::PromQl));
    let within = section.value_or("within", proof::WITHIN, duration(seconds(1, 86_400)));
    let lasts = section.value("for", duration(seconds(0, 3600)));
    match lasts {
        Some(_) if expr.is_none() => section.fault("for", "needs an expr that holds for so long; remove it"),
        Some(lasts) if lasts > within => section.fault("for", "must not be longer than within"),
        _ => {}
    }
    let lasts = lasts.unwrap_or_else(|| (within / 4).min(MOST_LASTING));
    Some(VerifyTemplate { expr, within, lasts })
}
