//! Seasons by length and spacing, daylight saving, and holidays.

use jiff::civil::date;

use super::*;
use crate::detect::prophet::Holiday;

#[test]
fn seasons_are_chosen_by_length_and_spacing() {
    let orders = |count: i64, step: i64| {
        let fitted = fit(&history(count, step, noise), &Config::default());
        fitted.state().waves.each_ref().map(|waves| waves.len() / 2)
    };
    for (count, step, expected, case) in [
        (48, HOUR, [0, 0, 0], "an hour less than two days"),
        (49, HOUR, [0, 0, 4], "two days"),
        (336, HOUR, [0, 0, 4], "an hour less than two weeks"),
        (337, HOUR, [0, 3, 4], "two weeks"),
        (730, DAY, [0, 3, 0], "daily, a day less than two years"),
        (731, DAY, [10, 3, 0], "daily, two years"),
        (120, 7 * DAY, [10, 0, 0], "weekly"),
    ] {
        assert_eq!(orders(count, step), expected, "{case}");
    }
}

/// Busy from 9 to 17 by the clocks of Berlin; they go forward on 2026-03-29.
fn office_hours(millis: i64) -> f64 {
    let shift = if millis < MARCH + 28 * DAY + HOUR { HOUR } else { 2 * HOUR };
    let hour = (millis + shift).rem_euclid(DAY) / HOUR;
    if (9..17).contains(&hour) { 100.0 } else { 20.0 }
}

#[test]
fn a_day_follows_the_clocks_of_its_time_zone_through_daylight_saving() {
    let history = history(4 * 7 * 96, 15 * MINUTE, |millis| office_hours(millis) + noise(millis));
    let error = |time_zone| {
        let fitted = fit(&history, &Config { daily: Some(12), time_zone, ..Config::default() });
        let quarters = (0..5 * 96).map(|quarter| MARCH + 29 * DAY + quarter * 15 * MINUTE);
        quarters.map(|millis| (fitted.predict(at(millis)).value - office_hours(millis)).abs()).sum::<f64>()
            / 480.0
    };
    let (local, utc) = (error(berlin()), error(TimeZone::UTC));
    assert!(local < 4.0, "{local}");
    assert!(utc > 2.0 * local, "{utc} {local}");
}

#[test]
fn a_holiday_is_a_day_of_its_time_zone() {
    let holiday = Holiday {
        name: "closed".to_owned(),
        dates: vec![date(2026, 3, 10), date(2026, 3, 24)],
        days_before: 0,
        days_after: 1,
    };
    let config = Config { holidays: vec![holiday.clone()], time_zone: berlin(), ..Config::default() };
    // From 23 o'clock UTC on it is the next day in Berlin.
    let is_on = |millis: i64, day: i64| (millis + HOUR - MARCH).div_euclid(DAY) == day;
    let value = |millis| {
        let effect = if [9, 23].iter().any(|day| is_on(millis, *day)) { -40.0 } else { 0.0 };
        let after = if [10, 24].iter().any(|day| is_on(millis, *day)) { 15.0 } else { 0.0 };
        100.0 + effect + after + noise(millis)
    };
    let fitted = fit(&history(28 * 24, HOUR, value), &config);
    let effect = |fitted: &Fitted, millis| fitted.predict(at(millis)).components.holidays;
    let start = MARCH + 9 * DAY - HOUR;
    for (millis, expected) in [
        (start - 1, 0.0),
        (start, -40.0),
        (start + DAY - 1, -40.0),
        (start + DAY, 15.0),
        (start + 2 * DAY, 0.0),
    ] {
        assert!((effect(&fitted, millis) - expected).abs() < 1.0, "{}", effect(&fitted, millis));
    }

    let new_date = Holiday { dates: vec![date(2027, 5, 1)], ..holiday };
    let unseen = Holiday { name: "unseen".to_owned(), ..new_date.clone() };
    let later = Config { holidays: vec![new_date, unseen], ..config };
    let restored = Fitted::restore(fitted.state().clone(), &later).unwrap();
    let may: Timestamp = "2027-05-01T10:00:00Z".parse().unwrap();
    assert_eq!(effect(&fitted, may.as_millis()), 0.0);
    assert!((effect(&restored, may.as_millis()) + 40.0).abs() < 1.0, "a new date counts without a new fit");
    assert_eq!(effect(&restored, start), 0.0);
}
