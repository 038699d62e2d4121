//! The places that something is known of. Pure.

use std::collections::BTreeMap;

use super::super::changes::Change;
use super::super::evidence::Evidence;
use super::super::relate::Place;
use super::super::reporters::Reporters;
use super::suspects::Suspects;
use crate::model::{Labels, ScoredSeries};

/// What is known of one place.
#[derive(Default)]
pub(super) struct Known<'e> {
    /// Those of the first that is known of it.
    pub labels: Labels,
    /// Its service, if the graph has it.
    pub service: Option<String>,
    pub changes: Vec<&'e Change>,
    pub anomalies: Vec<&'e ScoredSeries>,
    pub alerts: usize,
    /// What the dependency graph says for it, from 0 to 1, and in words.
    pub ranked: Option<(f64, String)>,
}

impl Known<'_> {
    /// Whether anything is known but that an alert fires there.
    pub fn is_more_than_an_alert(&self) -> bool {
        !self.changes.is_empty() || !self.anomalies.is_empty() || self.ranked.is_some()
    }
}

/// Every place that something is known of, by its name.
pub(super) fn candidates<'e>(evidence: &'e Evidence, suspects: &Suspects) -> BTreeMap<String, Known<'e>> {
    let mut places = Places { suspects, reporters: &evidence.reporters, known: BTreeMap::new() };
    for (place, labels, suspect) in suspects.places() {
        let ranked = Some((suspect.strength, suspect.words.clone()));
        places.known.insert(
            place,
            Known { service: suspects.service_of(&labels), labels, ranked, ..Known::default() },
        );
    }
    for change in &evidence.surroundings.changes {
        places.at(&change.labels, |known| known.changes.push(change));
    }
    for scored in evidence.scores.iter().filter(|scored| scored.score.score >= 1.0) {
        places.at(&scored.labels, |known| known.anomalies.push(scored));
    }
    for episode in &evidence.episodes {
        places.at(&episode.alert.labels, |known| known.alerts += 1);
    }
    places.known
}

struct Places<'e, 's> {
    suspects: &'s Suspects<'s>,
    reporters: &'s Reporters,
    known: BTreeMap<String, Known<'e>>,
}

impl<'e> Places<'e, '_> {
    /// What is known is known of the closest place, and of the service if it is a suspect.
    fn at(&mut self, labels: &Labels, add: impl Fn(&mut Known<'e>)) {
        let place = Place::of(labels, self.reporters).closest();
        let service = self.suspects.service_of(labels);
        let suspected = service.as_deref().and_then(|service| self.suspects.place_of(service));
        for place in [place.clone(), suspected.filter(|suspected| Some(suspected) != place.as_ref())] {
            let Some(place) = place else { continue };
            let new = || Known { labels: labels.clone(), service: service.clone(), ..Known::default() };
            add(self.known.entry(place).or_insert_with(new));
        }
    }
}
