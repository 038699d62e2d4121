//! The section `remediation`: what holds for all policies together.

use std::time::Duration;

use crate::decide::autonomy::Terms;
use crate::decide::{Config, Mode, Storm};
use crate::model::{Budget, Scope};

use super::document::{Node, Value};
use super::item::Parsed;
use super::limits::{budgets, per_seconds};
use super::maintenance::maintenance;
use super::names::Names;
use super::policies::policy;
use super::section::Section;
use super::values::{choice, duration, rate, seconds, text, whole};

pub(super) const MODES: [(&str, Mode); 4] =
    [("shadow", Mode::Shadow), ("ask", Mode::Ask), ("enforce", Mode::Enforce), ("earned", Mode::Earned)];

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
        stop_file: section.file("stop_file"),
        budgets: section.child_or_empty("limits", limits),
        maintenance: maintenance(section),
        max_targets_down: section.value_or("max_targets_down", 0.5, share),
        approval_valid_for: section.child_or_empty("approvals", |section| {
            section.value_or("valid_for", Duration::from_secs(1800), duration(seconds(60, 86_400)))
        }),
        terms: section.child_or_empty("autonomy", terms),
    }
}

fn storm(section: &mut Section) -> Storm {
    Storm {
        total: section.value_or("total", per_seconds(30, 60), rate),
        per_alert: section.value_or("per_alert", per_seconds(10, 60), rate),
    }
}

fn limits(section: &mut Section) -> Vec<Budget> {
    let day = 86_400;
    let mut limits = budgets(section, "per_target", Scope::Target, &[per_seconds(6, day)]);
    let fleet = [per_seconds(20, 3600), per_seconds(60, day)];
    limits.extend(budgets(section, "total", Scope::Fleet, &fleet));
    limits
}

fn terms(section: &mut Section) -> Terms {
    let default = Terms::default();
    Terms {
        shadow_plans: section.value_or("shadow_plans", default.shadow_plans, whole(1..=10_000u32)),
        helped: section.value_or("helped", default.helped, whole(1..=10_000u32)),
        min_success: section.value_or("min_success", default.min_success, share),
        without_effect: section.value_or("without_effect", default.without_effect, whole(1..=100u32)),
    }
}

/// A share as `50%`, above 0 and up to 100.
fn share(node: &Node) -> Parsed<f64> {
    let wrong = || "must be a share such as 50%, above 0% and up to 100%".to_owned();
    let Value::Text(text) = &node.value else { return Err(wrong()) };
    let percent = text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    percent
        .filter(|percent| *percent > 0.0 && *percent <= 100.0)
        .map(|percent| percent / 100.0)
        .ok_or_else(wrong)
}
