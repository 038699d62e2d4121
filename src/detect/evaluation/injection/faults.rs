//! What each fault does to the rows it lasts.

use std::ops::Range;

use fastrand::Rng;

use super::{Fault, Healthy, Kind};

/// Changes the values of the rows; a missing value stays missing.
pub(super) fn apply(
    healthy: &Healthy,
    fault: Fault,
    values: &mut [f64],
    rows: Range<usize>,
    random: &mut Rng,
) {
    let sign = if random.bool() { 1.0 } else { -1.0 };
    let by = fault.size * healthy.spread;
    let before = values[..rows.start].iter().rev().copied().find(|value| value.is_finite());
    let recorded = values[rows.start..].to_vec();
    let count = rows.len() as f64;
    let period = healthy.rhythm.map_or(1, |rhythm| rhythm.rows);
    for (row, value) in values[rows].iter_mut().enumerate() {
        *value = match fault.kind {
            Kind::Spike | Kind::LevelShift => *value + sign * by,
            Kind::SlowDrift => *value + sign * by * (row + 1) as f64 / count,
            Kind::Stall => before.unwrap_or(healthy.center),
            Kind::Zero => 0.0,
            Kind::Vanishing => f64::NAN,
            Kind::NoiseBurst => *value + by * normal(random),
            Kind::PeriodChange => recorded[faster(row, fault.size, period, recorded.len())],
            Kind::ShapeChange => 2.0 * healthy.center - *value,
        };
    }
}

/// The row to read for a faster rhythm; whole periods are read again where the recording ends.
fn faster(row: usize, factor: f64, period: usize, recorded: usize) -> usize {
    let whole = (recorded / period).max(1) * period;
    ((row as f64 * factor) as usize % whole).min(recorded - 1)
}

/// A value of the standard normal distribution (Box and Muller 1958).
fn normal(random: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}
