//! The last word on each episode, so that a refusal is recorded once per change.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{EpisodeId, Reason};

use super::super::hash::HashMap;
use super::candidates::Place;

/// Why nothing was done last, by episode and policy; without a policy where none was for it.
#[derive(Debug, Default)]
pub(super) struct Told(HashMap<EpisodeId, Vec<Word>>);

#[derive(Debug)]
struct Word {
    policy: Option<Arc<str>>,
    reason: Reason,
}

impl Told {
    /// Remembers the reason. Whether another one, or none, was the last word.
    pub(super) fn is_news(&mut self, id: EpisodeId, policy: Option<&Arc<str>>, reason: Reason) -> bool {
        let of_episode = self.0.entry(id).or_insert_with(|| Vec::with_capacity(1));
        match of_episode.iter_mut().find(|word| word.policy.as_ref() == policy) {
            Some(word) => std::mem::replace(&mut word.reason, reason) != reason,
            None => {
                of_episode.push(Word { policy: policy.cloned(), reason });
                true
            }
        }
    }

    /// What comes next is news, whatever it is.
    pub(super) fn forget(&mut self, id: EpisodeId, policy: &Arc<str>) {
        if let Some(of_episode) = self.0.get_mut(&id) {
            of_episode.retain(|word| word.policy.as_ref() != Some(policy));
        }
    }

    /// The episode is over.
    pub(super) fn forget_all(&mut self, id: EpisodeId) {
        self.0.remove(&id);
    }

    /// The places of policies whose last word is one of these reasons, in order.
    pub(super) fn held_by(&self, is_one: impl Fn(Reason) -> bool) -> BTreeSet<Place> {
        let words = self.0.iter().flat_map(|(id, of_episode)| of_episode.iter().map(|word| (*id, word)));
        let held = words.filter(|(_, word)| is_one(word.reason));
        held.filter_map(|(id, word)| Some((id, word.policy.clone()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::samples::episode;
    use super::*;

    #[test]
    fn a_word_is_news_unless_it_was_the_last_one() {
        let [one, other] = [1, 2].map(|second| episode(&[("alertname", "A")], second).id);
        let [a, b]: [Arc<str>; 2] = ["a".into(), "b".into()];
        let mut told = Told::default();
        for (id, policy, reason, expected, sentence) in [
            (one, Some(&a), Reason::Paused, true, "the first"),
            (one, Some(&a), Reason::Paused, false, "the same"),
            (one, Some(&a), Reason::Storm, true, "another reason"),
            (one, Some(&a), Reason::Paused, true, "the first reason again"),
            (one, Some(&b), Reason::Paused, true, "another policy"),
            (one, None, Reason::Paused, true, "no policy"),
            (one, None, Reason::Paused, false, "no policy again"),
            (other, Some(&a), Reason::Paused, true, "another episode"),
        ] {
            assert_eq!(told.is_news(id, policy, reason), expected, "{sentence}");
        }
        let places =
            |told: &Told| told.held_by(|reason| reason == Reason::Paused).into_iter().collect::<Vec<_>>();
        assert_eq!(places(&told), [(one, a.clone()), (one, b.clone()), (other, a.clone())]);
        told.forget(one, &a);
        assert!(told.is_news(one, Some(&a), Reason::Paused) && !told.is_news(one, Some(&b), Reason::Paused));
        told.forget_all(one);
        assert_eq!(places(&told), [(other, a)]);
    }
}
