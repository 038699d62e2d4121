//! The rules and dashboards as text: every expression parses, and names only metrics that exist.
//!
//! Whether they find data is another test's matter; here nothing is started.

mod alerts;
mod queries;

use std::collections::BTreeSet;
use std::path::Path;

use promql_parser::parser;
use queries::{
    fill_in, known, mentionable, mentioned, metrics_of, policies, policy_queries, queries, rules, rules_of,
};
use smartcloudops::model::{Labels, Matcher, Operator};

/// The alerts of the classic cases, by name.
const CLASSIC: [&str; 6] =
    ["DiskFilling", "HighCpu", "HostUnreachable", "LowUse", "MemoryLeak", "ServiceDown"];

#[test]
fn every_expression_parses_and_names_only_known_metrics() {
    let known = known();
    let mut faults = Vec::new();
    for query in queries().into_iter().chain(policies().iter().flat_map(policy_queries)) {
        match parser::parse(&query.expr) {
            Err(error) => faults.push(format!("{}: {error}: {}", query.place, query.expr)),
            Ok(expr) => faults.extend(
                metrics_of(&expr)
                    .difference(&known)
                    .map(|metric| format!("{}: nobody publishes {metric}", query.place)),
            ),
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn no_variable_of_grafana_is_left_over() {
    // "$1" is PromQL's own: a group of label_replace.
    let named = regex::Regex::new(r"\$[\{_a-zA-Z]").unwrap();
    let left: Vec<_> = queries().into_iter().filter(|query| named.is_match(&query.expr)).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn annotations_mention_only_known_metrics() {
    let known = mentionable();
    for rule in rules() {
        for text in rule.annotations.values() {
            let unknown: Vec<_> = mentioned(text).difference(&known).cloned().collect();
            assert!(unknown.is_empty(), "{:?} mentions {unknown:?}, which nobody publishes", rule.alert);
        }
    }
}

#[test]
fn a_metric_that_nobody_publishes_is_found_wherever_it_hides() {
    for expr in [
        "anomaly_scores >= 1",
        "sum by (query) (rate(nobody_total[5m])) / 2",
        "max_over_time((nobody > 0)[1h:5m])",
        "up unless on () (nobody offset 5m)",
        "up and topk(1, max_over_time(nobody[$__range] @ end()))",
        "{job=\"x\"}",
    ] {
        let metrics = metrics_of(&parser::parse(&fill_in(expr)).unwrap());
        assert!(!metrics.is_subset(&known()), "{expr}: {metrics:?}");
    }
    assert!(parser::parse("rate(anomaly_score)").is_err());
    assert!(parser::parse("max(up").is_err());
    assert_eq!(mentioned("see smartcloudops_nobody_total"), ["smartcloudops_nobody_total".to_owned()].into());
}

/// A policy whose alert is misspelt would stay silent for ever.
#[test]
fn every_policy_of_the_example_acts_on_an_alert_of_the_rules() {
    let (rules, mut acted_on) = (rules(), BTreeSet::new());
    for policy in policies() {
        let texts = policy["matchers"].as_sequence().unwrap().iter().filter_map(|matcher| matcher.as_str());
        let matchers: Vec<Matcher> = texts.map(|text| text.parse().unwrap()).collect();
        let named =
            |matcher: &&Matcher| matcher.name() == "alertname" && matcher.operator() == Operator::Equal;
        let name = matchers.iter().find(named).expect("a policy names its alert").value();
        let rule = rules.iter().find(|rule| rule.alert.as_deref() == Some(name));
        let rule = rule.unwrap_or_else(|| panic!("{policy:?}: no rule raises {name}"));
        let fixed: Labels = rule.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let refuses = |matcher: &&Matcher| fixed.get(matcher.name()).is_some() && !matcher.matches(&fixed);
        assert_eq!(matchers.iter().find(refuses), None, "{name} never has these labels: {fixed}");
        acted_on.insert(name.to_owned());
    }
    assert_eq!(acted_on, CLASSIC.map(str::to_owned).into());
}

#[test]
fn every_classic_case_has_its_rule_and_is_on_the_dashboard() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/remediation.yml");
    let alerts: BTreeSet<String> = rules_of(&file).into_iter().filter_map(|rule| rule.alert).collect();
    assert_eq!(alerts, CLASSIC.map(str::to_owned).into());
    let shown = format!("ALERTS{{alertname=~\"{}\"", CLASSIC.join("|"));
    for panel in ["Alerts of the classic cases", "Classic cases firing"] {
        let place = format!("panel '{panel}'");
        let found = queries().into_iter().any(|query| query.place == place && query.expr.contains(&shown));
        assert!(found, "{place} does not show {shown}");
    }
}
