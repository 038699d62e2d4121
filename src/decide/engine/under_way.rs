//! What other runs touch: it is busy, no peer, and not counted on.

use std::collections::BTreeSet;

use crate::model::{Object, Plan, RunKey, Touched};

use super::Engine;

impl Engine {
    /// The plans of the other runs that are under way.
    pub(super) fn under_way<'s>(&'s self, key: &'s RunKey) -> impl Iterator<Item = &'s Plan> {
        let beginning = self.beginning.values().map(|beginning| &beginning.plan);
        let plans = beginning.chain(self.runs.values().map(|run| &run.plan));
        plans.filter(move |plan| plan.key != *key)
    }

    /// What of this another run works on.
    pub(super) fn worked_on(&self, key: &RunKey, touched: &Touched) -> Option<Object> {
        self.under_way(key).find_map(|other| other.touches().shared_with(touched).cloned())
    }

    /// The names of all that other runs touch, those that ended a moment ago included.
    pub(super) fn names_under_way(&self, key: &RunKey) -> BTreeSet<String> {
        let settling =
            self.settling.iter().filter(|(other, settling)| *other != key && settling.until > self.now);
        let settling = settling.map(|(_, settling)| settling.touched.clone());
        let touched = self.under_way(key).map(Plan::touches).chain(settling);
        touched.flat_map(|touched| names(&touched)).collect()
    }
}

/// Every name of what is touched.
pub(super) fn names(touched: &Touched) -> BTreeSet<String> {
    touched.iter().flat_map(Object::names).map(str::to_owned).collect()
}
