//! One connection: TLS handshake, HTTP/1.1 with time-outs, orderly end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, ServerConnection};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::access::Access;
use super::certificates::{is_certificate_refusal, names};
use super::config::Config;
use super::stall::StallGuard;
use crate::metrics::http::{ConnectionError, HttpMetrics};

/// Largest request line with headers, in bytes.
const MAX_HEADER_BYTES: usize = 32 << 10;

/// Largest read buffer of a connection, in bytes.
const MAX_BUFFER_BYTES: usize = 64 << 10;

/// How long a connection on which no request has arrived yet may finish one when the server stops.
const FRESH_GRACE: Duration = Duration::from_millis(250);

/// The other side of a connection; in the extensions of each of its requests.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// Its address.
    pub(super) address: SocketAddr,
    /// A name of its certificate, if the handshake verified one.
    pub(super) certificate: Option<Arc<str>>,
}

/// What all connections share.
pub(super) struct Connections {
    router: Router,
    access: Arc<ArcSwap<Access>>,
    metrics: HttpMetrics,
    http: Builder,
    header_timeout: Duration,
    stall_timeout: Duration,
    /// Finish the request in hand, then close.
    pub(super) stop: CancellationToken,
    /// Close now.
    pub(super) cut: CancellationToken,
}

impl Connections {
    /// Prepares the protocol settings.
    pub(super) fn new(
        config: &Config,
        router: Router,
        access: Arc<ArcSwap<Access>>,
        metrics: HttpMetrics,
        stop: CancellationToken,
    ) -> Self {
        let mut http = Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(config.header_timeout)
            .max_header_size(MAX_HEADER_BYTES)
            .max_buf_size(MAX_BUFFER_BYTES)
            .keep_alive(true);
        Self {
            router,
            access,
            metrics,
            http,
            header_timeout: config.header_timeout,
            // A response gets the patience that a request's body gets.
            stall_timeout: config.body_timeout,
            stop,
            cut: CancellationToken::new(),
        }
    }

    /// Serves a connection until its end. Nothing that goes wrong here concerns any other connection.
    pub(super) async fn serve(&self, stream: TcpStream, address: SocketAddr) {
        let _open = self.metrics.connection_opened();
        let outcome = tokio::select! {
            outcome = self.run(stream, address) => outcome,
            () = self.cut.cancelled() => Err(ConnectionError::Drained),
        };
        if let Err(kind) = outcome {
            self.metrics.connection_failed(kind);
            tracing::debug!(peer = %address, kind = kind.as_str(), "connection ended badly");
        }
    }

    async fn run(&self, stream: TcpStream, address: SocketAddr) -> Result<(), ConnectionError> {
        // Answers are small and complete: waiting to fill a packet only delays them. Failing is harmless.
        let _ = stream.set_nodelay(true);
        let stream = StallGuard::new(stream, self.stall_timeout);
        let access = self.access.load_full();
        let Some(tls) = access.tls.clone() else {
            return self.speak(stream, Peer { address, certificate: None }).await;
        };
        let handshake = tokio::select! {
            handshake = self.shake_hands(tls, stream, address) => handshake?,
            () = self.stop.cancelled() => return Ok(()),
        };
        let verified = access.verifies_clients.then(|| certificate_name(handshake.get_ref().1)).flatten();
        self.speak(handshake, Peer { address, certificate: verified }).await
    }

    async fn shake_hands(
        &self,
        tls: Arc<ServerConfig>,
        stream: StallGuard,
        address: SocketAddr,
    ) -> Result<tokio_rustls::server::TlsStream<StallGuard>, ConnectionError> {
        let handshake = tokio::time::timeout(self.header_timeout, TlsAcceptor::from(tls).accept(stream));
        let error = match handshake.await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => error,
            Err(_) => return Err(ConnectionError::HandshakeTimeout),
        };
        if is_certificate_refusal(&error) {
            self.metrics.certificate_refused();
            tracing::info!(peer = %address, error = %error, "client certificate refused");
        }
        Err(ConnectionError::Handshake)
    }

    async fn speak(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        peer: Peer,
    ) -> Result<(), ConnectionError> {
        let begun = AtomicBool::new(false);
        let service = service_fn(|request| {
            begun.store(true, Ordering::Relaxed);
            self.answer(request, peer.clone())
        });
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection.as_mut() => ended,
                    () = no_request(&begun) => return Ok(()),
                }
            }
        };
        ended.or_else(|error| match error {
            error if error.is_timeout() && begun.load(Ordering::Relaxed) => Ok(()),
            error if error.is_timeout() => Err(ConnectionError::HeaderTimeout),
            error if error.is_parse() => Err(ConnectionError::Protocol),
            _ => Err(ConnectionError::Io),
        })
    }

    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Result<Response, Infallible> {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        self.router.clone().oneshot(request).await
    }
}

/// Ends if no request has arrived by the end of the grace; hyper waits for one on a connection still fresh.
async fn no_request(begun: &AtomicBool) {
    tokio::time::sleep(FRESH_GRACE).await;
    if begun.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

fn certificate_name(connection: &ServerConnection) -> Option<Arc<str>> {
    let certificate = connection.peer_certificates()?.first()?;
    let first = names(certificate).and_then(|names| names.into_iter().next());
    Some(first.map_or_else(|| Arc::from("certificate"), Arc::from))
}
