//! What a ranking is asked about: series of usual and of unusual time by node and kind, and a target.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::graph::{DependencyGraph, MAX_NODES};
use crate::model::{Direction, Labels, Timestamp};

/// Most rows of unusual time.
pub const MAX_ROWS: usize = 10_000;
/// Most rows of usual time.
pub const MAX_HISTORY: usize = 100_000;

/// What a series measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The mean time that a request took, in any unit, the same for all nodes.
    Latency,
    /// The share of requests that failed, from 0 to 1; an availability is 1 less it.
    Errors,
    /// How many requests there were between two samples: a count, not a rate.
    Requests,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Latency => "latency",
            Self::Errors => "errors",
            Self::Requests => "requests",
        })
    }
}

/// One series of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// What it measures.
    pub kind: Kind,
    /// Which side is worse; of both, the one on which unusual time lies counts.
    pub worse: Direction,
    /// Values of usual time, in order, NaN where one is missing; the same rows for all series of a node.
    pub normal: Vec<f64>,
    /// Values of unusual time, one per time of the incident, NaN where one is missing.
    pub abnormal: Vec<f64>,
}

/// What is known of one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// Its name, as in the graph.
    pub name: String,
    /// Its labels; of equal suspects, who shares more with the target comes first.
    pub labels: Labels,
    /// Its series, at most one of each kind.
    pub metrics: Vec<Metric>,
}

impl Node {
    /// The series of a kind.
    pub fn metric(&self, kind: Kind) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.kind == kind)
    }
}

/// A question: what made this series of this node unusual?
#[derive(Clone, Copy, Debug)]
pub struct Incident<'a> {
    /// The node that is complained about.
    pub target: &'a str,
    /// The kind of its series that is.
    pub kind: Kind,
    /// All nodes with series, the target among them.
    pub nodes: &'a [Node],
    /// Who calls whom; without nodes if that is not known. It may know nodes without series.
    pub graph: &'a DependencyGraph,
    /// The times of the rows of unusual time, in order.
    pub times: &'a [Timestamp],
}

/// Why a question cannot be answered; each message says what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RankError {
    /// The target is not among the nodes, or lacks the series.
    #[error("the target '{node}' has no series of {kind}; give it one")]
    NoTarget {
        /// The target.
        node: String,
        /// What is asked about.
        kind: Kind,
    },
    /// A node, or one of its series, is there twice.
    #[error("the node '{node}' has {what} twice; keep one")]
    Twice {
        /// The node.
        node: String,
        /// What is there twice.
        what: String,
    },
    /// A series has another length than it must have.
    #[error("the series of {kind} of '{node}' has {found} values where {expected} are expected")]
    Length {
        /// The node.
        node: String,
        /// The series.
        kind: Kind,
        /// How many values it has.
        found: usize,
        /// How many it must have.
        expected: usize,
    },
    /// There is more than an answer is worth.
    #[error("there are more than {limit} {what}; ask about fewer")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
}

impl Incident<'_> {
    /// The first fault of the question.
    pub(super) fn check(&self) -> Result<(), RankError> {
        for (count, what, limit) in
            [(self.nodes.len(), "nodes", MAX_NODES), (self.times.len(), "rows of unusual time", MAX_ROWS)]
        {
            if count > limit {
                return Err(RankError::TooLarge { what, limit });
            }
        }
        let mut names = BTreeSet::new();
        for node in self.nodes {
            if !names.insert(&node.name) {
                return Err(RankError::Twice { node: node.name.clone(), what: "its name".to_owned() });
            }
            self.check_node(node)?;
        }
        let target = self.nodes.iter().find(|node| node.name == self.target);
        match target.and_then(|node| node.metric(self.kind)) {
            Some(_) => Ok(()),
            None => Err(RankError::NoTarget { node: self.target.to_owned(), kind: self.kind }),
        }
    }

    fn check_node(&self, node: &Node) -> Result<(), RankError> {
        let mut kinds = BTreeSet::new();
        let history = node.metrics.first().map_or(0, |metric| metric.normal.len());
        if history > MAX_HISTORY {
            return Err(RankError::TooLarge { what: "rows of usual time", limit: MAX_HISTORY });
        }
        for metric in &node.metrics {
            let kind = metric.kind;
            if !kinds.insert(kind) {
                return Err(RankError::Twice {
                    node: node.name.clone(),
                    what: format!("a series of {kind}"),
                });
            }
            let lengths = [(metric.normal.len(), history), (metric.abnormal.len(), self.times.len())];
            if let Some((found, expected)) = lengths.into_iter().find(|(found, expected)| found != expected) {
                return Err(RankError::Length { node: node.name.clone(), kind, found, expected });
            }
        }
        Ok(())
    }
}
