//! Open episodes, and what is remembered of each for as long as it is one.

use std::collections::BTreeSet;

use crate::model::{Episode, EpisodeId, Reason, Timestamp};

use super::super::hash::HashMap;
use super::candidates::{OfEpisode, Place, forget_timer};
use super::told::Told;

/// An open episode.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) episode: Episode,
    /// The policies that may act on it.
    pub(super) candidates: OfEpisode,
    /// What was said of it last.
    pub(super) told: Told,
    /// Whether it is not acted on because of how it began.
    pub(super) in_storm: bool,
}

impl Open {
    /// What its alert says now. If that is something else, plans are made anew.
    pub(super) fn hear_again(&mut self, episode: &Episode) {
        if self.episode.alert != episode.alert {
            self.candidates.iter_mut().for_each(|(_, candidate)| candidate.plan = None);
        }
        self.episode = episode.clone();
    }
}

/// All of them. One look finds whatever is remembered of one, and what is due next is known without a look at each:
/// thousands may be open, and the loop asks every time.
#[derive(Debug, Default)]
pub(super) struct OpenEpisodes {
    pub(super) all: HashMap<EpisodeId, Open>,
    /// When an episode has a candidate that is due: once, however many are at that time.
    pub(super) timers: BTreeSet<(Timestamp, EpisodeId)>,
}

impl OpenEpisodes {
    pub(super) fn get(&self, id: EpisodeId) -> Option<&Open> {
        self.all.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: EpisodeId) -> Option<&mut Open> {
        self.all.get_mut(&id)
    }

    pub(super) fn contains(&self, id: EpisodeId) -> bool {
        self.all.contains_key(&id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = EpisodeId> {
        self.all.keys().copied()
    }

    /// It has begun, or says something else.
    pub(super) fn add(&mut self, episode: Episode) {
        let (candidates, told) = (OfEpisode::new(), Told::default());
        match self.all.get_mut(&episode.id) {
            Some(open) => open.episode = episode,
            None => drop(self.all.insert(episode.id, Open { episode, candidates, told, in_storm: false })),
        }
    }

    /// It is not acted on because of how it began.
    pub(super) fn note_storm(&mut self, id: EpisodeId) {
        if let Some(open) = self.all.get_mut(&id) {
            open.in_storm = true;
        }
    }

    /// It is over, and nothing of it is due any more.
    pub(super) fn remove(&mut self, id: EpisodeId) -> Option<Open> {
        let open = self.all.remove(&id)?;
        for (_, candidate) in &open.candidates {
            forget_timer(&mut self.timers, &OfEpisode::new(), candidate.look_again, id);
        }
        Some(open)
    }

    /// The places of policies whose last word is one of these reasons, in order.
    pub(super) fn held_by(&self, is_one: impl Fn(Reason) -> bool + Copy) -> BTreeSet<Place> {
        let held = self
            .all
            .iter()
            .flat_map(|(id, open)| open.told.held_by(is_one).map(|policy| (*id, policy.clone())));
        held.collect()
    }
}
