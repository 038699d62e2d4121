//! When what was attempted, counted for each budget's scope.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{RunKey, Scope, Timestamp};

/// How long attempts are remembered; no budget looks back farther.
pub const REMEMBERED: Duration = Duration::from_secs(31 * 86_400);

/// Attempts by what they are counted for.
#[derive(Clone, Debug, Default)]
pub struct Attempts {
    times: HashMap<Counted, Vec<Timestamp>>,
}

/// What a scope makes of a run's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Counted {
    policy: Option<String>,
    target: Option<String>,
}

impl Counted {
    fn new(scope: Scope, key: &RunKey) -> Self {
        let (policy, target) = (|| Some(key.policy.clone()), || Some(key.target.clone()));
        match scope {
            Scope::PolicyTarget => Self { policy: policy(), target: target() },
            Scope::Target => Self { policy: None, target: target() },
            Scope::Policy => Self { policy: policy(), target: None },
            Scope::Fleet => Self { policy: None, target: None },
        }
    }
}

impl Attempts {
    /// One more.
    pub fn add(&mut self, key: &RunKey, at: Timestamp) {
        for scope in [Scope::PolicyTarget, Scope::Target, Scope::Policy, Scope::Fleet] {
            self.times.entry(Counted::new(scope, key)).or_default().push(at);
        }
    }

    /// Those that count where `key` is planned.
    pub fn of(&self, scope: Scope, key: &RunKey) -> &[Timestamp] {
        self.times.get(&Counted::new(scope, key)).map_or(&[], Vec::as_slice)
    }

    /// The clock was set: what was attempted is as long ago as before.
    pub fn move_times(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        self.times.values_mut().flatten().for_each(|at| *at = moved(*at));
    }

    /// Forgets what is too old to count. What lies in the future, as a clock set back makes it, stays.
    pub fn forget(&mut self, now: Timestamp) {
        self.times.retain(|_, times| {
            times.retain(|at| *at + REMEMBERED > now);
            !times.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, episode};
    use super::*;

    #[test]
    fn attempts_count_in_every_scope_until_they_are_forgotten() {
        let id = episode(&[("a", "b")], 0).id;
        let key = |policy: &str, target: &str| RunKey {
            policy: policy.to_owned(),
            target: target.to_owned(),
            episode: id,
        };
        let mut attempts = Attempts::default();
        attempts.add(&key("a", "x"), at(0));
        attempts.add(&key("a", "y"), at(1));
        attempts.add(&key("b", "x"), at(2));
        let count = |attempts: &Attempts, scope| attempts.of(scope, &key("a", "x")).len();
        for (scope, expected) in
            [(Scope::PolicyTarget, 1), (Scope::Target, 2), (Scope::Policy, 2), (Scope::Fleet, 3)]
        {
            assert_eq!(count(&attempts, scope), expected, "{}", scope.as_str());
        }
        attempts.forget(at(1) + REMEMBERED);
        assert_eq!((count(&attempts, Scope::Fleet), count(&attempts, Scope::PolicyTarget)), (1, 0));
    }
}
