//! What every request passes on its way to a route, in order: body limits, rate limit, host, authentication,
//! origin, and then the route with compression and errors in JSON. Panics end here as a 500.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use tower_http::compression::CompressionLayer;

use super::access::{Access, Door};
use super::access_log::Record;
use super::error::{ApiError, ErrorKind, in_json_form};
use super::limits::BodyLimits;
use crate::metrics::http::HttpMetrics;

/// Routes that answer everybody: orchestrators probe without credentials, and the answers hold no data.
const PROBES: [&str; 2] = ["/-/healthy", "/-/ready"];
/// Routes that believe a signature over the request, and nobody's credentials: they check it before they read anything.
const SIGNED: [&str; 2] = ["/slack/command", "/slack/interactive"];

/// What the layers need.
pub(super) struct Gateway {
    /// Who gets in, as of the last reload.
    pub(super) access: Arc<ArcSwap<Access>>,
    /// Limits on request bodies.
    pub(super) limits: BodyLimits,
    /// Where requests are counted.
    pub(super) metrics: HttpMetrics,
}

/// The router behind all layers, with answers for what it does not serve.
pub(super) fn behind(gateway: Arc<Gateway>, router: Router) -> Router {
    router
        .fallback(async || ApiError::new(ErrorKind::NotFound, "there is nothing at this path"))
        .method_not_allowed_fallback(async || {
            ApiError::new(ErrorKind::MethodNotAllowed, "this path does not serve this method")
        })
        // Errors are rewritten before they are compressed.
        .layer(map_response(in_json_form))
        .layer(CompressionLayer::new().gzip(true))
        // The limits hold for every way of reading a body; axum's own would cut at 2 MB.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(gateway, serve))
}

async fn serve(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    let access = gateway.access.load_full();
    let (parts, body) = request.into_parts();
    let record = Record::open(&parts, &gateway.metrics);
    let answer = gateway.answer(&access, Request::from_parts(parts, body), next);
    // Nothing is shared with the handler that a panic could leave half done: its future is dropped whole.
    let mut response = match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => record.panicked(&*panic),
    };
    for (name, value) in &access.headers {
        response.headers_mut().insert(name, value.clone());
    }
    record.close(response)
}

impl Gateway {
    async fn answer(&self, access: &Access, request: Request, next: Next) -> Response {
        let (request, watch) = self.limits.wrap(request);
        let (mut parts, body) = request.into_parts();
        let route = parts.extensions.get::<MatchedPath>();
        let door = match route.map(MatchedPath::as_str) {
            Some(route) if PROBES.contains(&route) => Door::Open,
            Some(route) if SIGNED.contains(&route) => Door::Signed,
            _ => Door::Guarded,
        };
        let identity = match access.admit(&parts, door).await {
            Ok(identity) => identity,
            Err(refusal) => return refusal.into_response(),
        };
        parts.extensions.insert(identity.clone());
        let response = next.run(Request::from_parts(parts, body)).await;
        let mut response = watch.overrule(response);
        response.extensions_mut().insert(identity);
        response
    }
}
