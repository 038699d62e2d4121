//! Scores in, episodes out.

use super::*;
use AnomalyState::{Anomalous, NewLevel, Normal, Sustained};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute * 60_000)
}

/// A sample: minute, score, state, alarm.
type Row = (i64, f64, AnomalyState, bool);

/// The account of some samples, and the episodes told.
fn episodes(before: AnomalyState, rows: &[Row]) -> (Account, Vec<Episode>) {
    let labels = Labels::default();
    let whose = Whose { query: "q", labels: &labels, interval: 60.0 };
    let mut account = Account::carried(before);
    let mut told = Vec::new();
    for &(minute, height, state, alarm) in rows {
        let (value, edges) = (10.0 * height, (f64::NEG_INFINITY, f64::INFINITY));
        let (lower, upper) = edges;
        let score = Score { at: at(minute), value, expected: 1.0, lower, upper, score: height, state, alarm };
        told.extend(account.take(&score, None, whose));
    }
    told.extend(account.close(whose));
    (account, told)
}

#[test]
fn an_episode_lasts_while_the_state_says_so_and_ends_at_its_last_sample_above_the_line() {
    let (account, told) = episodes(
        Normal,
        &[
            (0, 0.5, Normal, false),
            (1, 1.5, Anomalous, true),
            (2, 2.5, Anomalous, false),
            (3, 2.5, Anomalous, false),
            (4, 0.2, Sustained, false),
            (5, 0.1, Normal, false),
        ],
    );
    assert_eq!((account.samples, account.above, account.alarms, account.episodes), (6, 3, 1, 1));
    let peak = Peak { at: at(2), score: 2.5, value: 25.0, expected: 1.0 };
    assert_eq!(account.peak, Some(peak));
    let expected = Episode {
        query: "q".to_owned(),
        labels: Labels::default(),
        onset: at(1),
        absent_since: None,
        began_before: false,
        alarm: Some(at(1)),
        end: at(3),
        resolved: Some(at(5)),
        new_level: false,
        duration_seconds: 180.0,
        peak,
        contributors: Vec::new(),
    };
    assert_eq!(told, [expected]);
}

#[test]
fn what_may_happen_to_an_episode_is_told() {
    // Onset, began before, alarm, end, resolved, new level.
    type Told = (i64, bool, Option<i64>, i64, Option<i64>, bool);
    type Case = (&'static str, AnomalyState, &'static [Row], &'static [Told]);
    let cases: &[Case] = &[
        ("no sample", Normal, &[], &[]),
        ("nothing happens", Normal, &[(0, 0.9, Normal, false)], &[]),
        (
            "within the silence of another: no alarm",
            Normal,
            &[(0, 1.1, Anomalous, false), (1, 0.0, Normal, false)],
            &[(0, false, None, 0, Some(1), false)],
        ),
        (
            "the alarm comes later",
            Normal,
            &[(0, 1.1, Anomalous, false), (9, 1.2, Anomalous, true), (10, 1.2, Anomalous, false)],
            &[(0, false, Some(9), 10, None, false)],
        ),
        (
            "it lasts when the range ends",
            Normal,
            &[(0, 1.1, Anomalous, true), (1, 0.9, Anomalous, false)],
            &[(0, false, Some(0), 0, None, false)],
        ),
        (
            "it began before the range",
            Sustained,
            &[(0, 0.5, Sustained, false), (1, 0.5, Normal, false), (2, 3.0, Anomalous, true)],
            &[(0, true, None, 0, Some(1), false), (2, false, Some(2), 2, None, false)],
        ),
        (
            "one that began before may be over by then",
            Anomalous,
            &[(0, 0.5, Normal, false), (2, 3.0, Anomalous, true)],
            &[(2, false, Some(2), 2, None, false)],
        ),
        (
            "a new level ends it",
            Normal,
            &[(0, 4.0, Anomalous, true), (1, 4.0, NewLevel, false), (2, 0.0, Normal, false)],
            &[(0, false, Some(0), 0, Some(1), true)],
        ),
    ];
    for (name, before, rows, expected) in cases {
        let minute = |at: Timestamp| at.as_millis() / 60_000;
        let (_, told) = episodes(*before, rows);
        let told: Vec<Told> = told
            .iter()
            .map(|it| {
                let (alarm, resolved) = (it.alarm.map(minute), it.resolved.map(minute));
                (minute(it.onset), it.began_before, alarm, minute(it.end), resolved, it.new_level)
            })
            .collect();
        assert_eq!(told, *expected, "{name}");
    }
}
