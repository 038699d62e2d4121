//! What was decided about an alert, and the history of a run as the journal tells it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    ActError, ActReport, Before, Check, Effect, EpisodeId, Plan, Reason, RunId, RunOutcome, Timestamp,
    Verdict,
};

/// One decision. Refusals are recorded like actions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The episode it is about.
    pub episode: EpisodeId,
    /// The policy considered; `None` if none matched.
    pub policy: Option<Arc<str>>,
    /// The target, where one could be named.
    pub target: Option<Arc<str>>,
    /// When it was taken.
    pub at: Timestamp,
    /// What it says.
    pub verdict: DecisionVerdict,
    /// What each guard said, as far as they were asked, in the order in which they are asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// Act or hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum DecisionVerdict {
    /// The plan is carried out.
    Act {
        /// The plan.
        plan: Plan,
    },
    /// Nothing is done.
    Hold {
        /// Why, from the closed list.
        reason: Reason,
        /// The particulars, one line; may quote untrusted text.
        detail: String,
        /// What would have been done, where that is known (shadow mode).
        plan: Option<Plan>,
    },
}

/// A run as the journal has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The journal's number.
    pub id: RunId,
    /// The plan as it was written before anything was done.
    pub plan: Plan,
    /// When the intent was written.
    pub begun_at: Timestamp,
    /// In order; only steps whose intent was written.
    pub steps: Vec<StepRecord>,
    /// When and how it ended; `None` while it is under way.
    pub ended: Option<(Timestamp, RunOutcome)>,
    /// When it turned out that it had not helped for long, and by which episode; `None`: it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relapsed: Option<(Timestamp, EpisodeId)>,
}

impl Run {
    /// How it ended, as far as is known by now; `None` while it is under way.
    pub fn outcome(&self) -> Option<RunOutcome> {
        let (_, outcome) = self.ended?;
        Some(if self.relapsed.is_some() { RunOutcome::DidNotLast } else { outcome })
    }
}

/// One step of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// When the intent was written.
    pub begun_at: Timestamp,
    /// What was seen just before, as it was written with the intent; `None`: nothing, or by an older version. What
    /// follows from it is in `effect`.
    #[serde(default, skip_serializing)]
    pub before: Option<Box<Before>>,
    /// What the action said, and when; `None`: not known.
    pub acted: Option<(Timestamp, Result<ActReport, ActError>)>,
    /// What the proof said, and when; `None`: not known yet.
    pub verified: Option<(Timestamp, Verdict)>,
    /// What that rests on; `None`: nothing more is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Box<Effect>>,
    /// What became of the silence that it created; `None`: nobody has tried to lift one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift: Option<Lift>,
}

/// The end of a silence by whoever created it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lift {
    /// When the intent was written.
    pub begun_at: Timestamp,
    /// What Alertmanager said, and when; `None`: not known yet.
    pub ended: Option<(Timestamp, Result<ActReport, ActError>)>,
}
