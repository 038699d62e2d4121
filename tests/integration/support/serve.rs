//! A small HTTP/1.1 server inside the test, plain or with TLS.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A body that may break off.
pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// A running server; dropping it closes every connection.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves on a free port of 127.0.0.1.
pub async fn serve<H, F>(tls: Option<Arc<rustls::ServerConfig>>, handler: H) -> Serving
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    let acceptor = tls.map(TlsAcceptor::from);
    let task = tokio::spawn(async move {
        // Connections end with this task.
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let (handler, acceptor) = (handler.clone(), acceptor.clone());
            connections.spawn(async move {
                match acceptor {
                    None => converse(stream, handler).await,
                    Some(acceptor) => {
                        // A failed handshake is the client's to report.
                        if let Ok(stream) = acceptor.accept(stream).await {
                            converse(stream, handler).await;
                        }
                    }
                }
            });
        }
    });
    Serving { address, task }
}

async fn converse<S, H, F>(stream: S, handler: H)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<Body>>,
{
    let service = service_fn(move |request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    // Clients that hang up are part of the tests.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
