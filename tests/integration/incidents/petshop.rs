//! Excerpts of PetShop as the counters that a collector of spans exports: calls by outcome, and the time they took.
//! What the data set has of five minutes together is spread evenly over them.

use std::collections::BTreeMap;

use super::file::folder;
use super::world::Made;

/// Seconds that a row is of.
const ROW: i64 = 300;

/// Calls, those that failed, and seconds of one service by the beginnings of its rows, in seconds from the fault on.
type Rows = BTreeMap<i64, [f64; 3]>;

/// The normal period up to the first row of the issue, then the issue; its fault was injected at `zero`.
pub fn world(issue: &str, zero: i64) -> Vec<Made> {
    let (normal, issue) = (read("normal"), read(issue));
    let begins = issue.values().flat_map(|rows| rows.keys()).copied().min().expect("an issue has rows");
    let services = normal.into_iter().map(|(service, rows)| {
        let own = issue.get(&service).cloned().unwrap_or_default();
        let moved = rows.into_iter().map(|(at, row)| (at + begins, row));
        (service, moved.chain(own).collect::<Rows>())
    });
    services.flat_map(|(service, rows)| series(&service, &rows, zero)).collect()
}

fn read(name: &str) -> BTreeMap<String, Rows> {
    let file = folder().join("petshop").join(format!("{name}.csv"));
    let mut reader =
        csv::Reader::from_path(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let services: Vec<String> =
        reader.headers().expect("a header").iter().skip(2).map(str::to_owned).collect();
    let mut read: BTreeMap<String, Rows> = BTreeMap::new();
    for record in reader.records() {
        let record = record.expect("a row");
        let at: i64 = record[0].parse().expect("seconds");
        let what =
            ["calls", "failed", "seconds"].iter().position(|what| **what == record[1]).expect("a quantity");
        for (service, value) in services.iter().zip(record.iter().skip(2)) {
            read.entry(service.clone()).or_default().entry(at).or_default()[what] =
                value.parse().expect("a number");
        }
    }
    read
}

/// The counters of one service, a sample a minute.
fn series(service: &str, rows: &Rows, zero: i64) -> Vec<Made> {
    let of = |metric: &str, more: &[(&str, &str)], value: fn(&[f64; 3]) -> f64| {
        let labels = more.iter().copied().chain([("service", service)]);
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Made { metric: metric.to_owned(), labels, samples: counted(rows, value, zero) }
    };
    vec![
        of("traces_spanmetrics_calls_total", &[("status_code", "STATUS_CODE_ERROR")], |row| row[1]),
        of("traces_spanmetrics_calls_total", &[("status_code", "STATUS_CODE_UNSET")], |row| row[0] - row[1]),
        of("traces_spanmetrics_latency_sum", &[], |row| row[0] * row[2]),
        of("traces_spanmetrics_latency_count", &[], |row| row[0]),
    ]
}

fn counted(rows: &Rows, value: fn(&[f64; 3]) -> f64, zero: i64) -> Vec<(i64, f64)> {
    let Some((first, last)) = rows.keys().next().zip(rows.keys().next_back()) else { return Vec::new() };
    let mut total = 0.0;
    let mut samples = Vec::new();
    for minute in first.div_euclid(60) + 1..=(last + ROW).div_euclid(60) {
        // The row that the last minute's middle lies in.
        let row = rows.range(..=minute * 60 - 30).next_back();
        total += row.map_or(0.0, |(_, row)| value(row)) * 60.0 / ROW as f64;
        samples.push((zero + minute * 60, total));
    }
    samples
}
