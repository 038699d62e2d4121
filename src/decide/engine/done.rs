//! What has run, so that it does not run again.

use std::collections::HashSet;

use crate::model::{Plan, RunKey};

/// Runs by their keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    keys: HashSet<RunKey>,
}

impl Done {
    /// It has begun.
    pub(super) fn add(&mut self, plan: &Plan) {
        self.keys.insert(plan.key.clone());
    }

    /// The journal knows of a run with this key that nothing is known of here.
    pub(super) fn add_key(&mut self, key: RunKey) {
        self.keys.insert(key);
    }

    /// Whether the policy has run for this target and episode.
    pub(super) fn has(&self, plan: &Plan) -> bool {
        self.keys.contains(&plan.key)
    }

    /// The keys of all runs.
    pub(super) fn keys(&self) -> impl Iterator<Item = &RunKey> {
        self.keys.iter()
    }
}
