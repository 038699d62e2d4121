//! What became of an action, a proof and a run. An effect's error says whether the effect happened.

use serde::{Deserialize, Serialize};

/// An action that was accepted by whoever carries it out: not yet proof of an effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActReport {
    /// One line, for example `exit status 0` or `HTTP 202`.
    pub summary: String,
    /// What the action printed or answered, cut to a bound; untrusted text.
    pub output: String,
}

/// An action that did not succeed, named by what the caller does next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ActError {
    /// Nothing happened: the program or the server could not be reached at all.
    #[error("not started: {reason}")]
    NotStarted {
        /// Why.
        reason: String,
    },
    /// It was carried out and said that it failed.
    #[error("failed: {}", report.summary)]
    Failed {
        /// What it said.
        report: ActReport,
    },
    /// It may or may not have happened; only verification can tell, and it is never repeated.
    #[error("unknown: {reason}")]
    Unknown {
        /// Why.
        reason: String,
        /// What was seen of it.
        report: ActReport,
    },
}

/// What a verification expression said at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// It returned something that is neither zero nor NaN.
    Holds,
    /// It returned nothing, or only zeros.
    DoesNotHold,
    /// It could not be evaluated; the text says why.
    Failed(String),
}

/// The proof of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The verification expression holds.
    Helped,
    /// It did not hold in time.
    NoEffect,
    /// It held before the action and does not any more.
    Worse,
    /// It could not be evaluated, or there is none.
    Unknown,
}

impl Verdict {
    /// Every verdict, for metrics that exist at zero from the start.
    pub const ALL: &[Verdict] = &[Self::Helped, Self::NoEffect, Self::Worse, Self::Unknown];

    /// The name used as label value, in JSON and in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Helped => "helped",
            Self::NoEffect => "no_effect",
            Self::Worse => "worse",
            Self::Unknown => "unknown",
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every step was accepted and the last proof holds.
    Helped,
    /// It had helped, and an alert of the same policy and target began again soon after.
    DidNotLast,
    /// Accepted, but the proof did not hold in time.
    NoEffect,
    /// Accepted, and the situation got worse.
    Worse,
    /// Accepted, and nothing proves or disproves an effect.
    Unproven,
    /// A step said that it failed.
    Failed,
    /// A step could not be started; nothing happened.
    NotStarted,
    /// Whether a step happened is unknown and could not be found out.
    Unknown,
    /// Something held the run back before its next step, such as the stop switch or the end of the alert; the
    /// last decision says what.
    Aborted,
}

impl RunOutcome {
    /// Every outcome, for metrics that exist at zero from the start.
    pub const ALL: &[RunOutcome] = &[
        Self::Helped,
        Self::DidNotLast,
        Self::NoEffect,
        Self::Worse,
        Self::Unproven,
        Self::Failed,
        Self::NotStarted,
        Self::Unknown,
        Self::Aborted,
    ];

    /// The name used as label value, in JSON and in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Helped => "helped",
            Self::NoEffect => "no_effect",
            Self::Worse => "worse",
            Self::DidNotLast => "did_not_last",
            Self::Unproven => "unproven",
            Self::Failed => "failed",
            Self::NotStarted => "not_started",
            Self::Unknown => "unknown",
            Self::Aborted => "aborted",
        }
    }
}
