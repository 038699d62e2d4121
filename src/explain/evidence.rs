//! Everything an explanation rests on. Plain data.

use std::collections::{BTreeMap, HashMap};

use super::causes::Common;
use super::changes::Change;
use super::graph::Dependencies;
use super::measured::Measured;
use super::reporters::Reporters;
use crate::model::{Decision, Episode, EpisodeId, Run, ScoredSeries, Timestamp};

/// Everything an explanation rests on, read at one moment.
#[derive(Debug, Default)]
pub struct Evidence {
    /// When it was read.
    pub at: Timestamp,
    /// The episodes to explain, the longest-lasting first.
    pub episodes: Vec<Episode>,
    /// How many more there are.
    pub left_out: usize,
    /// Every decision taken about them.
    pub decisions: HashMap<EpisodeId, Vec<Decision>>,
    /// Runs that answer them.
    pub runs: Vec<Run>,
    /// Episodes of the last 30 days that are over, those heard of last; at most 1,000.
    pub ended: Vec<Episode>,
    /// Runs that answered others than the episodes to explain.
    pub past_runs: Vec<Run>,
    /// What Prometheus says around them.
    pub surroundings: Surroundings,
    /// What is known of who calls whom, and what it says about the alerts.
    pub dependencies: Dependencies,
    /// The latest scores of the watched series that are odd or missing.
    pub scores: Vec<ScoredSeries>,
    /// How many more are watched, all of them calm.
    pub calm: usize,
    /// What many places that alerts fire at have in common, and no other has.
    pub common: Option<Common>,
    /// The targets whose series speak for others.
    pub reporters: Reporters,
    /// The expression of each watched query, by its name.
    pub queries: BTreeMap<String, String>,
    /// Whether the stop switch is set.
    pub paused: bool,
}

/// What Prometheus says around the alerts.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Values of the alerts' expressions, of as many as are asked for.
    pub measured: BTreeMap<EpisodeId, Measured>,
    /// What changed, by window and kind.
    pub changes: Vec<Change>,
    /// How many changes more there are.
    pub left_out: usize,
    /// What could not be read, one sentence each; each once.
    pub troubles: Vec<String>,
}

impl Surroundings {
    /// Something could not be read.
    pub(super) fn note(&mut self, trouble: String) {
        if !self.troubles.contains(&trouble) {
            self.troubles.push(trouble);
        }
    }
}
