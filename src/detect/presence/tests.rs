//! Which gaps are outages.

use super::*;
use crate::detect::Hold;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 86_400;

fn config(interval: u64) -> Config {
    Config::plain(Duration::from_secs(interval))
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds as i64 * 1000)
}

fn gap(last_seen: u64, lasted: u64) -> Gap {
    Gap {
        last_seen: at(last_seen),
        lasted: Duration::from_secs(lasted),
        departures: 0.0,
        hold: Hold::Nothing,
    }
}

/// A series first seen at 0, with past gaps as (how many, seconds each), evenly over the time watched.
fn watched(seconds: u64, gaps: &[(u64, u64)]) -> Presence {
    let mut presence = Presence::new(at(0));
    let mut all: Vec<(u64, u64)> = gaps
        .iter()
        .flat_map(|&(count, length)| (1..=count).map(move |turn| (turn * seconds / (count + 1), length)))
        .collect();
    all.sort_unstable();
    for (when, length) in all {
        presence.returned(at(when), &gap(when - length, length), &config(MINUTE));
    }
    presence
}

/// After how many minutes of absence it is an outage, if within a day.
fn minutes(presence: &Presence, seen: u64) -> Option<u64> {
    let mut presence = presence.clone();
    (1..1440).find(|&minute| {
        let lasted = minute * MINUTE;
        presence.missing(at(seen + lasted), &gap(seen, lasted), &config(MINUTE)).alarm
    })
}

#[test]
fn the_past_of_a_series_decides_how_long_it_may_be_missing() {
    let rows = [
        (14 * DAY, &[][..], Some(2), "always there for two weeks: two minutes are an outage"),
        (2 * DAY, &[], Some(5), "always there for two days: five minutes"),
        (8 * HOUR, &[], Some(10), "there for a working day: ten minutes, before it leaves the page"),
        (10 * MINUTE, &[], Some(66), "hardly known: not as long as it is on the page"),
        (14 * DAY, &[(3, MINUTE)], Some(6), "a failed scrape now and then is allowed for"),
        (14 * DAY, &[(1, 3 * HOUR)], Some(3), "one outage in the past does not hide the next"),
        (
            14 * DAY,
            &[(14, 5 * MINUTE)],
            Some(44),
            "five minutes missing a day: more than half an hour counts",
        ),
        (14 * DAY, &[(300, 3 * MINUTE)], Some(102), "missing for minutes all the time: hours count"),
        (14 * DAY, &[(336, 40 * MINUTE)], None, "there for a third of every hour: comes and goes by nature"),
        (14 * DAY, &[(13, 20 * HOUR)], None, "a nightly job's series: comes and goes by nature"),
    ];
    let found: Vec<_> = rows.iter().map(|(age, gaps, ..)| minutes(&watched(*age, gaps), *age)).collect();
    let expected: Vec<_> = rows.iter().map(|row| row.2).collect();
    assert_eq!(found, expected, "{rows:?}");
}

#[test]
fn peers_that_vanish_for_good_explain_a_series_that_does() {
    let mut presence = watched(14 * DAY, &[]);
    for (per_day, outage) in [(0.0, true), (0.01, true), (0.1, false)] {
        let gap = Gap { departures: per_day / DAY as f64, ..gap(14 * DAY, HOUR) };
        assert_eq!(presence.missing(at(14 * DAY + HOUR), &gap, &config(MINUTE)).score >= 1.0, outage);
    }
}

#[test]
fn an_outage_is_one_alarm_until_it_is_over_and_flapping_is_silent() {
    let (mut presence, start) = (watched(10 * DAY, &[]), 10 * DAY);
    let mut seen = Vec::new();
    for minute in 0..600 {
        let now = start + minute * MINUTE;
        let missing = minute % 30 < 20;
        if missing {
            let gap = gap(now - (minute % 30 + 1) * MINUTE, (minute % 30 + 1) * MINUTE);
            let absence = presence.missing(at(now), &gap, &config(MINUTE));
            seen.extend(absence.alarm.then_some(minute));
            assert!(absence.state == AnomalyState::Normal || absence.score >= 1.0);
        } else if minute % 30 == 20 {
            presence.returned(at(now), &gap(now - 20 * MINUTE, 20 * MINUTE), &config(MINUTE));
            assert!(!presence.is_outage());
        }
    }
    assert_eq!(seen, [2], "what happens twice an hour is soon no event");
}

#[test]
fn an_outage_is_anomalous_then_sustained_and_a_muted_one_begins_when_it_is_heard() {
    let (mut presence, seen) = (watched(14 * DAY, &[]), 14 * DAY);
    let mut step = |minutes: u64, hold| {
        let gap = Gap { hold, ..gap(seen, minutes * MINUTE) };
        presence.missing(at(seen + minutes * MINUTE), &gap, &config(MINUTE))
    };
    let muted = step(5, Hold::Alarms);
    assert_eq!((muted.state, muted.alarm, muted.score >= 1.0), (AnomalyState::Normal, false, true));
    let heard = step(6, Hold::Learning);
    assert_eq!((heard.state, heard.alarm), (AnomalyState::Anomalous, true));
    assert_eq!(step(65, Hold::Nothing).state, AnomalyState::Anomalous);
    assert_eq!(step(66, Hold::Nothing).state, AnomalyState::Sustained);
}

#[test]
fn an_outage_lasts_as_long_as_the_query_asks_for() {
    let mut presence = watched(14 * DAY, &[]);
    let mut patient = config(MINUTE);
    patient.narrowing.min_duration = Duration::from_secs(5 * MINUTE);
    let alarms = (1..10).map(|minute| {
        let lasted = minute * MINUTE;
        presence.missing(at(14 * DAY + lasted), &gap(14 * DAY, lasted), &patient).alarm
    });
    assert_eq!(alarms.collect::<Vec<_>>().iter().position(|alarm| *alarm), Some(4));
}

#[test]
fn what_is_held_back_teaches_nothing() {
    let mut presence = watched(14 * DAY, &[]);
    let before = presence.clone();
    for _ in 0..50 {
        let gap = Gap { hold: Hold::Learning, ..gap(14 * DAY, 10 * MINUTE) };
        presence.returned(at(14 * DAY + 600), &gap, &config(MINUTE));
    }
    assert_eq!(presence, before);
}

#[test]
fn gaps_too_short_to_matter_hide_no_outage() {
    for (gaps, expected) in [(&[][..], 61), (&[(3, 12)], 85)] {
        let config = Config { false_alarms: "1 per 10m".parse().unwrap(), ..config(1) };
        let mut presence = watched(20 * MINUTE, gaps);
        let found = (1..600).find(|&lasted| {
            presence.missing(at(20 * MINUTE + lasted), &gap(20 * MINUTE, lasted), &config).alarm
        });
        assert_eq!(found, Some(expected), "{gaps:?}");
    }
}

#[test]
fn one_failed_scrape_is_no_outage_at_any_interval() {
    for interval in [1, 15, 60, 3600] {
        let mut presence = watched(14 * DAY, &[]);
        let lasted = interval.max(60);
        let absence = presence.missing(at(14 * DAY + lasted), &gap(14 * DAY, lasted), &config(interval));
        assert!(absence.score < 1.0 && !absence.alarm, "{interval} s: {absence:?}");
    }
}

#[test]
fn the_size_of_a_presence_is_what_is_promised() {
    assert_eq!((size_of::<Presence>(), size_of::<Durations>()), (48, 72));
}
