//! Limits on request bodies: size, time, and memory of all bodies together.
//!
//! The limits sit in the body itself, so they hold however a handler reads it. A body that nobody wants
//! (401, 413, …) is read on and thrown away for a moment, because a socket closed over unread data takes
//! the answer with it and the sender would log "connection reset" instead of the reason.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::EXPECT;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::error::{ApiError, ErrorKind};

/// How many bodies of the largest size may be in memory at once while they are received.
const LARGEST_BODIES_AT_ONCE: usize = 8;

/// How long an unwanted body is read on.
const LINGER_TIME: Duration = Duration::from_secs(2);

/// How much of an unwanted body is read on, in multiples of the largest body.
const LINGER_BODIES: usize = 4;

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyFault {
    /// Larger than allowed.
    #[error("the body is larger than the limit of {limit} bytes (http.max_body_bytes)")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Slower than allowed.
    #[error("the body did not arrive in time")]
    Slow,
    /// Too much is being received already.
    #[error("too much is being received at once; try again")]
    Crowded,
}

impl From<BodyFault> for ApiError {
    fn from(fault: BodyFault) -> Self {
        let kind = match fault {
            BodyFault::TooLarge { .. } => ErrorKind::TooLarge,
            BodyFault::Slow => ErrorKind::SlowBody,
            BodyFault::Crowded => ErrorKind::Unavailable,
        };
        ApiError::new(kind, fault.to_string())
    }
}

/// The limits and the memory that all bodies share.
#[derive(Clone, Debug)]
pub(super) struct BodyLimits {
    max_bytes: usize,
    timeout: Duration,
    in_memory: Arc<AtomicUsize>,
}

impl BodyLimits {
    /// At most `max_bytes` a body, received within `timeout` of its headers.
    pub(super) fn new(max_bytes: usize, timeout: Duration) -> Self {
        Self { max_bytes, timeout, in_memory: Arc::default() }
    }

    /// Puts the limits around a request's body. The watch tells afterwards whether one was hit.
    pub(super) fn wrap(&self, request: Request) -> (Request, BodyWatch) {
        let lingers = !request.headers().contains_key(EXPECT);
        let watch = BodyWatch(Arc::default());
        let declared = usize::try_from(request.body().size_hint().lower()).unwrap_or(usize::MAX);
        if declared > self.max_bytes {
            watch.report(BodyFault::TooLarge { limit: self.max_bytes });
        }
        let limited = request.map(|inner| {
            Body::new(LimitedBody {
                inner: Some(inner),
                received: 0,
                deadline: Instant::now() + self.timeout,
                sleep: None,
                lingers,
                limits: self.clone(),
                watch: watch.clone(),
            })
        });
        (limited, watch)
    }
}

/// Remembers the first limit that a body hit.
#[derive(Clone, Debug)]
pub(super) struct BodyWatch(Arc<OnceLock<BodyFault>>);

impl BodyWatch {
    /// The limit that was hit, if any.
    pub(super) fn fault(&self) -> Option<BodyFault> {
        self.0.get().copied()
    }

    /// The answer that a body's fault asks for, where the handler did not get along without the body.
    pub(super) fn overrule(&self, response: Response) -> Response {
        // What readers of a broken body answer; a 401 or 404 did not come from the body.
        let from_body = matches!(response.status().as_u16(), 400 | 408 | 413 | 415 | 422 | 500);
        match self.fault() {
            Some(fault) if from_body => ApiError::from(fault).into_response(),
            _ => response,
        }
    }

    fn report(&self, fault: BodyFault) {
        // The first fault is the one to tell; later ones follow from it.
        self.0.get_or_init(|| fault);
    }
}

struct LimitedBody {
    /// `None` once a fault or the end was reached.
    inner: Option<Body>,
    received: usize,
    deadline: Instant,
    /// Armed when the body has to be waited for the first time.
    sleep: Option<Pin<Box<Sleep>>>,
    lingers: bool,
    limits: BodyLimits,
    watch: BodyWatch,
}

impl LimitedBody {
    fn fail(&mut self, fault: BodyFault) -> BodyFault {
        self.watch.report(fault);
        match (fault, self.inner.take()) {
            (BodyFault::Slow, _) | (_, None) => {}
            (_, Some(inner)) => self.linger(inner),
        }
        fault
    }

    /// Counts a received piece, or names the limit it hits.
    fn take_in(&mut self, length: usize) -> Result<(), BodyFault> {
        let limit = self.limits.max_bytes;
        if length > limit - self.received {
            return Err(BodyFault::TooLarge { limit });
        }
        self.received += length;
        let others = self.limits.in_memory.fetch_add(length, Ordering::Relaxed);
        if others + length > limit.saturating_mul(LARGEST_BODIES_AT_ONCE) {
            return Err(BodyFault::Crowded);
        }
        Ok(())
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        sleep.as_mut().poll(cx)
    }

    fn linger(&self, inner: Body) {
        let most = self.limits.max_bytes.saturating_mul(LINGER_BODIES);
        if let (true, Ok(runtime)) = (self.lingers, tokio::runtime::Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(LINGER_TIME, discard(inner, most)));
        }
    }
}

async fn discard(mut body: Body, most: usize) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > most {
            return;
        }
    }
}

impl HttpBody for LimitedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        // A length declared beyond the limit is refused before a byte is read.
        if let (Some(fault), true) = (this.watch.fault(), this.inner.is_some()) {
            return Poll::Ready(Some(Err(axum::Error::new(this.fail(fault)))));
        }
        let Some(inner) = this.inner.as_mut() else { return Poll::Ready(None) };
        match Pin::new(inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                let taken = this.take_in(length);
                Poll::Ready(Some(taken.map(|()| frame).map_err(|fault| axum::Error::new(this.fail(fault)))))
            }
            Poll::Ready(Some(Err(error))) => {
                this.inner = None;
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(None) => {
                this.inner = None;
                Poll::Ready(None)
            }
            Poll::Pending if this.poll_deadline(cx).is_ready() => {
                Poll::Ready(Some(Err(axum::Error::new(this.fail(BodyFault::Slow)))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for LimitedBody {
    fn drop(&mut self) {
        self.limits.in_memory.fetch_sub(self.received, Ordering::Relaxed);
        if let Some(inner) = self.inner.take().filter(|inner| !inner.is_end_stream()) {
            self.linger(inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use futures::stream;

    fn request(pieces: Vec<&'static str>) -> Request {
        let pieces = pieces.into_iter().map(Ok::<_, std::convert::Infallible>);
        Request::new(Body::from_stream(stream::iter(pieces)))
    }

    async fn read(limits: &BodyLimits, request: Request) -> (bool, Option<BodyFault>) {
        let (request, watch) = limits.wrap(request);
        (to_bytes(request.into_body(), usize::MAX).await.is_ok(), watch.fault())
    }

    #[tokio::test]
    async fn a_body_may_be_as_large_as_the_limit_and_no_larger() {
        let limits = BodyLimits::new(6, Duration::from_secs(1));
        assert_eq!(read(&limits, request(vec!["abc", "def"])).await, (true, None));
        let fault = Some(BodyFault::TooLarge { limit: 6 });
        assert_eq!(read(&limits, request(vec!["abc", "def", "g"])).await, (false, fault));
    }

    #[tokio::test]
    async fn a_declared_length_is_believed_before_anything_is_read() {
        let limits = BodyLimits::new(3, Duration::from_secs(1));
        let (_request, watch) = limits.wrap(Request::new(Body::from("abcd")));
        assert_eq!(watch.fault(), Some(BodyFault::TooLarge { limit: 3 }));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let limits = BodyLimits::new(6, Duration::from_secs(30));
        let silent = stream::pending::<Result<Bytes, std::convert::Infallible>>();
        let begun = Instant::now();
        let outcome = read(&limits, Request::new(Body::from_stream(silent))).await;
        assert_eq!(outcome, (false, Some(BodyFault::Slow)));
        assert_eq!(begun.elapsed().as_secs(), 30);
    }

    #[tokio::test]
    async fn all_bodies_together_have_a_limit_and_give_their_share_back() {
        let limits = BodyLimits::new(4, Duration::from_secs(1));
        let held: Vec<_> =
            (0..LARGEST_BODIES_AT_ONCE).map(|_| limits.wrap(request(vec!["abcd", ""]))).collect();
        let mut reading = Vec::new();
        for (request, _watch) in held {
            let mut body = request.into_body();
            assert!(body.frame().await.unwrap().is_ok());
            reading.push(body);
        }
        assert_eq!(read(&limits, request(vec!["a"])).await, (false, Some(BodyFault::Crowded)));
        drop(reading);
        assert_eq!(limits.in_memory.load(Ordering::Relaxed), 0);
        assert_eq!(read(&limits, request(vec!["a"])).await, (true, None));
    }
}
