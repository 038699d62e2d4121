//! Scores in, figures out.

use std::sync::Arc;

use super::*;
use crate::model::{AnomalyState, Score};
use AnomalyState::{Anomalous, Normal, Sustained};

const TICKS: i64 = 1440;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute * 60_000)
}

fn query(name: &str) -> Query {
    Query::plain(name, "up", Duration::from_secs(60))
}

fn labels(instance: &str) -> Labels {
    [("instance", instance)].into_iter().collect()
}

fn scored(instance: &str, minute: i64, score: f64, state: AnomalyState, alarm: bool) -> ScoredSeries {
    let (value, expected, lower, upper) = (5.0, 4.0, 3.0, 6.0);
    ScoredSeries {
        query: Arc::from("q"),
        model: Arc::from("auto"),
        labels: labels(instance),
        score: Score { at: at(minute), value, expected, lower, upper, score, state, alarm },
        absent_since: None,
        with_band: true,
        since: None,
        contributions: None,
    }
}

fn ledger() -> Ledger {
    Ledger::new(query("q"), (at(0), at(TICKS - 1)), Duration::from_secs(60))
}

/// A day of two series: `a` is anomalous for two minutes and alarms, `b` is quiet for half of it.
fn day() -> Finished {
    let mut ledger = ledger();
    ledger.begin(&[scored("gone", -1, 3.0, Sustained, false), scored("a", -1, 0.0, Normal, false)]);
    for minute in 0..TICKS {
        let mut scores = vec![match minute {
            700 => scored("a", minute, 2.0, Anomalous, true),
            701 => scored("a", minute, 3.0, Anomalous, false),
            _ => scored("a", minute, 0.5, Normal, false),
        }];
        scores.extend((minute % 2 == 0).then(|| scored("b", minute, 0.9, Normal, false)));
        ledger.enter(&scores);
    }
    ledger.finish(7, 5)
}

#[test]
fn the_figures_of_a_day_are_what_happened_in_it() {
    let figures = day().figures;
    assert_eq!((figures.series, figures.samples, figures.series_refused), (2, 2160, 7));
    assert_eq!((figures.alarms, figures.episodes, figures.series_days), (1, 1, 1.5));
    assert_eq!(figures.alarms_per_series_day, 1.0 / 1.5);
    assert!((figures.expected_false_alarms - 0.05).abs() < 1e-12, "1 in 30 days, for a day and a half");
    assert_eq!((figures.budget.as_str(), figures.share_above), ("1 per 30d", 2.0 / 2160.0));
}

#[test]
fn series_are_ranked_and_those_without_samples_are_none() {
    let top = day().top;
    let names: Vec<String> = top.iter().map(|ranked| ranked.series.labels.to_string()).collect();
    assert_eq!(names, [r#"{instance="a"}"#, r#"{instance="b"}"#]);
    assert_eq!((top[0].series.peak.score, top[0].series.peak.at), (3.0, at(701)));
    assert_eq!((top[0].series.episodes, top[1].series.share_above), (1, 0.0));
}

#[test]
fn an_alarm_ranks_above_a_higher_peak_without_one() {
    let mut ledger = ledger();
    ledger.enter(&[
        scored("c", 0, 2.0, Normal, false),
        scored("a", 0, 2.0, Normal, false),
        scored("alarmed", 0, 1.5, Anomalous, true),
        scored("high", 0, 9.0, Anomalous, false),
    ]);
    let top = ledger.finish(0, 3).top;
    let names: Vec<&str> = top.iter().filter_map(|ranked| ranked.series.labels.get("instance")).collect();
    assert_eq!(names, ["alarmed", "high", "a"]);
}

#[test]
fn of_too_many_episodes_the_highest_are_kept() {
    let mut ledger = ledger();
    let count = 2 * MOST_EPISODES as i64 + 50;
    for tick in 0..count {
        ledger.enter(&[scored("a", 2 * tick, 1.0 + tick as f64, Anomalous, false)]);
        ledger.enter(&[scored("a", 2 * tick + 1, 0.0, Normal, false)]);
    }
    let finished = ledger.finish(0, 1);
    assert_eq!(finished.episodes.len() as u64 + finished.left_out, count as u64);
    assert_eq!(finished.episodes.len(), MOST_EPISODES);
    assert!(finished.episodes.iter().all(|it| it.peak.score > (MOST_EPISODES + 50) as f64));
}

#[test]
fn a_query_without_its_metrics_has_figures_of_nothing() {
    let finished = Finished::without(&query("node"), vec!["node_load1".to_owned()]);
    assert_eq!(finished.figures.missing_metrics, ["node_load1"]);
    assert_eq!((finished.figures.series, finished.figures.alarms_per_series_day), (0, 0.0));
    assert!(finished.top.is_empty() && finished.episodes.is_empty());
}
