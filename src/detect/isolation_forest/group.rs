//! The forest as the model of a group: how much more easily a row is isolated than those learnt.
//!
//! A score is no ratio (a typical row has about 0.5), so the statistic is the row's rarity: how many times
//! fewer of the rows learnt share its region than a typical row's. A missing member (NaN, infinite) counts as
//! its median and has no share; such a row is read and not learnt, and with half of the members missing
//! there is no reading.
//!
//! It sees rows where few have been. A member that leaves the others while each stays where it often is shows
//! only as far as nothing was ever seen there; [`super::super::Pca`] looks at that.

use super::super::group::{GroupModel, Statistic, is_torn};
use super::forest::all_finite;
use super::training::{Scale, Trained};
use super::{Columns, Damage, ForestModel, ForestState, ModelConfig, Reading};
use crate::model::Timestamp;

/// Rows that a forest must have been grown from before its readings count: what fewer rows call rare is
/// soon seen again.
const MATURE_ROWS: u32 = 512;

/// Reads one group's rows by a forest that is kept up to date.
pub struct GroupForest {
    model: ForestModel,
    reading: [Statistic; 1],
    /// Room for a row with nothing missing.
    row: Vec<f64>,
}

impl GroupForest {
    /// A model of rows of so many values that has seen nothing.
    pub fn new(columns: Columns, config: ModelConfig) -> Self {
        Self::of(ForestModel::new(columns, config))
    }

    /// Goes on where the state was taken; see [`ForestModel::restore`].
    pub fn restore(columns: Columns, config: ModelConfig, state: ForestState) -> Result<Self, Damage> {
        ForestModel::restore(columns, config, state).map(Self::of)
    }

    fn of(model: ForestModel) -> Self {
        let statistic = Statistic { name: "isolation", raw: 0.0, limit: 1.0, shares: Vec::new() };
        Self { row: vec![0.0; model.columns()], reading: [statistic], model }
    }

    /// What was learnt, for a snapshot.
    pub fn state(&self) -> &ForestState {
        self.model.state()
    }

    /// Reads a row and learns nothing. `None` where too much is missing.
    fn look_at(&mut self, row: &[f64]) -> Option<Reading> {
        if all_finite(row) {
            return self.model.read(row);
        }
        if is_torn(row) {
            return None;
        }
        self.fill(row);
        let mut reading = self.model.read(&self.row)?;
        for (share, _) in reading.contributions.iter_mut().zip(row).filter(|(_, value)| !value.is_finite()) {
            *share = 0.0;
        }
        Some(reading)
    }

    /// What readings are measured by; `None` while the forest is young.
    fn scale(&self) -> Option<Scale> {
        let mature = self.model.trained().filter(|trained| trained.rows >= MATURE_ROWS);
        mature.map(Trained::scale)
    }

    fn stated(&mut self, reading: Option<Reading>, scale: Option<Scale>) -> Option<&[Statistic]> {
        let (reading, scale) = reading.zip(scale)?;
        let [statistic] = &mut self.reading;
        statistic.raw = scale.rarity(reading.score);
        statistic.limit = scale.of_rare();
        statistic.shares = shares(reading.contributions);
        Some(&self.reading)
    }

    /// Makes a row without what is missing.
    fn fill(&mut self, row: &[f64]) {
        let Some(trained) = self.model.trained() else { return };
        for (column, (filled, value)) in self.row.iter_mut().zip(row).enumerate() {
            *filled = if value.is_finite() { *value } else { trained.typical(column) };
        }
    }
}

impl GroupModel for GroupForest {
    const STATISTICS: usize = 1;

    fn name(&self) -> &'static str {
        "isolation_forest"
    }

    fn columns(&self) -> usize {
        self.model.columns()
    }

    fn observe(&mut self, at: Timestamp, row: &[f64]) -> Option<&[Statistic]> {
        // Of the forest that reads the row: learning it may grow another.
        let scale = self.scale();
        let reading = if all_finite(row) { self.model.observe(at, row) } else { self.look_at(row) };
        self.stated(reading, scale)
    }

    fn read(&mut self, row: &[f64]) -> Option<&[Statistic]> {
        let (scale, reading) = (self.scale(), self.look_at(row));
        self.stated(reading, scale)
    }

    /// The forest finds by itself that the present is no longer what it has learnt.
    fn relearn(&mut self) {}
}

/// Shares that sum to 1, or are all 0 where nothing is isolated.
fn shares(mut parts: Vec<f64>) -> Vec<f64> {
    let sum: f64 = parts.iter().sum();
    if sum > 0.0 {
        parts.iter_mut().for_each(|part| *part /= sum);
    }
    parts
}
