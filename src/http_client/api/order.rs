//! What changes the server's state: sent once, whatever becomes of it.
//!
//! Whether it may be sent again is for the caller to say, who knows what it does. It waits for no place: what
//! is asked at the same time holds no order up.

use std::time::{Duration, Instant};

use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};

use super::super::{RequestError, answer, authorize};
use super::{Api, Decode, joined};
use crate::metrics::prometheus::{Kind, Outcome};

/// One order.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// What it is counted as.
    pub kind: Kind,
    /// `POST` or `DELETE`.
    pub method: Method,
    /// Appended to the base URL's path, without a leading slash.
    pub path: &'a str,
    /// JSON; empty for none.
    pub body: String,
    /// For the whole exchange.
    pub timeout: Duration,
}

/// Why it is not known that an order was carried out, named by what is known instead.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// Nothing was sent.
    #[error(transparent)]
    NotSent(RequestError),
    /// The server says that it has not done it.
    #[error(transparent)]
    Refused(RequestError),
    /// It may or may not have been done.
    #[error(transparent)]
    Unknown(RequestError),
}

impl OrderError {
    fn cause(&self) -> &RequestError {
        match self {
            Self::NotSent(cause) | Self::Refused(cause) | Self::Unknown(cause) => cause,
        }
    }
}

impl Api {
    /// Sends an order once and reads what the server says of it.
    pub async fn order<T>(&self, order: &Order<'_>, decode: Decode<T>) -> Result<T, OrderError> {
        let begun = Instant::now();
        let result = self.send_once(order, decode).await;
        let outcome = result.as_ref().err().map_or(Outcome::Success, |error| error.cause().outcome());
        self.metrics.answered(self.server, order.kind, outcome, begun.elapsed());
        result
    }

    async fn send_once<T>(&self, order: &Order<'_>, decode: Decode<T>) -> Result<T, OrderError> {
        let json = HeaderValue::from_static("application/json");
        let request =
            self.client.request(order.method.clone(), joined(&self.base, order.path)).timeout(order.timeout);
        let request =
            request.header(ACCEPT, json.clone()).header(CONTENT_TYPE, json).body(order.body.clone());
        let request = authorize(&self.http, request).await;
        let request = request.map_err(|error| OrderError::NotSent(error.into()))?;
        let response = request.send().await.map_err(|error| unanswered(error, order.timeout))?;
        let is_success = response.status().is_success();
        let body = answer::body(response, self.limits.max_response_bytes, order.timeout).await;
        let body = body.map_err(|error| judge(error, is_success))?;
        decode(&body).map_err(OrderError::Unknown)
    }
}

/// Nothing was sent if there was no connection, or no request to send.
fn unanswered(error: reqwest::Error, timeout: Duration) -> OrderError {
    let nothing_sent = error.is_connect() || error.is_builder();
    let error = RequestError::transport(error, timeout);
    if nothing_sent { OrderError::NotSent(error) } else { OrderError::Unknown(error) }
}

/// A refusal, unless success was said first, or a gateway does not know what became of it.
fn judge(error: RequestError, is_success: bool) -> OrderError {
    match error {
        RequestError::TimedOut(_) | RequestError::Server { status: 502 | 504, .. } => {
            OrderError::Unknown(error)
        }
        _ if is_success => OrderError::Unknown(error),
        _ => OrderError::Refused(error),
    }
}
