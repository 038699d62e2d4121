//! The whole report on small sets whose figures are known.

use std::time::Duration;

use super::*;

const DAY: i64 = 86_400;

fn budget() -> Rate {
    Rate::new(1, Duration::from_secs(30 * 86_400)).unwrap()
}

/// A series of 5-minute rows with the given events, and a score for each row.
fn scored(name: &str, rows: i64, events: &[(i64, i64)], score: impl Fn(i64) -> f64) -> Scored {
    let value = |row: i64| (row * 300, (row as f64 / 20.0).sin());
    let windows = events.iter().map(|(first, last)| (first * 300, last * 300)).collect();
    let series = Labelled::new(name.to_owned(), (0..rows).map(value).collect(), Labels::Windows(windows));
    Scored::new(series.unwrap(), (0..rows).map(score).collect(), 1.0).unwrap()
}

fn in_event(events: &[(i64, i64)], row: i64) -> bool {
    events.iter().any(|(first, last)| (*first..=*last).contains(&row))
}

#[test]
fn a_detector_that_knows_the_labels_is_perfect() {
    let events = [(400, 420), (700, 705)];
    let oracle = |row| if in_event(&events, row) { 2.0 } else { 0.1 };
    let report = evaluate(&[scored("a", 1000, &events, oracle), scored("b", 500, &[], |_| 0.0)], budget());
    assert_eq!((report.series, report.scored_events, report.scored_rows), (2, 2, 1275));
    assert!((report.nab.standard - 100.0).abs() < 1e-9 && (report.nab.standard_at_1 - 100.0).abs() < 1e-9);
    assert_eq!((report.at_1.hard_event_f1, report.at_1.point_f1), (1.0, 1.0));
    assert_eq!(report.best_point_f1.pooled, Best { value: 1.0, threshold: 2.0 });
    assert_eq!(report.oracle.unwrap().hard_event_f1, Best { value: 1.0, threshold: 2.0 });
    assert_eq!((report.median_delay.rows, report.budget.seen), (0.0, 0));
    assert!(report.recall_within.iter().all(|within| within.event_recall == 1.0));
    assert_eq!(report.bars_90.hard_event_f1_at_1, Bar { low: 1.0, high: 1.0 });
}

#[test]
fn a_constant_alarm_is_priced_by_the_hard_count_alone() {
    let report = evaluate(&[scored("a", 4000, &[(2000, 2100)], |_| 1.0)], budget());
    assert_eq!(report.at_1.event_f1, 1.0);
    assert!(report.at_1.hard_event_f1 < 0.03, "{}", report.at_1.hard_event_f1);
    assert_eq!(report.at_1.point_adjusted_f1_inflated, report.at_1.point_f1);
}

#[test]
fn the_budget_is_compared_with_what_came() {
    // 10 days count after the probation; an alarm every second day.
    let rows = 10 * DAY / 300 + 508;
    let report = evaluate(&[scored("a", rows, &[], |row| f64::from(u8::from(row % 576 == 575)))], budget());
    assert!((report.series_days - 10.0).abs() < 0.01, "{}", report.series_days);
    assert_eq!(report.budget.seen, 5);
    assert!((report.budget.expected - 1.0 / 3.0).abs() < 1e-3);
    assert!((report.budget.ratio - 15.0).abs() < 0.1);
}

#[test]
fn the_same_set_gives_the_same_report_to_the_bit() {
    let noisy = |row: i64| ((row * 7919) % 1009) as f64 / 600.0;
    let set: Vec<Scored> =
        (0..6).map(|index| scored("a", 900, &[(300 + index, 340)], |row| noisy(row + index))).collect();
    let print = |report: Report| format!("{report:?}");
    assert_eq!(print(evaluate(&set, budget())), print(evaluate(&set, budget())));
}

#[test]
fn bars_hold_their_figures() {
    let noisy = |row: i64| ((row * 7919) % 1009) as f64 / 600.0;
    let set: Vec<Scored> =
        (0..9).map(|index| scored("a", 900, &[(300 + index, 340)], |row| noisy(row * (index + 1)))).collect();
    let report = evaluate(&set, budget());
    let bars = report.bars_90;
    for (name, bar, figure) in [
        ("NAB", bars.nab_standard, report.nab.standard),
        ("NAB at 1", bars.nab_standard_at_1, report.nab.standard_at_1),
        ("hard F1", bars.hard_event_f1_at_1, report.at_1.hard_event_f1),
        ("VUS-PR", bars.vus_pr, report.vus.pr),
        ("recall", bars.recall_within_0_1, report.recall_within[1].event_recall),
        (
            "notifications",
            bars.false_notifications_per_series_day,
            report.at_1.false_notifications_per_series_day,
        ),
    ] {
        assert!(bar.low <= figure && figure <= bar.high, "{name}: {bar:?} {figure}");
    }
    assert!(bars.vus_pr.low < bars.vus_pr.high);
}

#[test]
fn nothing_panics_on_sets_without_rows_events_or_sense() {
    let odd = |row: i64| [f64::NAN, f64::INFINITY, -1.0, 1e300, 0.0][row as usize % 5];
    for set in [
        vec![],
        vec![scored("empty", 0, &[], |_| 0.0)],
        vec![scored("short", 1, &[(0, 0)], |_| 1.0)],
        vec![scored("no events", 100, &[], |_| 1.0)],
        vec![scored("all anomalous", 100, &[(0, 99)], odd)],
        vec![scored("within the probation", 100, &[(2, 5)], odd)],
        vec![scored("odd", 100, &[(50, 60)], odd)],
    ] {
        let report = evaluate(&set, budget());
        assert_eq!(report.per_series.len(), set.len());
    }
}
