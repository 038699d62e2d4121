//! The Prometheus client against real servers, against a server that misbehaves, and over TLS.

mod faults;
mod real;
mod transport;

use std::time::Duration;

use prometheus_client::registry::Registry;
use smartcloudops::metrics::prometheus::PrometheusMetrics;
use smartcloudops::model::Timestamp;
use smartcloudops::prometheus::{BuildError, Client, Config, QueryError};

use crate::support::FaultServer;

/// A client and the metrics it counts in.
struct Probe {
    client: Client,
    registry: Registry,
}

impl Probe {
    fn new(config: &Config) -> Result<Self, BuildError> {
        let mut registry = Registry::default();
        let metrics = PrometheusMetrics::register(&mut registry);
        Ok(Self { client: Client::new(config, metrics)?, registry })
    }

    /// The value of one of its metrics, 0 if there is none of that name.
    fn metric(&self, series: &str) -> f64 {
        let mut page = String::new();
        prometheus_client::encoding::text::encode(&mut page, &self.registry).unwrap();
        let mut lines = page.lines().filter_map(|line| line.rsplit_once(' '));
        lines.find(|(name, _)| *name == series).map_or(0.0, |(_, value)| value.parse().unwrap())
    }

    fn up(&self) -> f64 {
        self.metric(r#"smartcloudops_prometheus_up{server="prometheus"}"#)
    }
}

fn config(url: &str) -> Config {
    Config::new(url.parse().unwrap())
}

/// A client of a misbehaving server, impatient so that the tests are quick.
fn probe(server: &FaultServer) -> Probe {
    let config = Config { timeout: Duration::from_millis(500), ..config(&server.url("/")) };
    Probe::new(&config).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// The outcome's label value, as the metrics have it.
fn outcome<T>(result: &Result<T, QueryError>) -> &'static str {
    result.as_ref().err().map_or("success", |error| error.outcome().as_str())
}
