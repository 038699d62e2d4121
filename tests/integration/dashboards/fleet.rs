//! The page of another daemon that watches a large fleet: as many series as dashboards must remain readable with. A
//! thousand scored for real would take minutes without optimisation, and dashboards see nothing of a daemon but its page.

use std::fmt::Write;

/// Hosts of the fleet, each with one series.
pub const HOSTS: usize = 1000;
/// The query that they are scored by.
pub const QUERY: &str = "web_latency";

/// The page at a second; with a fault, every sixtieth host is slow.
pub fn page(second: u64, fault: bool) -> String {
    let hosts: Vec<Host> = (0..HOSTS).map(|number| Host::at(number, second, fault)).collect();
    let mut page = String::new();
    for (metric, model, value) in METRICS {
        writeln!(page, "# TYPE {metric} gauge").expect("a String can be written");
        for host in &hosts {
            let (number, value) = (host.number, value(host));
            writeln!(
                page,
                "{metric}{{query=\"{QUERY}\"{model},instance=\"web-{number:04}:80\",job=\"web\"}} {value}"
            )
            .expect("a String can be written");
        }
    }
    let slow = hosts.iter().filter(|host| host.state() > 0.0).count();
    page + &format!(
        "# TYPE smartcloudops_scoring_anomalies gauge\n\
         smartcloudops_scoring_anomalies{{query=\"{QUERY}\",state=\"anomalous\"}} {slow}\n"
    )
}

/// A metric with what its series have besides query and instance, and its value.
type Metric = (&'static str, &'static str, fn(&Host) -> f64);

const METRICS: [Metric; 6] = [
    ("anomaly_score", ",model=\"auto\"", Host::score),
    ("anomaly_state", "", Host::state),
    ("anomaly_value", ",model=\"auto\"", |host| host.value),
    ("anomaly_expected", ",model=\"auto\"", |_| EXPECTED),
    ("anomaly_expected_lower", ",model=\"auto\"", |_| f64::NEG_INFINITY),
    ("anomaly_expected_upper", ",model=\"auto\"", |_| UPPER),
];
const EXPECTED: f64 = 0.12;
const UPPER: f64 = 0.2;

struct Host {
    number: usize,
    value: f64,
}

impl Host {
    fn at(number: usize, second: u64, fault: bool) -> Self {
        let restless = (super::history::calm(second + number as u64) - 20.0) / 20.0;
        let slow = if fault && number % 60 == 7 { 0.3 + number as f64 / 2000.0 } else { 0.0 };
        Self { number, value: 0.1 + restless + slow }
    }

    fn score(&self) -> f64 {
        (self.value - EXPECTED).max(0.0) / (UPPER - EXPECTED)
    }

    fn state(&self) -> f64 {
        if self.score() >= 1.0 { 1.0 } else { 0.0 }
    }
}
