//! `pca`: which rows break the way in which the members of a group move together.
//!
//! Several series of one host make a row. Their standardised values have a slowly forgetting mean
//! and covariance; its main components say how they move together. Two statistics speak against a row:
//! T2, unusual but along the usual directions, and Q, off those directions. Each comes with the
//! members' shares: the complete decomposition of Alcala & Qin ("Reconstruction-based contribution for
//! process monitoring", Automatica 2009), which are squares and sum to the statistic.
//!
//! A row that exceeds a limit teaches the less the more it does so: weights fall with the square of the excess,
//! so that what a row can move falls as well. A
//! missing member (NaN, infinite) is filled in by the model's conditional mean, has no share, and
//! teaches nothing; with half of the members missing there is no reading. What it refuses: it has no alarm
//! line; [`super::GroupDetector`] calibrates the statistics.

mod components;
mod config;
mod eigen;
mod missing;
mod moments;
mod start;

use serde::{Deserialize, Serialize};

pub use self::config::PcaConfig;

use self::components::Components;
use self::config::COLUMNS;
use self::moments::Moments;
use self::start::Start;
use super::group::{GroupModel, Statistic, is_torn};
use crate::model::Timestamp;

/// Values beyond are taken as this, so that their products are finite.
const LARGEST: f64 = 1e100;
/// The same for standardised values.
const FARTHEST: f64 = 1e6;

/// What a model has learnt: less than 2 kB for 8 columns, 52 kB for 64 at most; while it starts, the first
/// rows instead, 131 kB for 64 columns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PcaState {
    columns: u32,
    /// Time of the last row taken, in milliseconds.
    last: Option<i64>,
    /// Rows learnt.
    rows: u64,
    phase: Phase,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Phase {
    Starting(Start),
    Running(Box<Running>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Running {
    moments: Moments,
    components: Option<Components>,
    /// When the components were fitted, in milliseconds, and by how many rows.
    fitted: (i64, u64),
}

/// Why a model cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A group of this size has no model.
    #[error("a group of {0} members; pca takes 2 to 64")]
    Columns(usize),
    /// A stored model of another group.
    #[error("a model of {stored} members, not of {wanted}")]
    Other {
        /// What the stored model has.
        stored: usize,
        /// What the group has now.
        wanted: usize,
    },
    /// A stored model whose parts do not go together.
    #[error("a stored model whose parts do not go together")]
    Damaged,
}

/// Reads one group's rows as they come, in constant memory.
pub struct Pca {
    config: PcaConfig,
    state: PcaState,
    /// The last reading: T2, Q.
    reading: [Statistic; 2],
    room: Room,
}

/// Room for one row's arithmetic.
struct Room {
    row: Vec<f64>,
    standardised: Vec<f64>,
    explained: Vec<f64>,
}

impl Pca {
    /// A model of rows of so many values that has seen nothing.
    pub fn new(columns: usize, config: PcaConfig) -> Result<Self, Unfit> {
        let wide = u32::try_from(columns).map_err(|_| Unfit::Columns(columns))?;
        let phase = Phase::Starting(Start::default());
        Self::restore(columns, config, PcaState { columns: wide, last: None, rows: 0, phase })
    }

    /// Goes on where the state was taken, to the bit if the configuration is the same.
    pub fn restore(columns: usize, config: PcaConfig, state: PcaState) -> Result<Self, Unfit> {
        if !(COLUMNS.0..=COLUMNS.1).contains(&columns) {
            return Err(Unfit::Columns(columns));
        }
        let stored = state.columns as usize;
        if stored != columns {
            return Err(Unfit::Other { stored, wanted: columns });
        }
        let sound = match &state.phase {
            Phase::Starting(start) => start.is_sound(columns),
            Phase::Running(running) => {
                let fitted = running.components.as_ref().is_none_or(|fitted| fitted.is_sound(columns));
                fitted && running.moments.is_sound(columns)
            }
        };
        let statistic = |name| Statistic { name, raw: 0.0, limit: 1.0, shares: vec![0.0; columns] };
        let room = || vec![0.0; columns];
        let room = Room { row: room(), standardised: room(), explained: room() };
        let reading = [statistic("t2"), statistic("q")];
        sound.then_some(Self { config, state, reading, room }).ok_or(Unfit::Damaged)
    }

    /// What was learnt, for a snapshot.
    pub fn state(&self) -> &PcaState {
        &self.state
    }

    /// How many components are retained; 0 before the first fit.
    pub fn components(&self) -> usize {
        self.state.phase.components().map_or(0, |fitted| fitted.variances.len())
    }

    /// Reads a row by the rows before it, then learns it: T2 and Q. `None` while starting (100 rows, or 4 for
    /// each member), while fewer than two members vary or half of them are missing, and for a row that is
    /// of another length or not newer than the last one; these last two change nothing.
    pub fn observe(&mut self, at: Timestamp, row: &[f64]) -> Option<&[Statistic; 2]> {
        let now = at.as_millis();
        if row.len() != self.room.row.len() || self.state.last.is_some_and(|last| now <= last) {
            return None;
        }
        self.state.last = Some(now);
        let read = self.take_in(row);
        self.learn(now, read);
        read.then_some(&self.reading)
    }

    /// Reads a row by the rows before it and learns nothing. `None` as of [`Pca::observe`], whatever its time.
    pub fn read(&mut self, row: &[f64]) -> Option<&[Statistic; 2]> {
        (row.len() == self.room.row.len() && self.take_in(row)).then_some(&self.reading)
    }

    /// Takes a row of the right length in hand, and reads it if it can be read.
    fn take_in(&mut self, row: &[f64]) -> bool {
        for (kept, value) in self.room.row.iter_mut().zip(row) {
            *kept = if value.is_finite() { value.clamp(-LARGEST, LARGEST) } else { f64::NAN };
        }
        let Some(fitted) = self.state.phase.components() else { return false };
        let Room { row, standardised, explained } = &mut self.room;
        let missing = standardise(fitted, row, standardised);
        if is_torn(row) {
            return false;
        }
        if missing > 0 {
            missing::fill_in(fitted, standardised);
        }
        let [t2, q] = &mut self.reading;
        measure(fitted, standardised, explained, &mut t2.shares);
        for (share, (value, explained)) in q.shares.iter_mut().zip(standardised.iter().zip(&*explained)) {
            *share = (value - explained).powi(2);
        }
        for (statistic, limit) in [(t2, fitted.limits[0]), (q, fitted.limits[1])] {
            for (share, value) in statistic.shares.iter_mut().zip(&*row) {
                *share = if value.is_nan() { 0.0 } else { *share };
            }
            statistic.settle(limit);
        }
        true
    }

    fn learn(&mut self, now: i64, read: bool) {
        let excess = self.reading.iter().map(Statistic::value).fold(1.0, f64::max);
        let weight = if read { 1.0 / (excess * excess) } else { 1.0 };
        let (memory, retained) = (self.config.memory_rows(), self.config.retained);
        let Room { row, standardised: room, .. } = &mut self.room;
        self.state.rows = self.state.rows.saturating_add(1);
        let rows = self.state.rows;
        match &mut self.state.phase {
            Phase::Starting(start) => {
                let Some(moments) = start.learn(row, memory) else { return };
                let components = Components::fit(&moments, retained);
                self.state.phase =
                    Phase::Running(Box::new(Running { moments, components, fitted: (now, rows) }));
            }
            Phase::Running(running) => {
                running.hold_near(row);
                running.moments.learn(row, weight, memory, room);
                let young = rows >= running.fitted.1.saturating_mul(2) && (rows as f64) < memory;
                let every = i64::try_from(self.config.refit_every.as_millis()).unwrap_or(i64::MAX);
                if young || now.saturating_sub(running.fitted.0) >= every {
                    running.components = Components::fit(&running.moments, retained);
                    running.fitted = (now, rows);
                }
            }
        }
    }
}

impl Phase {
    fn components(&self) -> Option<&Components> {
        match self {
            Self::Starting(_) => None,
            Self::Running(running) => running.components.as_ref(),
        }
    }
}

impl Running {
    /// Pulls values in that are farther away than any that is read.
    fn hold_near(&self, row: &mut [f64]) {
        let Some(fitted) = &self.components else { return };
        for ((value, mean), scale) in row.iter_mut().zip(&fitted.mean).zip(&fitted.per_deviation) {
            if *scale > 0.0 && !value.is_nan() {
                *value = value.clamp(mean - FARTHEST / scale, mean + FARTHEST / scale);
            }
        }
    }
}

/// Standardises a row; how many members that vary are missing.
fn standardise(fitted: &Components, row: &[f64], standardised: &mut [f64]) -> usize {
    let mut missing = 0;
    for (column, value) in row.iter().enumerate() {
        let scale = fitted.per_deviation[column];
        missing += usize::from(value.is_nan());
        standardised[column] = if scale > 0.0 {
            ((value - fitted.mean[column]) * scale).clamp(-FARTHEST, FARTHEST)
        } else {
            0.0
        };
    }
    missing
}

/// What the components explain of a standardised row, and each member's part of T2.
fn measure(fitted: &Components, standardised: &[f64], explained: &mut [f64], parts: &mut [f64]) {
    explained.fill(0.0);
    parts.fill(0.0);
    for (axis, variance) in fitted.axes.rows().into_iter().zip(&fitted.variances) {
        let score: f64 = axis.iter().zip(standardised).map(|(element, value)| element * value).sum();
        let in_spreads = score / variance.sqrt();
        for ((element, explained), part) in axis.iter().zip(&mut *explained).zip(&mut *parts) {
            *explained += score * element;
            *part += in_spreads * element;
        }
    }
    parts.iter_mut().for_each(|part| *part *= *part);
}

impl GroupModel for Pca {
    const STATISTICS: usize = 2;

    fn name(&self) -> &'static str {
        "pca"
    }

    fn columns(&self) -> usize {
        self.room.row.len()
    }

    fn observe(&mut self, at: Timestamp, row: &[f64]) -> Option<&[Statistic]> {
        Pca::observe(self, at, row).map(|reading| &reading[..])
    }

    fn read(&mut self, row: &[f64]) -> Option<&[Statistic]> {
        Pca::read(self, row).map(|reading| &reading[..])
    }

    fn relearn(&mut self) {
        self.state.rows = 0;
        self.state.phase = Phase::Starting(Start::default());
    }
}

#[cfg(test)]
mod tests;
