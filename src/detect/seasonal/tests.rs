//! What `seasonal` promises beyond the contract of every model.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::*;
use crate::detect::Detector;
use crate::model::Sample;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

fn config(time_zone: TimeZone) -> Config {
    Config {
        interval: Duration::from_secs(300),
        false_alarms: "1 per 30d".parse().unwrap(),
        narrowing: crate::detect::Narrowing::default(),
        time_zone,
        holidays: Default::default(),
    }
}

/// Central European time, as a rule, so that no tzdata is needed.
fn central_europe() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

fn noise(at: i64) -> f64 {
    let mut random = fastrand::Rng::with_seed(at as u64);
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

/// Alarms, in milliseconds since `from`, of a series of five-minute samples that depends on local time.
fn alarms(config: &Config, from: &str, days: i64, value: impl Fn(i64) -> f64) -> Vec<i64> {
    let from: Timestamp = from.parse().unwrap();
    let (mut detector, mut people) = (Seasonal::new(config), Clock::default());
    let mut alarms = Vec::new();
    for after in (0..days * DAY).step_by(5 * MINUTE as usize) {
        let at = Timestamp::from_millis(from.as_millis() + after);
        let value = value(people.local(&central_europe(), at)) + noise(at.as_millis());
        let score = detector.observe(Sample { at, value }).unwrap();
        if score.alarm {
            alarms.push(after);
        }
    }
    alarms
}

/// Five times as much from eight to six, local time.
fn office_hours(local: i64) -> f64 {
    if (8..18).contains(&(local / MINUTE / 60 % 24)) { 100.0 } else { 20.0 }
}

/// The same, but not on Saturdays and Sundays.
fn working_days(local: i64) -> f64 {
    if [2, 3].contains(&local.div_euclid(DAY).rem_euclid(7)) { 20.0 } else { office_hours(local) }
}

#[test]
fn people_keep_their_hours_through_daylight_saving_and_so_does_the_profile() {
    // Twelve days before the clocks go forward, in spring and back, in autumn.
    for from in ["2026-03-17T00:00:00Z", "2026-10-13T00:00:00Z"] {
        let late = |time_zone| {
            let alarms = alarms(&config(time_zone), from, 20, office_hours);
            alarms.into_iter().filter(|after| *after >= 5 * DAY).collect::<Vec<_>>()
        };
        assert_eq!(late(central_europe()), [0i64; 0], "{from}");
        let in_utc = late(TimeZone::UTC);
        assert!(!in_utc.is_empty() && in_utc[0] >= 12 * DAY, "{from}: the clocks' change shows: {in_utc:?}");
    }
}

#[test]
fn a_quiet_working_day_alarms_and_a_quiet_weekend_does_not() {
    // From a Monday on; the fifth Wednesday is quiet as if it were a Sunday.
    let odd = |local: i64| {
        let wednesday =
            local.div_euclid(DAY) == Timestamp::as_millis("2026-02-04T00:00:00Z".parse().unwrap()) / DAY;
        if wednesday { 20.0 } else { working_days(local) }
    };
    let alarms = alarms(&config(central_europe()), "2026-01-05T00:00:00Z", 35, odd);
    let late: Vec<_> = alarms.iter().filter(|after| **after >= 14 * DAY).collect();
    assert_eq!(late.len(), 1, "{alarms:?}");
    assert_eq!(late[0] / DAY, 30, "{alarms:?}");
}

#[test]
fn what_the_level_alone_would_say_is_told_beside_the_season() {
    let mut detector = Seasonal::new(&config(TimeZone::UTC));
    for after in (0..6 * DAY + 12 * 60 * MINUTE).step_by(5 * MINUTE as usize) {
        let value = office_hours(after) + noise(after);
        detector.observe(Sample { at: Timestamp::from_millis(after), value });
    }
    let evidences = detector.explain().unwrap().evidences;
    let [season, level] = evidences.as_slice() else { panic!("{evidences:?}") };
    assert!(season.deviation.unwrap().abs() < 10.0 && season.tail < 1.0, "{season:?}");
    assert!(level.deviation.unwrap() > 50.0 && level.tail > 1.3, "{level:?}");
}
