//! Which anomalies are the alerts once more: those of a metric that an alert's own expression reads, of the alert's own
//! place. They tell where it hurts, as the alert does, and not why. Pure.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::super::evidence::Evidence;
use super::super::expression::of_link;
use super::super::measures::metrics;
use super::super::relate::PLACES;
use crate::model::{Labels, ScoredSeries, Timestamp};

/// Scores come once an interval, and clocks differ: so much later than the first symptom, what leads to it may show.
const SLACK: Duration = Duration::from_secs(120);

/// What the alerts measure.
pub(super) struct Symptoms<'e> {
    /// The labels of the alerts that measure what a query reads, by the query's name.
    alerts: HashMap<&'e str, Vec<&'e Labels>>,
    /// When what leads to them shows at the latest; `None`: without an alert there are none.
    pub(super) until: Option<Timestamp>,
}

impl<'e> Symptoms<'e> {
    /// Of all alerts.
    pub(super) fn of(evidence: &'e Evidence) -> Self {
        let mut symptoms = Self { alerts: by_query(evidence), until: None };
        let anomalies = evidence.scores.iter().filter(|one| one.score.score >= 1.0 && symptoms.has(one));
        let begun = anomalies.filter_map(|one| one.absent_since.or(one.since));
        let first = begun.chain(evidence.episodes.iter().map(|episode| episode.alert.starts_at)).min();
        symptoms.until = first.map(|first| first + SLACK);
        symptoms
    }

    /// Whether an anomaly is one.
    pub(super) fn has(&self, scored: &ScoredSeries) -> bool {
        let alerts = self.alerts.get(&*scored.query);
        alerts.is_some_and(|alerts| alerts.iter().any(|labels| same_place(labels, &scored.labels)))
    }
}

fn by_query(evidence: &Evidence) -> HashMap<&str, Vec<&Labels>> {
    let mut by_query: HashMap<&str, Vec<&Labels>> = HashMap::new();
    let queries: Vec<(&str, BTreeSet<&str>)> =
        evidence.queries.iter().map(|(name, expr)| (name.as_str(), metrics(expr))).collect();
    for episode in &evidence.episodes {
        let measured = evidence.surroundings.measured.get(&episode.id).map(|measured| measured.expr.clone());
        let expr = of_link(&episode.alert.generator_url).or(measured).unwrap_or_default();
        let read = metrics(&expr);
        let same = queries.iter().filter(|(_, other)| !read.is_disjoint(other));
        same.for_each(|(name, _)| by_query.entry(name).or_default().push(&episode.alert.labels));
    }
    by_query
}

/// Whether two have a place in common, and no label that contradicts.
fn same_place(alert: &Labels, series: &Labels) -> bool {
    let shares =
        PLACES.iter().any(|(name, _)| alert.get(name).is_some_and(|own| series.get(name) == Some(own)));
    shares && series.iter().all(|(name, value)| alert.get(name).is_none_or(|own| own == value))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::samples::{at, episode};
    use super::*;

    #[test]
    fn an_anomaly_of_what_the_alert_measures_where_it_fires_is_a_symptom() {
        let mut slow = episode(&[("alertname", "Slow"), ("job", "app")], 100, None);
        Arc::make_mut(&mut slow.alert).generator_url =
            "http://p/graph?g0.expr=avg+by+(job)+(latency_seconds)+%3E+1".to_owned();
        let queries = [("latency", "latency_seconds"), ("rate", "rate(requests_total[5m])")];
        let evidence = Evidence {
            episodes: vec![slow],
            queries: queries.iter().map(|(name, expr)| ((*name).to_owned(), (*expr).to_owned())).collect(),
            scores: vec![ScoredSeries {
                since: Some(at(90)),
                ..ScoredSeries::plain("latency", &[("job", "app"), ("instance", "a:80")], 2.0)
            }],
            ..Evidence::default()
        };
        let symptoms = Symptoms::of(&evidence);
        assert_eq!(symptoms.until, Some(at(92)), "two minutes after the first of them");
        for (query, labels, expected, sentence) in [
            (
                "latency",
                &[("job", "app"), ("instance", "a:80")][..],
                true,
                "a part of what the alert is about",
            ),
            ("latency", &[("job", "db"), ("instance", "a:80")], false, "another job"),
            ("latency", &[("queue", "orders")], false, "no place in common"),
            ("rate", &[("job", "app")], false, "another metric"),
            ("gone", &[("job", "app")], false, "a query that is not configured any more"),
        ] {
            assert_eq!(symptoms.has(&ScoredSeries::plain(query, labels, 2.0)), expected, "{sentence}");
        }
    }
}
