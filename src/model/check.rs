//! One guard and what it said: decisions keep all of them, so that "why not" has an answer.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Reason;

/// What one guard said of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The guard, by the reason it holds back with.
    pub guard: Reason,
    /// Whether it lets the plan pass.
    pub passed: bool,
    /// The value that decided, in one line; may quote untrusted text.
    pub value: Cow<'static, str>,
}
