//! The last words on an episode, so that a refusal is recorded once per change.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::model::Reason;

/// Why nothing was done last, by policy; without a policy where none was for it. Nearly every episode has one word.
#[derive(Debug, Default)]
pub(super) struct Told(SmallVec<[Word; 1]>);

#[derive(Debug)]
struct Word {
    policy: Option<Arc<str>>,
    reason: Reason,
}

impl Told {
    /// Remembers the reason. Whether another one, or none, was the last word.
    pub(super) fn is_news(&mut self, policy: Option<&Arc<str>>, reason: Reason) -> bool {
        match self.0.iter_mut().find(|word| word.policy.as_ref() == policy) {
            Some(word) => std::mem::replace(&mut word.reason, reason) != reason,
            None => {
                self.0.push(Word { policy: policy.cloned(), reason });
                true
            }
        }
    }

    /// What comes next is news, whatever it is.
    pub(super) fn forget(&mut self, policy: &Arc<str>) {
        self.0.retain(|word| word.policy.as_ref() != Some(policy));
    }

    /// The policies whose last word is one of these reasons.
    pub(super) fn held_by(&self, is_one: impl Fn(Reason) -> bool) -> impl Iterator<Item = &Arc<str>> {
        let held = self.0.iter().filter(move |word| is_one(word.reason));
        held.filter_map(|word| word.policy.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_news_unless_it_was_the_last_one() {
        let [a, b]: [Arc<str>; 2] = ["a".into(), "b".into()];
        let mut told = Told::default();
        for (policy, reason, expected, sentence) in [
            (Some(&a), Reason::Paused, true, "the first"),
            (Some(&a), Reason::Paused, false, "the same"),
            (Some(&a), Reason::Storm, true, "another reason"),
            (Some(&a), Reason::Paused, true, "the first reason again"),
            (Some(&b), Reason::Paused, true, "another policy"),
            (None, Reason::Paused, true, "no policy"),
            (None, Reason::Paused, false, "no policy again"),
        ] {
            assert_eq!(told.is_news(policy, reason), expected, "{sentence}");
        }
        let held = |told: &Told, reason: Reason| {
            told.held_by(|one| one == reason).map(Arc::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            (held(&told, Reason::Paused), held(&told, Reason::Storm)),
            (vec!["a".into(), "b".into()], vec![])
        );
        told.forget(&a);
        assert!(told.is_news(Some(&a), Reason::Paused) && !told.is_news(Some(&b), Reason::Paused));
    }
}
