//! A JSON API of one server, asked with a time-out, a size limit, bounded concurrency and retries.
//!
//! A [`Call`] is a question: it may be repeated, so nothing that changes the server's state is one. What
//! does is an [`Order`]. Every attempt is counted with its outcome.

mod order;

use std::time::{Duration, Instant};

use http::Method;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderValue};
use tokio::sync::Semaphore;
use url::Url;

use super::retry::Retries;
use super::{BuildError, Config, RequestError, answer, authorize, build};
use crate::metrics::prometheus::{Kind, Outcome, PrometheusMetrics, Server};

pub use order::{Order, OrderError};

/// Bodies above this are decoded off the runtime's threads, in bytes: about 1 ms of decoding.
const LARGE_BODY: usize = 256 << 10;

/// How hard a server may be asked.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one attempt, body included.
    pub timeout: Duration,
    /// Requests under way at once; 0 counts as 1.
    pub max_concurrency: usize,
    /// Largest decoded answer accepted, in bytes.
    pub max_response_bytes: usize,
    /// Further attempts where a retry may help.
    pub retries: u32,
}

/// One question.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// What it is counted as.
    pub kind: Kind,
    /// `GET` sends the parameters in the URL, anything else as a form.
    pub method: Method,
    /// Appended to the base URL's path, without a leading slash.
    pub path: &'a str,
    /// Names and values, unescaped.
    pub parameters: Vec<(&'a str, String)>,
    /// Whether the server may compress its answer.
    pub gzip: bool,
}

/// Turns a body into an answer, or says why it is none.
pub type Decode<T> = fn(&str) -> Result<T, RequestError>;

/// A JSON API of one server.
pub struct Api {
    server: Server,
    base: Url,
    http: Config,
    client: reqwest::Client,
    limits: Limits,
    permits: Semaphore,
    metrics: PrometheusMetrics,
}

impl Api {
    /// Prepares an API; nothing is sent yet. Errors name the setting at fault.
    pub fn new(
        server: Server,
        url: &Url,
        http: &Config,
        limits: Limits,
        metrics: PrometheusMetrics,
    ) -> Result<Self, BuildError> {
        let base = checked(url)?;
        let client = build(http)?;
        let permits = Semaphore::new(limits.max_concurrency.clamp(1, Semaphore::MAX_PERMITS));
        Ok(Self { server, base, http: http.clone(), client, limits, permits, metrics })
    }

    /// The metrics this API is counted in.
    pub fn metrics(&self) -> &PrometheusMetrics {
        &self.metrics
    }

    /// For one attempt, body included.
    pub fn timeout(&self) -> Duration {
        self.limits.timeout
    }

    /// Asks, and asks again where that may help. It takes at most (retries + 1) time-outs plus the
    /// delays between them, not counting the wait for one of the `max_concurrency` places.
    pub async fn ask<T>(&self, call: &Call<'_>, decode: Decode<T>) -> Result<T, RequestError>
    where
        T: Send + 'static,
    {
        let mut retries = Retries::new(self.limits.retries);
        loop {
            let error = match self.attempt(call, decode).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(delay) = retries.next_delay(&error) else {
                return Err(error);
            };
            self.metrics.retried(self.server);
            tracing::debug!(server = self.server.as_str(), error = %error, ?delay, "request is tried again");
            tokio::time::sleep(delay).await;
        }
    }

    /// The place is given back before the delay of a retry: a server in trouble blocks nobody else.
    async fn attempt<T>(&self, call: &Call<'_>, decode: Decode<T>) -> Result<T, RequestError>
    where
        T: Send + 'static,
    {
        let _place = self.permits.acquire().await.expect("the semaphore is never closed");
        let begun = Instant::now();
        let result = self.exchange(call, decode).await;
        let outcome = result.as_ref().err().map_or(Outcome::Success, RequestError::outcome);
        self.metrics.answered(self.server, call.kind, outcome, begun.elapsed());
        result
    }

    async fn exchange<T>(&self, call: &Call<'_>, decode: Decode<T>) -> Result<T, RequestError>
    where
        T: Send + 'static,
    {
        let Limits { timeout, max_response_bytes, .. } = self.limits;
        let request = authorize(&self.http, self.request(call)).await?;
        let response = request.send().await.map_err(|error| RequestError::transport(error, timeout))?;
        let body = answer::body(response, max_response_bytes, timeout).await?;
        if body.len() <= LARGE_BODY {
            return decode(&body);
        }
        let decoded = tokio::task::spawn_blocking(move || decode(&body)).await;
        decoded.unwrap_or_else(|_| Err(RequestError::Malformed("its decoding was cut short".to_owned())))
    }

    fn request(&self, call: &Call<'_>) -> reqwest::RequestBuilder {
        let url = joined(&self.base, call.path);
        let request = self.client.request(call.method.clone(), url).timeout(self.limits.timeout);
        let request = request.header(ACCEPT, HeaderValue::from_static("application/json"));
        let request = match call.gzip {
            true => request,
            false => request.header(ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        };
        match call.method {
            Method::GET => request.query(&call.parameters),
            _ => request.form(&call.parameters),
        }
    }
}

fn checked(url: &Url) -> Result<Url, BuildError> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        let mut shown = url.clone();
        // Fails only for a URL that cannot hold a password.
        let _ = shown.set_password(None);
        return Err(BuildError::Url(shown.to_string()));
    }
    let mut base = url.clone();
    base.set_query(None);
    base.set_fragment(None);
    Ok(base)
}

/// Keeps the base URL's path, as servers behind a reverse proxy need it.
fn joined(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_path_is_kept() {
        for (base, expected) in [
            ("http://host:9090", "http://host:9090/api/v1/query"),
            ("http://host:9090/", "http://host:9090/api/v1/query"),
            ("https://host/prometheus", "https://host/prometheus/api/v1/query"),
            ("https://host/a/b/?x=1#y", "https://host/a/b/api/v1/query"),
            ("http://[::1]:9090/select/0/prometheus/", "http://[::1]:9090/select/0/prometheus/api/v1/query"),
        ] {
            let base = checked(&base.parse().unwrap()).unwrap();
            assert_eq!(joined(&base, "api/v1/query").as_str(), expected);
        }
    }

    #[test]
    fn a_url_that_is_no_server_is_refused_without_its_password() {
        for url in ["mailto:a@b.c", "ftp://user:s3cret@host/", "unix:/run/x.sock"] {
            let error = checked(&url.parse().unwrap()).unwrap_err().to_string();
            assert!(error.contains("not an http or https URL"), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
