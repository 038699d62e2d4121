//! One score taken apart, as plain data: what `/api/v1/anomalies/why` and the explanations show.

use serde::Serialize;

use crate::model::Score;

/// The breakdown of one score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The score that is explained: value, expected value, band, state.
    pub score: Score,
    /// The evidence at which the score is 1, as `-log10` of a probability.
    pub alarm_line: f64,
    /// Each evidence by itself.
    pub evidences: Vec<Evidence>,
    /// How many finite samples the detector has seen, this one included.
    pub samples_seen: u64,
    /// How many more it needs before it scores; 0 when it scores.
    pub samples_to_warm_up: u64,
    /// By how much evidence a habit at this time of day raises the line; 0 if there is none.
    pub habit: f64,
    /// Whether the deviation is smaller than the least one that counts, which keeps the score below 1.
    pub too_small_to_count: bool,
}

/// One view on a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// What the sample was compared with.
    pub name: &'static str,
    /// How far the value is off, in its unit: the distance to the nearest earlier windows, or the signed residual of the
    /// forecast; `None` while the view has too little to compare with.
    pub deviation: Option<f64>,
    /// The probability of a deviation at least this large, as `-log10`; 0 while that is not known.
    pub tail: f64,
}

impl Evidence {
    /// The probability of a deviation at least this large; it may underflow to 0.
    pub fn tail_probability(&self) -> f64 {
        10f64.powf(-self.tail)
    }
}
