//! What a multivariate model says of a row before it is calibrated, and what a model must be able to do.

use crate::model::Timestamp;

/// One raw statistic: the larger, the more unusual the row.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// What it measures: a label value, for example `t2`.
    pub name: &'static str,
    /// At least 0 and finite, in the model's own unit.
    pub raw: f64,
    /// What the theory of the model expects to be exceeded rarely, in the same unit; above 0. It makes values
    /// comparable from one fit to the next.
    pub limit: f64,
    /// Each member's share of `raw`: at least 0, their sum is 1, or all 0 where `raw` is.
    pub shares: Vec<f64>,
}

impl Statistic {
    /// The statistic in limits.
    pub fn value(&self) -> f64 {
        self.raw / self.limit
    }

    /// Takes the shares as parts that sum to the statistic.
    pub(in crate::detect) fn settle(&mut self, limit: f64) {
        self.raw = self.shares.iter().sum();
        self.limit = limit;
        if self.raw > 0.0 {
            self.shares.iter_mut().for_each(|share| *share /= self.raw);
        }
    }
}

/// A streaming model of a group's rows that has no alarm line of its own.
pub trait GroupModel {
    /// How many statistics a reading has.
    const STATISTICS: usize;

    /// The model's name: the label `model`.
    fn name(&self) -> &'static str;

    /// How many values make a row.
    fn columns(&self) -> usize;

    /// Reads a row by the rows before it, then learns it, so that an unusual row teaches little. `None`
    /// while there is no model, and for a row that the model cannot read.
    fn observe(&mut self, at: Timestamp, row: &[f64]) -> Option<&[Statistic]>;

    /// Reads a row by the rows before it and learns nothing: for times when learning is held back. `None` as of
    /// [`GroupModel::observe`].
    fn read(&mut self, row: &[f64]) -> Option<&[Statistic]>;

    /// The group has changed for good: begin again. A model that finds such changes by itself does nothing.
    fn relearn(&mut self);
}

/// Whether so many members are missing (NaN, infinite) that no model reads the row: half of them.
pub fn is_torn(row: &[f64]) -> bool {
    2 * row.iter().filter(|value| !value.is_finite()).count() >= row.len()
}
