//! The section `models`: which queries' series are scored together, and how they are grouped.

use std::time::Duration;

use crate::detect::{self, GroupKind};
use crate::scoring::{GroupModel, MemberQuery, Query};

use super::document::Node;
use super::item::{Item, Parsed};
use super::names::{Names, label_name, query_name};
use super::section::Section;
use super::suggestion;
use super::values::{choice, duration, seconds, text};

const KINDS: [(&str, GroupKind); 2] =
    [("isolation_forest", GroupKind::IsolationForest), ("pca", GroupKind::Pca)];
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// Queries and labels of one model at most.
const MOST_QUERIES: usize = 64;
const MOST_LABELS: usize = 16;

/// What a model may refer to, and what its settings default to.
pub(super) struct Context<'a> {
    /// All queries, presets included.
    pub queries: &'a [Query],
    /// Of a group that does not say otherwise.
    pub detect: detect::Config,
    /// Reads a false-alarm budget.
    pub budget: fn(Duration, &Node) -> Parsed<crate::model::Rate>,
}

/// Reads the section from the root.
pub(super) fn read(root: &mut Section, names: &mut Names, context: &Context) -> Vec<GroupModel> {
    let models = root.list("models", |item| item.section(|section| model(section, names, context)).flatten());
    models.unwrap_or_default()
}

fn model(section: &mut Section, names: &mut Names, context: &Context) -> Option<GroupModel> {
    let hint = "write the value that the label query shall have, for example host";
    let name = section.required("name", hint, |node| {
        let name = names.claim(node, query_name)?;
        let is_preset = context.queries.iter().any(|query| query.name == name);
        if is_preset {
            Err(format!("'{name}' is the name of a built-in query already; choose another"))
        } else {
            Ok(name)
        }
    });
    let kind = section.required("type", "write isolation_forest or pca", choice(&KINDS));
    let hint = "name the queries whose series are scored together";
    let members = section.required_list("queries", hint, |item| item.value(|node| member(node, context)));
    let hint = "name the labels that the series of a group share, for example [instance]; [] makes all of them one group";
    let labels = labels(section, hint);
    let retrain_every =
        section.value_or("retrain_every", Duration::from_secs(DAY), duration(seconds(HOUR, 30 * DAY)));
    let interval = context.detect.interval;
    let false_alarms = section
        .value_or("false_alarms", context.detect.false_alarms, |node| (context.budget)(interval, node));
    let detect = detect::Config { false_alarms, ..context.detect.clone() };
    let members = members.and_then(|members| distinct(section, members));
    Some(GroupModel { name: name?, kind: kind?, members: members?, group_by: labels?, retrain_every, detect })
}

fn member(node: &Node, context: &Context) -> Parsed<MemberQuery> {
    let name = text(node)?;
    if let Some(query) = context.queries.iter().find(|query| query.name == name) {
        let (name, expr) = (query.name.clone(), query.expr.clone());
        return Ok(MemberQuery { name, expr, while_firing: query.while_firing.clone() });
    }
    let known: Vec<&str> = context.queries.iter().map(|query| query.name.as_str()).collect();
    let shown: String = name.chars().take(64).collect();
    Err(match suggestion::nearest(name, &known) {
        Some(meant) => format!("'{shown}' is not the name of a query; did you mean {meant}?"),
        None => format!(
            "'{shown}' is not the name of a query; write one of your queries or of the presets in use"
        ),
    })
}

/// Each query counts once, and there are not too many.
fn distinct(section: &Section, members: Vec<MemberQuery>) -> Option<Vec<MemberQuery>> {
    let mut names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        section.fault("queries", &format!("names {} twice; keep one of the two", twice[0]));
        return None;
    }
    if members.len() > MOST_QUERIES {
        section.fault("queries", &format!("names more than {MOST_QUERIES} queries; make two models of it"));
        return None;
    }
    Some(members)
}

fn labels(section: &mut Section, hint: &'static str) -> Option<Vec<String>> {
    let labels = section.required_items("group_by", hint, |item: &Item| item.value(label_name))?;
    let mut sorted = labels.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() < labels.len() {
        section.fault("group_by", "names a label twice; keep one of the two");
        return None;
    }
    if labels.len() > MOST_LABELS {
        section.fault(
            "group_by",
            &format!("names more than {MOST_LABELS} labels; name those that tell groups apart"),
        );
        return None;
    }
    Some(labels)
}
