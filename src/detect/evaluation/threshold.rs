//! Every figure that one threshold gives, each F1 by its name.

use std::ops::AddAssign;

use super::alarms::Tally;
use super::labelled::Labelled;

/// What a set holds, over the rows that count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Extent {
    pub events: usize,
    pub rows: usize,
    /// Rows with a label.
    pub positives: usize,
    /// Days of all series together.
    pub days: f64,
}

impl Extent {
    pub fn of(series: &Labelled) -> Self {
        let labels = series.scored_labels();
        Self {
            events: series.scored_events().count(),
            rows: labels.len(),
            positives: labels.iter().filter(|label| **label).count(),
            days: series.days(),
        }
    }
}

impl AddAssign for Extent {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.rows += other.rows;
        self.positives += other.positives;
        self.days += other.days;
    }
}

/// The figures at one threshold. Precisions, recalls and F1s are in [0, 1]; NaN where nothing is labelled.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct AtThreshold {
    /// The threshold.
    pub threshold: f64,
    /// Events with an alarm in them.
    pub detected: usize,
    /// Their share of all events.
    pub event_recall: f64,
    /// Runs of alarms that touch no event.
    pub false_runs: usize,
    /// The same for each day of each series.
    pub false_runs_per_series_day: f64,
    /// Detected events by detected events and false runs. An endless alarm is never false here.
    pub event_precision: f64,
    /// Event F1: of event precision and event recall.
    pub event_f1: f64,
    /// Notifications of alarms outside of events, one for every started 4 h.
    pub false_notifications: usize,
    /// The same for each day of each series.
    pub false_notifications_per_series_day: f64,
    /// Detected events by detected events and false notifications.
    pub hard_precision: f64,
    /// Hard event F1: of hard precision and event recall. The one to compare detectors by.
    pub hard_event_f1: f64,
    /// Alarming rows that carry a label, by alarming rows.
    pub point_precision: f64,
    /// Labelled rows with an alarm, by labelled rows.
    pub point_recall: f64,
    /// Point F1: of point precision and point recall.
    pub point_f1: f64,
    /// Composite Fc1: of point precision and event recall.
    pub composite_fc1: f64,
    /// Point-adjusted F1: one alarm credits the whole event. Inflated: random scores do well. Never a goal.
    pub point_adjusted_f1_inflated: f64,
    /// Alarming rows by rows.
    pub alarm_share: f64,
}

impl AtThreshold {
    pub(super) fn new(threshold: f64, tally: &Tally, extent: &Extent) -> Self {
        let event_recall = of(tally.detected, extent.events);
        let event_precision = or_zero(tally.detected, tally.detected + tally.false_runs);
        let hard_precision = or_zero(tally.detected, tally.detected + tally.false_notifications);
        let point_precision = or_zero(tally.alarms_in_events, tally.alarms);
        let point_recall = of(tally.alarms_in_events, extent.positives);
        let credited = tally.rows_of_detected + tally.alarms - tally.alarms_in_events;
        let adjusted_precision = or_zero(tally.rows_of_detected, credited);
        Self {
            threshold,
            detected: tally.detected,
            event_recall,
            false_runs: tally.false_runs,
            false_runs_per_series_day: tally.false_runs as f64 / extent.days,
            event_precision,
            event_f1: f1(event_precision, event_recall),
            false_notifications: tally.false_notifications,
            false_notifications_per_series_day: tally.false_notifications as f64 / extent.days,
            hard_precision,
            hard_event_f1: f1(hard_precision, event_recall),
            point_precision,
            point_recall,
            point_f1: f1(point_precision, point_recall),
            composite_fc1: f1(point_precision, event_recall),
            point_adjusted_f1_inflated: f1(adjusted_precision, of(tally.rows_of_detected, extent.positives)),
            alarm_share: of(tally.alarms, extent.rows),
        }
    }
}

/// Hard event F1 of counts; NaN where there is no event.
pub(super) fn hard_event_f1(detected: f64, false_notifications: f64, events: f64) -> f64 {
    let precision = if detected > 0.0 { detected / (detected + false_notifications) } else { 0.0 };
    if events > 0.0 { f1(precision, detected / events) } else { f64::NAN }
}

/// The harmonic mean; 0 where neither is above 0.
pub(super) fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
}

fn of(part: usize, whole: usize) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}

fn or_zero(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { events: 4, rows: 100, positives: 40, days: 10.0 };

    #[test]
    fn each_f1_counts_something_else() {
        let tally = Tally {
            detected: 3,
            false_runs: 1,
            false_notifications: 3,
            alarms: 10,
            alarms_in_events: 5,
            rows_of_detected: 30,
        };
        let at = AtThreshold::new(1.0, &tally, &EXTENT);
        let close =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        close(at.event_f1, 0.75);
        close(at.hard_event_f1, f1(0.5, 0.75));
        close(at.point_f1, f1(0.5, 0.125));
        close(at.composite_fc1, f1(0.5, 0.75));
        close(at.point_adjusted_f1_inflated, f1(30.0 / 35.0, 0.75));
        close(at.false_notifications_per_series_day, 0.3);
        close(at.alarm_share, 0.1);
    }

    #[test]
    fn silence_has_no_precision_and_a_set_without_events_no_recall() {
        let silent = AtThreshold::new(1.0, &Tally::default(), &EXTENT);
        assert_eq!((silent.event_recall, silent.event_precision, silent.event_f1), (0.0, 0.0, 0.0));
        let none = Extent { events: 0, rows: 0, positives: 0, days: 0.0 };
        let nothing = AtThreshold::new(1.0, &Tally::default(), &none);
        assert!(nothing.event_recall.is_nan() && nothing.false_runs_per_series_day.is_nan());
        assert_eq!(nothing.hard_event_f1, 0.0);
    }
}
