//! Settings of the Loki client.

use std::time::Duration;

use url::Url;

use crate::http_client;

/// Which Loki, and what its labels mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Base URL; the API's path is appended to its path.
    pub url: Url,
    /// Authentication, TLS and headers, for example `X-Scope-OrgID`.
    pub http: http_client::Config,
    /// For one request, body included. Default 10 s.
    pub timeout: Duration,
    /// The label that names the service of a stream. Default `service_name`.
    pub label: String,
    /// The label, or the structured metadata, that holds the level of a line. Default `detected_level`.
    pub level_label: String,
}

impl Config {
    /// The defaults for a server.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            http: http_client::Config::default(),
            timeout: Duration::from_secs(10),
            label: "service_name".to_owned(),
            level_label: "detected_level".to_owned(),
        }
    }
}
