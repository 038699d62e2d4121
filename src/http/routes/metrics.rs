//! `GET /metrics`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};

use super::Daemon;
use crate::exporter::encode;
use crate::http::error::ApiError;

/// Scores and self-metrics in the format the scraper prefers. Encoding is work for a processor, so it
/// runs beside the connections.
pub(super) async fn metrics(State(daemon): State<Daemon>, headers: HeaderMap) -> Result<Response, ApiError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (accept, encoding) = (text(ACCEPT), text(ACCEPT_ENCODING));
    let registry = daemon.registry;
    let page = tokio::task::spawn_blocking(move || encode(&registry, accept.as_deref(), encoding.as_deref()));
    let page = page.await.map_err(|error| ApiError::internal(&error))?;
    let page = page.map_err(|error| ApiError::internal(&error))?;
    let mut response =
        ([(CONTENT_TYPE, page.content_type), (VARY, "Accept, Accept-Encoding")], page.body).into_response();
    if let Some(encoding) = page.content_encoding {
        response.headers_mut().insert(CONTENT_ENCODING, axum::http::HeaderValue::from_static(encoding));
    }
    Ok(response)
}
