//! How often what each policy does helps, over the last month.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::journal::Outcome;
use crate::model::{RunOutcome, Tally, Timestamp};

/// Runs that ended longer ago are not counted.
const WINDOW: Duration = Duration::from_secs(31 * 86_400);
/// Runs that are counted at most; of more the oldest go.
const MOST: usize = 100_000;

/// The runs that ended lately, oldest first.
#[derive(Debug, Default)]
pub(super) struct Rates(VecDeque<(Timestamp, Arc<str>, RunOutcome)>);

impl Rates {
    /// From what the journal holds, oldest first.
    pub fn new(outcomes: &[Outcome]) -> Self {
        Self(outcomes.iter().map(|(key, outcome, at)| (*at, key.policy.clone(), *outcome)).collect())
    }

    /// One more run ended.
    pub fn add(&mut self, policy: &Arc<str>, outcome: RunOutcome, now: Timestamp) {
        self.0.push_back((now, policy.clone(), outcome));
    }

    /// The last run of a policy that helped did not for long.
    pub fn did_not_last(&mut self, policy: &str) {
        let helped = |(_, of, outcome): &&mut (Timestamp, Arc<str>, RunOutcome)| {
            **of == *policy && *outcome == RunOutcome::Helped
        };
        if let Some((_, _, outcome)) = self.0.iter_mut().rev().find(helped) {
            *outcome = RunOutcome::DidNotLast;
        }
    }

    /// The runs of each policy that ended within the window.
    pub fn tallies(&mut self, now: Timestamp) -> BTreeMap<Arc<str>, Tally> {
        while self.0.len() > MOST || self.0.front().is_some_and(|(at, ..)| *at < now - WINDOW) {
            self.0.pop_front();
        }
        let mut tallies: BTreeMap<Arc<str>, Tally> = BTreeMap::new();
        for (_, policy, outcome) in &self.0 {
            tallies.entry(policy.clone()).or_default().add(*outcome);
        }
        tallies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_last_has_not_helped() {
        let mut rates = Rates::default();
        for policy in ["a", "b", "a"] {
            rates.add(&policy.into(), RunOutcome::Helped, Timestamp::from_millis(1));
        }
        rates.did_not_last("a");
        rates.did_not_last("c");
        let tallies = rates.tallies(Timestamp::from_millis(2));
        let ratio = |policy: &str| tallies[policy].success().map(|rate| (rate.ratio, rate.runs));
        assert_eq!((ratio("a"), ratio("b")), (Some((0.5, 2)), Some((1.0, 1))));
    }

    #[test]
    fn what_is_a_month_old_is_forgotten() {
        let day = |number: i64| Timestamp::from_millis(number * 86_400_000);
        let mut rates = Rates::default();
        rates.add(&"a".into(), RunOutcome::Worse, day(0));
        rates.add(&"a".into(), RunOutcome::Helped, day(10));
        rates.add(&"b".into(), RunOutcome::Helped, day(20));
        let ratio = |tallies: &BTreeMap<Arc<str>, Tally>, policy: &str| {
            tallies.get(policy).and_then(Tally::success).map(|rate| (rate.ratio, rate.runs))
        };
        let early = rates.tallies(day(31));
        assert_eq!((ratio(&early, "a"), ratio(&early, "b")), (Some((0.5, 2)), Some((1.0, 1))));
        let late = rates.tallies(day(32));
        assert_eq!(ratio(&late, "a"), Some((1.0, 1)));
    }
}
