//! Issues of the PetShop data set for root-cause analysis (M. Hardt et al., CLeaR 2024) as the counters that a collector
//! of spans exports: calls by outcome, and the time they took. They are read from a folder of the data set.
//!
//! What a row has of five minutes together is spread evenly over them. Services that are not reached from the one that is
//! complained about, or hardly called, are left out.

mod files;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::world::Made;
use files::{Rows, calls, complaint, reached, read};

/// Where the alerts fire.
const TARGET: &str = "PetSite";
/// Seconds that a row is of.
const ROW: i64 = 300;
/// Rows of the normal period that are read, its last: twelve hours.
const NORMAL: usize = 144;
/// The least share of them in which a service is called.
const CALLED: f64 = 0.8;

/// One scenario: a folder with `graph.csv`, `noissue`, `train` and `test`.
#[derive(Clone, Debug)]
pub struct Scenario(PathBuf);

impl Scenario {
    /// That which `INCIDENTS_PETSHOP` names.
    pub fn named() -> Option<Self> {
        std::env::var_os("INCIDENTS_PETSHOP").map(|folder| Self(folder.into()))
    }

    /// The normal period up to the first row of an issue, then the issue, whose complaint came at `zero`.
    pub fn world(&self, issue: &str, zero: i64) -> Vec<Made> {
        let (normal, complaint) = (self.normal(), complaint(&self.0.join(issue)));
        let issue = read(&self.0.join(issue));
        let begins = times(&issue).min().expect("an issue has rows") - complaint;
        let ends = times(&normal).max().expect("there is normal time") + ROW;
        let made = normal.into_iter().flat_map(|(service, rows)| {
            let own = issue.get(&service).cloned().unwrap_or_default();
            let own = own.into_iter().map(|(at, row)| (at - complaint, row));
            let rows = rows.into_iter().map(|(at, row)| (at - ends + begins, row)).chain(own).collect();
            series(&service, &rows, zero)
        });
        made.collect()
    }

    /// Who calls whom, and what is asked of each service, as the section `explain.graph` has it.
    pub fn graph(&self) -> Value {
        let known = self.normal();
        let mut callees: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (from, to) in calls(&self.0) {
            if known.contains_key(&from) && known.contains_key(&to) {
                callees.entry(from).or_default().push(to);
            }
        }
        let calls: Vec<Value> = callees.iter().map(|(from, to)| json!({"from": from, "to": to})).collect();
        let sum = |metric: &str, more: &str| {
            format!(
                "sum by (service) (rate({metric}{{service=~\"{{{{ services }}}}\"{more}}}[{{{{ window }}}}]))"
            )
        };
        let (all, failed) = ("traces_spanmetrics_calls_total", ",status_code=\"STATUS_CODE_ERROR\"");
        let latency = ["sum", "count"].map(|part| sum(&format!("traces_spanmetrics_latency_{part}"), ""));
        json!({"calls": calls, "measures": {
            "label": "service", "requests": sum(all, ""), "failures": sum(all, failed), "latency": latency.join(" / "),
        }})
    }

    /// The last of the normal period, of every service that the target calls, directly or through others, and often.
    fn normal(&self) -> BTreeMap<String, Rows> {
        let mut normal = read(&self.0.join("noissue"));
        let reached = reached(TARGET, &calls(&self.0));
        normal.retain(|service, rows| {
            let early = rows.keys().rev().nth(NORMAL).copied();
            rows.retain(|at, _| early.is_none_or(|early| *at > early));
            let called = rows.values().filter(|row| row[0] > 0.0).count();
            reached.contains(service) && called as f64 >= CALLED * rows.len() as f64
        });
        normal
    }
}

fn times(services: &BTreeMap<String, Rows>) -> impl Iterator<Item = i64> {
    services.values().flat_map(|rows| rows.keys().copied())
}

/// The counters of one service, a sample a minute; its rows lie in seconds from `zero` on.
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

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::fs::{create_dir_all, write};

    use super::*;

    /// Calls a row, and the percentage that succeeds, empty without a call.
    fn metrics(rows: &[(i64, u32, &str)]) -> String {
        let mut text = "microservice,PetSite,PetSite,PetSite,db,cron\nmetric,requests,availability,latency,requests,requests\n\
                        statistic,Sum,Average,Average,Sum,Sum\nunix_timestamp,,,,,\n"
            .to_owned();
        for (at, calls, succeeded) in rows {
            writeln!(text, "{at}.0,{calls}.0,{succeeded},0.5,10,10").expect("memory");
        }
        text
    }

    #[test]
    fn the_rows_of_the_data_set_become_counters_that_lead_up_to_the_complaint() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let file = folder.path().join(name);
            create_dir_all(file.parent().expect("a folder")).expect("it can be made");
            write(file, text).expect("it can be written");
        };
        file("graph.csv", ",PetSite,db,cron\nPetSite,0.0,1.0,0.0\ndb,0.0,0.0,0.0\ncron,0.0,1.0,0.0\n");
        file("noissue/metrics.csv", &metrics(&[(7000, 100, "100.0"), (7300, 100, "99.0")]));
        file("train/issue_0/metrics.csv", &metrics(&[(90_000, 100, "80.0"), (90_300, 0, "")]));
        file("train/issue_0/target.json", r#"{"target": {"timestamp": 90300}}"#);
        let scenario = Scenario(folder.path().to_owned());
        let world = scenario.world("train/issue_0", 60_000);
        assert_eq!(world.len(), 8, "four counters of the target and of what it calls: {world:#?}");
        let failed = world.iter().find(|made| made.labels["service"] == TARGET).expect("the target");
        for (at, expected, sentence) in [
            (59_100, None, "nothing before the first row"),
            (59_400, Some(0.0), "the first row of normal time has no failures"),
            (59_700, Some(1.0), "one of a hundred fails in the second, which ends where the issue begins"),
            (60_000, Some(21.0), "twenty more fail up to the complaint"),
            (60_300, Some(21.0), "where there are no calls, none fails"),
        ] {
            let found = failed.samples.iter().find(|(when, _)| *when == at).map(|(_, value)| value.round());
            assert_eq!(found, expected, "{sentence}");
        }
        assert_eq!(scenario.graph()["calls"], json!([{"from": "PetSite", "to": ["db"]}]));
    }
}
