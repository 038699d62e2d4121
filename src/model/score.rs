//! Samples and series as they come from Prometheus, and what a detector says of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Labels, Timestamp};

/// One value at one time. The value may be NaN or infinite: that is what Prometheus may answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When it was taken.
    pub at: Timestamp,
    /// The value, in the unit of its query.
    pub value: f64,
}

/// A labelled run of samples, in the order of their times.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Identity, with `__name__` where the query keeps it.
    pub labels: Labels,
    /// In ascending order of time.
    pub samples: Vec<Sample>,
}

/// Which deviations count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Only values above the expected.
    Above,
    /// Only values below the expected.
    Below,
    /// Either side.
    #[default]
    Both,
}

/// Where a series is in the life of an anomaly; the value of `anomaly_state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyState {
    /// Within the band, or still learning.
    #[default]
    Normal = 0,
    /// An episode has begun.
    Anomalous = 1,
    /// The episode lasts.
    Sustained = 2,
    /// The new level has just been accepted as normal.
    NewLevel = 3,
}

/// A detector's verdict on one sample. Never NaN; the band may be infinite while learning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The sample's time.
    pub at: Timestamp,
    /// The sample's value.
    pub value: f64,
    /// What was expected.
    pub expected: f64,
    /// The lower edge of the band: a value there scores 1.
    pub lower: f64,
    /// The upper edge of the band: a value there scores 1.
    pub upper: f64,
    /// At least 0; 1 is the alarm line; 0 while learning.
    pub score: f64,
    /// The episode's state after this sample.
    pub state: AnomalyState,
    /// Whether an episode begins with this sample: one notification each.
    pub alarm: bool,
}

/// The latest score of one watched series, ready to publish.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoredSeries {
    /// The configured query's name.
    pub query: Arc<str>,
    /// The model's name, for example `auto`.
    pub model: Arc<str>,
    /// The input labels, without `__name__`.
    pub labels: Labels,
    /// The latest score.
    pub score: Score,
    /// Since when the series has been missing from Prometheus; `None`: it is there. While it is missing there is no
    /// value, no expected one and no band to publish.
    pub absent_since: Option<Timestamp>,
    /// Whether it is an outage that it is missing.
    #[serde(skip)]
    pub outage: bool,
    /// Whether the expected value and the band are published.
    pub with_band: bool,
    /// When the episode under way began; `None` outside of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Of a group's score: its members with the largest shares, largest first, while the score is worth it.
    /// `None`: it is the score of a single series.
    #[serde(skip)]
    pub contributions: Option<Arc<[Contribution]>>,
}

/// The part of one member in a group's score.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The member's name within its group: its query, and what tells it from others of the query.
    pub feature: Arc<str>,
    /// The query that the member is a series of.
    pub query: Arc<str>,
    /// The member's labels, without `__name__`.
    pub labels: Labels,
    /// Above 0 and at most 1; the shares of all members sum to 1.
    pub share: f64,
}

#[cfg(test)]
impl ScoredSeries {
    /// A series of tests that is there, with a normal score by `auto`.
    pub(crate) fn plain(query: &str, labels: &[(&str, &str)], score: f64) -> Self {
        let (at, state) = (Timestamp::default(), AnomalyState::Normal);
        let score =
            Score { at, value: 0.0, expected: 0.0, lower: -1.0, upper: 1.0, score, state, alarm: false };
        Self {
            query: query.into(),
            model: "auto".into(),
            labels: labels.iter().copied().collect(),
            score,
            absent_since: None,
            outage: false,
            with_band: true,
            since: None,
            contributions: None,
        }
    }
}
