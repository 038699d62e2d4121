//! Queries that make sense on most Prometheus servers. Each names the metrics it needs: where they
//! do not exist, it is not evaluated. Rates look back five minutes, which suits scrape intervals of
//! up to one. What is a share lies between 0 and 1, and where nothing is counted the value is 0
//! rather than absent, as far as PromQL allows: absence is itself scored.

mod http;
mod node;
mod up;

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::detect::{self, Narrowing};
use crate::model::{Direction, Rate};
use crate::scoring::Query;

/// A set of queries that is chosen by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preset {
    /// Hosts, through the node exporter.
    Node,
    /// The targets Prometheus scrapes.
    Up,
    /// HTTP services, through the metrics of common client libraries.
    Http,
}

impl Preset {
    /// Every preset with the name it has in the file.
    pub const NAMES: [(&str, Preset); 3] =
        [("node", Preset::Node), ("up", Preset::Up), ("http", Preset::Http)];
}

/// The budget of a query that does not say otherwise: one false alarm per series in 30 days.
pub(super) fn false_alarms() -> Rate {
    Rate::new(1, Duration::from_secs(30 * 86_400)).expect("neither the count nor the window is zero")
}

/// The queries of a preset.
pub(super) fn queries(preset: Preset, interval: Duration, zone: &TimeZone) -> impl Iterator<Item = Query> {
    let rows = match preset {
        Preset::Node => node::NODE,
        Preset::Up => up::UP,
        Preset::Http => http::HTTP,
    };
    rows.iter().map(move |row| row.query(interval, zone))
}

/// Name, expression, metrics needed, direction, smallest deviation that counts.
struct Row(&'static str, &'static str, &'static [&'static str], Direction, f64);

impl Row {
    fn query(&self, interval: Duration, zone: &TimeZone) -> Query {
        let Row(name, expr, requires, direction, min_deviation) = *self;
        Query {
            name: name.to_owned(),
            expr: expr.to_owned(),
            requires: requires.iter().map(|metric| (*metric).to_owned()).collect(),
            with_band: true,
            model: detect::Model::Auto,
            while_firing: None,
            detect: detect::Config {
                interval,
                false_alarms: false_alarms(),
                narrowing: Narrowing { direction, min_deviation, ..Narrowing::default() },
                time_zone: zone.clone(),
                holidays: Default::default(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> impl Iterator<Item = Query> {
        Preset::NAMES.into_iter().flat_map(|(_, preset)| {
            queries(preset, Duration::from_secs(60), &TimeZone::UTC).collect::<Vec<_>>()
        })
    }

    #[test]
    fn every_expression_is_promql() {
        for query in all() {
            let parsed = promql_parser::parser::parse(&query.expr);
            assert!(parsed.is_ok(), "{}: {} {:?}", query.name, query.expr, parsed.err());
        }
    }

    #[test]
    fn names_differ_between_all_presets() {
        let names: BTreeSet<String> = all().map(|query| query.name).collect();
        assert_eq!(names.len(), all().count());
    }

    #[test]
    fn every_metric_required_occurs_in_its_expression() {
        for query in all() {
            assert!(!query.requires.is_empty(), "{}", query.name);
            for metric in &query.requires {
                assert!(query.expr.contains(metric.as_str()), "{}: {metric}", query.name);
            }
        }
    }
}
