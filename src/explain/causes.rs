//! What the alerts most likely come from: places in order, with what speaks for each. Pure and deterministic; nothing is
//! learnt.
//!
//! Every place that something is known of is a candidate: a host, a pod, a service. Four things speak for it, each
//! from 0 to 1: a change there shortly before the first alert, an anomaly that began before it, alerts of its own, and
//! where it is known who calls whom, the share of a service's excess for which it accounts. They are joined as if
//! independent (noisy or; J. Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, 4.3.2), and weighed by how
//! many of the alerts the place has to do with. What a service suffers from those it calls explains its own anomalies
//! and alerts away. The weights are set by reasoning, not fitted.

mod places;
mod signals;
mod suspects;

use serde::Serialize;

use super::evidence::Evidence;
use super::relate::Place;
use crate::model::Timestamp;

use places::{Known, candidates};
use signals::{anomaly, speaks, told};
use suspects::Suspects;

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
    let suspects = Suspects::of(&evidence.dependencies);
    let alerting = evidence.episodes.iter().map(|episode| {
        let labels = &episode.alert.labels;
        Alerting { place: Place::of(labels), service: suspects.service_of(labels) }
    });
    let judging = Judging { first, alerting: alerting.collect(), suspects: &suspects };
    let found = candidates(evidence, &suspects).into_iter();
    let mut found: Vec<Cause> = found.map(|(place, known)| judging.judge(place, &known)).collect();
    found.retain(|cause| cause.score >= WORTH_TELLING);
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.place.cmp(&b.place)));
    found.truncate(MAX_CAUSES);
    found
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
}

impl Judging<'_> {
    fn judge(&self, place: String, known: &Known) -> Cause {
        let left = self.suspects.left(known.service.as_deref());
        let mut spoken: [Vec<(f64, String)>; 4] = Default::default();
        spoken[0].extend(known.changes.iter().map(|one| (speaks(one, self.first), told(one, self.first))));
        let anomalies = known.anomalies.iter().map(|scored| anomaly(scored, self.first));
        spoken[1].extend(anomalies.map(|(strength, words)| (strength * left, words)));
        if known.alerts > 0 {
            let alerts = match known.alerts {
                1 => "an alert fires there".to_owned(),
                many => format!("{many} alerts fire there"),
            };
            spoken[2].push((OWN_ALERT * left, alerts));
        }
        spoken[3].extend(known.ranked.clone());
        let strongest = |kind: &Vec<(f64, String)>| kind.iter().map(|one| one.0).fold(0.0, f64::max);
        let doubt: f64 = spoken.iter().map(|kind| 1.0 - strongest(kind)).product();
        let (reach, alerts) = self.reach(known);
        Cause { place, score: round((1.0 - doubt) * reach), alerts, reasons: reasons(spoken) }
    }

    /// The share of the alerts that the place has to do with, and of how many it does.
    fn reach(&self, known: &Known) -> (f64, usize) {
        let own = Place::of(&known.labels);
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

/// The strongest first.
fn reasons(spoken: [Vec<(f64, String)>; 4]) -> Vec<String> {
    let mut spoken = spoken.concat();
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
mod tests {
    use super::super::changes::{Change, ChangeKind};
    use super::super::evidence::Surroundings;
    use super::super::samples::{at, episode};
    use super::*;
    use crate::model::ScoredSeries;

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
