//! A forest with what is known of its growth: when, why, and how the rows it was grown from score.

use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::forest::all_finite;
use super::path_length::path_length;
use super::random::Random;
use super::{Config, Forest};

/// Rows that are scored for the range, at most.
const SCORED_ROWS: usize = 512;
/// The quantile of the trained scores that the mean score of hours of rows does not reach while nothing
/// drifts: a daily or weekly pattern has less of its rows beyond it.
const DRIFTED: f64 = 0.95;
/// The quantile of the trained scores above which a row is rare.
const RARE: f64 = 0.99;

/// One row of background for so many rows.
const BACKGROUND_SHARE: usize = 8;
/// How far the background reaches from the middle of a column's usual values, in halves of their range.
const BACKGROUND_REACH: f64 = 2.0;
/// The share of a column's values on either side that are not usual: an outlier must not thin the background out.
const UNUSUAL: f64 = 0.05;

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
    /// The mean score of those rows.
    mean: f64,
    drifted: f64,
    rare: f64,
    /// The median of each column.
    typical: Vec<f64>,
}

/// What turns the scores of one forest into rarities.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    mean: f64,
    /// Half of the depth of a row of score 0.5.
    exponent: f64,
    rare: f64,
}

impl Scale {
    /// How rare a row of this score is, 1 for a typical one. Two to the power of the difference in depth is how many
    /// times fewer of the rows learnt share its region; of this the root, whose tail falls about as fast as that of
    /// other models' statistics. Unlike scores, it is a ratio scale.
    pub fn rarity(self, score: f64) -> f64 {
        (score / self.mean).powf(self.exponent)
    }

    /// The rarity of a rare row, at least 1.
    pub fn of_rare(self) -> f64 {
        self.rarity(self.rare).max(1.0)
    }
}

impl Trained {
    /// Grows a forest of the rows; `None` without rows.
    pub fn grow(config: &Config, rows: ArrayView2<'_, f64>, cause: Cause, turn: i64) -> Option<Self> {
        let forest = Forest::fit(config, with_background(rows, config.seed).view())?;
        let step = rows.nrows().div_ceil(SCORED_ROWS).max(1);
        let mut scores: Vec<f64> =
            rows.rows().into_iter().step_by(step).filter_map(|row| forest.score(row.as_slice()?)).collect();
        scores.sort_unstable_by(f64::total_cmp);
        let quantile = |share: f64| scores.get((share * (scores.len() - 1) as f64).round() as usize).copied();
        let (drifted, rare) = (quantile(DRIFTED)?, quantile(RARE)?);
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let typical = rows.columns().into_iter().map(|column| sorted(column)[rows.nrows() / 2]).collect();
        Some(Self { forest, cause, turn, rows: rows.nrows() as u32, mean, drifted, rare, typical })
    }

    /// What stands for the value of a column that is missing from a row.
    pub fn typical(&self, column: usize) -> f64 {
        self.typical[column]
    }

    /// How rare a row is, by its score.
    pub fn scale(&self) -> Scale {
        Scale { mean: self.mean, exponent: path_length(self.forest.size) / 2.0, rare: self.rare }
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
        let scores = 0.0 <= self.drifted && self.drifted <= self.rare && self.rare <= 1.0;
        let mean = 0.0 < self.mean && self.mean <= 1.0;
        scores && mean && self.typical.len() == self.forest.columns() && all_finite(&self.typical)
    }
}

/// The rows with some more that are spread evenly over and around them. Without these no cut tells the edge
/// of what was learnt from the void beyond it and between its parts, and a row out there has the score of
/// the edge that it is nearest to.
fn with_background(rows: ArrayView2<'_, f64>, seed: u64) -> Array2<f64> {
    let count = rows.nrows().div_ceil(BACKGROUND_SHARE);
    let mut random = Random::new(seed);
    let mut all = Array2::zeros((rows.nrows() + count, rows.ncols()));
    for (column, mut to) in rows.columns().into_iter().zip(all.columns_mut()) {
        let usual = sorted(column);
        let unusual = (UNUSUAL * usual.len() as f64) as usize;
        let (least, most) = (usual[unusual], usual[usual.len() - 1 - unusual]);
        // Halves first: the difference of two finite numbers may be none.
        let (middle, reach) = (least / 2.0 + most / 2.0, BACKGROUND_REACH * (most / 2.0 - least / 2.0));
        for (row, value) in to.iter_mut().enumerate() {
            let background = || (middle + reach * (2.0 * random.unit() - 1.0)).clamp(f64::MIN, f64::MAX);
            *value = column.get(row).copied().unwrap_or_else(background);
        }
    }
    all
}

fn sorted(column: ArrayView1<'_, f64>) -> Vec<f64> {
    let mut values = column.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values
}
