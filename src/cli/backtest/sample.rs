//! A small report for the tests of its forms.

use std::time::Duration;

use super::assemble::Plot;
use super::envelope::{Envelope, Grid};
use super::report::{Contributor, Episode, Peak, QueryReport, Report, SeriesReport};
use crate::model::{AnomalyState, Labels, Score, Timestamp};

/// A label value that would be markup.
pub const HOSTILE: &str = "<script>alert('1')</script>\"&\u{1b}";

/// A time on the day of the report.
pub fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(1_767_571_200_000 + minute * 60_000)
}

/// A spike of series `a`, one of a hostile series that nobody is told of, which then vanishes, and one of their group.
pub fn report() -> Report {
    let labels: Labels = [("instance", "a:9100")].into_iter().collect();
    let hostile: Labels = [("instance", HOSTILE)].into_iter().collect();
    let peak = Peak { at: at(5), score: 4.2, value: 99.0, expected: 10.0 };
    let first = Episode {
        query: "cpu_busy".to_owned(),
        labels: labels.clone(),
        onset: at(5),
        absent_since: None,
        began_before: false,
        alarm: Some(at(5)),
        end: at(5),
        resolved: Some(at(40)),
        new_level: false,
        duration_seconds: 60.0,
        peak,
        contributors: Vec::new(),
    };
    let second = Episode {
        labels: hostile.clone(),
        onset: at(6),
        alarm: None,
        resolved: None,
        peak: Peak { value: f64::INFINITY, score: 1.1, ..peak },
        ..first.clone()
    };
    let absence = Episode {
        onset: at(8),
        absent_since: Some(at(7)),
        end: at(9),
        duration_seconds: 120.0,
        alarm: Some(at(8)),
        peak: Peak { at: at(9), score: 1.3, value: f64::NAN, expected: f64::NAN },
        ..second.clone()
    };
    let part = |feature: &str, labels: &Labels, share: f64, since: Option<i64>| Contributor {
        feature: feature.to_owned(),
        query: "cpu_busy".to_owned(),
        labels: labels.clone(),
        share,
        since: since.map(at),
    };
    let group = Episode {
        query: "host".to_owned(),
        labels: Labels::default(),
        peak: Peak { value: 4.2, expected: 0.0, ..peak },
        contributors: vec![
            part(r#"cpu_busy{instance="a:9100"}"#, &labels, 0.625, Some(5)),
            part(HOSTILE, &hostile, 0.375, Some(6)),
        ],
        ..first.clone()
    };
    let top = SeriesReport {
        query: "cpu_busy".to_owned(),
        labels,
        samples: 10,
        alarms: 2,
        episodes: 1,
        share_above: 0.1,
        peak,
    };
    Report {
        start: at(0),
        end: at(9),
        interval_seconds: 60.0,
        warm_up_seconds: 14.0 * 86_400.0,
        alarms: 4,
        queries: vec![
            query("cpu_busy", &[]),
            query("http_errors", &["http_requests_total"]),
            QueryReport {
                expr: "cpu_busy by (job)".to_owned(),
                model: "pca".to_owned(),
                of_groups: true,
                absences: 0,
                series_refused: 0,
                ..query("host", &[])
            },
        ],
        episodes: vec![first, group, second, absence],
        episodes_left_out: 0,
        top_series: vec![top.clone(), SeriesReport { labels: hostile, alarms: 0, ..top }],
    }
}

fn query(name: &str, missing: &[&str]) -> QueryReport {
    QueryReport {
        name: name.to_owned(),
        expr: "1 - rate(x[5m]) < 2".to_owned(),
        model: "auto".to_owned(),
        of_groups: false,
        missing_metrics: missing.iter().map(|metric| (*metric).to_owned()).collect(),
        series: 2,
        samples: 20_160,
        series_days: 14.0,
        alarms: 2,
        episodes: 3,
        absences: 1,
        alarms_per_series_day: 2.0 / 14.0,
        budget: "1 per 30d".to_owned(),
        expected_false_alarms: 14.0 / 30.0,
        share_above: 0.0012,
        series_refused: 3 * u64::from(missing.is_empty()),
    }
}

/// The spike of series `a`.
pub fn plot() -> Plot {
    let grid = Grid::new((at(0), at(9)), Duration::from_secs(60));
    let mut envelope = Envelope::new(&grid);
    for minute in 0..10 {
        let (value, score) = if minute == 5 { (99.0, 4.2) } else { (10.0 + minute as f64, 0.3) };
        let (expected, lower, upper) = (10.0, 5.0, 25.0);
        let state = AnomalyState::Normal;
        let at = at(minute);
        envelope.enter(&grid, &Score { at, value, expected, lower, upper, score, state, alarm: false });
    }
    Plot { grid, envelope }
}
