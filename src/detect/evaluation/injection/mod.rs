//! Faults of stated kind and size, put into recorded healthy series: what a detector promises to find can be
//! stated and tested only where the size of the fault is known.
//!
//! Sizes are in spreads of the healthy series: the larger of 1.4826 times the median absolute deviation, and the width
//! of the middle 98 % of the values by 4.65. Of normal values both are the standard deviation; the second knows the
//! bursts that are ordinary in a series that is calm between them. A fault that the series could not be told from by
//! anybody is refused: a stall of a series that stands still by itself, zero where values near zero are
//! ordinary, another rhythm where there is none.

mod faults;

#[cfg(test)]
mod tests;

use std::ops::Range;

use fastrand::Rng;
use serde::Serialize;

use super::labelled::{Labelled, Labels, median};
use super::period::{Rhythm, rhythm};

/// The share of the rows that is history, as the daemon reads it at its start: nothing counts in it.
const HISTORY: f64 = 0.4;
/// Faults end before this share of the rows.
const FAULTS_UNTIL: f64 = 0.95;
/// How long the end of a fault, a change as well, may still raise an alarm that is neither right nor wrong: as long as
/// alarms are one run.
const AFTERMATH: (f64, usize) = (3600.0, 3);
/// Rows of a spike.
const SPIKE_ROWS: usize = 3;
/// How long other faults last: seconds, and rows at least.
const LASTS: (f64, usize) = (4.0 * 3600.0, 24);
/// How long a drift takes to its full size: seconds, and rows at least.
const DRIFT_LASTS: (f64, usize) = (24.0 * 3600.0, 96);
/// Makes a median absolute deviation the standard deviation of a normal distribution.
const NORMAL: f64 = 1.4826;
/// The share of the values on either side of the middle ones, and how many standard deviations of a normal
/// distribution lie between.
const MIDDLE: (f64, f64) = (0.01, 4.653);
/// How long a series is looked at for one fault: so many seconds before it, and in all.
const LOOKED_AT: (f64, f64) = (6.0 * 86_400.0, 7.0 * 86_400.0);
/// Zero is a fault where the median is farther from it than this, in spreads.
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
    /// How much: spreads, a factor for [`Kind::PeriodChange`], of no meaning for kinds
    /// without a size.
    pub size: f64,
}

/// A series with a fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Faulty {
    /// The series; the rows of the fault are an event.
    pub series: Labelled,
    /// Rows in which an alarm counts neither way.
    pub aftermath: Range<usize>,
}

/// A recorded series in which nothing is wrong.
#[derive(Clone, Debug)]
pub struct Healthy {
    series: Labelled,
    center: f64,
    spread: f64,
    rhythm: Option<Rhythm>,
    longest_stall: usize,
}

impl Healthy {
    /// Takes rows of seconds and values (NaN: missing) for healthy. `None` for series too short to have a
    /// history and a fault: less than twice the rows of a drift.
    pub fn new(name: String, rows: Vec<(i64, f64)>) -> Option<Self> {
        let labels = Labels::Rows(vec![false; rows.len()]);
        let count = rows.len();
        let series = Labelled::new(name, rows, labels).expect("there is a label for each row");
        let series = series.counting((HISTORY * count as f64) as usize..count);
        let (center, spread) = center_and_spread(series.values());
        let (rhythm, longest_stall) = (rhythm(series.values()), longest_stall(series.values()));
        let healthy = Self { series, center, spread, rhythm, longest_stall };
        let needed = 2 * healthy.series.rows_of(DRIFT_LASTS.0, DRIFT_LASTS.1).min(usize::MAX / 2);
        (healthy.series.times().len() >= needed && center.is_finite()).then_some(healthy)
    }

    /// The series as it was recorded; what follows its history counts.
    pub fn series(&self) -> &Labelled {
        &self.series
    }

    /// The series with the fault and its label, of which the week around the fault counts. The seed decides where and
    /// in which direction. `None` where it would be no fault.
    pub fn with(&self, fault: Fault, seed: u64) -> Option<Faulty> {
        if !self.would_show(fault) {
            return None;
        }
        let mut random = Rng::with_seed(seed);
        let rows = self.rows_of(fault.kind);
        let count = self.series.times().len();
        let from = self.series.probation();
        let until = ((FAULTS_UNTIL * count as f64) as usize).checked_sub(rows)?;
        let first = if from < until { random.usize(from..until) } else { return None };
        let mut values = self.series.values().to_vec();
        faults::apply(self, fault, &mut values, first..first + rows, &mut random);
        let labels = (0..count).map(|row| (first..first + rows).contains(&row)).collect();
        let times = self.series.times().iter().copied().zip(values).collect();
        let name = self.series.name().to_owned();
        let series = Labelled::new(name, times, Labels::Rows(labels)).expect("there is a label for each row");
        let end = first + rows;
        let series = series.counting(self.week(first, end));
        Some(Faulty { series, aftermath: end..end + self.series.rows_of(AFTERMATH.0, AFTERMATH.1) })
    }

    /// The rows that count for a fault: the week around it, or what there is of it.
    fn week(&self, first: usize, end: usize) -> Range<usize> {
        let count = self.series.times().len();
        let (before, whole) = (self.series.rows_of(LOOKED_AT.0, 1), self.series.rows_of(LOOKED_AT.1, 1));
        let latest = count.saturating_sub(whole).max(self.series.probation());
        let start = first.saturating_sub(before).clamp(self.series.probation(), latest);
        start..(start + whole).max(end).min(count)
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
            Kind::Zero => self.center.abs() > ZERO_IS_FAR * self.spread,
            Kind::PeriodChange | Kind::ShapeChange => self.rhythm.is_some_and(Rhythm::is_strong),
            _ => self.spread > 0.0,
        }
    }
}

/// The median and the spread of the values that are there; the standard deviation where more than 98 % are the same.
fn center_and_spread(values: &[f64]) -> (f64, f64) {
    let mut present: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let center = median(&mut present);
    let Some(last) = present.len().checked_sub(1) else { return (center, f64::NAN) };
    let beyond = (MIDDLE.0 * last as f64) as usize;
    let middle = (present[last - beyond] - present[beyond]) / MIDDLE.1;
    let mut deviations: Vec<f64> = present.iter().map(|value| (value - center).abs()).collect();
    let spread = middle.max(NORMAL * median(&mut deviations));
    (center, if spread > 0.0 { spread } else { deviation(&present) })
}

fn deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// The most rows in which a value is repeated.
fn longest_stall(values: &[f64]) -> usize {
    values.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0)
}
