//! Which anomalies count, as flags: the settings of a query in the configuration, with the same defaults.

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::tz::TimeZone;

use crate::detect::{DataRange, Narrowing};
use crate::model::{Direction, parse_duration};

/// What narrows the anomalies of a series, and whose days it has.
#[derive(Args, Clone, Debug, PartialEq)]
pub struct NarrowingFlags {
    /// Which deviations count
    #[arg(long, default_value = "both", value_parser = direction())]
    pub direction: Direction,
    /// Smaller deviations from the expected value never alarm, in the unit of the series
    #[arg(long, value_name = "NUMBER", default_value = "0", value_parser = magnitude)]
    pub min_deviation: f64,
    /// Deviations smaller than this share of the expected value never alarm
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = magnitude)]
    pub min_relative_deviation: f64,
    /// Lowest and highest value that can be; values outside are always anomalous. Either may be inf
    #[arg(long, value_name = "LOW,HIGH", value_parser = data_range, allow_hyphen_values = true)]
    pub data_range: Option<DataRange>,
    /// How long the score must last before it alarms
    #[arg(long, value_name = "DURATION", default_value = "0", value_parser = min_duration)]
    pub min_duration: Duration,
    /// Whose days and weeks the models seasonal and prophet follow, for example Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = time_zone)]
    pub time_zone: TimeZone,
}

impl NarrowingFlags {
    /// The settings of the detector.
    pub fn narrowing(&self) -> Narrowing {
        Narrowing {
            direction: self.direction,
            min_deviation: self.min_deviation,
            min_relative_deviation: self.min_relative_deviation,
            data_range: self.data_range.unwrap_or_default(),
            min_duration: self.min_duration,
        }
    }
}

fn direction() -> impl TypedValueParser<Value = Direction> {
    PossibleValuesParser::new(["above", "below", "both"]).map(|word| match word.as_str() {
        "above" => Direction::Above,
        "below" => Direction::Below,
        _ => Direction::Both,
    })
}

fn magnitude(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|number| *number >= 0.0 && number.is_finite())
        .ok_or_else(|| "must be a finite number of at least 0".to_owned())
}

fn data_range(text: &str) -> Result<DataRange, String> {
    let ends = text
        .split_once(',')
        .and_then(|(low, high)| DataRange::new(low.trim().parse().ok()?, high.trim().parse().ok()?));
    ends.ok_or_else(|| "must be two numbers, the lower one first, for example 0,1 or 0,inf".to_owned())
}

fn min_duration(text: &str) -> Result<Duration, String> {
    let duration = parse_duration(text).map_err(|error| error.to_string())?;
    // After 8 h a new level is accepted, so what must last longer would never alarm.
    let usable = duration <= Duration::from_secs(7 * 3600);
    if usable { Ok(duration) } else { Err("must be at most 7h".to_owned()) }
}

fn time_zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text)
        .map_err(|_| "is no time zone known here; write for example Europe/Berlin or UTC".to_owned())
}
