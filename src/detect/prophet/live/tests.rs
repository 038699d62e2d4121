//! What `prophet` promises beyond the contract of every model.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use jiff::tz::TimeZone;

use super::learnt::{DAY_MILLIS, SOON_MILLIS};
use super::*;
use crate::detect::Detector;
use crate::detect::prophet::Holiday;
use crate::model::Sample;

const MINUTE: i64 = 60_000;
const STEP: i64 = 10 * MINUTE;
/// 2026-03-02, a Monday.
const MONDAY: i64 = 1_772_409_600_000;

fn config() -> Config {
    Config {
        interval: Duration::from_millis(STEP as u64),
        false_alarms: "1 per 30d".parse().unwrap(),
        narrowing: crate::detect::Narrowing::default(),
        time_zone: TimeZone::UTC,
        holidays: Arc::default(),
    }
}

fn noise(at: i64) -> f64 {
    let mut random = fastrand::Rng::with_seed(at as u64);
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

/// A rising series with a wave a day.
fn usual(at: i64) -> f64 {
    let day = std::f64::consts::TAU * (at % DAY_MILLIS) as f64 / DAY_MILLIS as f64;
    200.0 + (at - MONDAY) as f64 / DAY_MILLIS as f64 + 50.0 * day.sin() + noise(at)
}

/// Feeds some days from Monday on.
fn fed(config: &Config, days: i64, value: impl Fn(i64) -> f64) -> ProphetDetector {
    let mut detector = ProphetDetector::new(config);
    for at in (MONDAY..MONDAY + days * DAY_MILLIS).step_by(STEP as usize) {
        detector.observe(Sample { at: Timestamp::from_millis(at), value: value(at) });
    }
    detector
}

fn next(detector: &mut ProphetDetector, after_days: f64, value: f64) -> crate::model::Score {
    let at = Timestamp::from_millis(MONDAY + (after_days * DAY_MILLIS as f64) as i64);
    detector.observe(Sample { at, value }).unwrap()
}

#[test]
fn trend_and_season_are_foreseen() {
    let detector = fed(&config(), 10, usual);
    for hours in [0.0, 6.0, 12.0, 18.0] {
        let mut detector = ProphetDetector::restore(&config(), bytes_of(&detector));
        let days = 10.0 + hours / 24.0;
        let truth = usual(MONDAY + (days * DAY_MILLIS as f64) as i64);
        let score = next(&mut detector, days, truth);
        assert!(
            (score.expected - truth).abs() < 5.0 && score.upper - score.lower < 40.0,
            "{hours}: {score:?}"
        );
        let quiet = next(&mut detector, days + 0.01, truth - 40.0);
        assert!(quiet.score >= 1.0, "{hours}: {quiet:?}");
    }
}

fn bytes_of(detector: &ProphetDetector) -> ProphetState {
    let bytes = postcard::to_stdvec(&detector.state()).unwrap();
    let State::Prophet(state) = postcard::from_bytes(&bytes).unwrap() else {
        panic!("another model's state")
    };
    state.into_owned()
}

#[test]
fn a_holiday_that_was_seen_once_is_expected_the_next_time() {
    let holiday = Holiday {
        name: "fair".to_owned(),
        dates: vec![date(2026, 3, 7), date(2026, 3, 14)],
        days_before: 0,
        days_after: 0,
    };
    let fair =
        |at: i64| usual(at) + if at.div_euclid(DAY_MILLIS) == MONDAY / DAY_MILLIS + 5 { 30.0 } else { 0.0 };
    let with = Config { holidays: Arc::from([holiday]), ..config() };
    let [known, unknown] = [with, config()].map(|config| {
        let mut detector = fed(&config, 12, fair);
        let at = 12.25;
        next(&mut detector, at, usual(MONDAY + 49 * DAY_MILLIS / 4)).expected
    });
    assert!(known - unknown > 15.0, "{known} {unknown}");
}

#[test]
fn a_state_of_another_time_zone_is_fitted_again_from_its_history() {
    let detector = fed(&config(), 10, usual);
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let moved = Config { time_zone: berlin, ..config() };
    let mut restored = ProphetDetector::restore(&moved, bytes_of(&detector));
    let truth = usual(MONDAY + 41 * DAY_MILLIS / 4);
    let score = next(&mut restored, 10.25, truth);
    assert!((score.expected - truth).abs() < 5.0, "{score:?}");
    let mut configured = detector;
    configured.configure(&moved);
    assert_eq!(next(&mut configured, 10.25, truth), score);
}

#[test]
fn a_new_level_is_fitted_within_the_hour_or_as_it_was_due() {
    let accepted = Timestamp::from_millis(MONDAY + DAY_MILLIS);
    for (due, expected) in [(i64::MAX, 0..SOON_MILLIS), (MONDAY, -DAY_MILLIS..0)] {
        let mut learnt = Learnt { due, ..Prophecy::nothing(&config()) };
        let times = (MONDAY..accepted.as_millis()).step_by(STEP as usize);
        times.for_each(|at| learnt.recent.learn(Timestamp::from_millis(at), usual(at)));
        let before = learnt.recent.history().1;
        Prophecy::accept(&mut learnt, 1000.0, accepted);
        assert!(expected.contains(&(learnt.due - accepted.as_millis())), "{} {expected:?}", learnt.due);
        let moved = learnt.recent.history().1;
        assert!(before.iter().zip(moved).all(|(before, after)| after == before + 1000.0));
    }
}

#[test]
fn a_gap_does_not_stretch_the_trend() {
    let mut detector =
        fed(&config(), 3, |at| 100.0 + 24.0 * (at - MONDAY) as f64 / DAY_MILLIS as f64 + noise(at));
    let score = next(&mut detector, 60.0, 172.0);
    assert!((score.expected - 172.0).abs() < 30.0, "{score:?}");
}
