//! What `backtest` finds, as its JSON has it. Times are RFC 3339 in UTC.

use serde::{Deserialize, Serialize};

use crate::model::{Labels, Timestamp};

/// The whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The first time asked for.
    pub start: Timestamp,
    /// The last time asked for.
    pub end: Timestamp,
    /// Time between the samples of a series: `scoring.interval`.
    pub interval_seconds: f64,
    /// How much history before `start` was learnt first.
    pub warm_up_seconds: f64,
    /// Notifications over all queries and models.
    pub alarms: u64,
    /// In the order of the configuration, the models after the queries.
    pub queries: Vec<QueryReport>,
    /// In the order of their onsets, then of queries and labels.
    pub episodes: Vec<Episode>,
    /// How many were left out because there were too many, those with the lowest peaks.
    pub episodes_left_out: u64,
    /// The most anomalous series and groups, the most first: those that alarmed, by their peak score, before those that did not.
    pub top_series: Vec<SeriesReport>,
}

/// One query or model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryReport {
    /// Its name in the configuration.
    pub name: String,
    /// The PromQL; of a model the queries whose series it scores together and the labels that these share.
    pub expr: String,
    /// What judged its series.
    pub model: String,
    /// Whether it is a model, so that its series are groups.
    pub of_groups: bool,
    /// Of a preset: metrics it needs that had no sample in the range. Where there are any it was not evaluated, as the
    /// daemon would not.
    pub missing_metrics: Vec<String>,
    /// Series that had a sample in the range or were missing from it.
    pub series: u64,
    /// Samples scored, over all series.
    pub samples: u64,
    /// `samples` times the interval, in days.
    pub series_days: f64,
    /// Notifications: episodes that were not within the silence of an earlier one.
    pub alarms: u64,
    /// Times a series left its band or vanished, with or without a notification.
    pub episodes: u64,
    /// Those of them in which a series was missing.
    pub absences: u64,
    /// `alarms` by `series_days`; 0 without samples.
    pub alarms_per_series_day: f64,
    /// The budget of false alarms of one series, for example `1 per 30d`.
    pub budget: String,
    /// How many false alarms the budget allows for so many series-days.
    pub expected_false_alarms: f64,
    /// Share of the samples with a score of at least 1, from 0 to 1.
    pub share_above: f64,
    /// Series that were not scored because of `limits.max_series`.
    pub series_refused: u64,
}

/// One stretch of time in which a series was anomalous or missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// The query's name.
    pub query: String,
    /// The series' labels, without `__name__`.
    pub labels: Labels,
    /// The first sample of it, or tick without one: `anomaly_state` rises.
    pub onset: Timestamp,
    /// Since when the series was missing, if that was the event: the tick after its last sample; `null` if its values were.
    pub absent_since: Option<Timestamp>,
    /// Whether it was under way before the range; `onset` is the series' first sample in the range then.
    pub began_before: bool,
    /// When it was notified; `null` if it was within the silence of an earlier alarm, or notified before the range.
    pub alarm: Option<Timestamp>,
    /// The last sample, or tick without one, with a score of at least 1.
    pub end: Timestamp,
    /// When `anomaly_state` fell to normal, or the series that was missing was no longer published; `null` if that had
    /// not happened by the end of the range.
    pub resolved: Option<Timestamp>,
    /// Whether it ended because the new level was accepted as the normal one.
    pub new_level: bool,
    /// From `onset` to `end`, each sample standing for one interval.
    pub duration_seconds: f64,
    /// Its highest score.
    pub peak: Peak,
    /// Of a group: the members with the largest shares of the peak, by the onsets of their own episodes, then by
    /// their shares. Empty for a single series.
    pub contributors: Vec<Contributor>,
}

/// The part of one member in a group's score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contributor {
    /// The member's name within its group.
    pub feature: String,
    /// The query that it is a series of.
    pub query: String,
    /// Its labels, without `__name__`.
    pub labels: Labels,
    /// Its share of the score, above 0 and at most 1.
    pub share: f64,
    /// When its own episode began, if its query was scored and it was in one meanwhile.
    pub since: Option<Timestamp>,
}

/// The sample of a highest score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// When.
    pub at: Timestamp,
    /// The score; 1 is the alarm line.
    pub score: f64,
    /// What came, in the unit of the query; `null` if it was no finite number.
    #[serde(with = "finite")]
    pub value: f64,
    /// What was expected.
    #[serde(with = "finite")]
    pub expected: f64,
}

/// One series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesReport {
    /// The query's name.
    pub query: String,
    /// The labels, without `__name__`.
    pub labels: Labels,
    /// Samples scored.
    pub samples: u64,
    /// Notifications.
    pub alarms: u64,
    /// Times it left its band or vanished.
    pub episodes: u64,
    /// Share of its samples with a score of at least 1, from 0 to 1.
    pub share_above: f64,
    /// Its highest score.
    pub peak: Peak,
}

/// NaN and infinite numbers are `null` in JSON.
mod finite {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Some(*number).filter(|number| number.is_finite()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
    }
}
