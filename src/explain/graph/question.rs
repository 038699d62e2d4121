//! What is asked of services about alerts, and what the answers say of each service that alerts name.

use std::collections::HashSet;

use super::nodes::{Measured, nodes};
use super::span::{STEP, Span};
use super::template::filled;
use super::{Graph, Measures, Services};
use crate::model::{Episode, Timestamp, format_duration};
use crate::rank::{Incident, Kind, Node, Ranking, rank};

/// Services that are asked about; the nearest to those that alerts name come first.
const MAX_SERVICES: usize = 200;
/// Services whose dependencies are ranked: those that most alerts name.
const MAX_TARGETS: usize = 3;
/// Services of which nothing is known that are named; the rest is counted.
const MAX_NAMED: usize = 3;

/// A question about the services that alerts name.
#[derive(Clone, Debug)]
pub struct Question {
    /// Those that most alerts name first.
    targets: Vec<String>,
    /// Themselves and all that they depend on, or that depend on them.
    services: Vec<String>,
    /// How many more there are.
    left_out: usize,
    /// Which time it is about.
    pub span: Span,
}

impl Question {
    /// About the alerts that began together last. The error says why there is nothing to ask.
    pub fn new(
        services: &Services,
        episodes: &[Episode],
        span: Span,
        begins: Timestamp,
    ) -> Result<Self, String> {
        let late = episodes.iter().filter(|episode| episode.alert.starts_at >= begins);
        let mut targets: Vec<(usize, String)> = Vec::new();
        for name in late.filter_map(|episode| services.of(&episode.alert.labels)) {
            match targets.iter_mut().find(|(_, known)| *known == name) {
                Some((count, _)) => *count += 1,
                None => targets.push((1, name)),
            }
        }
        if targets.is_empty() {
            let labels = services.graph.labels_in_words();
            return Err(format!(
                "No alert names a service of the dependency graph by its labels {labels}; explain.graph.services can \
                 say which alerts belong to which service."
            ));
        }
        targets.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        targets.truncate(MAX_TARGETS);
        let targets: Vec<String> = targets.into_iter().map(|(_, name)| name).collect();
        let (asked, left_out) = around(services, &targets);
        Ok(Self { targets, services: asked, left_out, span })
    }

    /// The expressions for requests, failures and latency.
    pub fn queries(&self, measures: &Measures) -> [Option<String>; 3] {
        let window = format_duration(STEP);
        [&measures.requests, &measures.failures, &measures.latency].map(|template| {
            let names = self.services.iter().map(String::as_str);
            template.as_ref().map(|template| filled(template, names, &window))
        })
    }

    /// A ranking for each kind in which a service that alerts name is unusual, and what could not be said.
    pub fn judge(&self, services: &Services, measured: &Measured) -> (Vec<Ranking>, Vec<String>) {
        let Graph { measures, .. } = &services.graph;
        let nodes = nodes(&self.services, &measures.label, &self.span, measured);
        let (mut rankings, mut troubles) = (Vec::new(), Vec::new());
        if self.left_out > 0 {
            troubles.push(format!(
                "{} more services of the dependency graph are not asked about.",
                self.left_out
            ));
        }
        for target in &self.targets {
            if !nodes.iter().any(|node| node.name == *target) {
                troubles.push(format!(
                    "Nothing is known of how {target} did: no series names it by the label {}.",
                    measures.label
                ));
                continue;
            }
            let found = self.of_target(target, services, &nodes);
            if found.is_empty() {
                troubles.push(format!(
                    "What {target} depends on is not ranked: what is known of {target} is as its history shows, or the \
                     history is too short."
                ));
            }
            troubles.extend(unknown(target, services, &nodes));
            rankings.extend(found);
        }
        (rankings, troubles)
    }

    /// Slow or failing requests come from those that are called, and fewer from those that call.
    fn of_target(&self, target: &str, services: &Services, nodes: &[Node]) -> Vec<Ranking> {
        let ranked = |kind| self.ranked(target, kind, services, nodes);
        let worse: Vec<Ranking> = [Kind::Errors, Kind::Latency].into_iter().filter_map(ranked).collect();
        if worse.is_empty() { ranked(Kind::Requests).into_iter().collect() } else { worse }
    }

    /// `None`: it is not known, or not unusual.
    fn ranked(&self, target: &str, kind: Kind, services: &Services, nodes: &[Node]) -> Option<Ranking> {
        let behind = services.known.behind(target, kind == Kind::Requests);
        let near = nodes.iter().filter(|node| behind.contains(&node.name.as_str()));
        let near: Vec<Node> = near.filter(|node| node.metric(kind).is_some()).cloned().collect();
        let times = self.span.times();
        let incident = Incident { target, kind, nodes: &near, graph: &services.known, times: &times };
        // A target without a series of the kind is no fault: another kind tells.
        let ranking = rank(&incident).ok()?;
        let unusual = ranking.target.as_ref().is_some_and(|target| target.abnormal);
        (unusual || !ranking.suspects.is_empty()).then_some(ranking)
    }
}

fn around(services: &Services, targets: &[String]) -> (Vec<String>, usize) {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for target in targets {
        for against_calls in [false, true] {
            let behind = services.known.behind(target, against_calls);
            found.extend(behind.into_iter().filter(|name| seen.insert(*name)));
        }
    }
    let left_out = found.len().saturating_sub(MAX_SERVICES);
    (found.into_iter().take(MAX_SERVICES).map(str::to_owned).collect(), left_out)
}

/// What the target calls, directly or not, and nothing is known of.
fn unknown(target: &str, services: &Services, nodes: &[Node]) -> Option<String> {
    let known = |name: &&str| nodes.iter().any(|node| node.name == **name);
    let mut names = services.known.behind(target, false);
    names.truncate(MAX_SERVICES);
    names.retain(|name| !known(name));
    let more = names.len().saturating_sub(MAX_NAMED);
    names.truncate(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names = names.join(", ");
    (!names.is_empty()).then(|| {
        format!("Of what {target} depends on, nothing is known of {names}{more}: no series names it.")
    })
}
