//! The answer: suspects in order, with what speaks for each.

use serde::Serialize;

use super::incident::Kind;
use crate::model::Timestamp;

/// What an incident most likely comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    /// What was asked about.
    pub kind: Kind,
    /// How the target itself did; `None` where it was never worse than usual, or where its history is too short.
    pub target: Option<Target>,
    /// Nodes other than the target, the likeliest first. Empty where the target is as it often is and no node that
    /// deviates accounts for most of its excess.
    pub suspects: Vec<Suspect>,
}

/// How the target did in the stretch around its worst row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// The node.
    pub node: String,
    /// The first row of the stretch.
    pub since: Timestamp,
    /// Its last row.
    pub until: Timestamp,
    /// The series' median in usual time.
    pub usual: f64,
    /// Its worst value in the stretch.
    pub seen: f64,
    /// Standard deviations of its own above the usual.
    pub significance: f64,
    /// Whether it stands out from its own history: by more than chance allows in so many rows, and above all of it.
    pub abnormal: bool,
    /// The share of the excess that none of its dependencies accounts for, from 0 to 1: large where the target
    /// itself is the cause.
    pub unexplained: f64,
}

/// A node that may be the cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspect {
    /// The node.
    pub node: String,
    /// From 0 to 1: `own_share`, at most the width of the way to the target, and less by up to half for those whose
    /// significance is low among the suspects. Equal scores are ties.
    pub score: f64,
    /// The share of the target's excess for which the node's excess accounts.
    pub share: f64,
    /// The same without what the node's own dependencies account for, and less what chance may have done.
    pub own_share: f64,
    /// Standard deviations of its own above the usual, in the stretch of the target.
    pub significance: f64,
    /// The first row in which it stood out; `None` where only all rows together do.
    pub since: Option<Timestamp>,
    /// The series' median in usual time: seconds, or a share of requests.
    pub usual: f64,
    /// Its value in the node's worst row of the stretch.
    pub seen: f64,
    /// From the target to the node, both included, without nodes that have no series; only the node where no known
    /// way leads.
    pub way: Vec<String>,
    /// Which of its dependencies account for its own excess, the largest first.
    pub explained_by: Vec<Explained>,
    /// Its other series that stood out in the same stretch.
    pub also: Vec<Deviation>,
}

/// A dependency that accounts for a part of a suspect's excess.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explained {
    /// The dependency.
    pub node: String,
    /// The share, from 0 to 1.
    pub share: f64,
}

/// Another series that deviated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Deviation {
    /// What it measures.
    pub kind: Kind,
    /// Its median in usual time.
    pub usual: f64,
    /// Its value in its worst row of the stretch.
    pub seen: f64,
    /// Standard deviations of its own above the usual.
    pub significance: f64,
}
