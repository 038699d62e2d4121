//! Small graphs whose answer is known: what the ranking makes of them, and what the likely causes make of that.

use std::time::Duration;

use super::super::samples::{at, episode};
use super::super::{Evidence, explain};
use super::*;
use crate::model::{Episode, Sample, ScoredSeries, Timestamp};

const BEGAN: i64 = 1000;
const NOW: i64 = 1006;

fn alert(service: &str) -> Episode {
    episode(
        &[("alertname", "Slow"), ("service", service), ("instance", &format!("{service}-1:80"))],
        BEGAN,
        None,
    )
}

fn span() -> Span {
    Span::around(at(BEGAN), at(NOW))
}

/// A series that is at about `usual` until five minutes before the alert, then at `seen`.
fn series(service: &str, usual: f64, seen: f64) -> Series {
    let Span { start, end, .. } = span();
    let times = std::iter::successors(Some(start), |at| Some(*at + STEP)).take_while(|at| *at <= end);
    let value = |(row, time): (usize, Timestamp)| {
        let wobble = 1.0 + ((row * 7) % 10) as f64 / 500.0;
        let value = if time >= at(BEGAN) - Duration::from_secs(300) { seen } else { usual };
        Sample { at: time, value: value * wobble }
    };
    let labels = [("service", service)].into_iter().collect();
    Series { labels, samples: times.enumerate().map(value).collect() }
}

fn graph(calls: &[(&str, &str)]) -> Graph {
    Graph {
        calls: calls.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect(),
        measures: Measures { label: "service".to_owned(), ..Measures::default() },
        ..Graph::default()
    }
}

/// Latencies of services with a request per second each.
fn measured(latencies: &[(&str, f64, f64)]) -> Measured {
    Measured {
        requests: latencies.iter().map(|(name, ..)| series(name, 1.0, 1.0)).collect::<Vec<_>>().into(),
        failures: Vec::new().into(),
        latency: latencies
            .iter()
            .map(|(name, usual, seen)| series(name, *usual, *seen))
            .collect::<Vec<_>>()
            .into(),
    }
}

fn asked(graph: Graph, alerts: Vec<Episode>, measured: &Measured, scores: Vec<ScoredSeries>) -> Evidence {
    let services = Services::new(graph, &[]).unwrap();
    let question = Question::new(&services, &alerts, span(), at(BEGAN)).unwrap();
    let (rankings, troubles) = question.judge(&services, measured);
    let dependencies = Dependencies { services: Some(services), rankings };
    let mut evidence =
        Evidence { at: at(NOW), episodes: alerts, dependencies, scores, ..Evidence::default() };
    evidence.surroundings.troubles = troubles;
    evidence
}

fn anomalous(service: &str, score: f64) -> ScoredSeries {
    let labels = [("service", service), ("instance", &format!("{service}-1:80"))];
    ScoredSeries { since: Some(at(BEGAN - 4)), ..ScoredSeries::plain("latency", &labels, score) }
}

const CALLS: [(&str, &str); 4] = [("web", "api"), ("api", "db"), ("web", "cache"), ("gate", "web")];

#[test]
fn the_service_at_the_end_of_the_calls_comes_first_and_symptoms_do_not() {
    for (latencies, scores, expected, sentence) in [
        (
            &[("web", 0.2, 1.2), ("api", 0.1, 1.1), ("db", 0.05, 1.05), ("cache", 0.01, 0.01)][..],
            vec![],
            "service=db",
            "the fault is in db",
        ),
        (
            &[("web", 0.2, 1.2), ("api", 0.1, 1.1), ("db", 0.05, 1.05), ("cache", 0.01, 0.012)],
            vec![anomalous("web", 9.0), anomalous("api", 9.0), anomalous("cache", 9.0)],
            "service=db",
            "the others are anomalous too, and db is not even watched",
        ),
        (
            &[("web", 0.2, 1.2), ("api", 0.1, 1.1), ("cache", 0.01, 0.01)],
            vec![],
            "service=api",
            "nothing is known of db",
        ),
        (
            &[("web", 0.2, 1.2), ("db", 0.05, 1.05), ("cache", 0.01, 0.01)],
            vec![],
            "service=db",
            "nothing is known of api, and db is seen through it",
        ),
        (
            &[("gate", 0.3, 1.3), ("web", 0.2, 1.2), ("api", 0.1, 0.1), ("db", 0.05, 0.05)],
            vec![],
            "service=web",
            "nobody but web itself, and who calls it suffers",
        ),
    ] {
        let evidence = asked(graph(&CALLS), vec![alert("web")], &measured(latencies), scores);
        let explanation = explain(&evidence);
        let first = explanation.causes.first().map(|cause| cause.place.as_str());
        assert_eq!(first, Some(expected), "{sentence}: {:#?}", explanation.causes);
    }
}

#[test]
fn the_calls_are_told_in_words_and_can_be_cited() {
    let latencies = [("web", 0.2, 1.2), ("api", 0.1, 1.1), ("db", 0.05, 1.05), ("cache", 0.01, 0.01)];
    let evidence = asked(graph(&CALLS), vec![alert("web")], &measured(&latencies), vec![]);
    let explanation = explain(&evidence);
    let cause = &explanation.causes[0];
    assert!(cause.reasons[0].starts_with("web calls api calls db; db's latency rose from 0.05"), "{cause:?}");
    assert!(cause.reasons[0].contains("seconds since 1970-01-01T16:"), "{cause:?}");
    let items = &explanation.evidence.items;
    let cited = |words: &str| items.iter().any(|item| item.text.contains(words) && item.id.starts_with('e'));
    assert!(cited("Likely cause service=db") && cited("web's latency rose from 0.2"), "{items:#?}");
    let told = &evidence.surroundings.troubles;
    assert_eq!(told, &Vec::<String>::new(), "all is known");
}

#[test]
fn what_is_missing_is_said() {
    let of = |latencies: &[(&str, f64, f64)], alert: Episode| {
        asked(graph(&CALLS), vec![alert], &measured(latencies), vec![]).surroundings.troubles
    };
    for (latencies, expected) in [
        (&[][..], "Nothing is known of how web did: no series names it by the label service."),
        (
            &[("web", 0.2, 1.2), ("api", 0.1, 1.1)],
            "Of what web depends on, nothing is known of cache, db: no series names it.",
        ),
        (
            &[("web", 0.2, 0.2), ("api", 0.1, 0.1), ("db", 0.1, 0.1), ("cache", 0.1, 0.1)],
            "What web depends on is not ranked: what is known of web is as its history shows, or the history is too short.",
        ),
    ] {
        assert_eq!(of(latencies, alert("web")), [expected]);
    }
    let services = Services::new(graph(&CALLS), &[]).unwrap();
    let unknown = Question::new(&services, &[alert("mail")], span(), at(BEGAN)).unwrap_err();
    assert!(
        unknown.starts_with("No alert names a service of the dependency graph by its labels service,"),
        "{unknown}"
    );
}

#[test]
fn cycles_and_large_maps_are_no_reason_to_fail() {
    let calls = [("web", "api"), ("api", "db"), ("db", "api"), ("db", "web"), ("api", "api")];
    let latencies = [("web", 0.2, 1.2), ("api", 0.1, 1.1), ("db", 0.05, 1.05)];
    let evidence = asked(graph(&calls), vec![alert("web")], &measured(&latencies), vec![]);
    assert!(!explain(&evidence).causes.is_empty());

    let many: Vec<(String, String)> = (0..3000).map(|n| ("web".to_owned(), format!("s{n}"))).collect();
    let graph = Graph { calls: many, ..graph(&[]) };
    let evidence = asked(graph, vec![alert("web")], &measured(&[("web", 0.2, 1.2)]), vec![]);
    let told = &evidence.surroundings.troubles;
    assert!(
        told[0].starts_with("2801 more services of the dependency graph are not asked about"),
        "{told:?}"
    );
    assert!(told[1].contains(" and 196 more: no series names it."), "{told:?}");
}

#[test]
fn requests_that_fail_to_come_are_looked_for_among_callers() {
    let measured = Measured {
        requests: [("gate", 100.0, 5.0), ("web", 90.0, 4.0), ("api", 80.0, 4.0)]
            .map(|(name, usual, seen)| series(name, usual, seen))
            .to_vec()
            .into(),
        ..Measured::default()
    };
    let evidence = asked(graph(&CALLS), vec![alert("web")], &measured, vec![]);
    let explanation = explain(&evidence);
    assert_eq!(explanation.causes[0].place, "service=gate", "{:#?}", explanation.causes);
    assert!(
        explanation.causes[0].reasons[0].starts_with("gate calls web; gate's requests fell from 12"),
        "{:?}",
        explanation.causes[0]
    );
}

#[test]
fn a_service_map_and_what_is_written_down_are_one_graph() {
    let ends = ServiceMap { expr: String::new(), client: "client".to_owned(), server: "server".to_owned() };
    let row = |client: &str, server: &str| {
        let labels = [("client", client), ("server", server)].into_iter().collect();
        Series { labels, samples: Vec::new() }
    };
    let long = "x".repeat(200);
    let graph = Graph { map: Some(ends), ..graph(&[("web", "api")]) };
    let services = Services::new(graph, &[row("api", "db"), row("", "db"), row("api", &long)]).unwrap();
    assert_eq!(services.known.behind("web", false), ["web", "api", "db"]);
}
