//! Candidates: policies that may act on an episode, and when each is looked at again.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{EpisodeId, Plan, RunKey, Timestamp};

use super::super::hash::HashMap;

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
    People(Box<RunKey>),
}

/// All of them. What is due next is known without a look at each: thousands may wait, and the loop asks every time.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// Of each episode, in the order of the policies' names. Nearly every episode has one.
    all: HashMap<EpisodeId, Vec<(Arc<str>, Candidate)>>,
    /// When an episode has a candidate that is due: once, however many are at that time.
    timers: BTreeSet<(Timestamp, EpisodeId)>,
}

impl Candidates {
    /// Takes the place of what was there.
    pub(super) fn insert(&mut self, id: EpisodeId, policy: &Arc<str>, candidate: Candidate) {
        let look_again = candidate.look_again;
        let of_episode = self.all.entry(id).or_insert_with(|| Vec::with_capacity(1));
        let before = match of_episode.binary_search_by(|(name, _)| name.cmp(policy)) {
            Ok(at) => std::mem::replace(&mut of_episode[at].1, candidate).look_again,
            Err(at) => {
                of_episode.insert(at, (policy.clone(), candidate));
                None
            }
        };
        if before != look_again {
            self.forget_timer(before, id);
            self.timers.extend(look_again.map(|at| (at, id)));
        }
    }

    pub(super) fn remove(&mut self, id: EpisodeId, policy: &Arc<str>) {
        let Some(of_episode) = self.all.get_mut(&id) else { return };
        let Some(at) = of_episode.iter().position(|(name, _)| name == policy) else { return };
        let (_, before) = of_episode.remove(at);
        if of_episode.is_empty() {
            self.all.remove(&id);
        }
        self.forget_timer(before.look_again, id);
    }

    /// A candidate was due then. Another one of its episode may be as well.
    fn forget_timer(&mut self, due: Option<Timestamp>, id: EpisodeId) {
        let Some(at) = due else { return };
        let mut of_episode = self.all.get(&id).into_iter().flatten();
        if !of_episode.any(|(_, candidate)| candidate.look_again == due) {
            self.timers.remove(&(at, id));
        }
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.timers.clear();
    }

    pub(super) fn get(&self, id: EpisodeId, policy: &str) -> Option<&Candidate> {
        let of_episode = self.all.get(&id)?;
        of_episode.iter().find(|(name, _)| **name == *policy).map(|(_, candidate)| candidate)
    }

    fn get_mut(&mut self, id: EpisodeId, policy: &str) -> Option<&mut Candidate> {
        let of_episode = self.all.get_mut(&id)?;
        of_episode.iter_mut().find(|(name, _)| **name == *policy).map(|(_, candidate)| candidate)
    }

    /// It may be looked at whether or not an answer comes.
    pub(super) fn stop_awaiting(&mut self, id: EpisodeId, policy: &str) {
        if let Some(candidate) = self.get_mut(id, policy) {
            candidate.awaiting = None;
        }
    }

    /// What an answer is awaited for, if the alert still says what it said.
    pub(super) fn take_plan(&mut self, id: EpisodeId, policy: &str) -> Option<Plan> {
        self.get_mut(id, policy)?.plan.take().map(|plan| *plan)
    }

    /// The alert says something else: its plans are made anew.
    pub(super) fn forget_plans(&mut self, id: EpisodeId) {
        self.all.get_mut(&id).into_iter().flatten().for_each(|(_, candidate)| candidate.plan = None);
    }

    /// Every place, in order.
    pub(super) fn places(&self) -> BTreeSet<Place> {
        let names =
            self.all.iter().flat_map(|(id, of_episode)| of_episode.iter().map(|(name, _)| (*id, name)));
        names.map(|(id, name)| (id, name.clone())).collect()
    }

    /// The policies of an episode, in order.
    pub(super) fn of(&self, id: EpisodeId) -> Vec<Arc<str>> {
        self.all.get(&id).into_iter().flatten().map(|(name, _)| name.clone()).collect()
    }

    /// When the next one is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// The places that are due, in their own order.
    pub(super) fn due(&self, now: Timestamp) -> BTreeSet<Place> {
        let due = self.timers.iter().take_while(|(at, _)| *at <= now);
        let due = due.flat_map(|(at, id)| {
            let of_episode = self.all.get(id).into_iter().flatten();
            let of_timer = of_episode.filter(move |(_, candidate)| candidate.look_again == Some(*at));
            of_timer.map(|(name, _)| (*id, name.clone()))
        });
        due.collect()
    }

    /// The clock was set: each goes on waiting for as long as it would have.
    pub(super) fn move_timers(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        for (_, candidate) in self.all.values_mut().flatten() {
            candidate.look_again = candidate.look_again.map(&moved);
        }
        let timers = std::mem::take(&mut self.timers).into_iter();
        self.timers = timers.map(|(at, id)| (moved(at), id)).collect();
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
        let timers = candidates.all.iter().flat_map(|(id, of_episode)| {
            of_episode.iter().filter_map(|(_, candidate)| Some((candidate.look_again?, *id)))
        });
        let timers: BTreeSet<(Timestamp, EpisodeId)> = timers.collect();
        let due = |at| {
            let of = |(id, of_episode): (&EpisodeId, &Vec<(Arc<str>, Candidate)>)| {
                let due = of_episode.iter().filter(|(_, one)| one.look_again.is_some_and(|due| due <= at));
                due.map(|(name, _)| (*id, name.clone())).collect::<Vec<Place>>()
            };
            candidates.all.iter().flat_map(of).collect::<BTreeSet<Place>>()
        };
        timers == candidates.timers && (0..5).map(at).all(|at| due(at) == candidates.due(at))
    }

    #[test]
    fn timers_follow_whatever_happens_to_candidates() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut candidates = Candidates::default();
        for _ in 0..2000 {
            let (id, policy) = place(random.i64(0..6), ["a", "b"][random.usize(0..2)]);
            match random.u8(0..20) {
                0..12 => {
                    let look_again = random.bool().then(|| at(random.i64(0..5)));
                    candidates.insert(id, &policy, Candidate::again(look_again));
                }
                12..18 => candidates.remove(id, &policy),
                18 => {
                    let by = Duration::from_secs(random.u64(0..3));
                    candidates.move_timers(|at| at - by);
                }
                _ => candidates.stop_awaiting(id, &policy),
            }
            assert!(agrees(&candidates));
        }
        let due = candidates.next_due().expect("one of many has a timer");
        assert!(!candidates.due(due).is_empty() && candidates.due(due - Duration::from_secs(1)).is_empty());
        candidates.clear();
        assert_eq!((candidates.next_due(), candidates.places().len()), (None, 0));
    }
}
