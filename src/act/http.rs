//! Sends one HTTP request, once: no redirect is followed and nothing is retried.
//!
//! Each request has a client and a connection of its own. Actions are rare, and so no connection that a
//! server has meanwhile closed is mistaken for a lost request, and a changed set of authorities or a new
//! secret counts at once. Half the time is for connecting: a server that cannot be reached is told apart
//! from one that does not answer.

use std::error::Error as _;

use ::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use ::http::{Method, StatusCode};
use reqwest::{Client, Request, Response};
use url::Url;

use crate::model::{ActError, ActReport, HttpAction, Secret};

use super::Limits;
use super::output::printable;

/// Sends the request once. 2xx is accepted; another status is a failure, but for 502 and 504: a gateway
/// that got no answer does not know what became of the request. No connection means not started; a lost
/// connection or the end of the time means unknown. Receivers can tell a request by its `idempotency_key`.
pub async fn send(
    action: &HttpAction,
    idempotency_key: &str,
    limits: &Limits,
) -> Result<ActReport, ActError> {
    let not_started = |reason| ActError::NotStarted { reason };
    let (asked, key) = (action.clone(), idempotency_key.to_owned());
    // Secrets and authorities are read from files.
    let prepared = tokio::task::spawn_blocking(move || Prepared::new(&asked, &key)).await;
    let prepared = prepared.map_err(|error| not_started(error.to_string()))?.map_err(not_started)?;
    let answer = prepared.client.execute(prepared.request).await;
    let mut response = answer.map_err(unanswered)?;
    let status = response.status();
    let (output, complete) = read_output(&mut response, limits.http_output, prepared.bearer.as_ref()).await;
    judge(status, output, complete)
}

/// What an answer means. A body that breaks off leaves an accepted request in doubt.
fn judge(status: StatusCode, output: String, complete: Result<(), String>) -> Result<ActReport, ActError> {
    let report = ActReport { summary: format!("HTTP {}", status.as_u16()), output };
    match (status, complete) {
        (StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT, _) => {
            let reason = format!("{}: a gateway got no answer", report.summary);
            Err(ActError::Unknown { reason, report })
        }
        (status, _) if !status.is_success() => Err(ActError::Failed { report }),
        (_, Err(error)) => {
            let reason = format!("{}, but the answer broke off: {error}", report.summary);
            Err(ActError::Unknown { reason, report })
        }
        (_, Ok(())) => Ok(report),
    }
}

/// A request that got no answer: nothing was sent if there was no connection or no request to send.
fn unanswered(error: reqwest::Error) -> ActError {
    let nothing_sent = error.is_connect() || error.is_builder();
    let reason = describe(error);
    if nothing_sent {
        return ActError::NotStarted { reason };
    }
    let reason = format!("no answer: {reason}");
    let report = ActReport { summary: reason.clone(), output: String::new() };
    ActError::Unknown { reason, report }
}

/// An error and its causes without the address, whose query may hold a secret.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// A request with the client to send it.
struct Prepared {
    client: Client,
    request: Request,
    bearer: Option<Secret>,
}

impl Prepared {
    /// Reads the secret and checks everything, or says in a sentence what is wrong. Blocks.
    fn new(action: &HttpAction, idempotency_key: &str) -> Result<Self, String> {
        let bearer = action.bearer.as_ref().map(|source| source.read());
        let bearer = bearer.transpose().map_err(|error| error.to_string())?;
        let method = match &*action.method {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "GET" => Method::GET,
            other => return Err(format!("the method {other:?} is not POST, PUT, PATCH or GET")),
        };
        let url: Url = action.url.parse().map_err(|error| format!("the address is not a URL: {error}"))?;
        let headers = headers(action, idempotency_key, bearer.as_ref())?;
        let client = client(action).map_err(describe)?;
        let request = client.request(method, url).headers(headers).body(action.body.clone());
        Ok(Self { request: request.build().map_err(describe)?, client, bearer })
    }
}

/// A client for one request.
fn client(action: &HttpAction) -> reqwest::Result<Client> {
    // Fails only where a provider is installed already, which then serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .no_gzip()
        .connect_timeout(action.timeout / 2)
        .timeout(action.timeout)
        .build()
}

/// The action's headers over our defaults, and over them what is not the action's to choose.
fn headers(action: &HttpAction, idempotency_key: &str, bearer: Option<&Secret>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let agent = concat!("smartcloudops/", env!("CARGO_PKG_VERSION"));
    headers.insert(USER_AGENT, HeaderValue::from_static(agent));
    if !action.body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in &action.headers {
        let valid = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
        let (name, value) = valid.ok_or_else(|| format!("the header {name:?} cannot be sent"))?;
        headers.insert(name, value);
    }
    let key = HeaderValue::try_from(idempotency_key).map_err(|_| "the idempotency key cannot be sent")?;
    headers.insert(HeaderName::from_static("idempotency-key"), key);
    if let Some(secret) = bearer {
        let value = HeaderValue::try_from(format!("Bearer {}", secret.expose()));
        let mut value = value.map_err(|_| "the bearer token cannot be sent in a header")?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

/// The beginning of the body as clean text without the secret, and whether reading went well so far.
async fn read_output(
    response: &mut Response,
    limit: usize,
    bearer: Option<&Secret>,
) -> (String, Result<(), String>) {
    let secret = bearer.map_or("", |secret| secret.expose());
    // So much more is read that a secret which begins within the limit is read whole.
    let window = limit + secret.len();
    let mut body = Vec::new();
    let mut complete = Ok(());
    while body.len() < window {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => {
                complete = Err(describe(error));
                break;
            }
        }
    }
    let cut = body.len() >= window;
    body.truncate(window);
    (clean(&body, secret, cut), complete)
}

/// Text without the secret. Of a body that was cut, the end may hold a piece of it, and goes.
fn clean(body: &[u8], secret: &str, cut: bool) -> String {
    let mut text = printable(body);
    if secret.is_empty() {
        return text;
    }
    text = text.replace(secret, "<secret>");
    if cut {
        let end = text.floor_char_boundary(text.len().saturating_sub(secret.len()));
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests;
