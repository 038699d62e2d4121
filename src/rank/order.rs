//! The order of the suspects.

use std::cmp::Ordering;

use super::incident::{Incident, Kind, RankError};
use super::judge::{Judged, Judgement};
use super::paths::{Links, Ways};
use super::ranking::{Deviation, Explained, Ranking, Suspect, Target};
use super::{Excess, chance};
use crate::model::{Labels, Timestamp};

/// What one suspect has to account for where the target itself is as it often is: most of its excess.
const MAJORITY: f64 = 0.5;
/// The smallest share of a dependency that is named.
const SMALLEST_SHARE: f64 = 0.01;

/// Ranks what may have made the target worse. The same question has the same answer, whatever the order of its nodes.
pub fn rank(incident: &Incident) -> Result<Ranking, RankError> {
    incident.check()?;
    let empty = Ranking { kind: incident.kind, target: None, suspects: Vec::new() };
    Ok(Judgement::of(incident).map_or(empty, |judgement| Answer::of(incident, &judgement).ranking()))
}

/// Where an answer is put together.
struct Answer<'a> {
    incident: &'a Incident<'a>,
    judgement: &'a Judgement<'a>,
    links: Links<'a>,
    ways: Ways,
}

/// A node that stands out: its number, what it accounts for by itself, and by which others it is explained.
struct Found {
    number: usize,
    own_share: f64,
    score: f64,
    explained_by: Vec<(usize, f64)>,
}

impl<'a> Answer<'a> {
    fn of(incident: &'a Incident<'a>, judgement: &'a Judgement<'a>) -> Self {
        // Fewer requests reach a node because of its callers; all else comes from those it calls.
        let against_calls = incident.kind == Kind::Requests;
        let names = judgement.nodes.iter().map(|judged| judged.node.name.as_str());
        let links = Links::new(incident.graph, names, against_calls);
        let widths: Vec<f64> = judgement.nodes.iter().map(|node| node.share * node.credit).collect();
        let ways = Ways::from(judgement.target, &widths, &links);
        Self { incident, judgement, links, ways }
    }

    fn ranking(&self) -> Ranking {
        let mut found = self.found();
        let width = |found: &Found| self.node(found).share * self.node(found).credit;
        let is_explained = found.iter().any(|found| width(found) > MAJORITY);
        if !is_explained && !self.judgement.target_stands_out() {
            found.clear();
        }
        self.weigh(&mut found);
        let mut suspects: Vec<Suspect> = found.iter().map(|found| self.suspect(found)).collect();
        suspects.sort_by(|one, other| self.order(one, other));
        Ranking { kind: self.incident.kind, target: Some(self.target()), suspects }
    }

    /// All that stand out and account for something. Who is not known to be a dependency of the target accounts for
    /// no more than the best of those that are leaves over.
    fn found(&self) -> Vec<Found> {
        let stands_out =
            |number: &usize| *number != self.judgement.target && self.judgement.nodes[*number].credit > 0.0;
        let mut all: Vec<Found> = (0..self.judgement.nodes.len())
            .filter(stands_out)
            .map(|number| {
                let (left, explained_by) = self.judgement.own(number, &self.links);
                let own_share = self.judgement.own_share(number, &left);
                let score = self.ways.widths[number].map_or(own_share, |width| own_share.min(width));
                Found { number, own_share, score, explained_by }
            })
            .collect();
        let is_reached = |found: &Found| self.ways.widths[found.number].is_some();
        let best = all.iter().filter(|found| is_reached(found)).map(|found| found.score).fold(0.0, f64::max);
        for found in all.iter_mut().filter(|found| !is_reached(found)) {
            found.score = found.score.min(1.0 - best);
        }
        all.retain(|found| found.score > 0.0);
        all
    }

    /// A fault is diluted by what else varies on its way up, so of two that account for as much the more significant is
    /// nearer to it. Significances of different series compare in order alone, and the voice may at most halve a score.
    fn weigh(&self, found: &mut [Found]) {
        let significances: Vec<f64> = found.iter().map(|found| self.node(found).significance).collect();
        for (found, own) in found.iter_mut().zip(&significances) {
            let below = significances.iter().filter(|other| *other <= own).count();
            found.score *= f64::midpoint(1.0, below as f64 / significances.len() as f64);
        }
    }

    fn order(&self, one: &Suspect, other: &Suspect) -> Ordering {
        let shared = |suspect: &Suspect| self.shared_labels(&suspect.node);
        let by_score = other.score.total_cmp(&one.score);
        by_score
            .then_with(|| earlier(one.since, other.since))
            .then_with(|| shared(other).cmp(&shared(one)))
            .then_with(|| one.node.cmp(&other.node))
    }

    fn node(&self, found: &Found) -> &Judged<'a> {
        &self.judgement.nodes[found.number]
    }

    fn name(&self, number: usize) -> String {
        self.judgement.nodes[number].node.name.clone()
    }

    fn target(&self) -> Target {
        let (judgement, target) = (self.judgement, &self.judgement.nodes[self.judgement.target]);
        let stretch = &judgement.stretch;
        let (left, _) = judgement.own(judgement.target, &self.links);
        let squares = |rows: &[f64]| rows.iter().map(|row| row * row).sum::<f64>();
        Target {
            node: target.node.name.clone(),
            since: self.incident.times[stretch.first],
            until: self.incident.times[stretch.last],
            usual: target.excess.usual,
            seen: target.excess.values[stretch.worst(&target.excess.rows)],
            significance: target.significance,
            abnormal: judgement.target_stands_out(),
            unexplained: squares(&left) / squares(&target.profile),
        }
    }

    fn suspect(&self, found: &Found) -> Suspect {
        let node = self.node(found);
        let mut explained_by: Vec<Explained> = found
            .explained_by
            .iter()
            .filter(|(_, share)| *share >= SMALLEST_SHARE)
            .map(|(number, share)| Explained { node: self.name(*number), share: *share })
            .collect();
        explained_by.sort_by(|one, other| other.share.total_cmp(&one.share).then(one.node.cmp(&other.node)));
        Suspect {
            node: node.node.name.clone(),
            score: found.score,
            share: node.share,
            own_share: found.own_share,
            significance: node.significance,
            since: self.since(&node.excess),
            usual: node.excess.usual,
            seen: node.excess.values[self.judgement.stretch.worst(&node.excess.rows)],
            way: self.ways.to(found.number).into_iter().map(|number| self.name(number)).collect(),
            explained_by,
            also: self.also(node),
        }
    }

    fn since(&self, excess: &Excess) -> Option<Timestamp> {
        let stands_out = |row: &usize| excess.significance_of(*row) > self.judgement.limit;
        (0..excess.rows.len()).find(stands_out).map(|row| self.incident.times[row])
    }

    /// The other kinds that stand out, each against the chance of all rows of all nodes.
    fn also(&self, node: &Judged) -> Vec<Deviation> {
        let others =
            node.node.metrics.iter().map(|metric| metric.kind).filter(|kind| *kind != self.incident.kind);
        let deviation = |kind| {
            let excess = Excess::of(node.node, kind)?;
            let significance = excess.significance(&self.judgement.stretch.profile);
            let worst = self.judgement.stretch.worst(&excess.rows);
            let limit = chance(self.judgement.nodes.len() * self.incident.times.len());
            let seen = excess.values[worst];
            (significance > limit).then_some(Deviation { kind, usual: excess.usual, seen, significance })
        };
        let mut found: Vec<Deviation> = others.filter_map(deviation).collect();
        found.sort_by_key(|deviation| deviation.kind);
        found
    }

    fn shared_labels(&self, name: &str) -> usize {
        let labels = |wanted: &str| {
            self.incident.nodes.iter().find(|node| node.name == wanted).map(|node| &node.labels)
        };
        let (Some(own), Some(target)) = (labels(name), labels(self.incident.target)) else { return 0 };
        let same = |labels: &Labels, (label, value): (&str, &str)| labels.get(label) == Some(value);
        own.iter().filter(|pair| same(target, *pair)).count()
    }
}

/// Whoever stood out first, and who did so before who never did in any one row.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Ordering {
    one.is_none().cmp(&other.is_none()).then(one.cmp(&other))
}
