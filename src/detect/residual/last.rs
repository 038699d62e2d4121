//! What a score was made of, kept so that it can be taken apart.

use super::Forecaster;
use super::outlook::Range;
use crate::detect::alarm_line::Line;
use crate::detect::explanation::{Evidence, Explanation, Gate, Learning};
use crate::model::Score;

/// What is expected: with all that the forecaster knows, and without the seasons.
#[derive(Clone, Copy)]
pub(super) struct Views {
    pub range: Range,
    pub plain: Range,
}

/// What the last score was made of, in little space: every series keeps one.
#[derive(Clone, Copy)]
pub(super) struct Last {
    score: Score,
    line: f64,
    /// By how much a habit raised the line.
    habit: f32,
    fate: Fate,
    /// How far the value was off in each view; NaN if it was no number.
    deviations: [f64; 2],
    tails: [f64; 2],
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
    /// A score that no tail has been asked about.
    pub fn unjudged(score: Score, line: Line, views: Views, fate: Fate) -> Self {
        let off =
            |range: Range| if score.value.is_finite() { range.deviation(score.value) } else { f64::NAN };
        let deviations = [views.range, views.plain].map(off);
        Self { score, line: line.raised, habit: line.habit() as f32, fate, deviations, tails: [0.0; 2] }
    }

    /// The same with what the tails say of either view.
    pub fn judged(self, tails: [f64; 2]) -> Self {
        Self { tails, ..self }
    }

    /// The score taken apart.
    pub fn explanation<F: Forecaster>(&self, samples_seen: u64, samples_to_warm_up: u64) -> Explanation {
        let evidence = |view: usize| Evidence {
            name: F::VIEWS[view],
            deviation: Some(self.deviations[view]).filter(|deviation| !deviation.is_nan()),
            tail: self.tails[view],
        };
        Explanation {
            score: self.score,
            evidence: self.tails[0],
            alarm_line: self.line,
            habit: self.habit.into(),
            evidences: vec![evidence(0), evidence(1)],
            samples_seen,
            samples_to_warm_up,
            outside_data_range: self.fate.outside,
            gate: self.fate.gate,
            learning: self.fate.learning,
        }
    }
}
