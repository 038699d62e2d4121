//! Daylight saving: a habit of the local clock moves by an hour in UTC, and is still the same habit.

use std::fmt::Write;

use jiff::Timestamp as Instant;
use jiff::tz::TimeZone;

use super::made::{midnight, noise};
use crate::support::{Daemon, Prometheus};

const ZONE: &str = "Europe/Berlin";
const STEP: i64 = 300;
const DAY: i64 = 86_400;

/// The last change of the clocks that is at least five days ago, in seconds.
fn change() -> i64 {
    let zone = TimeZone::get(ZONE).expect("the machine has the time zone database");
    let latest = Instant::from_second(midnight() - 5 * DAY).expect("a date of this century");
    let before = zone.preceding(latest).next().expect("the clocks have been changed before");
    before.timestamp().as_second()
}

/// Twelve days before the change and five after: working hours are five times as busy.
fn history(change: i64) -> String {
    let zone = TimeZone::get(ZONE).expect("the machine has the time zone database");
    let mut text = String::from("# TYPE office gauge\n");
    let begin = (change - 12 * DAY).div_euclid(STEP) * STEP;
    for at in (begin..change + 5 * DAY).step_by(STEP as usize) {
        let hour = Instant::from_second(at).expect("a date of this century").to_zoned(zone.clone()).hour();
        let usual = if (8..18).contains(&hour) { 100.0 } else { 20.0 };
        let value = usual + noise(1, at / STEP);
        writeln!(text, "office{{case=\"office\"}} {value} {at}").expect("a String can be written");
    }
    text + "# EOF\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_s_change_is_no_anomaly_where_the_time_zone_is_known() {
    let change = change();
    let prometheus = Prometheus::start_with_history("scrape_configs: []", &[], &history(change)).await;
    let days = (midnight() - change) / DAY + 14;
    let query = |name, zone| {
        format!(
            "- {{name: {name}, expr: office, model: seasonal, time_zone: {zone}, false_alarms: 1 per 30d}}\n"
        )
    };
    let daemon = Daemon::start(&format!(
        "prometheus: {{url: '{}'}}\nscoring: {{interval: 5m, history: {days}d}}\npresets: []\nqueries:\n{}{}",
        prometheus.process.url(""),
        query("local", ZONE),
        query("elsewhere", "UTC"),
    ))
    .await;
    let mut after = Vec::new();
    for name in ["local", "elsewhere"] {
        super::history_read(&daemon, name).await;
        let log: String = daemon
            .log()
            .lines()
            .filter(|line| line.contains(&format!("query={name}")))
            .fold(String::new(), |log, line| log + line + "\n");
        let said = super::said(&log, |_| change).remove("office").unwrap_or_default();
        println!("{name}: {said:?}");
        after.push(said.alarms.iter().filter(|minute| **minute >= 0).count());
    }
    assert_eq!(after[0], 0, "no alarm in the local time zone");
    assert!(after[1] > 0, "the hour matters: where it is not known, it alarms");
}
