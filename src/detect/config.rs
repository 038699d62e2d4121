//! What the user may say about one query's anomalies.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::Narrowing;
use crate::model::Rate;

/// Settings of a detector; one per query, shared by its series.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The distance between samples.
    pub interval: Duration,
    /// How many false alarms a series may cost; sets the alarm line. Default 1 per 30 days.
    pub false_alarms: Rate,
    /// Which anomalies count. Default all.
    pub narrowing: Narrowing,
    /// Whose days and weeks the model `seasonal` learns. Default UTC.
    pub time_zone: TimeZone,
}

#[cfg(test)]
impl Config {
    /// Settings of tests: every anomaly counts, once in 30 days a false one.
    pub(crate) fn plain(interval: Duration) -> Self {
        let false_alarms = "1 per 30d".parse().unwrap();
        Self { interval, false_alarms, narrowing: Narrowing::default(), time_zone: TimeZone::UTC }
    }
}
