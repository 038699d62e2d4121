//! One guard and what it said: decisions keep all of them, so that "why not" has an answer.

use serde::{Deserialize, Serialize};

use super::{CheckValue, Reason};

/// What one guard said of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The guard, by the reason it holds back with.
    pub guard: Reason,
    /// Whether it lets the plan pass.
    pub passed: bool,
    /// The value that decided, in one line; may quote untrusted text.
    pub value: CheckValue,
}
