//! Everything that is said about a detector on a labelled set. Its names are those of the JSON report.

use serde::Serialize;

use super::bars::Bar;
use super::points::Best;
use super::sweep::Oracle;
use super::threshold::AtThreshold;

/// The figures of a set. NaN (JSON: null) where a figure does not exist, such as a recall without events.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// How many series.
    pub series: usize,
    /// Events that do not lie wholly within a probation.
    pub scored_events: usize,
    /// Rows after the probations.
    pub scored_rows: usize,
    /// Days of those rows, all series together.
    pub series_days: f64,
    /// The NAB score.
    pub nab: Nab,
    /// Volumes under the surface: means over the series with anomalies.
    pub vus: Vus,
    /// Best point F1.
    pub best_point_f1: PointF1,
    /// The figures at the alarm line, 1.
    pub at_1: AtThreshold,
    /// Median delay of the detected events at 1.
    pub median_delay: Delay,
    /// The figures at the thresholds that the labels would choose; `None` without events.
    pub oracle: Option<Oracle>,
    /// Event recall by what it may cost.
    pub recall_within: Vec<RecallWithin>,
    /// 90 % bars: the set drawn again from its series.
    pub bars_90: Bars,
    /// False notifications at 1 against those that were promised.
    pub budget: Budget,
    /// Each series.
    pub per_series: Vec<SeriesReport>,
}

/// Scores of NAB: 0 is silence, 100 perfect, negative worse than silence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Nab {
    /// Standard profile at its best threshold for all series.
    pub standard: f64,
    /// That threshold; infinite (JSON: null) if silence is best.
    pub standard_threshold: f64,
    /// Standard profile at the alarm line.
    pub standard_at_1: f64,
    /// The profile in which false alarms cost twice, at its best threshold.
    pub low_fp: f64,
    /// The profile in which missed events cost twice, at its best threshold.
    pub low_fn: f64,
}

/// Volumes under the surface, in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Vus {
    /// Under precision and recall.
    pub pr: f64,
    /// Under the ROC curve.
    pub roc: f64,
}

/// Best point F1, in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PointF1 {
    /// One threshold for all series.
    pub pooled: Best,
    /// Each series at its own best threshold: the mean over the series with anomalies.
    pub mean_of_series: f64,
}

/// How late detections come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Delay {
    /// Rows after the event's first.
    pub rows: f64,
    /// Their share of the event.
    pub share: f64,
}

/// The event recall that a number of false notifications buys, the threshold chosen freely.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RecallWithin {
    /// The most false notifications per series-day.
    pub false_notifications_per_series_day: f64,
    /// The highest event recall within that.
    pub event_recall: f64,
}

/// 90 % bars of the figures that decide.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bars {
    /// Of [`Nab::standard`], the threshold chosen anew in each draw.
    pub nab_standard: Bar,
    /// Of [`Nab::standard_at_1`].
    pub nab_standard_at_1: Bar,
    /// Of [`AtThreshold::hard_event_f1`] at 1.
    pub hard_event_f1_at_1: Bar,
    /// Of [`Vus::pr`].
    pub vus_pr: Bar,
    /// Of the recall within 0.1 false notifications per series-day.
    pub recall_within_0_1: Bar,
    /// Of [`AtThreshold::false_notifications_per_series_day`] at 1.
    pub false_notifications_per_series_day: Bar,
}

/// What was promised and what came.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// The promise for each series, as written: `1 per 30d`.
    pub promised: String,
    /// False notifications that it allows on this set.
    pub expected: f64,
    /// False notifications at 1.
    pub seen: usize,
    /// Seen by expected: 1 keeps the promise.
    pub ratio: f64,
}

/// The figures of one series at the alarm line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesReport {
    /// The path of its file within the set.
    pub name: String,
    /// Events that count.
    pub scored_events: usize,
    /// Those with an alarm in them.
    pub detected: usize,
    /// Rows with an alarm outside of events.
    pub alarms_outside: usize,
    /// False notifications.
    pub false_notifications: usize,
    /// What it earns over silence in NAB's standard profile; an event found at once earns 2.
    pub nab_gain: f64,
    /// Its VUS-PR; NaN (JSON: null) without anomalies.
    pub vus_pr: f64,
}
