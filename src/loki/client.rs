//! The client, and what it asks.

use std::sync::Arc;
use std::time::Duration;

use http::Method;

use super::logql::{level_of, logql};
use super::{BuildError, Config, Line, RequestError, decode};
use crate::http_client::{Api, Call, Limits};
use crate::log::Level;
use crate::metrics::prometheus::{Kind, PrometheusMetrics, Server};
use crate::model::Timestamp;

/// The longest range of one question.
pub const MAX_RANGE: Duration = Duration::from_secs(24 * 3600);
/// The most lines of one answer. Loki's own limit is 5,000 unless it is told otherwise.
pub const MAX_LINES: usize = 1001;
/// A thousand lines of ordinary length are some 300 KB; Loki takes lines of up to 256 KB.
const MAX_RESPONSE_BYTES: usize = 16 << 20;
/// Requests under way at once.
const MAX_CONCURRENCY: usize = 2;
/// Further attempts where a retry may help.
const RETRIES: u32 = 1;

/// Which lines are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The value of the label that names the service; `None`: every service.
    pub service: Option<&'a str>,
    /// A text that the line holds, whatever its case; `None`: any line.
    pub contains: Option<&'a str>,
    /// How severe the line is at least; `None`: also those of which nobody knows.
    pub level: Option<Level>,
    /// The first time; the range is at most [`MAX_RANGE`].
    pub since: Timestamp,
    /// The last time, itself included.
    pub until: Timestamp,
    /// At most so many lines, and [`MAX_LINES`]: the newest.
    pub limit: usize,
}

/// A Loki. A clone shares connections and the bound on concurrency.
#[derive(Clone)]
pub struct Client {
    api: Arc<Api>,
    config: Arc<Config>,
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
        let api = Api::new(Server::Loki, &config.url, &config.http, limits, metrics)?;
        Ok(Self { api: Arc::new(api), config: Arc::new(config.clone()) })
    }

    /// The lines asked for, oldest first. A range that is longer than [`MAX_RANGE`] loses its beginning.
    pub async fn lines(&self, question: &Question<'_>) -> Result<Vec<Line>, RequestError> {
        let Question { service, contains, level, since, until, limit } = *question;
        let since = since.max(until - MAX_RANGE);
        let nanoseconds = |time: Timestamp| format!("{}000000", time.as_millis());
        let call = Call {
            kind: Kind::Range,
            method: Method::GET,
            path: "loki/api/v1/query_range",
            parameters: vec![
                ("query", logql(&self.config, service, contains, level)),
                ("start", nanoseconds(since)),
                // The end itself is not part of the range.
                ("end", nanoseconds(until + Duration::from_millis(1))),
                ("limit", limit.clamp(1, MAX_LINES).to_string()),
                ("direction", "backward".to_owned()),
            ],
            gzip: true,
        };
        self.api.ask(&call, decode::lines).await
    }

    /// The version it says it is.
    pub async fn version(&self) -> Result<String, RequestError> {
        let call = Call {
            kind: Kind::Metadata,
            method: Method::GET,
            path: "loki/api/v1/status/buildinfo",
            parameters: Vec::new(),
            gzip: false,
        };
        self.api.ask(&call, decode::version).await
    }

    /// The service that a line is of; empty if its stream names none.
    pub fn service<'a>(&self, line: &'a Line) -> &'a str {
        line.labels.get(&self.config.label).map_or("", String::as_str)
    }

    /// How severe a line is; `None` if nobody knows.
    pub fn level(&self, line: &Line) -> Option<Level> {
        let labels = [self.config.level_label.as_str(), "level"];
        labels.iter().find_map(|label| level_of(line.labels.get(*label)?))
    }
}
