//! `/-/healthy`, `/-/ready`, `/-/reload`, as in Prometheus.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use tokio::sync::{mpsc, oneshot};

use super::Daemon;
use crate::http::error::{ApiError, ErrorKind};

/// A latch that is set once: the journal is replayed and both loops have started. A Prometheus that does
/// not answer is a metric, not un-readiness.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Everything has started.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// The daemon is stopping: load balancers should look elsewhere.
    pub fn clear(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Where the app answers whether a reload worked; the text lists every fault.
pub type ReloadRequest = oneshot::Sender<Result<(), String>>;

/// Asks the app to read the configuration again.
#[derive(Clone, Debug)]
pub struct Reload(pub mpsc::Sender<ReloadRequest>);

/// `GET /-/healthy`: the process answers.
pub(super) async fn healthy() -> &'static str {
    "smartcloudops is healthy.\n"
}

/// `GET /-/ready`: 503 until everything has started.
pub(super) async fn ready(State(daemon): State<Daemon>) -> Result<&'static str, ApiError> {
    match daemon.readiness.is_set() {
        true => Ok("smartcloudops is ready.\n"),
        false => Err(ApiError::new(ErrorKind::Unavailable, "still starting")),
    }
}

/// `POST /-/reload`: a bad file changes nothing and is answered with its faults.
pub(super) async fn reload(State(daemon): State<Daemon>) -> Result<&'static str, ApiError> {
    let (answer, result) = oneshot::channel();
    let gone = || ApiError::new(ErrorKind::Unavailable, "the daemon is shutting down");
    daemon.reload.0.send(answer).await.map_err(|_| gone())?;
    match result.await.map_err(|_| gone())? {
        Ok(()) => Ok("reloaded\n"),
        Err(faults) => Err(ApiError::new(ErrorKind::BadData, faults)),
    }
}
