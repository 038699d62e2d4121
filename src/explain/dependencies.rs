//! Asks Prometheus who calls whom and how they did, within the time that an explanation has. What cannot be read is
//! said, and the rest goes on without it.

use std::sync::Arc;

use futures::future::join;

use super::graph::{Dependencies, Graph, Measured, Question, STEP, Services, Span};
use super::surroundings::{Answer, Asked};
use super::windows::last_beginning;
use crate::model::{Episode, Series, Timestamp};

/// What the graph says about these episodes, and what could not be read; nothing without episodes.
pub async fn dependencies(
    asked: Asked<'_>,
    graph: &Graph,
    episodes: &[Episode],
    now: Timestamp,
) -> (Dependencies, Vec<String>) {
    let mut found = Dependencies::default();
    let Some(begins) = last_beginning(episodes.iter().map(|episode| episode.alert.starts_at), now) else {
        return (found, Vec::new());
    };
    let span = Span::around(begins, now);
    let (map, mut troubles) = service_map(asked, graph, span.end).await;
    let services = match Services::new(graph.clone(), &map) {
        Ok(services) => services,
        Err(error) => {
            troubles.push(format!("The dependency graph cannot be used: {error}."));
            return (found, troubles);
        }
    };
    if services.is_empty() {
        if troubles.is_empty() {
            troubles.push("The service map has no calls: Prometheus has no series for it.".to_owned());
        }
        return (found, troubles);
    }
    match Question::new(&services, episodes, span, begins) {
        Ok(question) => {
            let (measured, missing) = measured(asked, graph, &question).await;
            let (rankings, more) = question.judge(&services, &measured);
            // What was not answered is known to be missing.
            troubles.extend(if missing.is_empty() { more } else { missing });
            found.rankings = rankings;
        }
        Err(trouble) => troubles.push(trouble),
    }
    found.services = Some(services);
    (found, troubles)
}

type Known = Arc<Vec<Series>>;

async fn service_map(asked: Asked<'_>, graph: &Graph, at: Timestamp) -> (Known, Vec<String>) {
    let Some(map) = &graph.map else { return Default::default() };
    match asked.instant(&map.expr, at).await {
        Ok(series) => (series, Vec::new()),
        Err(trouble) => (Known::default(), vec![trouble]),
    }
}

async fn measured(asked: Asked<'_>, graph: &Graph, question: &Question) -> (Measured, Vec<String>) {
    let [requests, failures, latency] = question.queries(&graph.measures);
    let ask = async |query: Option<String>| -> Answer<Known> {
        let Some(query) = query else { return Ok(Known::default()) };
        let Span { start, end, .. } = question.span;
        asked.range(&query, (start, end), STEP).await
    };
    let (requests, (failures, latency)) = join(ask(requests), join(ask(failures), ask(latency))).await;
    let mut troubles = Vec::new();
    let mut take = |answer: Answer<Known>| {
        answer.unwrap_or_else(|trouble| {
            troubles.push(trouble);
            Known::default()
        })
    };
    let measured = Measured { requests: take(requests), failures: take(failures), latency: take(latency) };
    (measured, troubles)
}
