//! What has run, so that it does not run again.

use std::sync::Arc;

use crate::model::{Action, EpisodeId, Plan, RunKey};

use super::super::hash::{HashMap, HashSet};

/// Runs by their keys, and by what they did first: a policy that bears another name would do the same once more.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    keys: HashSet<RunKey>,
    /// Of open episodes: of one that is opened again the journal knows more, and refuses.
    first: HashMap<(EpisodeId, Arc<str>), Vec<Action>>,
}

impl Done {
    /// It has begun.
    pub(super) fn add(&mut self, plan: &Plan) {
        if !self.keys.insert(plan.key.clone()) {
            return;
        }
        let first = plan.steps.first().map(|step| step.action.clone());
        self.first.entry((plan.key.episode, plan.key.target.clone())).or_default().extend(first);
    }

    /// The journal knows of a run with this key that nothing is known of here.
    pub(super) fn add_key(&mut self, key: RunKey) {
        self.keys.insert(key);
    }

    /// Whether the policy has run for this target and episode, or another one that began with the same action.
    pub(super) fn has(&self, plan: &Plan) -> bool {
        let first = plan.steps.first().map(|step| &step.action);
        let known = self.first.get(&(plan.key.episode, plan.key.target.clone()));
        self.keys.contains(&plan.key) || first.zip(known).is_some_and(|(first, known)| known.contains(first))
    }

    /// What runs did first is needed for these episodes only.
    pub(super) fn keep_first(&mut self, is_open: impl Fn(EpisodeId) -> bool) {
        self.first.retain(|(episode, _), _| is_open(*episode));
    }

    /// The keys of all runs.
    pub(super) fn keys(&self) -> impl Iterator<Item = &RunKey> {
        self.keys.iter()
    }
}
