//! How often what a policy does helps.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Proportion, RunOutcome};

/// The runs of a policy by how they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<&'static str, u32>);

/// How often it helps, from 0 to 1, as far as so few runs can tell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SuccessRate {
    /// The share that helped.
    pub ratio: f64,
    /// The bounds below and above which the true share lies with a chance of 10 % each.
    pub lower: f64,
    /// The upper one.
    pub upper: f64,
    /// The runs that are counted.
    pub runs: u32,
}

impl Tally {
    /// One more run ended.
    pub fn add(&mut self, outcome: RunOutcome) {
        *self.0.entry(outcome.as_str()).or_default() += 1;
    }

    /// How many ended so, by the outcome's name; those that never happened are not in it.
    pub fn by_outcome(&self) -> &BTreeMap<&'static str, u32> {
        &self.0
    }

    /// How often it helps, of the runs whose effect is known or that failed; `None` where there is none. What was
    /// held back, not started, not proven or is unknown says nothing about what it does.
    pub fn success(&self) -> Option<SuccessRate> {
        let count = |outcome: RunOutcome| self.0.get(outcome.as_str()).copied().unwrap_or(0);
        let helped = count(RunOutcome::Helped);
        let others =
            [RunOutcome::DidNotLast, RunOutcome::NoEffect, RunOutcome::Worse, RunOutcome::Failed].map(count);
        let proportion = Proportion { successes: helped, trials: helped + others.iter().sum::<u32>() };
        let (lower, upper) = proportion.bounds();
        proportion.share().map(|ratio| SuccessRate { ratio, lower, upper, runs: proportion.trials })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RunOutcome::{Aborted, DidNotLast, Failed, Helped, NoEffect, NotStarted, Unknown, Unproven, Worse};

    #[test]
    fn only_what_tells_of_an_effect_is_counted() {
        for (case, outcomes, expected) in [
            ("nothing yet", vec![], None),
            ("nothing that tells", vec![Aborted, NotStarted, Unknown, Unproven], None),
            ("all helped", vec![Helped, Helped], Some((1.0, 2))),
            ("what did not last counts against it", vec![Helped, DidNotLast], Some((0.5, 2))),
            ("a failure counts against it", vec![Helped, Failed], Some((0.5, 2))),
            ("so do no effect and worse", vec![Helped, NoEffect, Worse, Unknown], Some((1.0 / 3.0, 3))),
        ] {
            let mut tally = Tally::default();
            outcomes.iter().for_each(|outcome| tally.add(*outcome));
            let found = tally.success();
            assert_eq!(found.map(|rate| (rate.ratio, rate.runs)), expected, "{case}");
            assert!(found.is_none_or(|rate| rate.lower <= rate.ratio && rate.ratio <= rate.upper), "{case}");
        }
    }
}
