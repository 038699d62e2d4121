//! What the last score of `seasonal` was made of, kept until somebody asks.

use crate::detect::explanation::{Evidence, Explanation, Gate, Learning};
use crate::model::Score;

/// The names of the views, in order: the distance from what the season lets expect, and from the level alone.
const VIEWS: [&str; 2] = ["season", "level"];

/// The last score and its parts.
#[derive(Clone, Copy)]
pub(super) struct Last {
    /// The score.
    pub score: Score,
    /// The evidence at which the score was 1.
    pub line: f64,
    /// Deviation and tail of each view.
    pub views: [(Option<f64>, f64); 2],
    /// Samples missing before a score.
    pub missing: u32,
    /// What became of the sample.
    pub fate: Fate,
}

/// What became of a sample.
#[derive(Clone, Copy)]
pub(super) struct Fate {
    /// Whether it lay outside of the data range.
    pub outside: bool,
    /// What kept it from raising an alarm.
    pub gate: Option<Gate>,
    /// What it taught.
    pub learning: Learning,
}

impl Last {
    /// The parts, for whoever asks.
    pub fn explanation(&self, samples_seen: u64) -> Explanation {
        let evidence = |(name, (deviation, tail))| Evidence { name, deviation, tail };
        Explanation {
            score: self.score,
            evidence: self.views[0].1,
            alarm_line: self.line,
            habit: 0.0,
            evidences: VIEWS.into_iter().zip(self.views).map(evidence).collect(),
            samples_seen,
            samples_to_warm_up: self.missing.into(),
            outside_data_range: self.fate.outside,
            gate: self.fate.gate,
            learning: self.fate.learning,
        }
    }
}
