//! Settings of the Prometheus client.

use std::time::Duration;

use url::Url;

use crate::http_client;

/// Which Prometheus, and how hard it may be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Base URL; the API's path is appended to its path.
    pub url: Url,
    /// Authentication, TLS and headers.
    pub http: http_client::Config,
    /// For one request, its answer included. Default 30 s.
    pub timeout: Duration,
    /// Requests under way at once. Default 4.
    pub max_concurrency: usize,
    /// Largest decoded answer accepted, in bytes. Default 128 MiB.
    pub max_response_bytes: usize,
    /// Further attempts where a retry may help. Default 2.
    pub retries: u32,
}

impl Config {
    /// The defaults for a server.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            http: http_client::Config::default(),
            timeout: Duration::from_secs(30),
            max_concurrency: 4,
            max_response_bytes: 128 << 20,
            retries: 2,
        }
    }
}
