//! What Prometheus answered, as a question to the ranking.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::span::{STEP, Span};
use crate::model::{Direction, Labels, Series};
use crate::rank::{Kind, Metric, Node};

/// The answers to what is asked of services; empty where nothing was asked, or answered.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Requests per second.
    pub requests: Arc<Vec<Series>>,
    /// Failed requests per second.
    pub failures: Arc<Vec<Series>>,
    /// Seconds that a request takes.
    pub latency: Arc<Vec<Series>>,
}

type Rows = (Vec<f64>, Vec<f64>);

/// A node for each service that something is known of. Of several series of one service the first counts.
pub fn nodes(services: &[String], label: &str, span: &Span, measured: &Measured) -> Vec<Node> {
    let [requests, failures, latency] = [&measured.requests, &measured.failures, &measured.latency]
        .map(|answer| by_service(answer, label, span));
    let node = |name: &String| {
        let requests = requests.get(name.as_str());
        let mut metrics = Vec::new();
        metrics.extend(
            latency.get(name.as_str()).map(|rows| metric(Kind::Latency, Direction::Above, rows.clone())),
        );
        if let Some(requests) = requests {
            let asked = !measured.failures.is_empty();
            let failed = failures.get(name.as_str());
            metrics.extend(
                (asked || failed.is_some())
                    .then(|| metric(Kind::Errors, Direction::Above, shares(failed, requests))),
            );
            // The ranking counts requests.
            metrics.push(metric(
                Kind::Requests,
                Direction::Below,
                each(requests, |rate| rate * STEP.as_secs_f64()),
            ));
        }
        let known = !metrics.is_empty();
        known.then(|| Node { name: name.clone(), labels: Labels::default(), metrics })
    };
    services.iter().filter_map(node).collect()
}

fn by_service<'s>(answer: &'s [Series], label: &str, span: &Span) -> BTreeMap<&'s str, Rows> {
    let mut found = BTreeMap::new();
    for series in answer {
        if let Some(name) = series.labels.get(label) {
            found.entry(name).or_insert_with(|| span.split(&series.samples));
        }
    }
    found
}

fn metric(kind: Kind, worse: Direction, (normal, abnormal): Rows) -> Metric {
    Metric { kind, worse, normal, abnormal }
}

/// The share of requests that fail; without a series of failures, or a value of it, none does.
fn shares(failed: Option<&Rows>, requests: &Rows) -> Rows {
    let share = |failed: Option<&Vec<f64>>, requests: &[f64]| -> Vec<f64> {
        let failed = |row: usize| failed.map_or(0.0, |rows| rows[row]);
        let of = |(row, requests): (usize, &f64)| match failed(row) {
            failed if *requests > 0.0 && failed.is_nan() => 0.0,
            failed if *requests > 0.0 => (failed / requests).clamp(0.0, 1.0),
            _ => f64::NAN,
        };
        requests.iter().enumerate().map(of).collect()
    };
    (share(failed.map(|rows| &rows.0), &requests.0), share(failed.map(|rows| &rows.1), &requests.1))
}

fn each((usual, unusual): &Rows, change: impl Fn(f64) -> f64) -> Rows {
    (usual.iter().copied().map(&change).collect(), unusual.iter().copied().map(&change).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Sample, Timestamp};

    fn series(service: &str, values: &[(i64, f64)]) -> Series {
        let sample = |(minute, value): &(i64, f64)| Sample {
            at: Timestamp::from_millis(minute * 60_000),
            value: *value,
        };
        let labels = [("service", service)].into_iter().collect();
        Series { labels, samples: values.iter().map(sample).collect() }
    }

    #[test]
    fn what_is_known_of_a_service_becomes_its_series() {
        let at = |minutes: i64| Timestamp::from_millis(minutes * 60_000);
        let span = Span::around(at(1000), at(992));
        let measured = Measured {
            requests: vec![
                series("web", &[(980, 2.0), (982, 0.0), (984, 4.0), (992, 4.0)]),
                series("x", &[(984, 1.0)]),
            ]
            .into(),
            failures: vec![series("web", &[(984, 1.0)])].into(),
            latency: vec![
                series("web", &[(984, 0.5)]),
                series("web", &[(984, 9.0)]),
                series("db", &[(984, 0.1)]),
            ]
            .into(),
        };
        let names = ["web", "db", "cache"].map(str::to_owned);
        let nodes = nodes(&names, "service", &span, &measured);
        let known: Vec<(&str, usize)> =
            nodes.iter().map(|node| (node.name.as_str(), node.metrics.len())).collect();
        assert_eq!(known, [("web", 3), ("db", 1)], "nothing is known of the cache, and nobody asked for x");
        let unusual = |kind| nodes[0].metric(kind).unwrap().abnormal.clone();
        let row = |kind, row: usize| unusual(kind)[row];
        assert_eq!(row(Kind::Latency, 1), 0.5, "of two series the first");
        assert_eq!((row(Kind::Errors, 1), row(Kind::Errors, 5)), (0.25, 0.0));
        assert!(row(Kind::Errors, 0).is_nan(), "no request, no share");
        assert_eq!(row(Kind::Requests, 1), 480.0, "as many as there were in a row");
    }

    #[test]
    fn without_failures_asked_for_nothing_is_said_of_them() {
        let at = |minutes: i64| Timestamp::from_millis(minutes * 60_000);
        let span = Span::around(at(1000), at(1000));
        let measured =
            Measured { requests: vec![series("web", &[(990, 1.0)])].into(), ..Measured::default() };
        let nodes = nodes(&["web".to_owned()], "service", &span, &measured);
        assert!(nodes[0].metric(Kind::Errors).is_none() && nodes[0].metric(Kind::Requests).is_some());
    }
}
