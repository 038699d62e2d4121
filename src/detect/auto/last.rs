//! What the last score of `auto` was made of, kept until somebody asks.

use crate::detect::alarm_line::Line;
use crate::detect::explanation::{Evidence, Explanation, Gate, Learning};
use crate::detect::views::VIEWS;
use crate::model::Score;

/// The last score and its parts.
#[derive(Clone, Copy)]
pub(super) struct Last {
    /// The score.
    pub score: Score,
    /// What all evidences said together.
    pub evidence: f64,
    /// Where the score was 1.
    pub line: Line,
    /// What each view said.
    pub evidences: [Evidence; VIEWS + 1],
    /// Whether the value lay outside of the data range.
    pub outside: bool,
    /// What kept it from raising an alarm.
    pub gate: Option<Gate>,
    /// What it taught.
    pub learning: Learning,
}

impl Last {
    /// The parts, for whoever asks.
    pub fn explanation(&self, samples_seen: u64, samples_to_warm_up: u64) -> Explanation {
        Explanation {
            score: self.score,
            evidence: self.evidence,
            alarm_line: self.line.raised,
            habit: self.line.habit(),
            evidences: self.evidences.to_vec(),
            samples_seen,
            samples_to_warm_up,
            outside_data_range: self.outside,
            gate: self.gate,
            learning: self.learning,
        }
    }
}
