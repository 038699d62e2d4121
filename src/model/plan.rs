//! What would be done for an alert: rendered, checked, ready to be written down and carried out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Action, EpisodeId, Object, ObjectKind, Touched};

/// The identity of a run: a policy runs at most once per target and episode.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunKey {
    /// The policy's name.
    pub policy: Arc<str>,
    /// The target, as taken from the alert and checked against the policy's pattern.
    pub target: Arc<str>,
    /// The episode it answers.
    pub episode: EpisodeId,
}

/// The journal's number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A complete plan: every template filled in, every value checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Which policy, target and episode.
    pub key: RunKey,
    /// The host that the target belongs to; `None` where the policy does not say which part of a target names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// In order; the first step that does not succeed ends the run. Never empty.
    pub steps: Vec<PlannedStep>,
}

impl Plan {
    /// All that it acts on: its target and the host of that, and what each step names.
    pub fn touches(&self) -> Touched {
        let target = Object::new(ObjectKind::Target, self.key.target.clone());
        let host = self.host.as_ref().map(|host| Object::new(ObjectKind::Host, host.as_str()));
        let named = self.steps.iter().flat_map(|step| step.action.touches());
        std::iter::once(target).chain(host).chain(named).collect()
    }
}

/// One action and how its effect is proved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// What is done.
    pub action: Action,
    /// How the effect is proved; `None`: the effect stays unproven and is reported so.
    pub verify: Option<Verification>,
}

/// A PromQL expression that returns something once the action has helped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// The expression; any non-empty result that is not all zero or NaN is success.
    pub expr: String,
    /// How long it may take from the end of the action.
    pub within: Duration,
    /// Whether it is judged at the end of that time only; else it has helped as soon as the expression holds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_the_end: bool,
    /// How long it must hold on, from when it first does: what starts and ends again has not helped.
    #[serde(default, skip_serializing_if = "Duration::is_zero")]
    pub lasts: Duration,
}
