//! Faults of stated kind and size, put into recorded healthy series: what a detector promises to find can be
//! stated and tested only where the size of the fault is known.
//!
//! Sizes are in robust standard deviations of the healthy series (1.4826 times the median absolute deviation;
//! the plain standard deviation where that is 0). A fault that the series could not be told from by
//! anybody is refused: a stall of a series that stands still by itself, zero where values near zero are
//! ordinary, another rhythm where there is none.

mod faults;

#[cfg(test)]
mod tests;

use fastrand::Rng;
use serde::Serialize;

use super::labelled::{Labelled, Labels, median};
use super::period::{Rhythm, rhythm};

/// Faults begin after this share of the rows, so that there is a history, and end before the other.
const BETWEEN: (f64, f64) = (0.4, 0.95);
/// Rows of a spike.
const SPIKE_ROWS: usize = 3;
/// How long other faults last: seconds, and rows at least.
const LASTS: (f64, usize) = (4.0 * 3600.0, 24);
/// How long a drift takes to its full size: seconds, and rows at least.
const DRIFT_LASTS: (f64, usize) = (24.0 * 3600.0, 96);
/// Makes a median absolute deviation the standard deviation of a normal distribution.
const NORMAL: f64 = 1.4826;
/// Zero is a fault where the median is farther from it than this, in robust standard deviations.
const ZERO_IS_FAR: f64 = 4.0;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Three rows are higher or lower.
    Spike,
    /// All rows of 4 hours are higher or lower.
    LevelShift,
    /// Rows rise or fall steadily for a day up to the size.
    SlowDrift,
    /// The last value is repeated for 4 hours.
    Stall,
    /// All values are 0 for 4 hours.
    Zero,
    /// There are no values for 4 hours.
    Vanishing,
    /// Normal noise of the size comes on top for 4 hours.
    NoiseBurst,
    /// The rhythm is faster by the size as a factor, for 4 hours or a period if that is longer.
    PeriodChange,
    /// Highs become lows for 4 hours or a period if that is longer.
    ShapeChange,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Spike,
        Self::LevelShift,
        Self::SlowDrift,
        Self::Stall,
        Self::Zero,
        Self::Vanishing,
        Self::NoiseBurst,
        Self::PeriodChange,
        Self::ShapeChange,
    ];

    /// The sizes it is tried in; a single NaN for kinds without a size.
    pub fn sizes(self) -> &'static [f64] {
        match self {
            Self::Spike => &[4.0, 8.0, 16.0],
            Self::LevelShift | Self::NoiseBurst => &[2.0, 4.0, 8.0],
            Self::SlowDrift => &[4.0, 8.0, 16.0],
            Self::PeriodChange => &[2.0, 3.0],
            Self::Stall | Self::Zero | Self::Vanishing | Self::ShapeChange => &[f64::NAN],
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spike => "spike",
            Self::LevelShift => "level shift",
            Self::SlowDrift => "slow drift",
            Self::Stall => "stall",
            Self::Zero => "zero",
            Self::Vanishing => "vanishing",
            Self::NoiseBurst => "noise burst",
            Self::PeriodChange => "period change",
            Self::ShapeChange => "shape change",
        }
    }
}

/// A fault to put into a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// How much: robust standard deviations, a factor for [`Kind::PeriodChange`], of no meaning for kinds
    /// without a size.
    pub size: f64,
}

/// A recorded series in which nothing is wrong.
#[derive(Clone, Debug)]
pub struct Healthy {
    series: Labelled,
    center: f64,
    scale: f64,
    rhythm: Option<Rhythm>,
    longest_stall: usize,
}

impl Healthy {
    /// Takes rows of seconds and values (NaN: missing) for healthy. `None` for series too short to have a
    /// history and a fault: less than twice the rows of a drift.
    pub fn new(name: String, rows: Vec<(i64, f64)>) -> Option<Self> {
        let labels = Labels::Rows(vec![false; rows.len()]);
        let series = Labelled::new(name, rows, labels).expect("there is a label for each row");
        let (center, scale) = center_and_scale(series.values());
        let (rhythm, longest_stall) = (rhythm(series.values()), longest_stall(series.values()));
        let healthy = Self { series, center, scale, rhythm, longest_stall };
        let needed = 2 * healthy.series.rows_of(DRIFT_LASTS.0, DRIFT_LASTS.1).min(usize::MAX / 2);
        (healthy.series.times().len() >= needed && center.is_finite()).then_some(healthy)
    }

    /// The series as it was recorded.
    pub fn series(&self) -> &Labelled {
        &self.series
    }

    /// The series with the fault and its label. The seed decides where and in which direction. `None` where it
    /// would be no fault.
    pub fn with(&self, fault: Fault, seed: u64) -> Option<Labelled> {
        if !self.would_show(fault) {
            return None;
        }
        let mut random = Rng::with_seed(seed);
        let rows = self.rows_of(fault.kind);
        let count = self.series.times().len();
        let from = (BETWEEN.0 * count as f64) as usize;
        let until = ((BETWEEN.1 * count as f64) as usize).checked_sub(rows)?;
        let first = if from < until { random.usize(from..until) } else { return None };
        let mut values = self.series.values().to_vec();
        faults::apply(self, fault, &mut values, first..first + rows, &mut random);
        let labels = (0..count).map(|row| (first..first + rows).contains(&row)).collect();
        let rows = self.series.times().iter().copied().zip(values).collect();
        let name = self.series.name().to_owned();
        Some(Labelled::new(name, rows, Labels::Rows(labels)).expect("there is a label for each row"))
    }

    fn rows_of(&self, kind: Kind) -> usize {
        let lasts = |(seconds, least)| self.series.rows_of(seconds, least);
        let period = self.rhythm.map_or(0, |rhythm| rhythm.rows);
        match kind {
            Kind::Spike => SPIKE_ROWS,
            Kind::SlowDrift => lasts(DRIFT_LASTS),
            Kind::PeriodChange | Kind::ShapeChange => lasts(LASTS).max(period),
            _ => lasts(LASTS),
        }
    }

    fn would_show(&self, fault: Fault) -> bool {
        match fault.kind {
            Kind::Vanishing => true,
            Kind::Stall => self.longest_stall < self.rows_of(Kind::Stall) / 2,
            Kind::Zero => self.center.abs() > ZERO_IS_FAR * self.scale,
            Kind::PeriodChange | Kind::ShapeChange => self.rhythm.is_some_and(Rhythm::is_strong),
            _ => self.scale > 0.0,
        }
    }
}

/// The median and the robust standard deviation of the values that are there.
fn center_and_scale(values: &[f64]) -> (f64, f64) {
    let mut present: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let center = median(&mut present);
    let mut deviations: Vec<f64> = present.iter().map(|value| (value - center).abs()).collect();
    let robust = NORMAL * median(&mut deviations);
    if robust > 0.0 {
        return (center, robust);
    }
    let count = present.len() as f64;
    let mean = present.iter().sum::<f64>() / count;
    let variance = present.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (center, variance.sqrt())
}

/// The most rows in which a value is repeated.
fn longest_stall(values: &[f64]) -> usize {
    values.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0)
}
