//! An explanation as server-sent events: the plain one at once, then a model's texts as they are complete and checked.
//!
//! `explanation` is what JSON would be without a summary; `part` is a text of the summary, for a screen; then comes
//! either `summary`, the whole of it, or `no_summary`, which takes the parts back. Then the stream ends.

use std::convert::Infallible;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::mpsc;

use super::{Daemon, summed_up};
use crate::explain::Explanation;

/// Events that wait for a slow reader; more parts than these are left out, for the summary has them all.
const QUEUE: usize = 64;
const MEDIA_TYPE: &str = "text/event-stream";

/// Whether the caller asks for events.
pub(super) fn are_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|part| part.split(';').next().unwrap_or_default().trim() == MEDIA_TYPE)
}

/// The events of an explanation. Whoever goes away ends the question.
pub(super) fn stream(daemon: Daemon, explanation: Explanation, wanted: bool) -> Response {
    let (sender, mut receiver) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        let closed = sender.clone();
        tokio::select! {
            () = tell(daemon, explanation, wanted, sender) => {}
            () = closed.closed() => {}
        }
    });
    let events = futures::stream::poll_fn(move |context| receiver.poll_recv(context));
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

async fn tell(
    daemon: Daemon,
    explanation: Explanation,
    wanted: bool,
    sender: mpsc::Sender<Result<Event, Infallible>>,
) {
    let first = sender.send(Ok(event("explanation", &explanation))).await;
    if !wanted || first.is_err() {
        return;
    }
    let parts = |part| {
        // A full queue is a slow reader's; a closed one ends the question soon.
        let _ = sender.try_send(Ok(event("part", &part)));
    };
    let last = match summed_up(&daemon, &explanation, parts).await {
        Ok(summary) => event("summary", &summary),
        Err(none) => event("no_summary", &none),
    };
    // A reader who has gone away needs no end.
    let _ = sender.send(Ok(last)).await;
}

/// Line breaks are escaped in JSON, so each event is one line of data.
fn event(name: &'static str, data: &impl Serialize) -> Event {
    let data = serde_json::to_string(data).expect("the types of an explanation are JSON");
    Event::default().event(name).data(data)
}
