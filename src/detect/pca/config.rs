//! What a principal component model is fitted with.

use std::time::Duration;

/// The fewest and the most members of a group.
pub(super) const COLUMNS: (usize, usize) = (2, 64);

/// Settings of one group's model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PcaConfig {
    /// The distance between rows; at least a millisecond counts.
    pub interval: Duration,
    /// Time constant of mean and covariance. Default 14 days; at least 100 intervals count.
    pub memory: Duration,
    /// The time between two fits once the model is grown up. Default 6 hours.
    pub refit_every: Duration,
    /// The share of the variance that the retained components explain, within 0 to 1. Default 0.9.
    pub retained: f64,
}

impl PcaConfig {
    /// The defaults for rows so far apart.
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            memory: Duration::from_secs(14 * 86_400),
            refit_every: Duration::from_secs(6 * 3600),
            retained: 0.9,
        }
    }

    /// Seconds between rows.
    pub(super) fn interval_seconds(&self) -> f64 {
        self.interval.as_secs_f64().max(1e-3)
    }

    /// Rows over which the past fades.
    pub(super) fn memory_rows(&self) -> f64 {
        (self.memory.as_secs_f64() / self.interval_seconds()).max(100.0)
    }
}
