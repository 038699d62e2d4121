//! When what was attempted, counted for each budget's scope.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Object, Scope, Timestamp, Touched};

use super::hash::HashMap;

/// How long attempts are remembered; no budget looks back farther.
pub const REMEMBERED: Duration = Duration::from_secs(31 * 86_400);

/// Attempts by what they are counted for. What is looked up before every plan is found without a copy.
#[derive(Clone, Debug, Default)]
pub struct Attempts {
    on: HashMap<Object, Vec<Attempt>>,
    of_policy: HashMap<String, Vec<Timestamp>>,
    all: Vec<Timestamp>,
    last: u64,
}

/// One that has touched something.
#[derive(Clone, Debug)]
struct Attempt {
    at: Timestamp,
    /// Tells it from others of the same time.
    number: u64,
    policy: Arc<str>,
}

impl Attempts {
    /// One more of a policy, on all that it touches.
    pub fn add(&mut self, policy: &str, touched: &Touched, at: Timestamp) {
        self.last += 1;
        let attempt = Attempt { at, number: self.last, policy: policy.into() };
        for object in touched {
            self.on.entry(object.clone()).or_default().push(attempt.clone());
        }
        self.of_policy.entry(policy.to_owned()).or_default().push(at);
        self.all.push(at);
    }

    /// When those were that count where a policy plans to touch this. One that has touched several of it counts once.
    pub fn of(&self, scope: Scope, policy: &str, touched: &Touched) -> Cow<'_, [Timestamp]> {
        // Asked some ten times for each of thousands of plans, mostly where nothing has been attempted for weeks.
        if self.all.is_empty() {
            return Cow::Borrowed(&[]);
        }
        match scope {
            Scope::Fleet => self.all.as_slice().into(),
            Scope::Policy => self.of_policy.get(policy).map_or(&[][..], Vec::as_slice).into(),
            Scope::Target => self.on(touched, |_| true).into(),
            Scope::PolicyTarget => self.on(touched, |attempt| &*attempt.policy == policy).into(),
        }
    }

    fn on(&self, touched: &Touched, counts: impl Fn(&Attempt) -> bool) -> Vec<Timestamp> {
        let attempts = touched.iter().filter_map(|object| self.on.get(object)).flatten();
        let found: BTreeMap<u64, Timestamp> =
            attempts.filter(|one| counts(one)).map(|one| (one.number, one.at)).collect();
        found.into_values().collect()
    }

    /// The clock was set: what was attempted is as long ago as before.
    pub fn move_times(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        let on = self.on.values_mut().flatten().map(|attempt| &mut attempt.at);
        let times = on.chain(self.of_policy.values_mut().flatten()).chain(&mut self.all);
        times.for_each(|at| *at = moved(*at));
    }

    /// Forgets what is too old to count. What lies in the future, as a clock set back makes it, stays.
    pub fn forget(&mut self, now: Timestamp) {
        let counts = |at: Timestamp| at + REMEMBERED > now;
        self.on.retain(|_, attempts| {
            attempts.retain(|attempt| counts(attempt.at));
            !attempts.is_empty()
        });
        self.of_policy.retain(|_, times| {
            times.retain(|at| counts(*at));
            !times.is_empty()
        });
        self.all.retain(|at| counts(*at));
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::at;
    use super::*;
    use crate::model::ObjectKind;

    fn touched(objects: &[(ObjectKind, &str)]) -> Touched {
        objects.iter().map(|(kind, name)| Object::new(*kind, *name)).collect()
    }

    #[test]
    fn attempts_count_in_every_scope_until_they_are_forgotten() {
        let [x, y] = ["x", "y"].map(|name| touched(&[(ObjectKind::Target, name)]));
        let mut attempts = Attempts::default();
        attempts.add("a", &x, at(0));
        attempts.add("a", &y, at(1));
        attempts.add("b", &x, at(2));
        let count = |attempts: &Attempts, scope| attempts.of(scope, "a", &x).len();
        for (scope, expected) in
            [(Scope::PolicyTarget, 1), (Scope::Target, 2), (Scope::Policy, 2), (Scope::Fleet, 3)]
        {
            assert_eq!(count(&attempts, scope), expected, "{}", scope.as_str());
        }
        attempts.forget(at(1) + REMEMBERED);
        assert_eq!((count(&attempts, Scope::Fleet), count(&attempts, Scope::PolicyTarget)), (1, 0));
    }

    #[test]
    fn an_attempt_counts_once_for_whatever_it_has_touched() {
        let (target, instance) = (ObjectKind::Target, ObjectKind::Instance);
        let mut attempts = Attempts::default();
        attempts.add("a", &touched(&[(target, "10.0.0.5:9100"), (instance, "i-1")]), at(0));
        attempts.add("b", &touched(&[(target, "i-1"), (instance, "i-1")]), at(0));
        for (planned, expected, sentence) in [
            (&[(target, "10.0.0.5:9100")][..], 1, "the first by its target"),
            (&[(target, "web"), (instance, "i-1")], 2, "both by what they act on"),
            (&[(target, "10.0.0.5:9100"), (target, "i-1"), (instance, "i-1")], 2, "none of them twice"),
            (&[(target, "10.0.0.5:9090")], 0, "another text is another target"),
            (&[(instance, "10.0.0.5:9100")], 0, "and so is another kind"),
        ] {
            assert_eq!(attempts.of(Scope::Target, "c", &touched(planned)).len(), expected, "{sentence}");
        }
    }
}
