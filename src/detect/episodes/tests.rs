//! Episodes told sample by sample.

use super::*;
use AnomalyState::{Anomalous, NewLevel, Normal, Sustained};

/// One row a sample: minute, score, accepted, expected state, expected alarm.
fn check(rows: &[(i64, f64, bool, AnomalyState, bool)]) {
    check_lasting(0, rows);
}

/// The same where the score must last so many minutes.
fn check_lasting(least: u64, rows: &[(i64, f64, bool, AnomalyState, bool)]) {
    let mut episodes = Episodes::default();
    for (minute, score, accepted, state, alarm) in rows {
        let at = Timestamp::from_millis(minute * 60_000);
        let step = episodes.step(at, *score, *accepted, Duration::from_secs(60 * least));
        assert_eq!((step.state, step.alarm), (*state, *alarm), "minute {minute}");
    }
}

const HIGH: f64 = 1.5;
const LOW: f64 = 0.5;

#[test]
fn the_first_crossing_alarms_and_no_other_of_its_episode() {
    check(&[
        (0, LOW, false, Normal, false),
        (1, HIGH, false, Anomalous, true),
        (2, HIGH, false, Anomalous, false),
        (60, HIGH, false, Anomalous, false),
        (61, HIGH, false, Sustained, false),
        (600, HIGH, false, Sustained, false),
        (1200, HIGH, false, Sustained, false),
    ]);
}

#[test]
fn a_short_dip_belongs_to_the_episode() {
    check(&[
        (0, HIGH, false, Anomalous, true),
        (1, LOW, false, Anomalous, false),
        (20, LOW, false, Anomalous, false),
        (29, LOW, false, Anomalous, false),
        (30, HIGH, false, Anomalous, false),
        (31, LOW, false, Anomalous, false),
        (60, LOW, false, Sustained, false),
        (61, LOW, false, Normal, false),
    ]);
}

#[test]
fn recovery_needs_three_samples_where_samples_are_rare() {
    check(&[
        (0, HIGH, false, Anomalous, true),
        (60, LOW, false, Sustained, false),
        (120, LOW, false, Sustained, false),
        (180, LOW, false, Normal, false),
    ]);
}

#[test]
fn a_crossing_within_the_silence_is_quiet_but_seen() {
    check(&[
        (0, HIGH, false, Anomalous, true),
        (1, LOW, false, Anomalous, false),
        (20, LOW, false, Anomalous, false),
        (31, LOW, false, Normal, false),
        (300, HIGH, false, Anomalous, false),
        (301, LOW, false, Anomalous, false),
        (320, LOW, false, Anomalous, false),
        (331, LOW, false, Normal, false),
        (480, HIGH, false, Anomalous, false),
    ]);
}

#[test]
fn a_small_alarm_hides_no_large_incident() {
    check(&[
        (0, 1.1, false, Anomalous, true),
        (1, LOW, false, Anomalous, false),
        (20, LOW, false, Anomalous, false),
        (31, LOW, false, Normal, false),
        (60, 1.3, false, Anomalous, false),
        (61, LOW, false, Anomalous, false),
        (70, LOW, false, Anomalous, false),
        (91, LOW, false, Normal, false),
        (100, 2.5, false, Anomalous, false),
        (101, 2.6, false, Anomalous, true),
        (102, 9.0, false, Anomalous, false),
        (140, LOW, false, Anomalous, false),
        (150, LOW, false, Anomalous, false),
        (171, LOW, false, Normal, false),
        (200, 17.0, false, Anomalous, false),
        (201, 18.0, false, Anomalous, true),
    ]);
}

#[test]
fn an_incident_that_outlasts_the_silence_is_late_not_lost() {
    check(&[
        (0, HIGH, false, Anomalous, true),
        (1, LOW, false, Anomalous, false),
        (20, LOW, false, Anomalous, false),
        (31, LOW, false, Normal, false),
        (470, HIGH, false, Anomalous, false),
        (480, HIGH, false, Anomalous, false),
        (481, HIGH, false, Anomalous, true),
        (482, HIGH, false, Anomalous, false),
    ]);
}

#[test]
fn after_silence_and_recovery_the_next_incident_alarms() {
    check(&[
        (0, HIGH, false, Anomalous, true),
        (1, LOW, false, Anomalous, false),
        (20, LOW, false, Anomalous, false),
        (31, LOW, false, Normal, false),
        (100, LOW, false, Normal, false),
        (481, HIGH, false, Anomalous, true),
    ]);
}

#[test]
fn the_silence_lasts_four_samples_where_samples_are_rare() {
    check(&[
        (0, HIGH, false, Anomalous, true),
        (300, LOW, false, Sustained, false),
        (600, LOW, false, Sustained, false),
        (900, LOW, false, Normal, false),
        (1200, HIGH, false, Anomalous, false),
        (1500, HIGH, false, Sustained, true),
    ]);
}

#[test]
fn an_accepted_level_ends_the_episode_once() {
    check(&[
        (0, HIGH, false, Anomalous, true),
        (480, HIGH, false, Sustained, false),
        (481, HIGH, true, NewLevel, false),
        (482, LOW, false, Normal, false),
        (483, HIGH, true, Normal, false),
    ]);
}

#[test]
fn a_score_must_last_where_a_least_duration_is_asked_for() {
    check_lasting(
        10,
        &[
            (0, HIGH, false, Normal, false),
            (9, HIGH, false, Normal, false),
            (10, LOW, false, Normal, false),
            (11, HIGH, false, Normal, false),
            (20, HIGH, false, Normal, false),
            (21, HIGH, false, Anomalous, true),
            (22, LOW, false, Anomalous, false),
            (23, HIGH, false, Anomalous, false),
            (71, HIGH, false, Sustained, false),
        ],
    );
    check_lasting(120, &[(0, HIGH, false, Normal, false), (120, HIGH, false, Sustained, true)]);
    check_lasting(
        600,
        &[
            (0, HIGH, false, Normal, false),
            (480, HIGH, true, Normal, false),
            (481, LOW, false, Normal, false),
        ],
    );
}

#[test]
fn what_raises_no_alarm_says_why() {
    let mut episodes = Episodes::default();
    let gates =
        [(0, LOW), (1, HIGH), (3, HIGH), (4, HIGH), (5, LOW), (20, LOW), (40, LOW), (50, HIGH), (52, HIGH)]
            .map(|(minute, score)| {
                let at = Timestamp::from_millis(minute * 60_000);
                episodes.step(at, score, false, Duration::from_secs(120)).gate
            });
    let line = Some(Gate::AlarmLine);
    let (short, repeat, silence) = (Some(Gate::MinDuration), Some(Gate::Repeat), Some(Gate::Silence));
    assert_eq!(gates, [line, short, None, repeat, line, line, line, short, silence]);
}

#[test]
fn a_gap_counts_as_time() {
    check(&[
        (0, HIGH, false, Anomalous, true),
        (1, LOW, false, Anomalous, false),
        (2, LOW, false, Anomalous, false),
        (600, LOW, false, Normal, false),
        (601, LOW, false, Normal, false),
        (602, HIGH, false, Anomalous, true),
    ]);
}
