//! Causes, by tables.

use std::sync::Arc;

use super::super::changes::{Change, ChangeKind};
use super::super::evidence::Surroundings;
use super::super::samples::{at, episode};
use super::*;

fn scored(query: &str, instance: &str, score: f64, since: Option<i64>) -> ScoredSeries {
    let labels = [("instance", instance), ("job", "app")];
    ScoredSeries { since: since.map(at), ..ScoredSeries::plain(query, &labels, score) }
}

fn change(kind: ChangeKind, instance: &str, minute: Option<i64>) -> Change {
    let labels = [("instance", instance), ("job", "app")].into_iter().collect();
    Change { kind, labels, at: minute.map(at), window: (at(40), at(105)) }
}

fn first(alerts: &[&str], scores: Vec<ScoredSeries>, changes: Vec<Change>) -> Option<String> {
    let episodes = alerts.iter().map(|name| {
        let mut slow = episode(&[("alertname", "Slow"), ("instance", name), ("job", "app")], 100, None);
        Arc::make_mut(&mut slow.alert).generator_url =
            "http://p/graph?g0.expr=latency_seconds+%3E+1".to_owned();
        slow
    });
    let queries = [("slow", "avg by (instance, job) (latency_seconds)"), ("busy", "busy_ratio")];
    let evidence = Evidence {
        at: at(110),
        episodes: episodes.collect(),
        queries: queries.iter().map(|(name, expr)| ((*name).to_owned(), (*expr).to_owned())).collect(),
        scores,
        surroundings: Surroundings { changes, ..Surroundings::default() },
        ..Evidence::default()
    };
    causes(&evidence).first().map(|cause| cause.place.clone())
}

#[test]
fn the_place_that_most_speaks_for_comes_first() {
    use ChangeKind::{Appeared, Reboot, Restart, Version};
    for (alerts, scores, changes, expected, sentence) in [
        (
            &[][..],
            vec![scored("busy", "a:1", 5.0, Some(90))],
            vec![],
            None,
            "without an alert nothing is asked",
        ),
        (&["a:80"], vec![], vec![], None, "nothing else is known: that it hurts is no reason"),
        (
            &["a:80"],
            vec![scored("busy", "b:80", 3.0, Some(90))],
            vec![],
            Some("instance=b"),
            "of the alert's own host nothing is known, and a peer is odd",
        ),
        (
            &["a:80", "c:80"],
            vec![scored("slow", "a:80", 9.0, Some(98)), scored("busy", "z:9187", 2.0, Some(97))],
            vec![],
            Some("instance=z"),
            "what the alert measures is odd there, and something else was elsewhere before",
        ),
        (
            &["a:80"],
            vec![scored("slow", "a:80", 9.0, Some(90)), scored("busy", "b:80", 2.0, Some(97))],
            vec![],
            Some("instance=a"),
            "elsewhere it was odd only once what the alert measures was",
        ),
        (
            &["a:80", "c:80", "d:80"],
            vec![scored("busy", "b:80", 9.0, Some(90)), scored("busy", "a:80", 2.0, Some(101))],
            vec![],
            Some("instance=b"),
            "many suffer, and one was odd before all",
        ),
        (
            &["a:80", "c:80", "d:80"],
            vec![scored("busy", "a:80", 1.2, Some(101)), scored("busy", "c:80", 1.2, Some(101))],
            vec![change(Version, "b:80", Some(97))],
            Some("instance=b"),
            "a new version among peers just before",
        ),
        (
            &["a:80"],
            vec![scored("busy", "a:9100", 4.0, Some(95))],
            vec![change(Appeared, "b:80", Some(99))],
            Some("instance=a"),
            "a target that has just come, and the host itself by another port",
        ),
        (
            &["a:80"],
            vec![],
            vec![change(Reboot, "a:9100", Some(98)), change(Restart, "b:80", Some(60))],
            Some("instance=a"),
            "a reboot of the host",
        ),
    ] {
        assert_eq!(first(alerts, scores, changes).as_deref(), expected, "{sentence}");
    }
}

#[test]
fn a_cause_says_what_speaks_for_it_the_strongest_first() {
    let slow = episode(&[("alertname", "Slow"), ("instance", "a:80"), ("job", "app")], 100, None);
    let evidence = Evidence {
        episodes: vec![slow],
        scores: vec![scored("busy", "a:80", 2.0, Some(98))],
        surroundings: Surroundings {
            changes: vec![change(ChangeKind::Version, "a:80", Some(99))],
            ..Surroundings::default()
        },
        ..Evidence::default()
    };
    let found = causes(&evidence);
    assert_eq!((found.len(), found[0].alerts), (1, 1));
    assert_eq!(
        found[0].reasons,
        [
            "{instance=\"a:80\",job=\"app\"} runs another version at 1970-01-01T01:39:00Z, 1m before the first alert",
            "busy {instance=\"a:80\",job=\"app\"} is 0, expected 0 (score 2) since 1970-01-01T01:38:00Z, 2m before \
             the first alert",
            "an alert fires there",
        ]
    );
}

#[test]
fn the_order_of_the_evidence_does_not_matter() {
    let scores: Vec<ScoredSeries> =
        (0..20).map(|number| scored("busy", &format!("h{number}:80"), 2.0, Some(90))).collect();
    let mut backwards = scores.clone();
    backwards.reverse();
    assert_eq!(first(&["a:80"], scores, vec![]), first(&["a:80"], backwards, vec![]));
}
