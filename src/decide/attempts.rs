//! When what was attempted, counted for each budget's scope.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::model::{Object, Scope, Timestamp, Touched};

/// How long attempts are remembered; no budget looks back farther.
pub const REMEMBERED: Duration = Duration::from_secs(31 * 86_400);

/// Attempts by what they are counted for.
#[derive(Clone, Debug, Default)]
pub struct Attempts {
    /// Each with its number, which tells it from others of the same time.
    times: HashMap<Counted, Vec<(Timestamp, u64)>>,
    last: u64,
}

/// What a scope counts by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Counted {
    policy: Option<String>,
    object: Option<Object>,
}

impl Counted {
    /// One for whatever is touched, where the scope tells targets apart.
    fn all(scope: Scope, policy: &str, touched: &Touched) -> Vec<Self> {
        let policy = matches!(scope, Scope::PolicyTarget | Scope::Policy).then(|| policy.to_owned());
        match scope {
            Scope::PolicyTarget | Scope::Target => touched
                .iter()
                .map(|object| Self { policy: policy.clone(), object: Some(object.clone()) })
                .collect(),
            Scope::Policy | Scope::Fleet => vec![Self { policy, object: None }],
        }
    }
}

impl Attempts {
    /// One more of a policy, on all that it touches.
    pub fn add(&mut self, policy: &str, touched: &Touched, at: Timestamp) {
        self.last += 1;
        for scope in [Scope::PolicyTarget, Scope::Target, Scope::Policy, Scope::Fleet] {
            for counted in Counted::all(scope, policy, touched) {
                self.times.entry(counted).or_default().push((at, self.last));
            }
        }
    }

    /// When those were that count where a policy plans to touch this. One that has touched several of it counts once.
    pub fn of(&self, scope: Scope, policy: &str, touched: &Touched) -> Vec<Timestamp> {
        let counted = Counted::all(scope, policy, touched);
        let found: BTreeSet<&(Timestamp, u64)> =
            counted.iter().filter_map(|counted| self.times.get(counted)).flatten().collect();
        found.into_iter().map(|(at, _)| *at).collect()
    }

    /// The clock was set: what was attempted is as long ago as before.
    pub fn move_times(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        self.times.values_mut().flatten().for_each(|(at, _)| *at = moved(*at));
    }

    /// Forgets what is too old to count. What lies in the future, as a clock set back makes it, stays.
    pub fn forget(&mut self, now: Timestamp) {
        self.times.retain(|_, times| {
            times.retain(|(at, _)| *at + REMEMBERED > now);
            !times.is_empty()
        });
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
