//! The files of a scenario: who calls whom, and what was measured. A file of metrics has three lines of header (service,
//! metric, statistic), one that names the index, then a row for each five minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// Of a row the number of calls, the percentage of them that succeeded, and the mean seconds of one.
const COLUMNS: [(&str, &str); 3] = [("requests", "Sum"), ("availability", "Average"), ("latency", "Average")];

/// Calls, those that failed, and seconds of one service by the beginnings of its rows, in seconds since the epoch.
pub type Rows = BTreeMap<i64, [f64; 3]>;

/// Callers with those they call, from a square of names: 1 where the service of the line calls that of the column.
pub fn calls(scenario: &Path) -> BTreeSet<(String, String)> {
    let lines = lines(&scenario.join("graph.csv"));
    let mut calls = BTreeSet::new();
    for line in &lines[1..] {
        let called = lines[0].iter().zip(line).skip(1).filter(|(_, cell)| number(cell) > 0.0);
        calls.extend(called.map(|(to, _)| (line[0].clone(), to.clone())));
    }
    calls
}

/// A service and all that it calls, directly or through others.
pub fn reached(from: &str, calls: &BTreeSet<(String, String)>) -> BTreeSet<String> {
    let mut reached = BTreeSet::from([from.to_owned()]);
    loop {
        let more = calls.iter().filter(|(from, to)| reached.contains(from) && !reached.contains(to));
        let more: Vec<String> = more.map(|(_, to)| to.clone()).collect();
        if more.is_empty() {
            return reached;
        }
        reached.extend(more);
    }
}

/// Every line of a file of comma-separated values.
fn lines(file: &Path) -> Vec<Vec<String>> {
    let name = file.display();
    let reader = csv::ReaderBuilder::new().has_headers(false).from_path(file);
    let reader = reader.unwrap_or_else(|error| panic!("{name}: {error}"));
    let records =
        reader.into_records().map(|record| record.unwrap_or_else(|error| panic!("{name}: {error}")));
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

/// An empty cell is 0: nothing is known of calls where there was none.
fn number(cell: &str) -> f64 {
    if cell.is_empty() { 0.0 } else { cell.parse().unwrap_or_else(|_| panic!("'{cell}' is no number")) }
}

/// When an issue was complained about, in seconds since the epoch.
pub fn complaint(issue: &Path) -> i64 {
    let file = issue.join("target.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let json: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    json["target"]["timestamp"].as_i64().unwrap_or_else(|| panic!("{}: no timestamp", file.display()))
}

/// The rows of every service that a folder's file of metrics has calls of.
pub fn read(folder: &Path) -> BTreeMap<String, Rows> {
    let lines = lines(&folder.join("metrics.csv"));
    let [services, metrics, statistics, _, rows @ ..] = &lines[..] else {
        panic!("{}: no header", folder.display())
    };
    let column = |service: &str, (metric, statistic): (&str, &str)| {
        (1..services.len()).find(|column| {
            (services[*column].as_str(), metrics[*column].as_str(), statistics[*column].as_str())
                == (service, metric, statistic)
        })
    };
    let mut read = BTreeMap::new();
    for service in services.iter().skip(1).collect::<BTreeSet<_>>() {
        let [Some(requests), availability, latency] = COLUMNS.map(|one| column(service, one)) else {
            continue;
        };
        let row = |line: &Vec<String>| {
            let cell = |column: Option<usize>| column.map_or("", |column| line[column].as_str());
            let calls = number(cell(Some(requests)));
            // Without a call there is no availability.
            let succeeded = Some(cell(availability)).filter(|cell| !cell.is_empty()).map_or(100.0, number);
            let failed = (calls * (1.0 - succeeded / 100.0)).round();
            (number(&line[0]) as i64, [calls, failed, number(cell(latency))])
        };
        read.insert(service.clone(), rows.iter().map(row).collect());
    }
    read
}
