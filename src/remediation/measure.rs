//! What an effect is judged by, measured: the alert's own expression, the policy's indicator, and both of untouched
//! peers.
//!
//! The alert's expression is that of its rule. It is evaluated as it stands, and the result is searched for the
//! alert: an expression that is rewritten for one target may mean something else.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join_all, try_join_all};
use tokio::time::timeout;

use crate::decide::{EffectQuestion, IndicatorQuestion, Probe};
use crate::model::{Alert, AlertReading, Effect, Labels, Measurement, Series, Timestamp};
use crate::prometheus::{AlertRule, QueryError};
use crate::verify::{self, Evidence};

use super::confirm::{PATIENCE, Witnesses, no_answer, value};

/// Peers whose indicators are asked for one by one.
const MOST_PEERS: usize = 20;
/// Rules of an alert's name that are looked at.
const MOST_RULES: usize = 8;
/// What a rule does not pass on to its alerts.
const NOT_PASSED_ON: &str = "__name__";

impl Witnesses {
    /// Sees whether a step has helped; `None`: it is too early to tell.
    pub(super) async fn probe(&self, probe: &Probe, now: Timestamp) -> Option<Effect> {
        let latest = self.observe(&probe.expr, now).await;
        let question = probe.watch.as_ref().map(|watch| &watch.question);
        let better = question.and_then(EffectQuestion::better);
        let (baseline, deadline_passed) = (probe.baseline.as_ref(), now >= probe.deadline);
        if !verify::is_due(baseline, &latest, better, deadline_passed) {
            return None;
        }
        let after = match question {
            Some(question) => self.measure(question, &probe.touched, now).await,
            None => Measurement::default(),
        };
        verify::conclude(&Evidence {
            baseline,
            latest: &latest,
            before: probe.watch.as_ref().and_then(|watch| watch.before.as_ref()),
            after: &after,
            better,
            touched: &probe.touched,
            deadline_passed,
            begun: probe.begun,
        })
    }

    /// Measures everything at one moment. An answer that takes long is none.
    pub(super) async fn measure(
        &self,
        question: &EffectQuestion,
        touched: &BTreeSet<String>,
        now: Timestamp,
    ) -> Measurement {
        let measured = async {
            let members = self.members_untouched(question, touched, now).await;
            let indicator = question.indicator.as_ref();
            tokio::join!(
                self.alert_expression(question, &members, now),
                async { Some(self.finite(&indicator?.expr, now).await) },
                async { self.peers(indicator?, question, &members, now).await },
            )
        };
        match timeout(PATIENCE, measured).await {
            Ok((alert, indicator, peers)) => Measurement { alert, indicator, peers },
            Err(_) => Measurement {
                alert: Some(Err(no_answer())),
                indicator: question.indicator.is_some().then(|| Err(no_answer())),
                peers: None,
            },
        }
    }

    /// The members of the group but the target and those that something is done to; `None`: there is no group.
    async fn members_untouched(
        &self,
        question: &EffectQuestion,
        touched: &BTreeSet<String>,
        now: Timestamp,
    ) -> Option<Result<BTreeSet<String>, String>> {
        let members = self.members(question.group.as_ref()?, now).await;
        Some(members.map(|mut members| {
            members.all.retain(|name| **name != *question.target && !touched.contains(name));
            members.all
        }))
    }

    /// What the expressions of the alert's rules say of it and of the members; `None`: this server has none.
    async fn alert_expression(
        &self,
        question: &EffectQuestion,
        members: &Option<Result<BTreeSet<String>, String>>,
        now: Timestamp,
    ) -> Option<Result<AlertReading, String>> {
        let rules = match self.prometheus.alert_rules(question.alert.labels.get("alertname")?).await {
            Ok(rules) => rules,
            // A server that answers and has no such route evaluates no rules.
            Err(QueryError::Rejected { .. }) => return None,
            Err(error) => return Some(Err(error.to_string())),
        };
        let own: Vec<&AlertRule> =
            rules.iter().filter(|rule| may_raise(rule, &question.alert)).take(MOST_RULES).collect();
        if own.is_empty() {
            return None;
        }
        let results = try_join_all(own.iter().map(|rule| self.read(&rule.query, now))).await;
        let nobody = BTreeSet::new();
        let members = members.as_ref().and_then(|members| members.as_ref().ok()).unwrap_or(&nobody);
        Some(results.map(|results| reading(question, members, &own, &results)))
    }

    /// The indicators of the peers; `None`: the policy names none.
    async fn peers(
        &self,
        indicator: &IndicatorQuestion,
        question: &EffectQuestion,
        members: &Option<Result<BTreeSet<String>, String>>,
        now: Timestamp,
    ) -> Option<Result<BTreeMap<String, f64>, String>> {
        match (&indicator.peers, members) {
            (Some(expr), _) => Some(self.named(expr, question, now).await),
            (None, Some(Err(why))) => Some(Err(why.clone())),
            (None, Some(Ok(members))) => Some(Ok(self.of_members(indicator, question, members, now).await)),
            (None, None) => None,
        }
    }

    /// The series of one expression by the names of their targets.
    async fn named(
        &self,
        expr: &str,
        question: &EffectQuestion,
        now: Timestamp,
    ) -> Result<BTreeMap<String, f64>, String> {
        let mut named = BTreeMap::new();
        for series in self.read(expr, now).await? {
            let name = series.labels.get(&question.label);
            let name =
                name.ok_or_else(|| format!("a series without the label '{}': {expr}", question.label))?;
            let value = value(&series);
            if *name != *question.target
                && value.is_finite()
                && named.insert(name.to_owned(), value).is_some()
            {
                return Err(format!("several series for one {}: {expr}", question.label));
            }
        }
        Ok(named)
    }

    /// The target's expression for each of the first members. One that has no number is no peer.
    async fn of_members(
        &self,
        indicator: &IndicatorQuestion,
        question: &EffectQuestion,
        members: &BTreeSet<String>,
        now: Timestamp,
    ) -> BTreeMap<String, f64> {
        let expr = |name: &String| indicator.of_any.render(&question.alert, name).ok();
        // An expression that does not name its target measures the target itself.
        let exprs =
            members.iter().filter_map(|name| Some((name, expr(name).filter(|e| *e != indicator.expr)?)));
        let values = exprs
            .take(MOST_PEERS)
            .map(|(name, expr)| async move { Some((name.clone(), self.finite(&expr, now).await.ok()?)) });
        join_all(values).await.into_iter().flatten().collect()
    }

    async fn finite(&self, expr: &str, now: Timestamp) -> Result<f64, String> {
        let number = self.number(expr, now).await?;
        if number.is_finite() { Ok(number) } else { Err(format!("{number} is no number: {expr}")) }
    }
}

/// Whether an alert may be one of a rule's. A label with a template in it may have become anything.
fn may_raise(rule: &AlertRule, alert: &Alert) -> bool {
    rule.labels.iter().all(|(name, value)| value.contains("{{") || alert.labels.get(name) == Some(value))
}

/// What the results of the rules say of the alert, and of the peers.
fn reading(
    question: &EffectQuestion,
    members: &BTreeSet<String>,
    rules: &[&AlertRule],
    results: &[Vec<Series>],
) -> AlertReading {
    let mut reading = AlertReading::default();
    let all = rules.iter().zip(results).flat_map(|(rule, result)| result.iter().map(move |one| (rule, one)));
    for (rule, series) in all {
        let name = series.labels.get(&question.label);
        if is_of(&series.labels, rule, &question.alert) {
            reading.value = Some(value(series));
        } else if let Some(name) = name.filter(|name| members.contains(*name)) {
            reading.peers.insert(name.to_owned());
        }
    }
    reading
}

/// Whether a series of a rule's result is the alert: its labels are the alert's, but for those the rule sets.
fn is_of(series: &Labels, rule: &AlertRule, alert: &Alert) -> bool {
    let passed_on = |name: &str| name != NOT_PASSED_ON && rule.labels.get(name).is_none();
    series
        .iter()
        .filter(|(name, _)| passed_on(name))
        .all(|(name, value)| alert.labels.get(name) == Some(value))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{AlertStatus, Sample};

    fn labels(labels: &[(&str, &str)]) -> Labels {
        labels.iter().copied().collect()
    }

    fn question() -> EffectQuestion {
        let labels = labels(&[
            ("alertname", "Down"),
            ("instance", "a"),
            ("job", "app"),
            ("severity", "page"),
            ("zone", "x"),
        ]);
        let alert = Alert {
            status: AlertStatus::Firing,
            labels,
            annotations: Labels::default(),
            starts_at: Timestamp::default(),
            ends_at: None,
            generator_url: String::new(),
        };
        let (target, label) = ("a".into(), "instance".to_owned());
        EffectQuestion { alert: alert.into(), target, label: label.into(), group: None, indicator: None }
    }

    fn rule(own: &[(&str, &str)]) -> AlertRule {
        let interval = Duration::from_secs(1);
        AlertRule { query: "up == 0".to_owned(), labels: labels(own), error: None, evaluated: None, interval }
    }

    #[test]
    fn a_rule_raises_an_alert_that_has_its_labels() {
        for (own, expected, sentence) in [
            (&[("severity", "page")][..], true, "the same severity"),
            (&[("severity", "info")], false, "another severity"),
            (&[("team", "a")], false, "a label that the alert lacks"),
            (&[("severity", "{{ $labels.x }}")], true, "a template"),
            (&[], true, "no labels"),
        ] {
            assert_eq!(may_raise(&rule(own), &question().alert), expected, "{sentence}");
        }
    }

    #[test]
    fn the_alert_and_its_peers_are_found_in_what_the_expression_yields() {
        let series = |own: &[(&str, &str)], value: f64| Series {
            labels: labels(own),
            samples: vec![Sample { at: Timestamp::default(), value }],
        };
        let result = vec![
            series(&[("__name__", "up"), ("instance", "a"), ("job", "app"), ("severity", "mine")], 0.0),
            series(&[("__name__", "up"), ("instance", "b"), ("job", "app")], 0.0),
            series(&[("__name__", "up"), ("instance", "c"), ("job", "app")], 0.0),
            series(&[("__name__", "up"), ("instance", "a"), ("job", "other")], 7.0),
        ];
        let members = ["b".to_owned()].into();
        let rule = rule(&[("severity", "page")]);
        let read = reading(&question(), &members, &[&rule], &[result]);
        assert_eq!(read, AlertReading { value: Some(0.0), peers: ["b".to_owned()].into() });
        assert_eq!(reading(&question(), &members, &[&rule], &[vec![]]), AlertReading::default());
    }
}
