//! Settings of the Alertmanager client.

use std::time::Duration;

use url::Url;

use crate::http_client;

/// Which Alertmanager.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Base URL; `/api/v2/…` is appended to its path.
    pub url: Url,
    /// Authentication, TLS and headers.
    pub http: http_client::Config,
    /// For one request, its answer included. Default 10 s.
    pub timeout: Duration,
    /// How often the alerts known are compared with Alertmanager's and Prometheus's. Default 5 min.
    pub reconcile_interval: Duration,
    /// The receiver that stands for this daemon: alerts routed to it are taken up even when no message
    /// came. Default `smartcloudops`.
    pub receiver: String,
}

impl Config {
    /// The defaults for a server.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            http: http_client::Config::default(),
            timeout: Duration::from_secs(10),
            reconcile_interval: Duration::from_secs(300),
            receiver: "smartcloudops".to_owned(),
        }
    }
}
