//! What many places that alerts fire at have in common, and no other has: a zone, a rack, a pool. Where all of it fails
//! at once, none of its members is the cause. Pure.

use std::collections::BTreeSet;

use super::super::evidence::Evidence;
use super::{Cause, OWN_ALERT, place, round};
use crate::model::{Labels, ScoredSeries};

/// Places of alerts from which on what they have in common is no chance.
const MANY: usize = 3;
/// Labels that say what an alert is, not where.
const NO_PLACES: [&str; 2] = ["alertname", "severity"];

/// The label that all alerts share, whose every series of what is anomalous there is anomalous, and elsewhere most are not.
pub(super) fn together(evidence: &Evidence) -> Option<Cause> {
    let alerts: Vec<&Labels> = evidence.episodes.iter().map(|episode| &episode.alert.labels).collect();
    let places: BTreeSet<String> = alerts.iter().filter_map(|labels| place(labels)).collect();
    if places.len() < MANY {
        return None;
    }
    let shared = alerts[0].iter().filter(|(name, value)| {
        !NO_PLACES.contains(name) && alerts.iter().all(|labels| labels.get(name) == Some(value))
    });
    let parted =
        shared.filter_map(|(name, value)| Some((name, value, parted(name, value, &evidence.scores)?)));
    // The label of the fewest series says most.
    let (name, value, (inside, within, outside)) =
        parted.min_by_key(|(name, _, (inside, ..))| (*inside, *name))?;
    let score = round(1.0 - (1.0 - OWN_ALERT).powi(i32::try_from(places.len()).unwrap_or(i32::MAX)));
    let (all, count) = (alerts.len(), places.len());
    let reason = format!(
        "all {all} alerts at {count} places share it; of the series of what is odd there {inside} are outside their \
         band and none is within, elsewhere {within} of {outside} are within"
    );
    Some(Cause { place: format!("{name}={value}"), score, alerts: all, reasons: vec![reason] })
}

/// How many series are outside their band where a label has this value, and elsewhere how many are within, of how
/// many; `None`: it does not part the odd from the others.
fn parted(name: &str, value: &str, scores: &[ScoredSeries]) -> Option<(usize, usize, usize)> {
    let odd = |one: &&ScoredSeries| one.score.score >= 1.0;
    let there = |one: &&ScoredSeries| one.labels.get(name) == Some(value);
    let queries: BTreeSet<&str> = scores.iter().filter(there).filter(odd).map(|one| &*one.query).collect();
    let of_them = || scores.iter().filter(|one| queries.contains(&*one.query));
    let inside = of_them().filter(there).filter(odd).count();
    let calm_inside = of_them().filter(there).count() - inside;
    let elsewhere = of_them().filter(|one| one.labels.get(name).is_some_and(|other| other != value));
    let (outside, strange) =
        elsewhere.fold((0, 0), |(all, strange), one| (all + 1, strange + usize::from(odd(&one))));
    let parts = inside >= MANY && calm_inside == 0 && outside > 2 * strange;
    parts.then_some((inside, outside - strange, outside))
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::{at, episode};
    use super::*;

    /// Alerts at hosts of a zone each, and the scores of hosts of a zone each.
    fn found(alerts: &[(&str, &str)], scores: &[(&str, &str, f64)]) -> Option<String> {
        let alerts = alerts.iter().map(|(instance, zone)| {
            episode(
                &[("alertname", "Down"), ("instance", instance), ("job", "node"), ("zone", zone)],
                100,
                None,
            )
        });
        let scores = scores.iter().map(|(instance, zone, score)| {
            ScoredSeries::plain("up", &[("instance", instance), ("job", "node"), ("zone", zone)], *score)
        });
        let evidence = Evidence {
            at: at(110),
            episodes: alerts.collect(),
            scores: scores.collect(),
            ..Evidence::default()
        };
        together(&evidence).map(|cause| cause.place)
    }

    #[test]
    fn what_many_share_and_no_other_has_is_the_cause_of_all() {
        let alerts = [("a:1", "b"), ("c:1", "b"), ("d:1", "b")];
        let odd = [("a:1", "b", 2.0), ("c:1", "b", 2.0), ("d:1", "b", 2.0)];
        let with = |more: &[(&'static str, &'static str, f64)]| [&odd[..], more].concat();
        for (alerts, scores, expected, sentence) in [
            (
                &alerts[..],
                with(&[("x:1", "a", 0.1), ("y:1", "a", 0.2)]),
                Some("zone=b"),
                "a zone, and another that is well",
            ),
            (&alerts[..], with(&[]), None, "nothing else is known"),
            (&alerts[..], with(&[("x:1", "a", 0.1), ("y:1", "b", 0.2)]), None, "a part of the zone is well"),
            (
                &alerts[..],
                with(&[("x:1", "a", 3.0), ("y:1", "a", 0.2)]),
                None,
                "half of the others is odd as well",
            ),
            (&alerts[..2], with(&[("x:1", "a", 0.1)]), None, "two are chance"),
            (
                &[("a:1", "b"), ("c:1", "b"), ("d:1", "a")],
                with(&[("x:1", "a", 0.1)]),
                None,
                "one alert is elsewhere",
            ),
        ] {
            assert_eq!(found(alerts, &scores).as_deref(), expected, "{sentence}");
        }
    }
}
