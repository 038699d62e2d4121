//! Open episodes, and what is remembered of each for as long as it is one.

mod candidates;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Episode, EpisodeId, Reason, Timestamp};

use super::super::hash::HashMap;
use super::told::Told;

pub(super) use candidates::{Awaiting, Candidate, Place};

use candidates::{OfEpisode, forget_timer};

/// An open episode.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) episode: Episode,
    /// The policies that may act on it.
    candidates: OfEpisode,
    /// What was said of it last.
    pub(super) told: Told,
    /// Whether it is not acted on any more, since it was seen in a storm.
    pub(super) held_by_storm: bool,
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
    all: HashMap<EpisodeId, Open>,
    /// When an episode has a candidate that is due: once, however many are at that time.
    timers: BTreeSet<(Timestamp, EpisodeId)>,
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

    /// It begins, or is opened again.
    pub(super) fn add(&mut self, episode: Episode) {
        let (candidates, told) = (OfEpisode::new(), Told::default());
        match self.all.get_mut(&episode.id) {
            Some(open) => open.episode = episode,
            None => {
                drop(self.all.insert(episode.id, Open { episode, candidates, told, held_by_storm: false }))
            }
        }
    }

    /// It is seen in a storm.
    pub(super) fn note_storm(&mut self, id: EpisodeId) {
        if let Some(open) = self.all.get_mut(&id) {
            open.held_by_storm = true;
        }
    }

    /// It is over, and nothing of it is due any more. The policies that might have acted on it, in order.
    pub(super) fn remove(&mut self, id: EpisodeId) -> Vec<Arc<str>> {
        let Some(open) = self.all.remove(&id) else { return Vec::new() };
        for (_, candidate) in &open.candidates {
            forget_timer(&mut self.timers, &OfEpisode::new(), candidate.look_again, id);
        }
        open.candidates.into_iter().map(|(policy, _)| policy).collect()
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
