//! Cases that must be right, on the whole path: samples in a real Prometheus, read and scored by the daemon.
//! Each row says which alarms are true; every other one is false.

mod live;
mod made;
mod rows;
mod summer_time;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::{Daemon, Prometheus, wait_until};

use made::{midnight, text_of};
use rows::{Case, ROWS};

/// Reading and scoring the history takes about a minute without optimisation.
const HISTORY_READ: Duration = Duration::from_secs(600);

/// What the daemon said of a case, in minutes after its event.
#[derive(Debug, Default)]
struct Said {
    alarms: Vec<i64>,
    levels: Vec<i64>,
}

/// Everything the daemon logged about its past, by case; `begin` gives the case's minute 0 in seconds.
fn said(log: &str, begin: impl Fn(&str) -> i64) -> BTreeMap<String, Said> {
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    for line in log.lines() {
        let alarm = line.contains("an anomaly began in the past");
        if !alarm && !line.contains("a new level was accepted in the past") {
            continue;
        }
        let case = between(line, "case=\\\"", "\\\"").unwrap_or_else(|| panic!("no case in {line}"));
        let at: smartcloudops::model::Timestamp =
            line.split(" at=").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).expect(line);
        let minute = (at.as_millis() / 1000 - begin(case)).div_euclid(60);
        let of = said.entry(case.to_owned()).or_default();
        if alarm { of.alarms.push(minute) } else { of.levels.push(minute) }
    }
    said
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}

/// What is wrong with what was said of a case.
fn faults(case: &Case, said: &Said) -> Vec<String> {
    let mut faults = Vec::new();
    let within = |minute: &i64, window: &(i64, i64)| (window.0..=window.1).contains(minute);
    for window in case.alarms {
        if said.alarms.iter().filter(|minute| within(minute, window)).count() != 1 {
            faults.push(format!("not one alarm in {window:?}"));
        }
    }
    // What comes after the last sample is another matter: a rate falls while its window empties.
    let is_false = |minute: &&i64| {
        (case.judged_from..case.after).contains(*minute)
            && !case.alarms.iter().any(|window| within(minute, window))
    };
    if said.alarms.iter().any(|minute| is_false(&minute)) {
        faults.push("a false alarm".to_owned());
    }
    let accepted =
        said.levels.iter().all(|minute| case.accepted.is_some_and(|window| within(minute, &window)));
    if !accepted || said.levels.len() != usize::from(case.accepted.is_some()) {
        faults.push(format!("not one level accepted in {:?}", case.accepted));
    }
    faults
}

/// Waits for the first evaluation of a query, which begins with its history. It may end in the past.
async fn history_read(daemon: &Daemon, query: &str) {
    let outcome = |outcome: &str| {
        format!("smartcloudops_scoring_evaluations_total{{query=\"{query}\",outcome=\"{outcome}\"}}")
    };
    wait_until(HISTORY_READ, "the history to be read", || async {
        let done = [daemon.metric(&outcome("success")).await, daemon.metric(&outcome("no_data")).await];
        done.into_iter().any(|count| count >= Some(1.0))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_alarms_when_it_should_and_at_no_other_time() {
    let prometheus =
        Prometheus::start_with_history("scrape_configs: []", &[], &text_of(ROWS, midnight())).await;
    let daemon = Daemon::start(&config(&prometheus)).await;
    for query in ["even", "odd", "rates"] {
        history_read(&daemon, query).await;
    }
    let log = daemon.log();
    let begin = |name: &str| {
        let case = ROWS.iter().find(|case| case.name == name).expect("the log names rows");
        midnight() - case.after * 60
    };
    let said = said(&log, begin);
    let nothing = Said::default();
    let mut wrong = Vec::new();
    for case in ROWS {
        let of = said.get(case.name).unwrap_or(&nothing);
        println!("{:24} alarms {:?}, levels {:?}", case.name, of.alarms, of.levels);
        let faults = faults(case, of);
        if !faults.is_empty() {
            wrong.push(format!("{}: {}: {faults:?}; {of:?}", case.name, case.sentence));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
}

fn config(prometheus: &Prometheus) -> String {
    let time = |seconds: i64| smartcloudops::model::Timestamp::from_millis(seconds * 1000);
    let (starts, ends) = (midnight() - rows::MAINTENANCE.0 * 60, midnight() - rows::MAINTENANCE.1 * 60);
    format!(
        "prometheus: {{url: '{}'}}\n\
         scoring:\n\
        \x20 interval: 1m\n\
        \x20 history: 11d\n\
        \x20 hold_learning: {{while_firing: ['alertname=\"Held\"'], on: [case]}}\n\
        \x20 maintenance: [{{name: release, starts: {}, ends: {}}}]\n\
         presets: []\n\
         queries:\n\
         - {{name: even, expr: 'case_value{{half=\"even\"}}'}}\n\
         - {{name: odd, expr: 'case_value{{half=\"odd\"}}'}}\n\
         - {{name: rates, expr: 'rate(case_total[5m])'}}\n",
        prometheus.process.url(""),
        time(starts),
        time(ends),
    )
}
