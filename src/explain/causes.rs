//! What the alerts most likely come from, where nobody has told who calls whom: places in order, with what speaks for
//! each. Pure and deterministic; nothing is learnt.
//!
//! Every place that something is known of is a candidate: a host, a pod, a service. Three things speak for it, each
//! from 0 to 1: a change there shortly before the first alert, an anomaly that began before it, and alerts of its own.
//! They are joined as if independent (noisy or; J. Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, 4.3.2),
//! and weighed by how many of the alerts the place has to do with. The weights are set by reasoning, not fitted.

mod signals;

use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::Change;
use super::evidence::Evidence;
use super::relate::{PLACES, host, kinship};
use crate::model::{Labels, ScoredSeries, Timestamp};

use signals::{anomaly, speaks, told};

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
    let mut found: Vec<Cause> =
        candidates(evidence).into_iter().map(|(place, known)| known.judge(place, first, evidence)).collect();
    found.retain(|cause| cause.score >= WORTH_TELLING);
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.place.cmp(&b.place)));
    found.truncate(MAX_CAUSES);
    found
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
    fn judge(&self, place: String, first: Timestamp, evidence: &Evidence) -> Cause {
        let mut spoken: Vec<(f64, String)> = Vec::new();
        spoken.extend(self.changes.iter().map(|change| (speaks(change, first), told(change, first))));
        spoken.extend(self.anomalies.iter().map(|scored| anomaly(scored, first)));
        if self.alerts > 0 {
            let alerts = match self.alerts {
                1 => "an alert fires there".to_owned(),
                many => format!("{many} alerts fire there"),
            };
            spoken.push((OWN_ALERT, alerts));
        }
        spoken.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let doubt: f64 = [
            self.strongest(&self.changes, |one| speaks(one, first)),
            self.strongest(&self.anomalies, |one| anomaly(one, first).0),
            if self.alerts > 0 { OWN_ALERT } else { 0.0 },
        ]
        .iter()
        .map(|spoken| 1.0 - spoken)
        .product();
        let (reach, alerts) = self.reach(evidence);
        spoken.dedup();
        spoken.truncate(MAX_REASONS);
        let reasons = spoken.into_iter().map(|(_, reason)| reason).collect();
        Cause { place, score: round((1.0 - doubt) * reach), alerts, reasons }
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
mod tests {
    use super::super::changes::ChangeKind;
    use super::super::evidence::Surroundings;
    use super::super::samples::{at, episode};
    use super::*;

    fn scored(query: &str, instance: &str, score: f64, since: Option<i64>) -> ScoredSeries {
        let labels = [("instance", instance), ("job", "app")];
        ScoredSeries { since: since.map(at), ..ScoredSeries::plain(query, &labels, score) }
    }

    fn change(kind: ChangeKind, instance: &str, minute: Option<i64>) -> Change {
        let labels = [("instance", instance), ("job", "app")].into_iter().collect();
        Change { kind, labels, at: minute.map(at), window: (at(40), at(105)) }
    }

    fn first(alerts: &[&str], scores: Vec<ScoredSeries>, changes: Vec<Change>) -> Option<String> {
        let episodes = alerts
            .iter()
            .map(|name| episode(&[("alertname", "Slow"), ("instance", name), ("job", "app")], 100, None));
        let evidence = Evidence {
            at: at(110),
            episodes: episodes.collect(),
            scores,
            surroundings: Surroundings { changes, ..Surroundings::default() },
            ..Evidence::default()
        };
        causes(&evidence).first().map(|cause| cause.place.clone())
    }

    #[test]
    fn the_place_that_most_speaks_for_comes_first() {
        use ChangeKind::{Appeared, Reboot, Restart, Version};
        for (alerts, scores, changes, expected, sentence) in [
            (
                &[][..],
                vec![scored("busy", "a:1", 5.0, Some(90))],
                vec![],
                None,
                "without an alert nothing is asked",
            ),
            (&["a:80"], vec![], vec![], Some("instance=a"), "nothing else is known"),
            (
                &["a:80"],
                vec![scored("busy", "b:80", 3.0, Some(90))],
                vec![],
                Some("instance=a"),
                "a peer that is odd, and the alert's own host",
            ),
            (
                &["a:80", "c:80", "d:80"],
                vec![scored("busy", "b:80", 9.0, Some(90)), scored("busy", "a:80", 2.0, Some(101))],
                vec![],
                Some("instance=b"),
                "many suffer, and one was odd before all",
            ),
            (
                &["a:80", "c:80", "d:80"],
                vec![scored("busy", "a:80", 1.2, Some(101)), scored("busy", "c:80", 1.2, Some(101))],
                vec![change(Version, "b:80", Some(97))],
                Some("instance=b"),
                "a new version among peers just before",
            ),
            (
                &["a:80"],
                vec![scored("busy", "a:9100", 4.0, Some(95))],
                vec![change(Appeared, "b:80", Some(99))],
                Some("instance=a"),
                "a target that has just come, and the host itself by another port",
            ),
            (
                &["a:80"],
                vec![],
                vec![change(Reboot, "a:9100", Some(98)), change(Restart, "b:80", Some(60))],
                Some("instance=a"),
                "a reboot of the host",
            ),
        ] {
            assert_eq!(first(alerts, scores, changes).as_deref(), expected, "{sentence}");
        }
    }

    #[test]
    fn a_cause_says_what_speaks_for_it_the_strongest_first() {
        let slow = episode(&[("alertname", "Slow"), ("instance", "a:80"), ("job", "app")], 100, None);
        let evidence = Evidence {
            episodes: vec![slow],
            scores: vec![scored("busy", "a:80", 2.0, Some(98))],
            surroundings: Surroundings {
                changes: vec![change(ChangeKind::Version, "a:80", Some(99))],
                ..Surroundings::default()
            },
            ..Evidence::default()
        };
        let found = causes(&evidence);
        assert_eq!((found.len(), found[0].alerts), (1, 1));
        assert_eq!(
            found[0].reasons,
            [
                "{instance=\"a:80\",job=\"app\"} runs another version at 1970-01-01T01:39:00Z, 1m before the first alert",
                "busy {instance=\"a:80\",job=\"app\"} is 0, expected 0 (score 2) since 1970-01-01T01:38:00Z, 2m before \
                 the first alert",
                "an alert fires there",
            ]
        );
    }

    #[test]
    fn the_order_of_the_evidence_does_not_matter() {
        let scores: Vec<ScoredSeries> =
            (0..20).map(|number| scored("busy", &format!("h{number}:80"), 2.0, Some(90))).collect();
        let mut backwards = scores.clone();
        backwards.reverse();
        assert_eq!(first(&["a:80"], scores, vec![]), first(&["a:80"], backwards, vec![]));
    }
}
