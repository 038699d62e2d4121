//! Real servers for tests: started on free ports, awaited, killed with all their children.
//!
//! Nothing is skipped when a server is not installed: the test fails and says what to install.

mod alertmanager;
mod daemon;
mod docker;
mod fault_server;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
mod loki;
mod model_server;
mod moto;
mod node_exporter;
mod postgres;
mod process;
mod prometheus;
pub mod serve;
mod service;
mod slack;
mod systemd;
mod text_exporter;
mod tls;
mod victoria_metrics;

use std::future::Future;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

pub use alertmanager::Alertmanager;
pub use daemon::{Daemon, alert, message};
pub use docker::DockerEngine;
pub use fault_server::{Answer, FaultServer, Seen};
pub use loki::Loki;
pub use model_server::ModelServer;
pub use moto::Moto;
pub use node_exporter::NodeExporter;
pub use postgres::{PostgresServer, postgres};
pub use prometheus::Prometheus;
pub use service::Service;
pub use slack::{is_signed, slack_signature};
pub use systemd::Systemd;
pub use text_exporter::TextExporter;
pub use tls::Authority;
pub use victoria_metrics::VictoriaMetrics;

/// How long a server may take to become ready on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Ports for servers: below those that the system gives to whoever binds any, so that none of these takes one.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// A port that was free a moment ago, and that no other test of this run is given. Somebody else may take it: whoever
/// starts a server on it tries another one if the server ends at once.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    loop {
        // Another run beside this one begins elsewhere.
        let number = (std::process::id().wrapping_mul(37) % 60_000
            + u32::from(GIVEN.fetch_add(1, Ordering::Relaxed)))
            % PORTS.len() as u32;
        let port = PORTS.start + number as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Polls a condition until it holds; panics with `what` was waited for once `within` has passed.
pub async fn wait_until<C, F>(within: Duration, what: &str, mut condition: C)
where
    C: FnMut() -> F,
    F: Future<Output = bool>,
{
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < within, "after {within:?} still waiting for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How often somebody does something who waits for nothing: the load of a test is part of what it states.
pub struct Pace {
    distance: Duration,
    next: tokio::time::Instant,
}

/// The first turn is at once, and each further one this much after the last.
pub fn every(distance: Duration) -> Pace {
    Pace { distance, next: tokio::time::Instant::now() }
}

impl Pace {
    /// Waits for the next turn; what was missed meanwhile is not made up for.
    pub async fn tick(&mut self) {
        tokio::time::sleep_until(self.next).await;
        self.next = tokio::time::Instant::now() + self.distance;
    }
}

/// Sends a message as Alertmanager does: whoever does not take it, dead or busy at this moment, or another one, is sent it
/// again, until somebody has or the sender is told to stop. `within`: how long each may take. Whether it was taken.
pub async fn deliver(
    client: &reqwest::Client,
    mut webhook: impl FnMut() -> String,
    body: &str,
    within: Duration,
    stopped: impl Fn() -> bool,
) -> bool {
    let mut again = every(Duration::from_millis(5));
    loop {
        again.tick().await;
        let sent = client.post(webhook()).body(body.to_owned()).timeout(within).send().await;
        if sent.is_ok_and(|answer| answer.status().is_success()) {
            return true;
        }
        if stopped() {
            return false;
        }
    }
}

/// A client for what a test itself asks of servers, in clear text. It trusts no authority, so
/// that no question waits until those of the system have been read.
pub fn http() -> reqwest::Client {
    smartcloudops::http_client::install_crypto_provider();
    let client =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).tls_certs_only([]);
    client.build().expect("a client")
}
