//! What the alerts most likely come from: places in order, with what speaks for each. Pure and deterministic; nothing is
//! learnt.
//!
//! Every place that something is known of is a candidate: a host, a pod, a service. Four things speak for it, each
//! from 0 to 1: a change there shortly before the first alert, an anomaly that began before it, alerts of its own, and
//! where it is known who calls whom, the share of a service's excess for which it accounts. They are joined as if
//! independent (noisy or; J. Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, 4.3.2), and weighed by how
//! many of the alerts the place has to do with. What a service suffers from those it calls explains its own anomalies
//! and alerts away. The weights are set by reasoning, not fitted.
//!
//! An anomaly of what an alert itself measures is that alert once more, not another witness. Places for which nothing
//! but that speaks come after those where something else was odd or was changed by then: there it hurts, and that is
//! not why. A place with an alert and nothing else is no cause.

mod places;
mod signals;
mod suspects;
mod symptoms;
mod together;

use serde::Serialize;

use super::evidence::Evidence;
use super::relate::Place;
use super::reporters::Reporters;
use crate::model::{ScoredSeries, Timestamp};

use places::{Known, candidates};
use signals::{anomaly, speaks, told};
use suspects::Suspects;
use symptoms::Symptoms;
pub use together::Common;
pub(super) use together::in_common;

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
    let suspects = Suspects::of(&evidence.dependencies);
    let alerting = evidence.episodes.iter().map(|episode| {
        let labels = &episode.alert.labels;
        Alerting { place: Place::of(labels, &evidence.reporters), service: suspects.service_of(labels) }
    });
    let (alerting, symptoms) = (alerting.collect(), Symptoms::of(evidence));
    let judging = Judging { first, alerting, suspects: &suspects, reporters: &evidence.reporters, symptoms };
    let found =
        candidates(evidence, &suspects).into_iter().filter(|(_, known)| known.is_more_than_an_alert());
    let mut found: Vec<(bool, Cause)> = found.map(|(place, known)| judging.judge(place, &known)).collect();
    found.extend(evidence.common.as_ref().map(|common| (true, common.cause())));
    found.retain(|(_, cause)| cause.score >= WORTH_TELLING);
    found.sort_by(|(a_leads, a), (b_leads, b)| {
        b_leads.cmp(a_leads).then(b.score.total_cmp(&a.score)).then_with(|| a.place.cmp(&b.place))
    });
    found.truncate(MAX_CAUSES);
    found.into_iter().map(|(_, cause)| cause).collect()
}

/// An alert, and its service where one is known.
struct Alerting<'e> {
    place: Place<'e>,
    service: Option<String>,
}

/// What all places are judged by.
struct Judging<'e> {
    first: Timestamp,
    alerting: Vec<Alerting<'e>>,
    suspects: &'e Suspects<'e>,
    reporters: &'e Reporters,
    symptoms: Symptoms<'e>,
}

impl Judging<'_> {
    /// Also whether anything leads to the symptoms that is not one of them.
    fn judge(&self, place: String, known: &Known) -> (bool, Cause) {
        let (same, other): (Vec<&ScoredSeries>, Vec<&ScoredSeries>) =
            known.anomalies.iter().partition(|scored| self.symptoms.has(scored));
        let left = self.suspects.left(known.service.as_deref());
        let odd = |one: &&ScoredSeries| {
            let (strength, words) = anomaly(one, self.first);
            (strength * left, words)
        };
        let changes = known.changes.iter().map(|one| (speaks(one, self.first), told(one, self.first)));
        let changes: Vec<Said> = changes.collect();
        let others: Vec<_> = other.iter().map(odd).collect();
        let measured: Vec<_> = same.iter().map(odd).collect();
        let alerts: Vec<_> =
            own_alerts(known.alerts).map(|words| (OWN_ALERT * left, words)).into_iter().collect();
        let ranked: Vec<_> = known.ranked.clone().into_iter().collect();
        // What an alert measures counts as the alert does, together with it.
        let own = strongest(&alerts).max(strongest(&measured).min(OWN_ALERT * left));
        let says = [strongest(&changes), strongest(&others), own, strongest(&ranked)];
        let doubt: f64 = says.iter().map(|says| 1.0 - says).product();
        let (reach, near) = self.reach(known);
        let leads = known.ranked.is_some() || self.leads(known, &other);
        let only_measured = changes.is_empty() && others.is_empty() && ranked.is_empty();
        let mut reasons = reasons([changes, others, alerts, measured, ranked].concat());
        if only_measured {
            reasons.push("nothing but what the alerts measure speaks for it".to_owned());
        }
        (leads, Cause { place, score: round((1.0 - doubt) * reach), alerts: near, reasons })
    }

    /// Whether a change or an anomaly that is no symptom was there by the time of the symptoms.
    fn leads(&self, known: &Known, other: &[&ScoredSeries]) -> bool {
        let begun = other.iter().filter_map(|one| one.absent_since.or(one.since));
        let mut all = known.changes.iter().map(|one| one.about()).chain(begun);
        all.any(|at| Some(at) <= self.symptoms.until)
    }

    /// The share of the alerts that the place has to do with, and of how many it does.
    fn reach(&self, known: &Known) -> (f64, usize) {
        let own = Place::of(&known.labels, self.reporters);
        let near = self.alerting.iter().map(|alerting| {
            if self.suspects.accounts(known.service.as_deref(), alerting.service.as_deref()) {
                return 1.0;
            }
            match alerting.place.kinship(&own) {
                // On the same host by another port it is half of that.
                shared if shared >= SAME / 2 => 1.0,
                shared if shared >= NEAR => 0.5,
                _ => 0.1,
            }
        });
        let near: Vec<f64> = near.collect();
        let alerts = near.iter().filter(|share| **share >= 0.5).count();
        (near.iter().sum::<f64>() / near.len().max(1) as f64, alerts)
    }
}

/// How strongly something speaks for a place, from 0 to 1, and in words.
type Said = (f64, String);

fn strongest(said: &[Said]) -> f64 {
    said.iter().map(|one| one.0).fold(0.0, f64::max)
}

fn own_alerts(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("an alert fires there".to_owned()),
        many => Some(format!("{many} alerts fire there")),
    }
}

/// The strongest first.
fn reasons(mut spoken: Vec<Said>) -> Vec<String> {
    spoken.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    spoken.dedup();
    spoken.truncate(MAX_REASONS);
    spoken.into_iter().map(|(_, reason)| reason).collect()
}

/// Three decimals: more would pretend to know.
fn round(score: f64) -> f64 {
    (score * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
