//! A request, complete, with the client to send it.

use std::error::Error as _;
use std::time::Duration;

use ::http::Method;
use ::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Client, Request};
use url::Url;

use crate::files;
use crate::http_client::SigningKey;
use crate::model::{HttpAction, Secret, Timestamp};

/// A request with the client to send it.
pub(super) struct Prepared {
    pub client: Client,
    pub request: Request,
    /// What the request carries and nothing may show.
    pub secrets: Vec<Secret>,
}

impl Prepared {
    /// Reads the secrets and checks everything, or says in a sentence what is wrong. Blocks, for a bounded time.
    pub fn new(action: &HttpAction, key: &str, at: Timestamp, time: Duration) -> Result<Self, String> {
        let bearer = action.bearer.as_ref().map(files::secret_blocking);
        let bearer = bearer.transpose().map_err(|error| error.to_string())?;
        let method = match &*action.method {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "GET" => Method::GET,
            other => return Err(format!("the method {other:?} is not POST, PUT, PATCH or GET")),
        };
        let url: Url = action.url.parse().map_err(|error| format!("the address is not a URL: {error}"))?;
        let mut headers = headers(action, key, bearer.as_ref())?;
        let mut secrets: Vec<Secret> = bearer.into_iter().collect();
        for (name, source) in &action.secret_headers {
            let secret = files::secret_blocking(source).map_err(|error| error.to_string())?;
            headers.insert(header_name(name)?, sensitive(secret.expose(), name)?);
            secrets.push(secret);
        }
        if let Some(source) = &action.signing_key {
            headers.extend(SigningKey::read_blocking(source)?.sign(key, at, &action.body));
        }
        let client = client(time).map_err(describe)?;
        let request = client.request(method, url).headers(headers).body(action.body.clone());
        Ok(Self { request: request.build().map_err(describe)?, client, secrets })
    }
}

/// A client for one request that may take so long.
fn client(time: Duration) -> reqwest::Result<Client> {
    // Fails only where a provider is installed already, which then serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .no_gzip()
        .connect_timeout(time / 2)
        .timeout(time)
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
        let value =
            HeaderValue::try_from(value).map_err(|_| format!("the header {name:?} cannot be sent"))?;
        headers.insert(header_name(name)?, value);
    }
    let key = HeaderValue::try_from(idempotency_key).map_err(|_| "the idempotency key cannot be sent")?;
    headers.insert(HeaderName::from_static("idempotency-key"), key);
    if let Some(secret) = bearer {
        headers.insert(AUTHORIZATION, sensitive(&format!("Bearer {}", secret.expose()), "authorization")?);
    }
    Ok(headers)
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    HeaderName::try_from(name).map_err(|_| format!("the header {name:?} cannot be sent"))
}

/// A value that no log of the client shows.
fn sensitive(value: &str, name: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| format!("the secret for the header {name} cannot be sent in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// An error and its causes without the address, whose query may hold a secret.
pub(super) fn describe(error: reqwest::Error) -> String {
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
