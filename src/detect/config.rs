//! What the user may say about one query's anomalies.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::Narrowing;
use super::prophet::Holiday;
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
    /// Whose days and weeks the models `seasonal` and `prophet` follow. Default UTC.
    pub time_zone: TimeZone,
    /// Days unlike others, of which the model `prophet` knows. Default none.
    pub holidays: Arc<[Holiday]>,
}

#[cfg(test)]
impl Config {
    /// Settings of tests: every anomaly counts, once in 30 days a false one.
    pub(crate) fn plain(interval: Duration) -> Self {
        let false_alarms = "1 per 30d".parse().unwrap();
        let (narrowing, holidays) = (Narrowing::default(), Arc::default());
        Self { interval, false_alarms, narrowing, time_zone: TimeZone::UTC, holidays }
    }
}
