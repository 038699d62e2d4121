//! What the user may say about one query's anomalies.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::model::{Direction, Rate};

/// Settings of a detector; one per query, shared by its series.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The distance between samples.
    pub interval: Duration,
    /// Which deviations count. Default both.
    pub direction: Direction,
    /// How many false alarms a series may cost; sets the alarm line. Default 1 per 30 days.
    pub false_alarms: Rate,
    /// Deviations from the expected value smaller than this, in the query's unit, never score 1. Default 0.
    pub min_deviation: f64,
    /// Whose days and weeks the model `seasonal` learns. Default UTC.
    pub time_zone: TimeZone,
}
