//! What a loop scores: the series of a query, or the groups of a model. Does no waiting.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::detect;
use crate::metrics::scoring::HoldCause;
use crate::model::{Labels, ScoredSeries, Timestamp};
use crate::prometheus::{Answer, QueryError};
use crate::snapshots::SnapshotError;

use super::holds::{HeldBy, Holds};
use super::inquiries::{Why, WhyError};
use super::targets::Targets;

/// Answers in, scores out.
pub trait Subject: Send + Sync + 'static {
    /// The value of the label `query`.
    fn name(&self) -> &str;

    /// What is asked at every tick, all of it for the same time.
    fn exprs(&self) -> &[String];

    /// Metrics that must exist before it is asked for the first time.
    fn requires(&self) -> &[String];

    /// The interval and the false-alarm budget.
    fn detect(&self) -> &detect::Config;

    /// Scores one answer for each expression, in their order, all of the same ticks.
    fn observe(&mut self, answers: &[Answer]) -> Result<Observed, QueryError>;

    /// As [`Self::observe`], for answers whose bands nobody looks at: the same scores, at less cost where there is one.
    fn pass(&mut self, answers: &[Answer]) -> Result<Observed, QueryError> {
        self.observe(answers)
    }

    /// What may hold learning back: its own holds, then those of each query that it scores together.
    fn held_by(&self) -> Vec<HeldBy<'_>>;

    /// Sets what holds learning back in the answers to come, in the order of [`Self::held_by`].
    fn set_holds(&mut self, holds: Vec<Holds>);

    /// What holds back each series that is held back.
    fn held(&self) -> Vec<HoldCause>;

    /// How many series are missing where that is an outage.
    fn absent(&self) -> usize;

    /// Whether a series that was there is missing from the last answers.
    fn misses_any(&self) -> bool;

    /// Notes a tick at which Prometheus had no data at all.
    fn note_dark(&mut self, tick: Timestamp);

    /// Judges the series that are missing from the answers of the tick `at`; they are published for `gone`. Returns those
    /// of which an outage begins.
    fn judge_missing(&mut self, at: Timestamp, targets: &Targets, gone: Duration) -> Vec<Labels>;

    /// Drops what is known of series that have been gone for a day.
    fn forget(&mut self, now: Timestamp);

    /// The latest scores, in the order of the labels, without those older than `gone`.
    fn published(&mut self, gone: Duration, now: Timestamp) -> Arc<[ScoredSeries]>;

    /// Takes the latest score of the one series that is meant apart.
    fn why(&self, means: impl Fn(&Labels) -> bool) -> Result<Why, WhyError>;

    /// Takes up the state stored at `path`, as far as it holds for what is configured now.
    fn load(&mut self, path: &Path) -> Result<Stored, SnapshotError>;

    /// The state as it is stored, with the last tick that was scored.
    fn encode(&self, done: Option<Timestamp>) -> Result<Vec<u8>, postcard::Error>;

    /// How many scores it gives: series, or groups.
    fn len(&self) -> usize;

    /// Stores the state with the last tick that was scored; answers its size in bytes.
    fn save(&self, path: &Path, done: Option<Timestamp>) -> Result<usize, SnapshotError>;
}

/// What was found where a state is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// No state.
    Absent,
    /// One that was read whole.
    Read {
        /// The last tick that was scored; `None` where the history is to be read.
        done: Option<Timestamp>,
    },
}

/// What an answer brought.
#[derive(Debug, Default, PartialEq)]
pub struct Observed {
    /// Samples taken.
    pub samples: u64,
    /// What had a score: numbers of series, or rows of groups, that have warmed up.
    pub scored: u64,
    /// Series that found no place in the budget.
    pub refused: u64,
    /// Series that came more than once: the first was taken.
    pub duplicates: u64,
    /// Series or groups of which an episode began, and when.
    pub alarms: Vec<(Labels, Timestamp)>,
    /// Series of which a new level was accepted, and when.
    pub levels: Vec<(Labels, Timestamp)>,
}

impl Observed {
    /// Adds what a later answer brought.
    pub fn add(&mut self, later: Self) {
        self.samples += later.samples;
        self.scored += later.scored;
        self.refused += later.refused;
        self.duplicates += later.duplicates;
        self.alarms.extend(later.alarms);
        self.levels.extend(later.levels);
    }
}
