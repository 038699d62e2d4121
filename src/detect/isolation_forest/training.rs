//! A forest with what is known of its growth: when, why, and how the rows it was grown from score.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::{Config, Forest};

/// Rows that are scored for the range, at most.
const SCORED_ROWS: usize = 512;
/// The quantile of the trained scores that the mean score of hours of rows does not reach while nothing
/// drifts: a daily or weekly pattern has less of its rows beyond it.
const DRIFTED: f64 = 0.95;
/// The quantile of the trained scores above which a row is rare.
const RARE: f64 = 0.99;

/// Why a forest was grown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// There was none, or twice as many rows as it was grown from have come.
    Growth,
    /// It was its turn.
    Schedule,
    /// The scores of the last hours left the range of those learnt.
    Drift,
}

/// A forest and the range of its scores.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Trained {
    pub forest: Forest,
    pub cause: Cause,
    /// The number of its turn, counted in times between two forests.
    pub turn: i64,
    /// How many rows there were.
    pub rows: u32,
    drifted: f64,
    rare: f64,
}

impl Trained {
    /// Grows a forest of the rows; `None` without rows.
    pub fn grow(config: &Config, rows: ArrayView2<'_, f64>, cause: Cause, turn: i64) -> Option<Self> {
        let forest = Forest::fit(config, rows)?;
        let step = rows.nrows().div_ceil(SCORED_ROWS).max(1);
        let mut scores: Vec<f64> =
            rows.rows().into_iter().step_by(step).filter_map(|row| forest.score(row.as_slice()?)).collect();
        scores.sort_unstable_by(f64::total_cmp);
        let quantile = |share: f64| scores.get((share * (scores.len() - 1) as f64).round() as usize).copied();
        let (drifted, rare) = (quantile(DRIFTED)?, quantile(RARE)?);
        Some(Self { forest, cause, turn, rows: rows.nrows() as u32, drifted, rare })
    }

    /// Whether a row of this score is like few of those learnt.
    pub fn is_rare(&self, score: f64) -> bool {
        score > self.rare
    }

    /// Whether hours of rows of at least this mean score are unlike those learnt. Rows more usual than those
    /// are no drift: the forest knows them, and the schedule sees to the rest.
    pub fn has_drifted(&self, mean: f64) -> bool {
        mean > self.drifted
    }

    /// Whether the range is one.
    pub fn is_sound(&self) -> bool {
        0.0 <= self.drifted && self.drifted <= self.rare && self.rare <= 1.0
    }
}
