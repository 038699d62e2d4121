//! `GET /explain`: what fires, explained. `POST /explain`: the same for the alerts of a webhook message. With a
//! language model's summary where one is configured, at once or as server-sent events.

mod events;

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::accept::accepted;
use super::{Daemon, clock, unreadable};
use crate::alerts;
use crate::explain::{
    Config, Evidence, Explanation, Format, NoSummary, Sources, Summary, explain, gather, gather_for,
    summarise,
};
use crate::http::error::{ApiError, ErrorKind, Success};
use crate::model::{AlertStatus, format_duration};
use crate::upstreams::Upstreams;

/// How long a summary is waited for; events wait for as long as `explain.openai.timeout` says.
const PATIENCE: Duration = Duration::from_secs(25);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// Overrides the `Accept` header.
    format: Option<FormatName>,
    /// Only alerts of this name.
    alertname: Option<String>,
    /// Whether a language model sums it up, where one is configured.
    #[serde(default = "yes")]
    summary: bool,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatName {
    Text,
    Markdown,
    Json,
}

/// An explanation as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    explanation: &'a Explanation,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_summary: Option<&'a NoSummary>,
}

/// Every firing alert.
pub(super) async fn firing(
    State(daemon): State<Daemon>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (upstreams, config) = (daemon.upstreams.load_full(), daemon.explain.load_full());
    let sources = sources(&daemon, &upstreams, &config);
    let evidence = gather(sources, parameters.alertname.as_deref(), clock()).await.map_err(unreadable)?;
    Ok(answer(daemon, evidence, &parameters, &headers).await)
}

/// The firing alerts of a message in the webhook's form; nothing is stored.
pub(super) async fn posted(
    State(daemon): State<Daemon>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let now = clock();
    let parsed = alerts::parse(&body, now);
    let delivery = parsed.map_err(|error| ApiError::new(ErrorKind::BadData, error.to_string()))?;
    let wanted = |name: &str| parameters.alertname.as_deref().is_none_or(|wanted| wanted == name);
    let firing = delivery
        .alerts
        .into_iter()
        .filter(|alert| alert.status == AlertStatus::Firing && wanted(alert.name()));
    let (upstreams, config) = (daemon.upstreams.load_full(), daemon.explain.load_full());
    let sources = sources(&daemon, &upstreams, &config);
    let evidence = gather_for(firing.collect(), sources, now).await.map_err(unreadable)?;
    Ok(answer(daemon, evidence, &parameters, &headers).await)
}

fn sources<'s>(daemon: &'s Daemon, upstreams: &'s Upstreams, config: &'s Config) -> Sources<'s> {
    let Daemon { journal, exporter, .. } = daemon;
    Sources { journal, exporter, prometheus: &upstreams.reading, answers: &upstreams.answers, config }
}

async fn answer(
    daemon: Daemon,
    evidence: Evidence,
    parameters: &Parameters,
    headers: &HeaderMap,
) -> Response {
    let explanation = explain(&evidence);
    // Without an alert there is nothing to sum up.
    let wanted = parameters.summary && !explanation.alerts.is_empty();
    if events::are_wanted(headers) {
        return events::stream(daemon, explanation, wanted);
    }
    let summary = if wanted { Some(summary_in_time(&daemon, &explanation).await) } else { None };
    match format(parameters.format, headers) {
        Format::Json => {
            let told = summary.as_ref();
            let no_summary = told.and_then(|told| told.as_ref().err());
            let summary = told.and_then(|told| told.as_ref().ok());
            Success(Answer { explanation: &explanation, summary, no_summary }).into_response()
        }
        format => {
            let text = explanation.render(format, summary.as_ref());
            ([(CONTENT_TYPE, format.content_type())], text).into_response()
        }
    }
}

/// However long the model may take, an answer comes before the route's own limit.
async fn summary_in_time(daemon: &Daemon, explanation: &Explanation) -> Result<Summary, NoSummary> {
    let summary = summed_up(daemon, explanation, |_| ());
    tokio::time::timeout(PATIENCE, summary).await.unwrap_or_else(|_| {
        let why = format!("the language model gave no answer within {}", format_duration(PATIENCE));
        Err(NoSummary { reason: "timed_out", why })
    })
}

async fn summed_up(
    daemon: &Daemon,
    explanation: &Explanation,
    parts: impl FnMut(crate::explain::Part) + Send,
) -> Result<Summary, NoSummary> {
    // Alerts that fire together are one group: their evidence changes together.
    let group: Vec<String> = explanation.alerts.iter().map(|alert| alert.episode.to_string()).collect();
    summarise(&daemon.llm, &daemon.llm_metrics, &explanation.evidence, &group.join(","), parts).await
}

/// The parameter, else the first type of `Accept` that is known, else text.
fn format(parameter: Option<FormatName>, headers: &HeaderMap) -> Format {
    let known = [
        ("application/json", Format::Json),
        ("text/markdown", Format::Markdown),
        ("text/plain", Format::Text),
    ];
    match parameter {
        Some(FormatName::Text) => Format::Text,
        Some(FormatName::Markdown) => Format::Markdown,
        Some(FormatName::Json) => Format::Json,
        None => accepted(headers, &known).unwrap_or(Format::Text),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT;

    use super::*;

    #[test]
    fn the_format_follows_the_parameter_then_the_header() {
        for (parameter, accept, expected) in [
            (None, "*/*", Format::Text),
            (None, "text/html, application/json;q=0.9", Format::Json),
            (None, "text/markdown", Format::Markdown),
            (Some(FormatName::Text), "application/json", Format::Text),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(format(parameter, &headers), expected, "{accept}");
        }
    }
}
