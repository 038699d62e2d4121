//! One log line for each request, written when its response has left: method, route, status, time, size, caller.
//!
//! The route's pattern is logged, not the path or the query string, and no header: those may hold secrets.

use std::any::Any;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::MatchedPath;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::connection::Peer;
use super::error::{ApiError, ErrorKind, PrivateCause};
use super::identity::Identity;
use crate::metrics::http::{AuthenticationFailure, HttpMetrics, MethodLabel};

/// Routes asked every few seconds by machines; their successes are logged at debug level.
const ROUTINE: [&str; 3] = ["/-/healthy", "/-/ready", "/metrics"];

/// A request on its way.
pub(super) struct Record {
    begun: Instant,
    route: &'static str,
    method: MethodLabel,
    peer: Option<SocketAddr>,
    metrics: HttpMetrics,
}

impl Record {
    /// Begins with the request's headers.
    pub(super) fn open(parts: &Parts, metrics: &HttpMetrics) -> Self {
        let pattern = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        Self {
            begun: Instant::now(),
            route: metrics.route_label(pattern),
            method: metrics.method_label(pattern, parts.method.as_str()),
            peer: parts.extensions.get::<Peer>().map(|peer| peer.address),
            metrics: metrics.clone(),
        }
    }

    /// The answer to a request whose handler panicked.
    pub(super) fn panicked(&self, panic: &(dyn Any + Send)) -> Response {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        tracing::error!(route = self.route, panic = text, "a handler panicked");
        self.metrics.panicked();
        ApiError::new(ErrorKind::Internal, "the daemon failed; its log says why").into_response()
    }

    /// Counts the answer, and sees to it that the line is written once its body has left.
    pub(super) fn close(self, response: Response) -> Response {
        let duration = self.begun.elapsed();
        self.metrics.answered(self.route, self.method, response.status().as_u16(), duration);
        if let Some(kind) = response.extensions().get::<AuthenticationFailure>() {
            self.metrics.refused(*kind);
        }
        let line = Line {
            status: response.status().as_u16(),
            identity: response.extensions().get::<Identity>().map(|identity| identity.name.clone()),
            cause: response.extensions().get::<PrivateCause>().map(|cause| cause.0.clone()),
            bytes: 0,
            complete: response.body().is_end_stream(),
            record: self,
        };
        response.map(|inner| Body::new(LoggedBody { inner, line }))
    }
}

/// What is logged; written when dropped.
struct Line {
    record: Record,
    status: u16,
    identity: Option<Arc<str>>,
    cause: Option<String>,
    bytes: u64,
    complete: bool,
}

impl Drop for Line {
    fn drop(&mut self) {
        let record = &self.record;
        let (route, method) = (record.route, record.method.as_str());
        let Self { status, bytes, complete, .. } = *self;
        let duration_seconds = round_to_microseconds(record.begun.elapsed());
        let peer = record.peer.map(tracing::field::display);
        let identity = self.identity.as_deref();
        let cause = self.cause.as_deref();
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    route,
                    method,
                    status,
                    duration_seconds,
                    bytes,
                    complete,
                    peer,
                    identity,
                    cause,
                    "request"
                )
            };
        }
        match status {
            500.. => line!(warn),
            ..400 if ROUTINE.contains(&route) => line!(debug),
            _ => line!(info),
        }
    }
}

fn round_to_microseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e6
}

/// A response's body that counts what leaves.
struct LoggedBody {
    inner: Body,
    line: Line,
}

impl HttpBody for LoggedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            self.line.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        self.line.complete = frame.is_none() || self.inner.is_end_stream();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
