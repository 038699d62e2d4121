//! What the alerts most likely come from, where nobody has told who calls whom: places in order, with what speaks for
//! each. Pure and deterministic; nothing is learnt.
//!
//! Every place that something is known of is a candidate: a host, a pod, a service. Three things speak for it, each
//! from 0 to 1: a change there shortly before the first alert, an anomaly that began before it, and alerts of its own.
//! They are joined as if independent (noisy or; J. Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, 4.3.2),
//! and weighed by how many of the alerts the place has to do with. The weights are set by reasoning, not fitted.
//!
//! An anomaly of what an alert itself measures is that alert once more, not another witness. Places for which nothing
//! but that speaks come after those where something else was odd or was changed by then: there it hurts, and that is
//! not why. A place with an alert and nothing else is no cause.

mod signals;
mod symptoms;
mod together;

use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::Change;
use super::evidence::Evidence;
use super::relate::{PLACES, host, kinship};
use crate::model::{Labels, ScoredSeries, Timestamp};

use signals::{anomaly, speaks, told};
use symptoms::Symptoms;
use together::together;

/// Causes told.
const MAX_CAUSES: usize = 5;
/// Less than this is no cause worth a look.
const WORTH_TELLING: f64 = 0.05;
/// What an alert at a place says for it being the cause, however many there are.
const OWN_ALERT: f64 = 0.4;
/// Reasons told for one cause.
const MAX_REASONS: usize = 4;
/// Labels that a place has to share with an alert to be the same one, and to have something to do with it.
const SAME: u32 = 8;
const NEAR: u32 = 2;

/// What is said where alerts fire and no place is told.
pub(super) const UNEXPLAINED: &str = "Nothing that was seen explains the alerts.";

/// A place that may be the cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cause {
    /// The label and its value, as `instance=a`, without a port.
    pub place: String,
    /// From 0 to 1; for comparison only.
    pub score: f64,
    /// How many of the alerts it is near to.
    pub alerts: usize,
    /// What speaks for it, the strongest first; sentences without their ends.
    pub reasons: Vec<String>,
}

/// Places in order, the likeliest first; equal ones by their names.
pub fn causes(evidence: &Evidence) -> Vec<Cause> {
    let Some(first) = evidence.episodes.iter().map(|episode| episode.alert.starts_at).min() else {
        return Vec::new();
    };
    let symptoms = Symptoms::of(evidence);
    let mut found: Vec<(bool, Cause)> = candidates(evidence)
        .into_iter()
        .filter(|(_, known)| !known.changes.is_empty() || !known.anomalies.is_empty())
        .map(|(place, known)| known.judge(place, first, evidence, &symptoms))
        .collect();
    found.extend(together(evidence).map(|cause| (true, cause)));
    found.retain(|(_, cause)| cause.score >= WORTH_TELLING);
    found.sort_by(|(a_leads, a), (b_leads, b)| {
        b_leads.cmp(a_leads).then(b.score.total_cmp(&a.score)).then_with(|| a.place.cmp(&b.place))
    });
    found.truncate(MAX_CAUSES);
    found.into_iter().map(|(_, cause)| cause).collect()
}

/// What is known of one place.
#[derive(Default)]
struct Known<'e> {
    labels: Option<&'e Labels>,
    changes: Vec<&'e Change>,
    anomalies: Vec<&'e ScoredSeries>,
    alerts: usize,
}

fn candidates(evidence: &Evidence) -> BTreeMap<String, Known<'_>> {
    let mut places: BTreeMap<String, Known<'_>> = BTreeMap::new();
    for change in &evidence.surroundings.changes {
        if let Some(known) = at(&mut places, &change.labels) {
            known.changes.push(change);
        }
    }
    for scored in evidence.scores.iter().filter(|scored| scored.score.score >= 1.0) {
        if let Some(known) = at(&mut places, &scored.labels) {
            known.anomalies.push(scored);
        }
    }
    for episode in &evidence.episodes {
        if let Some(known) = at(&mut places, &episode.alert.labels) {
            known.alerts += 1;
        }
    }
    places
}

fn at<'p, 'e>(places: &'p mut BTreeMap<String, Known<'e>>, labels: &'e Labels) -> Option<&'p mut Known<'e>> {
    let known = places.entry(place(labels)?).or_default();
    known.labels.get_or_insert(labels);
    Some(known)
}

/// The closest label that says where something runs.
fn place(labels: &Labels) -> Option<String> {
    PLACES.iter().find_map(|(name, _)| {
        let value = labels.get(name).filter(|value| !value.is_empty())?;
        Some(format!("{name}={}", host(value)))
    })
}

impl Known<'_> {
    /// Also whether anything leads to the symptoms that is not one of them.
    fn judge(
        &self,
        place: String,
        first: Timestamp,
        evidence: &Evidence,
        symptoms: &Symptoms,
    ) -> (bool, Cause) {
        let (same, other): (Vec<&ScoredSeries>, Vec<&ScoredSeries>) =
            self.anomalies.iter().partition(|scored| symptoms.has(scored));
        let (reach, alerts) = self.reach(evidence);
        let score = round((1.0 - self.doubt(&same, &other, first)) * reach);
        let mut reasons = self.reasons(first);
        if self.changes.is_empty() && other.is_empty() {
            reasons.push("nothing but what the alerts measure speaks for it".to_owned());
        }
        (self.leads(&other, symptoms.until), Cause { place, score, alerts, reasons })
    }

    /// What is left to doubt after changes, anomalies, and the alerts with what they measure, each by its strongest.
    fn doubt(&self, same: &[&ScoredSeries], other: &[&ScoredSeries], first: Timestamp) -> f64 {
        let own = if self.alerts > 0 { OWN_ALERT } else { 0.0 };
        let changes = self.strongest(&self.changes, |one| speaks(one, first));
        let anomalies = self.strongest(other, |one| anomaly(one, first).0);
        let alerts = own.max(self.strongest(same, |one| anomaly(one, first).0).min(OWN_ALERT));
        (1.0 - changes) * (1.0 - anomalies) * (1.0 - alerts)
    }

    /// Whether a change or an anomaly that is no symptom was there by then.
    fn leads(&self, other: &[&ScoredSeries], until: Option<Timestamp>) -> bool {
        let begun = other.iter().filter_map(|one| one.absent_since.or(one.since));
        let mut all = self.changes.iter().map(|one| one.about()).chain(begun);
        all.any(|at| Some(at) <= until)
    }

    fn reasons(&self, first: Timestamp) -> Vec<String> {
        let mut spoken: Vec<(f64, String)> = Vec::new();
        spoken.extend(self.changes.iter().map(|change| (speaks(change, first), told(change, first))));
        spoken.extend(self.anomalies.iter().map(|scored| anomaly(scored, first)));
        spoken.extend(self.own_alerts().map(|words| (OWN_ALERT, words)));
        spoken.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        spoken.dedup();
        spoken.into_iter().map(|(_, reason)| reason).take(MAX_REASONS).collect()
    }

    fn own_alerts(&self) -> Option<String> {
        match self.alerts {
            0 => None,
            1 => Some("an alert fires there".to_owned()),
            many => Some(format!("{many} alerts fire there")),
        }
    }

    fn strongest<T>(&self, all: &[T], speaks: impl Fn(&T) -> f64) -> f64 {
        all.iter().map(speaks).fold(0.0, f64::max)
    }

    /// The share of the alerts that the place has to do with, and of how many it does.
    fn reach(&self, evidence: &Evidence) -> (f64, usize) {
        let Some(labels) = self.labels else { return (0.0, 0) };
        let near = evidence.episodes.iter().map(|episode| match kinship(&episode.alert.labels, labels).0 {
            // On the same host by another port it is half of that.
            shared if shared >= SAME / 2 => 1.0,
            shared if shared >= NEAR => 0.5,
            _ => 0.1,
        });
        let near: Vec<f64> = near.collect();
        let alerts = near.iter().filter(|share| **share >= 0.5).count();
        (near.iter().sum::<f64>() / near.len().max(1) as f64, alerts)
    }
}

/// Three decimals: more would pretend to know.
fn round(score: f64) -> f64 {
    (score * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
