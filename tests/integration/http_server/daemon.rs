//! A server with a few routes that stand for the daemon's.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Query;
use axum::routing::{get, post};
use prometheus_client::registry::Registry;
use smartcloudops::http::{
    ApiError, Config, Drain, ErrorKind, Identity, Reloader, Scope, Server, Success, Token, require,
    time_limit,
};
use smartcloudops::metrics::http::{HttpMetrics, MethodLabel, Route};
use smartcloudops::model::SecretSource;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::wait_until;

const GET: &[MethodLabel] = &[MethodLabel::Get];
const POST: &[MethodLabel] = &[MethodLabel::Post];

const ROUTES: &[Route] = &[
    Route { path: "/-/healthy", methods: GET },
    Route { path: "/-/reload", methods: POST },
    Route { path: "/metrics", methods: GET },
    Route { path: "/webhook", methods: POST },
    Route { path: "/query", methods: POST },
    Route { path: "/whoami", methods: GET },
    Route { path: "/things/{id}", methods: GET },
    Route { path: "/panic", methods: GET },
    Route { path: "/slow", methods: GET },
];

/// A running server.
pub struct Daemon {
    pub address: SocketAddr,
    pub reloader: Reloader,
    pub stop: CancellationToken,
    /// `/slow` adds a permit for each request that has reached it, and answers when notified.
    pub slow_entered: Arc<Semaphore>,
    pub slow_release: Arc<Notify>,
    pub config: Config,
    registry: Registry,
    task: JoinHandle<Drain>,
}

/// Settings on a free loopback port.
pub fn config() -> Config {
    Config { listen_address: "127.0.0.1:0".to_owned(), ..Config::default() }
}

/// Settings with a web configuration file.
pub fn web_config(folder: &Path, yaml: &str) -> Config {
    let path = folder.join("web.yml");
    std::fs::write(&path, yaml).unwrap();
    Config { web_config_file: Some(path), ..config() }
}

/// A token whose secret is `NAME-secret`.
pub fn token(folder: &Path, name: &str, scopes: &[Scope]) -> Token {
    let path = folder.join(name);
    std::fs::write(&path, format!("{name}-secret\n")).unwrap();
    Token { name: name.to_owned(), secret: SecretSource::File(path), scopes: scopes.to_vec() }
}

pub fn start(config: &Config) -> Daemon {
    let mut registry = Registry::default();
    let metrics = HttpMetrics::register(&mut registry, ROUTES);
    let (slow_entered, slow_release) = (Arc::new(Semaphore::new(0)), Arc::new(Notify::new()));
    let router = router(slow_entered.clone(), slow_release.clone());
    let server = Server::bind(config, router, metrics).expect("the server binds");
    let (address, reloader, stop) = (server.local_addr(), server.reloader(), CancellationToken::new());
    let task = tokio::spawn(server.run(stop.clone()));
    Daemon { address, reloader, stop, slow_entered, slow_release, config: config.clone(), registry, task }
}

/// Why a server with these settings does not start.
pub fn refusal(config: &Config) -> String {
    let metrics = HttpMetrics::register(&mut Registry::default(), ROUTES);
    match Server::bind(config, Router::new(), metrics) {
        Ok(_) => panic!("the server starts"),
        Err(error) => error.to_string(),
    }
}

impl Daemon {
    /// The value of a self-metric.
    pub fn metric(&self, series: &str) -> f64 {
        let mut page = String::new();
        prometheus_client::encoding::text::encode(&mut page, &self.registry).unwrap();
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{series} is missing in\n{page}")).parse().unwrap()
    }

    /// Waits until a self-metric has this value.
    pub async fn until_metric(&self, series: &str, value: f64) {
        let what = format!("{series} to be {value}");
        wait_until(super::client::DEADLINE, &what, || async { self.metric(series) == value }).await;
    }

    /// Tells the server to stop and waits for its end.
    pub async fn stopped(self) -> Drain {
        self.stop.cancel();
        tokio::time::timeout(super::client::DEADLINE, self.task)
            .await
            .expect("it ends")
            .expect("without panic")
    }
}

fn router(entered: Arc<Semaphore>, release: Arc<Notify>) -> Router {
    let slow = async move || {
        let released = release.notified();
        entered.add_permits(1);
        released.await;
        "slow but sure"
    };
    Router::new()
        .route("/-/healthy", get(async || "healthy"))
        .route("/-/reload", require(Scope::Operate, post(async || Success("reloaded"))))
        .route("/metrics", require(Scope::Read, get(async || "up 1\n")))
        .route("/webhook", require(Scope::Alerts, post(async |body: Bytes| Success(body.len()))))
        .route("/query", require(Scope::Chat, post(async || Success("an answer"))))
        .route("/whoami", get(async |identity: Identity| Success(identity.name.to_string())))
        .route("/things/{id}", require(Scope::Read, get(thing)))
        .route("/long", get(async || "a line that repeats\n".repeat(500)))
        .route("/panic", get(panics))
        .route("/slow", get(slow.clone()))
        .route("/impatient", time_limit(std::time::Duration::from_millis(50), get(slow)))
}

#[derive(serde::Deserialize)]
struct Wanted {
    depth: u32,
}

async fn thing(Query(wanted): Query<Wanted>) -> Result<Success<u32>, ApiError> {
    match wanted.depth {
        0 => Err(ApiError::internal(&std::io::Error::other("the private cause"))),
        1..=9 => Ok(Success(wanted.depth)),
        _ => Err(ApiError::new(ErrorKind::BadData, "depth is at most 9")),
    }
}

async fn panics() -> &'static str {
    panic!("the handler of a test panics on purpose")
}
