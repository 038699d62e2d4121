//! The client, and what it asks about alerts and the server.

use std::sync::Arc;

use http::Method;

use super::{ActiveAlert, BuildError, Config, RequestError, decode};
use crate::http_client::{Api, Call, Limits};
use crate::metrics::prometheus::{Kind, PrometheusMetrics, Server};
use crate::model::Matcher;

/// 3,000 alerts cost Alertmanager 110 ms and weigh about 3 MB.
const MAX_RESPONSE_BYTES: usize = 64 << 20;
/// Requests under way at once.
const MAX_CONCURRENCY: usize = 2;
/// Further attempts where a retry may help.
const RETRIES: u32 = 2;

/// An Alertmanager. A clone shares connections and the bound on concurrency.
#[derive(Clone)]
pub struct Client {
    pub(super) api: Arc<Api>,
}

impl Client {
    /// Prepares a client; nothing is sent yet. Errors name the setting at fault.
    pub fn new(config: &Config, metrics: PrometheusMetrics) -> Result<Self, BuildError> {
        let limits = Limits {
            timeout: config.timeout,
            max_concurrency: MAX_CONCURRENCY,
            max_response_bytes: MAX_RESPONSE_BYTES,
            retries: RETRIES,
        };
        let api = Api::new(Server::Alertmanager, &config.url, &config.http, limits, metrics)?;
        Ok(Self { api: Arc::new(api) })
    }

    /// The alerts that are not resolved and satisfy every matcher, silenced and inhibited ones included.
    /// No matcher asks for all.
    pub async fn active_alerts(&self, filter: &[Matcher]) -> Result<Vec<ActiveAlert>, RequestError> {
        let states = ["active", "silenced", "inhibited", "unprocessed"];
        let states = states.map(|state| (state, "true".to_owned()));
        let filters = filter.iter().map(|matcher| ("filter", matcher.to_string()));
        let call = Call {
            kind: Kind::Alerts,
            method: Method::GET,
            path: "api/v2/alerts",
            parameters: states.into_iter().chain(filters).collect(),
            gzip: true,
        };
        self.api.ask(&call, decode::alerts).await
    }

    /// The version it says it is.
    pub async fn version(&self) -> Result<String, RequestError> {
        let call = Call {
            kind: Kind::Metadata,
            method: Method::GET,
            path: "api/v2/status",
            parameters: Vec::new(),
            gzip: false,
        };
        self.api.ask(&call, decode::version).await
    }
}
