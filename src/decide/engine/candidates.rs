//! Candidates: policies that may act on an episode, and when each is looked at again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{EpisodeId, Plan, RunKey, Timestamp};

/// An episode and the name of a policy.
pub(super) type Place = (EpisodeId, Arc<str>);

/// A policy that may act on an episode.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    /// When it is looked at again; `None`: when something changes.
    pub(super) look_again: Option<Timestamp>,
    /// Set while an answer is awaited, which is too late once it is looked at again.
    pub(super) awaiting: Option<Awaiting>,
    /// What the answer is awaited for, as long as its alert says what it said.
    pub(super) plan: Option<Box<Plan>>,
}

impl Candidate {
    /// One that is looked at again then.
    pub(super) fn again(look_again: Option<Timestamp>) -> Self {
        Self { look_again, ..Self::default() }
    }
}

/// Whose answer is awaited.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Awaiting {
    /// The world's, to the question of this number: to no earlier one, which may have asked for something else.
    World(u64),
    /// The journal's, that people are asked about this plan.
    People(RunKey),
}

/// All of them. What is due next is known without a look at each: thousands may wait, and the loop asks every time.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    all: BTreeMap<Place, Candidate>,
    timers: BTreeSet<(Timestamp, Place)>,
}

impl Candidates {
    /// Takes the place of what was there.
    pub(super) fn insert(&mut self, place: Place, candidate: Candidate) {
        if let Some(at) = candidate.look_again {
            self.timers.insert((at, place.clone()));
        }
        let look_again = candidate.look_again;
        let Some(before) = self.all.insert(place.clone(), candidate) else { return };
        if before.look_again != look_again {
            self.forget_timer(before, place);
        }
    }

    pub(super) fn remove(&mut self, place: &Place) {
        if let Some(before) = self.all.remove(place) {
            self.forget_timer(before, place.clone());
        }
    }

    fn forget_timer(&mut self, of: Candidate, place: Place) {
        if let Some(at) = of.look_again {
            self.timers.remove(&(at, place));
        }
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.timers.clear();
    }

    pub(super) fn get(&self, place: &Place) -> Option<&Candidate> {
        self.all.get(place)
    }

    /// It may be looked at whether or not an answer comes.
    pub(super) fn stop_awaiting(&mut self, place: &Place) {
        if let Some(candidate) = self.all.get_mut(place) {
            candidate.awaiting = None;
        }
    }

    /// What an answer is awaited for, if the alert still says what it said.
    pub(super) fn take_plan(&mut self, place: &Place) -> Option<Plan> {
        self.all.get_mut(place)?.plan.take().map(|plan| *plan)
    }

    /// The alert says something else: its plans are made anew.
    pub(super) fn forget_plans(&mut self, id: EpisodeId) {
        let from = self.all.range_mut((id, Arc::default())..);
        from.take_while(|((episode, _), _)| *episode == id).for_each(|(_, candidate)| candidate.plan = None);
    }

    /// Every place, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.all.keys()
    }

    /// The places of an episode, in order.
    pub(super) fn of(&self, id: EpisodeId) -> impl Iterator<Item = &Place> {
        let from = self.all.range((id, Arc::default())..);
        from.map(|(place, _)| place).take_while(move |(episode, _)| *episode == id)
    }

    /// When the next one is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// The places that are due, in their own order.
    pub(super) fn due(&self, now: Timestamp) -> BTreeSet<Place> {
        self.timers.iter().take_while(|(at, _)| *at <= now).map(|(_, place)| place.clone()).collect()
    }

    /// The clock was set: each goes on waiting for as long as it would have.
    pub(super) fn move_timers(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        for candidate in self.all.values_mut() {
            candidate.look_again = candidate.look_again.map(&moved);
        }
        let timers = std::mem::take(&mut self.timers).into_iter();
        self.timers = timers.map(|(at, place)| (moved(at), place)).collect();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::samples::{at, episode};
    use super::*;

    fn place(number: i64, policy: &str) -> Place {
        (episode(&[("number", &number.to_string())], number).id, policy.into())
    }

    /// What the index says, found by a look at each.
    fn agrees(candidates: &Candidates) -> bool {
        let mut timers: Vec<(Timestamp, Place)> = Vec::new();
        for (place, candidate) in &candidates.all {
            timers.extend(candidate.look_again.map(|at| (at, place.clone())));
        }
        timers.sort();
        timers.iter().eq(candidates.timers.iter())
    }

    #[test]
    fn timers_follow_whatever_happens_to_candidates() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut candidates = Candidates::default();
        for _ in 0..2000 {
            let place = place(random.i64(0..6), ["a", "b"][random.usize(0..2)]);
            match random.u8(0..20) {
                0..12 => {
                    let look_again = random.bool().then(|| at(random.i64(0..5)));
                    candidates.insert(place, Candidate::again(look_again));
                }
                12..18 => candidates.remove(&place),
                18 => {
                    let by = Duration::from_secs(random.u64(0..3));
                    candidates.move_timers(|at| at - by);
                }
                _ => candidates.stop_awaiting(&place),
            }
            assert!(agrees(&candidates));
        }
        let due = candidates.next_due().expect("one of many has a timer");
        assert!(!candidates.due(due).is_empty() && candidates.due(due - Duration::from_secs(1)).is_empty());
        candidates.clear();
        assert_eq!((candidates.next_due(), candidates.places().count()), (None, 0));
    }
}
