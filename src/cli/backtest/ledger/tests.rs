//! Scores in, figures out.

use super::*;
use crate::model::AnomalyState;
use crate::scoring::Query;
use AnomalyState::{Anomalous, Normal, Sustained};

const TICKS: i64 = 1440;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute * 60_000)
}

fn watched(name: &str) -> Watched {
    Watched::from(&Query::plain(name, "up", Duration::from_secs(60)))
}

fn scored(instance: &str, minute: i64, score: f64, state: AnomalyState, alarm: bool) -> ScoredSeries {
    let mut scored = ScoredSeries::plain("q", &[("instance", instance)], score);
    (scored.score.at, scored.score.state, scored.score.alarm) = (at(minute), state, alarm);
    scored
}

fn ledger() -> Ledger {
    Ledger::new(watched("q"), (at(0), at(TICKS - 1)), Duration::from_secs(60))
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
        ledger.enter(at(minute), &scores);
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
    ledger.enter(
        at(0),
        &[
            scored("c", 0, 2.0, Normal, false),
            scored("a", 0, 2.0, Normal, false),
            scored("alarmed", 0, 1.5, Anomalous, true),
            scored("high", 0, 9.0, Anomalous, false),
        ],
    );
    let top = ledger.finish(0, 3).top;
    let names: Vec<&str> = top.iter().filter_map(|ranked| ranked.series.labels.get("instance")).collect();
    assert_eq!(names, ["alarmed", "high", "a"]);
}

#[test]
fn of_too_many_episodes_the_highest_are_kept() {
    let mut ledger = ledger();
    let count = 2 * MOST_EPISODES as i64 + 50;
    for tick in 0..count {
        ledger.enter(at(2 * tick), &[scored("a", 2 * tick, 1.0 + tick as f64, Anomalous, false)]);
        ledger.enter(at(2 * tick + 1), &[scored("a", 2 * tick + 1, 0.0, Normal, false)]);
    }
    let finished = ledger.finish(0, 1);
    assert_eq!(finished.episodes.len() as u64 + finished.left_out, count as u64);
    assert_eq!(finished.episodes.len(), MOST_EPISODES);
    assert!(finished.episodes.iter().all(|it| it.peak.score > (MOST_EPISODES + 50) as f64));
}

#[test]
fn a_query_without_its_metrics_has_figures_of_nothing() {
    let finished = Finished::without(&watched("node"), vec!["node_load1".to_owned()]);
    assert_eq!(finished.figures.missing_metrics, ["node_load1"]);
    assert_eq!((finished.figures.series, finished.figures.alarms_per_series_day), (0, 0.0));
    assert!(finished.top.is_empty() && finished.episodes.is_empty());
}

/// The series `a` as it is told while it is missing.
fn missing(tick: i64, score: f64, outage: bool, alarm: bool) -> ScoredSeries {
    let state = if outage { Anomalous } else { Normal };
    let absent_since = Some(at(11));
    ScoredSeries { absent_since, outage, ..scored("a", tick.min(10), score, state, alarm) }
}

#[test]
fn an_outage_is_an_episode_from_its_verdict_to_the_return_or_until_it_is_told_no_more() {
    for (name, back) in [("it returns", true), ("it is told no more", false)] {
        let mut ledger = ledger();
        ledger.enter(at(10), &[scored("a", 10, 0.5, Normal, false)]);
        ledger.enter(at(11), &[missing(11, 0.9, false, false)]);
        ledger.enter(at(12), &[missing(12, 1.1, true, true)]);
        ledger.enter(at(13), &[missing(13, 1.25, true, false)]);
        // At minute 14 nothing is known.
        ledger
            .enter(at(15), if back { vec![scored("a", 15, 0.5, Normal, false)] } else { vec![] }.as_slice());
        let finished = ledger.finish(0, 1);
        let (figures, episode) = (&finished.figures, &finished.episodes[0]);
        assert_eq!((figures.alarms, figures.episodes, figures.absences), (1, 1, 1), "{name}");
        assert_eq!((figures.samples, finished.episodes.len()), (1 + u64::from(back), 1), "{name}");
        assert_eq!((episode.onset, episode.absent_since), (at(12), Some(at(11))), "{name}");
        assert_eq!((episode.alarm, episode.end, episode.resolved), (Some(at(12)), at(13), Some(at(15))));
        assert!(episode.peak.score == 1.25 && episode.peak.value.is_nan(), "{name}: {episode:?}");
        assert_eq!(finished.top[0].series.peak.at, at(13), "{name}");
    }
}

#[test]
fn a_series_that_vanishes_while_it_is_anomalous_has_two_episodes() {
    let mut ledger = ledger();
    ledger.enter(at(10), &[scored("a", 10, 2.0, Anomalous, true)]);
    let not_yet = ScoredSeries { outage: false, ..missing(11, 2.0, true, false) };
    ledger.enter(at(11), &[not_yet]);
    ledger.enter(at(12), &[missing(12, 2.0, true, true)]);
    let finished = ledger.finish(0, 1);
    let told: Vec<_> =
        finished.episodes.iter().map(|it| (it.onset, it.absent_since, it.alarm, it.resolved)).collect();
    assert_eq!(told, [(at(10), None, Some(at(10)), None), (at(12), Some(at(11)), Some(at(12)), None)]);
    assert_eq!((finished.figures.alarms, finished.figures.samples), (2, 1));
}
