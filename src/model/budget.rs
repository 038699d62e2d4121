//! How often something may be done, over what: counted from attempts, whatever became of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Plan, Rate};

/// Whose attempts are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Of one policy on one target, or on anything that it touches.
    PolicyTarget,
    /// Of all policies on one target, or on anything that is touched.
    Target,
    /// Of one policy on all targets.
    Policy,
    /// Of all policies on all targets.
    Fleet,
}

impl Scope {
    /// Whether an attempt at `other` counts where `plan` is planned.
    pub fn covers(self, plan: &Plan, other: &Plan) -> bool {
        let policy = plan.key.policy == other.key.policy;
        let target = plan.touches().shared_with(&other.touches()).is_some();
        match self {
            Self::PolicyTarget => policy && target,
            Self::Target => target,
            Self::Policy => policy,
            Self::Fleet => true,
        }
    }

    /// As a sentence names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PolicyTarget => "policy and target",
            Self::Target => "target",
            Self::Policy => "policy",
            Self::Fleet => "fleet",
        }
    }
}

/// At most so many attempts in any window of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Which attempts count.
    pub scope: Scope,
    /// How many, over how long.
    pub rate: Rate,
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for each {}", self.rate, self.scope.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EpisodeId, Fingerprint, RunKey, Timestamp};

    #[test]
    fn a_scope_covers_what_it_names() {
        let episode = EpisodeId { fingerprint: Fingerprint(1), started: Timestamp::from_millis(1) };
        let plan = |policy: &str, target: &str| {
            let key = RunKey { policy: policy.into(), target: target.into(), episode };
            Plan { key, host: None, steps: Vec::new() }
        };
        for (scope, expected) in [
            (Scope::PolicyTarget, [true, false, false, false]),
            (Scope::Target, [true, false, true, false]),
            (Scope::Policy, [true, true, false, false]),
            (Scope::Fleet, [true, true, true, true]),
        ] {
            let others = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")];
            let found = others.map(|(policy, target)| scope.covers(&plan("a", "x"), &plan(policy, target)));
            assert_eq!(found, expected, "{}", scope.as_str());
        }
    }
}
