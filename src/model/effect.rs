//! What an action changed, as far as that can be told: what was measured before and after, beside whom, and what
//! follows from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Verdict;
use super::before::StoredReading;

/// Which way an indicator gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Less is better, as of errors.
    Lower,
    /// More is better, as of successes.
    Higher,
}

/// What was measured at one moment, beside the verification expression.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// What the alert's own expression says, or why that is not known; `None`: there is no rule to read it from.
    pub alert: Option<Result<AlertReading, String>>,
    /// The target's indicator, finite, or why it is not known; `None`: the policy has none.
    pub indicator: Option<Result<f64, String>>,
    /// The peers' indicators by their names, finite, or why they are not known; `None`: the policy names no peers.
    pub peers: Option<Result<BTreeMap<String, f64>, String>>,
}

/// What an alert's expression says at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredReading", into = "StoredReading")]
pub struct AlertReading {
    /// Its value for the alert at hand; `None`: it does not hold for it.
    pub value: Option<f64>,
    /// The peers it holds for.
    pub peers: BTreeSet<String>,
}

/// The proof of an effect, and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// What follows.
    pub verdict: Verdict,
    /// Why, in words; the finding that decided comes first. May quote untrusted text.
    #[serde(default)]
    pub why: String,
    /// Whether the target is well now, whatever made it so: nothing more needs to be done then.
    #[serde(default)]
    pub recovered: bool,
    /// What became of the alert's own expression, where its rule is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertChange>,
    /// What became of the policy's indicator, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<IndicatorChange>,
}

impl From<Verdict> for Effect {
    /// A verdict of which nothing more is known.
    fn from(verdict: Verdict) -> Self {
        Self { verdict, why: String::new(), recovered: false, alert: None, indicator: None }
    }
}

/// An alert's expression before and after an action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertChange {
    /// Whether it held before; `None`: not known.
    pub held: Option<bool>,
    /// Whether it holds after; `None`: not known.
    pub holds: Option<bool>,
    /// Its value before, where it held.
    pub before: Option<f64>,
    /// Its value after, where it holds.
    pub after: Option<f64>,
    /// Untouched peers that it held for before.
    pub peers_before: usize,
    /// So many of those it does not hold for any more.
    pub peers_over: usize,
}

/// An indicator before and after an action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorChange {
    /// Which way it gets better.
    pub better: Better,
    /// Before; `None`: not known.
    pub before: Option<f64>,
    /// After; `None`: not known.
    pub after: Option<f64>,
    /// The untouched peers' meanwhile; `None`: there are none, or they are not known.
    pub peers: Option<PeersChange>,
}

/// The indicators of untouched peers before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeersChange {
    /// How many were measured both times.
    pub count: usize,
    /// Their median before.
    pub before: f64,
    /// Their median after.
    pub after: f64,
    /// The median of their changes, a change for the better being positive.
    pub change: f64,
    /// How far a change must be from that to be more than chance; `None`: they are too few to tell.
    pub interval: Option<f64>,
}
