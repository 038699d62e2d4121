//! What `/explain` costs: 100 alerts that fire, delivered by the webhook, over 10,000 watched series in a real Prometheus.
//!
//! The bound is that of a build without optimisation on a loaded machine. It fails where every request has Prometheus
//! read all series again, which takes it seconds; the release build answers in some tens of milliseconds.

use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{message, now, rfc3339, typed};
use crate::support::{Daemon, Prometheus, http, wait_until};

const SERIES: usize = 10_000;
const HOSTS: usize = 500;
const ALERTS: usize = 100;
const REQUESTS: usize = 50;
/// Half of the requests take no longer.
const BOUND: Duration = Duration::from_millis(1000);
/// How long the daemon may take to read the history of all series.
const PATIENCE: Duration = Duration::from_secs(120);

fn host(number: usize) -> String {
    let host = number % HOSTS;
    format!("instance=\"app-{host}:9100\",job=\"job-{}\"", host % 20)
}

/// Half an hour at one sample a minute; one series in a hundred stands out in the last three.
fn history(now: u64) -> String {
    let mut load = String::new();
    for number in 0..SERIES {
        for age in (0..30).rev() {
            let usual = 0.5 + ((number * 31 + age * 17) % 13) as f64 / 200.0;
            let value = if number.is_multiple_of(100) && age < 3 { 9.0 } else { usual };
            let at = now - age as u64 * 60;
            writeln!(load, "load{{{},number=\"{number}\"}} {value} {at}", host(number)).expect("memory");
        }
    }
    let mut up = String::new();
    for number in 0..HOSTS {
        for age in (0..30).rev() {
            writeln!(up, "up{{{}}} 1 {}", host(number), now - age * 60).expect("memory");
        }
    }
    typed(&load) + &typed(&up) + "# EOF\n"
}

fn alert(number: usize, now: u64) -> Value {
    json!({
        "status": "firing",
        "labels": {
            "alertname": format!("Busy{}", number % 10), "severity": "page",
            "instance": format!("app-{number}:9100"), "job": format!("job-{}", number % 20),
        },
        "annotations": {"summary": "It is busy."},
        "startsAt": rfc3339(now - 200 + number as u64),
        "generatorURL": "http://p:9090/graph?g0.expr=load+%3E+1&g0.tab=1",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn many_alerts_over_many_series_are_explained_at_once() {
    let now = now();
    let prometheus = Prometheus::start_with_history("scrape_configs: []\n", &[], &history(now)).await;
    let daemon = Daemon::start(&format!(
        "prometheus: {{url: '{}'}}\npresets: []\nscoring: {{interval: 1m, history: 10m}}\n\
         queries: [{{name: load, expr: load, false_alarms: 1 per 30d}}]\n",
        prometheus.process.url("")
    ))
    .await;
    wait_until(PATIENCE, "the scores of all series", async || {
        daemon.metric("smartcloudops_scoring_series").await == Some(SERIES as f64)
    })
    .await;
    let alerts: Vec<Value> = (0..ALERTS).map(|number| alert(number, now)).collect();
    for group in alerts.chunks(25) {
        assert_eq!(daemon.post("/webhook", message(group)).await.0, 200);
    }
    wait_until(PATIENCE, "all alerts", async || {
        daemon.data("/explain?format=json").await["alerts"].as_array().map(Vec::len) == Some(ALERTS)
    })
    .await;

    // A new client reads all certificates of the system, which takes longer than the answer.
    let (client, mut times) = (http(), Vec::new());
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        let answer = client.get(daemon.url("/explain?format=json")).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let told = answer.text().await.expect("the whole answer");
        times.push(begun.elapsed());
        let told = &serde_json::from_str::<Value>(&told).expect("JSON")["data"];
        assert_eq!(told["alerts"].as_array().map(Vec::len), Some(ALERTS));
        assert!(told["evidence"].to_string().len() <= 16 << 10);
        assert!(
            told["alerts"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["measured"]["last"].is_array()))
        );
    }
    times.sort_unstable();
    let (half, most) = (times[REQUESTS / 2], times[REQUESTS - 1]);
    println!(
        "{ALERTS} alerts over {SERIES} series: half of {REQUESTS} requests within {half:?}, all within {most:?}"
    );
    assert!(half < BOUND, "half of the requests took longer than {half:?}, the longest {most:?}");
}
