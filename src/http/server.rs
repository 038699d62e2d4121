//! The server: bind, run until told to stop, reload meanwhile.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::access::{Access, AccessError};
use super::config::Config;
use super::connection::Connections;
use super::layers::{Gateway, behind};
use super::limits::BodyLimits;
use super::listener::{self, Accepted};
use crate::metrics::http::HttpMetrics;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The address is not one.
    #[error(
        "http.listen_address: '{address}' is not an address ({source}); write host:port, for example 127.0.0.1:9494"
    )]
    Address {
        /// What was configured.
        address: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// What was configured.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The settings that decide who gets in cannot be used.
    #[error(transparent)]
    Access(#[from] AccessError),
}

/// A bound server. Connections wait in the kernel's backlog until it runs.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    config: Config,
    router: Router,
    metrics: HttpMetrics,
    reloader: Reloader,
}

/// How the last connections ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// Connections still busy after `drain_timeout` and cut off.
    pub cut: usize,
}

/// Swaps the settings that decide who gets in, while the server runs. Cheap to clone.
#[derive(Clone)]
pub struct Reloader {
    access: Arc<ArcSwap<Access>>,
    on_loopback: bool,
}

impl Reloader {
    /// Reads the web configuration file, its certificates and the tokens again. On an error nothing changes.
    ///
    /// Connections already open keep their TLS session; their next request meets the new tokens and users. The
    /// address, the limits and the time-outs need a restart. Reads files: call it off the async threads.
    pub fn reload(&self, config: &Config) -> Result<(), AccessError> {
        self.access.store(Arc::new(Access::build(config, self.on_loopback)?));
        Ok(())
    }
}

impl Server {
    /// Checks the settings, then listens. Must be called inside a tokio runtime.
    pub fn bind(config: &Config, router: Router, metrics: HttpMetrics) -> Result<Self, BindError> {
        let named = || config.listen_address.clone();
        let addresses = listener::resolve(&config.listen_address)
            .map_err(|source| BindError::Address { address: named(), source })?;
        let on_loopback = listener::are_loopback(&addresses);
        let access = Arc::new(ArcSwap::from_pointee(Access::build(config, on_loopback)?));
        let refuse = |source| BindError::Listen { address: named(), source };
        let listener = listener::listen(&addresses).map_err(refuse)?;
        let gateway = Gateway {
            access: access.clone(),
            limits: BodyLimits::new(config.max_body_bytes, config.body_timeout),
            metrics: metrics.clone(),
        };
        Ok(Self {
            address: listener.local_addr().map_err(refuse)?,
            listener,
            config: config.clone(),
            router: behind(Arc::new(gateway), router),
            metrics,
            reloader: Reloader { access, on_loopback },
        })
    }

    /// The address it listens on, with the port that was found where 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// A handle that reloads this server.
    pub fn reloader(&self) -> Reloader {
        self.reloader.clone()
    }

    /// Serves until `shutdown`, then drains: no new connections, idle ones closed, requests in hand finished
    /// within `drain_timeout`, the rest cut off.
    pub async fn run(self, shutdown: CancellationToken) -> Drain {
        let access = self.reloader.access.clone();
        let (config, metrics) = (&self.config, self.metrics.clone());
        let connections = Connections::new(config, self.router, access, metrics.clone(), shutdown.clone());
        let (connections, tasks) = (Arc::new(connections), TaskTracker::new());
        let serve = |Accepted { stream, address, slot }| {
            let connections = connections.clone();
            tasks.spawn(async move {
                connections.serve(stream, address).await;
                drop(slot);
            });
        };
        listener::accept(self.listener, config.max_connections, &metrics, &shutdown, serve).await;
        tasks.close();
        if tokio::time::timeout(config.drain_timeout, tasks.wait()).await.is_ok() {
            return Drain { cut: 0 };
        }
        let cut = tasks.len();
        tracing::warn!(connections = cut, "cutting off requests that take longer than drain_timeout");
        connections.cut.cancel();
        tasks.wait().await;
        Drain { cut }
    }
}
