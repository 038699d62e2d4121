//! What many places that alerts fire at have in common, and no other has: a zone, a rack, a pool. Where all of it fails
//! at once, none of its members is the cause. Pure.

use std::collections::BTreeSet;

use super::super::relate::Place;
use super::super::reporters::Reporters;
use super::{Cause, OWN_ALERT, round};
use crate::model::{Episode, Labels, ScoredSeries};

/// Places of alerts from which on what they have in common is no chance.
const MANY: usize = 3;
/// Labels that say what an alert is, not where.
const NO_PLACES: [&str; 2] = ["alertname", "severity"];

/// What all alerts have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// The label and its value, as `zone=b`.
    pub place: String,
    /// How many alerts there are.
    pub alerts: usize,
    /// At how many places.
    pub places: usize,
    /// Of the series of what is odd there, how many there are: all of them are outside their band.
    pub inside: usize,
    /// Of those elsewhere, how many are within.
    pub within: usize,
    /// And how many there are.
    pub outside: usize,
}

impl Common {
    /// It as a cause.
    pub(super) fn cause(&self) -> Cause {
        let Self { place, alerts, places, inside, within, outside } = self;
        let doubt = (1.0 - OWN_ALERT).powi(i32::try_from(*places).unwrap_or(i32::MAX));
        let reason = format!(
            "all {alerts} alerts at {places} places share it; of the series of what is odd there {inside} are outside \
             their band and none is within, elsewhere {within} of {outside} are within"
        );
        Cause { place: place.clone(), score: round(1.0 - doubt), alerts: *alerts, reasons: vec![reason] }
    }
}

/// The label that all alerts share, whose every series of what is anomalous there is anomalous, and elsewhere most are
/// not. `scores` are those of every watched series.
pub fn in_common<'s>(
    episodes: &[Episode],
    scores: impl IntoIterator<Item = &'s ScoredSeries>,
    reporters: &Reporters,
) -> Option<Common> {
    let alerts: Vec<&Labels> = episodes.iter().map(|episode| &episode.alert.labels).collect();
    let places: BTreeSet<String> =
        alerts.iter().filter_map(|labels| Place::of(labels, reporters).closest()).collect();
    if places.len() < MANY {
        return None;
    }
    let shared = alerts[0].iter().filter(|(name, value)| {
        !NO_PLACES.contains(name) && alerts.iter().all(|labels| labels.get(name) == Some(value))
    });
    let shared: Vec<(&str, &str)> = shared.collect();
    if shared.is_empty() {
        return None;
    }
    let scores: Vec<&ScoredSeries> = scores.into_iter().collect();
    let parted = shared.iter().filter_map(|(name, value)| Some((name, value, parted(name, value, &scores)?)));
    // The label of the fewest series says most.
    let (name, value, (inside, within, outside)) =
        parted.min_by_key(|(name, _, (inside, ..))| (*inside, **name))?;
    let place = format!("{name}={value}");
    Some(Common { place, alerts: alerts.len(), places: places.len(), inside, within, outside })
}

/// How many series are outside their band where a label has this value, and elsewhere how many are within, of how
/// many; `None`: it does not part the odd from the others.
fn parted(name: &str, value: &str, scores: &[&ScoredSeries]) -> Option<(usize, usize, usize)> {
    let odd = |one: &&&ScoredSeries| one.score.score >= 1.0;
    let there = |one: &&&ScoredSeries| one.labels.get(name) == Some(value);
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
    use super::super::super::samples::episode;
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
        let (alerts, scores): (Vec<Episode>, Vec<ScoredSeries>) = (alerts.collect(), scores.collect());
        in_common(&alerts, &scores, &Reporters::default()).map(|common| common.place)
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
