//! What every look-up has in common, and samples for the others' tests.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::model::{Alert, AlertStatus, AnomalyState, Episode, EpisodeId, Score, ScoredSeries, Timestamp};

/// An episode that began so many seconds after 1970, and ended.
pub(super) fn episode(labels: &[(&str, &str)], began: i64, ended: Option<i64>) -> Episode {
    let at = |second: i64| Timestamp::from_millis(second * 1000);
    let alert = Alert {
        status: if ended.is_some() { AlertStatus::Resolved } else { AlertStatus::Firing },
        labels: labels.iter().copied().collect(),
        annotations: [("summary", format!("summary of {}", labels[0].1))].into_iter().collect(),
        starts_at: at(began),
        ends_at: ended.map(at),
        generator_url: String::new(),
    };
    let id = EpisodeId { fingerprint: alert.fingerprint(), started: alert.starts_at };
    Episode {
        id,
        alert: alert.into(),
        first_seen: at(began),
        last_seen: at(began),
        deliveries: 1,
        end_presumed: false,
    }
}

/// A series of a query, scored at the beginning of 1970.
pub(super) fn scored(query: &str, instance: &str, score: f64) -> ScoredSeries {
    ScoredSeries {
        query: query.into(),
        model: "auto".into(),
        labels: [("instance", instance)].into_iter().collect(),
        score: Score {
            at: Timestamp::from_millis(0),
            value: 7.0,
            expected: 5.0,
            lower: 4.0,
            upper: 6.0,
            score,
            state: AnomalyState::Normal,
            alarm: false,
        },
        absent_since: None,
        outage: false,
        with_band: true,
        since: None,
        contributions: None,
    }
}

fn parse(name: &str, arguments: Value) -> Result<Lookup, String> {
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    Lookup::parse(name, &arguments, now).map_err(|error| error.to_string())
}

#[test]
fn every_look_up_knows_the_arguments_it_describes_and_no_others() {
    for described in Lookup::tools() {
        let schema = &described.arguments;
        let properties = schema["properties"].as_object().unwrap();
        let value = |kind: &Value| match (kind["type"].as_str(), kind["enum"].get(0)) {
            (_, Some(first)) => first.clone(),
            (Some("integer"), _) => json!(7),
            (Some("number"), _) => json!(0.5),
            (Some("boolean"), _) => json!(true),
            (Some("array"), _) => json!(["instance=\"a\""]),
            _ => json!("15m"),
        };
        let all: Value = properties
            .iter()
            .filter(|(name, _)| *name != "until" && *name != "step")
            .map(|(name, kind)| (name.clone(), value(kind)))
            .collect();
        let name = described.name.as_str();
        let lookup = parse(name, all.clone()).unwrap_or_else(|error| panic!("{name} {all}: {error}"));
        assert_eq!(lookup.name(), described.name);
        let mut more = all.clone();
        more["colour"] = json!("red");
        assert!(parse(name, more).is_err_and(|error| error.contains("colour")), "{name}");
        for required in schema["required"].as_array().unwrap() {
            let mut less = all.clone();
            less.as_object_mut().unwrap().remove(required.as_str().unwrap());
            assert!(parse(name, less).is_err(), "{name} without {required}");
        }
    }
    let names: BTreeSet<Name> = Lookup::tools().iter().map(|described| described.name).collect();
    assert_eq!(names.len(), Name::ALL.len());
}

#[test]
fn arguments_that_make_no_sense_are_refused_by_name() {
    for (name, arguments, expected) in [
        ("delete", json!({}), "there is no look-up 'delete'; there are alerts, anomalies,"),
        ("alerts\n\u{1b}", json!({}), "there is no look-up 'alerts  '"),
        ("alerts", json!([1]), "alerts: the arguments must be a JSON object"),
        ("alerts", json!({"limit": 0}), "alerts: limit must be from 1 to 200, not 0"),
        ("alerts", json!({"limit": 100_000}), "from 1 to 200"),
        ("alerts", json!({"limit": -1}), "alerts: "),
        ("alerts", json!({"matchers": ["a"]}), "alerts: matchers: "),
        ("alerts", json!({"matchers": vec!["a=\"b\""; 17]}), "there may be 16"),
        ("anomalies", json!({"min_score": -1.0}), "min_score must be at least 0"),
        ("why_score", json!({}), "missing field `query`"),
        ("query", json!({"expr": ""}), "missing field `expr`"),
        ("query", json!({"expr": "up", "at": "soon"}), "query: at is not a time"),
        ("query", json!({"expr": "x".repeat(3000)}), "2048"),
        ("query", json!({"expr": "x".repeat(9000)}), "longer than 8192 bytes"),
        ("query_range", json!({"expr": "up", "since": "30d"}), "the range may be 14d"),
        ("logs", json!({"source": "disk"}), "logs: the parameter source"),
        ("logs", json!({"limit": [1]}), "the argument limit must be a text or a number"),
        ("remediations", json!({"since": "tomorrow"}), "remediations: since is not a time"),
        ("approvals", json!({"id": 1}), "approvals: unknown field `id`"),
    ] {
        let refused = parse(name, arguments.clone());
        assert!(
            refused.as_ref().is_err_and(|error| error.contains(expected)),
            "{name} {arguments}: {refused:?}"
        );
    }
    assert!(parse("alerts", Value::Null).is_ok(), "no arguments are none");
    let nulls = json!({"name": null, "matchers": null, "limit": null});
    assert!(parse("alerts", nulls).is_ok_and(|lookup| lookup == parse("alerts", json!({})).unwrap()));
}
