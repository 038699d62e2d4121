//! Candidates: policies that may act on an episode, and when each is looked at again.

use std::collections::BTreeSet;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::model::{EpisodeId, Plan, RunKey, Timestamp};

use super::OpenEpisodes;

/// An episode and the name of a policy.
pub(in super::super) type Place = (EpisodeId, Arc<str>);

/// A policy that may act on an episode.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Candidate {
    /// When it is looked at again; `None`: when something changes.
    pub(in super::super) look_again: Option<Timestamp>,
    /// Set while an answer is awaited, which is too late once it is looked at again.
    pub(in super::super) awaiting: Option<Awaiting>,
    /// What the answer is awaited for, as long as its alert says what it said.
    pub(in super::super) plan: Option<Box<Plan>>,
}

impl Candidate {
    /// One that is looked at again then.
    pub(in super::super) fn again(look_again: Option<Timestamp>) -> Self {
        Self { look_again, ..Self::default() }
    }
}

/// Whose answer is awaited.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Awaiting {
    /// The world's, to the question of this number: to no earlier one, which may have asked for something else.
    World(u64),
    /// The journal's, that people are asked about this plan.
    People(Box<RunKey>),
}

/// Those of an episode, with the policies' names and in their order. Nearly every episode has one.
pub(in super::super) type OfEpisode = SmallVec<[(Arc<str>, Candidate); 1]>;

impl OpenEpisodes {
    /// Takes the place of what was there. Only an open episode has candidates.
    pub(in super::super) fn put_candidate(&mut self, id: EpisodeId, policy: &Arc<str>, candidate: Candidate) {
        let Some(open) = self.all.get_mut(&id) else { return };
        let (of_episode, look_again) = (&mut open.candidates, candidate.look_again);
        let before = match position(of_episode, policy) {
            Some(at) => std::mem::replace(&mut of_episode[at].1, candidate).look_again,
            None => {
                let at = of_episode.partition_point(|(name, _)| name < policy);
                of_episode.insert(at, (policy.clone(), candidate));
                None
            }
        };
        if before != look_again {
            forget_timer(&mut self.timers, of_episode, before, id);
            self.timers.extend(look_again.map(|at| (at, id)));
        }
    }

    pub(in super::super) fn remove_candidate(&mut self, id: EpisodeId, policy: &Arc<str>) {
        let Some(open) = self.all.get_mut(&id) else { return };
        let Some(at) = position(&open.candidates, policy) else { return };
        let (_, before) = open.candidates.remove(at);
        forget_timer(&mut self.timers, &open.candidates, before.look_again, id);
    }

    pub(in super::super) fn clear_candidates(&mut self) {
        self.all.values_mut().for_each(|open| open.candidates.clear());
        self.timers.clear();
    }

    pub(in super::super) fn candidate(&self, id: EpisodeId, policy: &Arc<str>) -> Option<&Candidate> {
        let of_episode = &self.all.get(&id)?.candidates;
        position(of_episode, policy).map(|at| &of_episode[at].1)
    }

    fn candidate_mut(&mut self, id: EpisodeId, policy: &Arc<str>) -> Option<&mut Candidate> {
        let of_episode = &mut self.all.get_mut(&id)?.candidates;
        position(of_episode, policy).map(|at| &mut of_episode[at].1)
    }

    /// It may be looked at whether or not an answer comes.
    pub(in super::super) fn stop_awaiting(&mut self, id: EpisodeId, policy: &Arc<str>) {
        if let Some(candidate) = self.candidate_mut(id, policy) {
            candidate.awaiting = None;
        }
    }

    /// What an answer is awaited for, if the alert still says what it said.
    pub(in super::super) fn take_plan(&mut self, id: EpisodeId, policy: &Arc<str>) -> Option<Plan> {
        self.candidate_mut(id, policy)?.plan.take().map(|plan| *plan)
    }

    /// Every place, in order.
    pub(in super::super) fn places(&self) -> BTreeSet<Place> {
        let places = self.all.iter().flat_map(|(id, open)| places(*id, &open.candidates, |_| true));
        places.collect()
    }

    /// When the next candidate is due.
    pub(in super::super) fn next_due(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// The places that are due, in their own order.
    pub(in super::super) fn due(&self, now: Timestamp) -> BTreeSet<Place> {
        let due = self.timers.iter().take_while(|(at, _)| *at <= now);
        let due = due.filter_map(|(at, id)| Some((at, id, self.all.get(id)?)));
        due.flat_map(|(at, id, open)| {
            places(*id, &open.candidates, move |candidate| candidate.look_again == Some(*at))
        })
        .collect()
    }

    /// The clock was set: each goes on waiting for as long as it would have.
    pub(in super::super) fn move_timers(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        for (_, candidate) in self.all.values_mut().flat_map(|open| &mut open.candidates) {
            candidate.look_again = candidate.look_again.map(&moved);
        }
        let timers = std::mem::take(&mut self.timers).into_iter();
        self.timers = timers.map(|(at, id)| (moved(at), id)).collect();
    }
}

fn places(
    id: EpisodeId,
    of_episode: &OfEpisode,
    is_one: impl Fn(&Candidate) -> bool,
) -> impl Iterator<Item = Place> {
    let of_episode = of_episode.iter().filter(move |(_, candidate)| is_one(candidate));
    of_episode.map(move |(name, _)| (id, name.clone()))
}

fn position(of_episode: &OfEpisode, policy: &Arc<str>) -> Option<usize> {
    of_episode.iter().position(|(name, _)| name == policy)
}

/// A candidate was due then. Another one of its episode may be as well.
pub(in super::super) fn forget_timer(
    timers: &mut BTreeSet<(Timestamp, EpisodeId)>,
    of_episode: &OfEpisode,
    due: Option<Timestamp>,
    id: EpisodeId,
) {
    let Some(at) = due else { return };
    if !of_episode.iter().any(|(_, candidate)| candidate.look_again == due) {
        timers.remove(&(at, id));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::super::samples::{at, episode};
    use super::*;

    /// What the index says, found by a look at each.
    fn agrees(open: &OpenEpisodes) -> bool {
        let all = || open.all.iter().flat_map(|(id, one)| one.candidates.iter().map(move |of| (*id, of)));
        let timers: BTreeSet<(Timestamp, EpisodeId)> =
            all().filter_map(|(id, (_, candidate))| Some((candidate.look_again?, id))).collect();
        let due = |at| {
            let due = all().filter(|(_, (_, one))| one.look_again.is_some_and(|due| due <= at));
            due.map(|(id, (name, _))| (id, name.clone())).collect::<BTreeSet<Place>>()
        };
        timers == open.timers && (0..5).map(at).all(|at| due(at) == open.due(at))
    }

    #[test]
    fn timers_follow_whatever_happens_to_candidates() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut open = OpenEpisodes::default();
        for _ in 0..2000 {
            let number = random.i64(0..6);
            let episode = episode(&[("number", &number.to_string())], number);
            let (id, policy) = (episode.id, ["a", "b"][random.usize(0..2)].into());
            match random.u8(0..24) {
                0..12 => {
                    let look_again = random.bool().then(|| at(random.i64(0..5)));
                    open.put_candidate(id, &policy, Candidate::again(look_again));
                }
                12..18 => open.remove_candidate(id, &policy),
                18 => {
                    let by = Duration::from_secs(random.u64(0..3));
                    open.move_timers(|at| at - by);
                }
                19..22 => open.add(episode),
                22 => drop(open.remove(id)),
                _ => open.stop_awaiting(id, &policy),
            }
            assert!(agrees(&open));
        }
        let due = open.next_due().expect("one of many has a timer");
        assert!(!open.due(due).is_empty() && open.due(due - Duration::from_secs(1)).is_empty());
        open.clear_candidates();
        assert_eq!((open.next_due(), open.places().len()), (None, 0));
    }
}
