//! Which standstills are events.

use super::*;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

fn config(interval: u64) -> Config {
    Config::plain(Duration::from_secs(interval))
}

/// A series of so many days, sampled every minute, that stands still for `length` seconds `per_day` times a day.
fn known(days: i64, per_day: i64, length: i64) -> Standstill {
    let mut standstill = Standstill::default();
    let period = DAY / per_day.max(1);
    for second in (0..days * DAY).step_by(60) {
        let still = per_day > 0 && second % period < length;
        let value = if still { 0.5 } else { second as f64 };
        standstill.take(sample(at(second), value), 60.0, true, &config(60));
    }
    standstill
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1000)
}

fn sample(at: Timestamp, value: f64) -> Sample {
    Sample { at, value }
}

/// After how many minutes of standing still it is an event, if within a day.
fn minutes(mut standstill: Standstill, days: i64) -> Option<i64> {
    (0..1440).find(|minute| {
        let now = at(days * DAY + minute * MINUTE);
        standstill.take(sample(now, -1.0), 60.0, true, &config(60));
        standstill.evidence(now, &config(60)) >= mean_line(&config(60))
    })
}

#[test]
fn the_past_of_a_series_decides_how_long_it_may_stand_still() {
    let rows = [
        (14, 0, 0, Some(30), "never still for two weeks: half an hour is an event"),
        (2, 0, 0, Some(64), "never still for two days: an hour"),
        (1, 0, 0, Some(89), "known for a day: an hour and a half"),
        (0, 0, 0, None, "never seen to move: nothing is said"),
        (14, 1, 30 * MINUTE, Some(682), "half an hour a day: eleven hours"),
        (14, 24, 10 * MINUTE, Some(849), "ten minutes of every hour: fourteen hours"),
        (14, 1, 13 * HOUR, None, "still for more than half of its time: by nature"),
    ];
    let found: Vec<_> = rows
        .iter()
        .map(|(days, per_day, length, ..)| minutes(known(*days, *per_day, *length), *days))
        .collect();
    let expected: Vec<_> = rows.iter().map(|row| row.3).collect();
    assert_eq!(found, expected, "{rows:?}");
}

#[test]
fn rare_samples_must_repeat() {
    let mut standstill = Standstill::default();
    for hour in 0..14 * 24 {
        standstill.take(sample(at(hour * HOUR), hour as f64), 3600.0, true, &config(3600));
    }
    for hour in 14 * 24..14 * 24 + 5 {
        standstill.take(sample(at(hour * HOUR), -1.0), 3600.0, true, &config(3600));
        assert_eq!(standstill.evidence(at(hour * HOUR), &config(3600)), 0.0);
    }
}

#[test]
fn what_lasts_is_accepted_once_and_what_moves_is_judged_anew() {
    let (mut standstill, start) = (known(14, 0, 0), 14 * DAY);
    let mut accepted = Vec::new();
    for minute in 0..1440 {
        let now = at(start + minute * MINUTE);
        standstill.take(sample(now, -1.0), 60.0, true, &config(60));
        if standstill.evidence(now, &config(60)) >= mean_line(&config(60)) && standstill.endure(60.0) {
            accepted.push(minute);
        }
    }
    assert_eq!(accepted, [30 + 479]);
    standstill.take(sample(at(start + DAY), 3.0), 60.0, true, &config(60));
    assert!(
        standstill.past.as_ref().unwrap().total(at(start + DAY)) > 0.9 * DAY as f64,
        "it may do so again"
    );
}

#[test]
fn a_surprise_teaches_a_quarter_and_what_is_held_back_nothing() {
    for (learns, expected) in [(true, Some(SURPRISE_SHARE)), (false, None)] {
        let mut standstill = known(14, 0, 0);
        for minute in 0..60 {
            standstill.take(sample(at(14 * DAY + minute * MINUTE), -1.0), 60.0, true, &config(60));
        }
        assert!(!standstill.endure(60.0));
        standstill.take(sample(at(14 * DAY + HOUR), 3.0), 60.0, learns, &config(60));
        let counted = standstill.past.map(|past| past.expected(at(14 * DAY + HOUR), 300.0, 300.0) as f32);
        assert_eq!(counted, expected);
    }
}
