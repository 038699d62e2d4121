//! What the dependency graph says for a place, and what it takes from what others say. Pure.

use std::collections::BTreeMap;

use super::super::graph::words::{of_suspect, of_target};
use super::super::graph::{Dependencies, Services};
use crate::model::Labels;

/// What a ranking says at most: it knows sizes and directions, not reasons.
const RANKED: f64 = 0.9;
/// What accounts for less of an alert's excess is no suspect.
const SMALLEST: f64 = 0.05;

/// What is known of services by the graph; without one nothing is.
pub(super) struct Suspects<'e> {
    services: Option<&'e Services>,
    by_service: BTreeMap<&'e str, Suspect<'e>>,
    left: BTreeMap<&'e str, f64>,
}

/// A service that may be the cause.
#[derive(Default)]
pub(super) struct Suspect<'e> {
    /// What speaks for it, from 0 to 1.
    pub strength: f64,
    /// Why; without its end.
    pub words: String,
    /// The services whose alerts it accounts for.
    targets: Vec<&'e str>,
}

impl<'e> Suspects<'e> {
    /// From the rankings. A service that alerts name is a suspect itself, for what its dependencies leave unexplained.
    pub fn of(dependencies: &'e Dependencies) -> Self {
        let (by_service, left) = (BTreeMap::new(), BTreeMap::new());
        let mut suspects = Self { services: dependencies.services.as_ref(), by_service, left };
        for ranking in &dependencies.rankings {
            let Some(target) = ranking.target.as_ref() else { continue };
            for suspect in &ranking.suspects {
                let words = || of_suspect(suspect, &target.node, ranking.kind);
                suspects.add(&suspect.node, suspect.score, &target.node, words);
                let own = if suspect.share > 0.0 { suspect.own_share / suspect.share } else { 1.0 };
                suspects.leave(&suspect.node, own);
            }
            let best = ranking.suspects.first().map_or(0.0, |suspect| suspect.score);
            let own = if target.abnormal { target.unexplained.min(1.0 - best) } else { 0.0 };
            suspects.add(&target.node, own, &target.node, || of_target(target, ranking.kind));
            suspects.leave(&target.node, 1.0 - best);
        }
        suspects
    }

    fn add(&mut self, service: &'e str, score: f64, target: &'e str, words: impl FnOnce() -> String) {
        if score < SMALLEST {
            return;
        }
        let known = self.by_service.entry(service).or_default();
        known.targets.push(target);
        if RANKED * score > known.strength {
            (known.strength, known.words) = (RANKED * score, words());
        }
    }

    fn leave(&mut self, service: &'e str, share: f64) {
        let known = self.left.entry(service).or_insert(1.0);
        *known = known.min(share.clamp(0.0, 1.0));
    }

    /// The suspects with their places and labels.
    pub fn places(&self) -> impl Iterator<Item = (String, Labels, &Suspect<'e>)> {
        let label = self.services.map_or("service", Services::label);
        self.by_service.iter().map(move |(service, suspect)| {
            let labels = [(label, *service)].into_iter().collect();
            (format!("{label}={service}"), labels, suspect)
        })
    }

    /// The service that labels name.
    pub fn service_of(&self, labels: &Labels) -> Option<String> {
        self.services?.of(labels)
    }

    /// The place of a suspect by its service.
    pub fn place_of(&self, service: &str) -> Option<String> {
        let label = self.services.map_or("service", Services::label);
        self.by_service.contains_key(service).then(|| format!("{label}={service}"))
    }

    /// The share of what is seen at a service for which those that it depends on do not account: an anomaly or an alert
    /// there says so much for it.
    pub fn left(&self, service: Option<&str>) -> f64 {
        service.and_then(|service| self.left.get(service)).copied().unwrap_or(1.0)
    }

    /// Whether a service accounts for alerts of another.
    pub fn accounts(&self, service: Option<&str>, alerting: Option<&str>) -> bool {
        let suspect = service.and_then(|service| self.by_service.get(service));
        suspect.zip(alerting).is_some_and(|(suspect, alerting)| suspect.targets.contains(&alerting))
    }
}
