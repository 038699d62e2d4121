//! What a score was made of, kept so that it can be taken apart.

use super::Forecaster;
use super::outlook::Range;
use crate::detect::explanation::{Evidence, Explanation, Gate, Learning};
use crate::model::Score;

/// What is expected: with all that the forecaster knows, and without the seasons.
#[derive(Clone, Copy)]
pub(super) struct Views {
    pub range: Range,
    pub plain: Range,
}

/// The evidence at which the score is 1, without and with the habits of this time.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub base: f64,
    pub raised: f64,
}

/// What the last score was made of.
#[derive(Clone, Copy)]
pub(super) struct Last {
    score: Score,
    line: Line,
    evidences: [Evidence; 2],
    fate: Fate,
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
    pub fn unjudged<F: Forecaster>(score: Score, line: Line, views: Views, fate: Fate) -> Self {
        let ranges = [views.range, views.plain];
        let evidences = std::array::from_fn(|index| Evidence {
            name: F::VIEWS[index],
            deviation: score.value.is_finite().then(|| ranges[index].deviation(score.value)),
            tail: 0.0,
        });
        Self { score, line, evidences, fate }
    }

    /// The same with what the tails say of either view.
    pub fn judged(mut self, tails: [f64; 2]) -> Self {
        self.evidences.iter_mut().zip(tails).for_each(|(evidence, tail)| evidence.tail = tail);
        self
    }

    /// The score taken apart.
    pub fn explanation(&self, samples_seen: u64, samples_to_warm_up: u64) -> Explanation {
        Explanation {
            score: self.score,
            evidence: self.evidences[0].tail,
            alarm_line: self.line.raised,
            habit: self.line.raised - self.line.base,
            evidences: self.evidences.to_vec(),
            samples_seen,
            samples_to_warm_up,
            outside_data_range: self.fate.outside,
            gate: self.fate.gate,
            learning: self.fate.learning,
        }
    }
}
