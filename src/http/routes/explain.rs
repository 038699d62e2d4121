//! `GET /explain`: what fires, explained. `POST /explain`: the same for the alerts of a webhook message.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::accept::accepted;
use super::{Daemon, clock, unreadable};
use crate::alerts;
use crate::explain::{Evidence, Format, explain, gather, gather_for};
use crate::http::error::{ApiError, ErrorKind, Success};
use crate::model::AlertStatus;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    /// Overrides the `Accept` header.
    format: Option<FormatName>,
    /// Only alerts of this name.
    alertname: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatName {
    Text,
    Markdown,
    Json,
}

/// Every firing alert.
pub(super) async fn firing(
    State(daemon): State<Daemon>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let evidence = gather(&daemon.journal, &daemon.exporter, parameters.alertname.as_deref(), clock());
    Ok(answer(&evidence.await.map_err(unreadable)?, format(parameters.format, &headers)))
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
    let evidence = gather_for(firing.collect(), &daemon.journal, &daemon.exporter, now);
    Ok(answer(&evidence.await.map_err(unreadable)?, format(parameters.format, &headers)))
}

fn answer(evidence: &Evidence, format: Format) -> Response {
    let explanation = explain(evidence);
    match format {
        Format::Json => Success(explanation).into_response(),
        _ => ([(CONTENT_TYPE, format.content_type())], explanation.render(format)).into_response(),
    }
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
