//! How one request travels below `async-openai`: the key, the bounds, and what a refusal means.
//!
//! It stands in for the library's own transport, which tries again by itself, reads without a limit, and
//! logs what it cannot read. Nothing is tried again here: a caller has a plain answer at hand, and whoever
//! asks next may find the server well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Response};
use serde::de::IgnoredAny;

use super::excerpt::Withheld;
use super::lines::Lines;
use super::{Config, Cut, LlmError};
use crate::http_client::{RequestError, retry_after};

/// Largest body of an answer in one piece, in bytes: its text in JSON, and what stands around it.
const MAX_BODY: usize = 256 << 10;
/// Largest stream, in bytes: each token comes with some hundred bytes around it.
const MAX_STREAM: usize = 4 << 20;
/// Most of an error answer that is read, in bytes.
const MAX_ERROR_BODY: usize = 16 << 10;

/// The way of one request to the server and back.
#[derive(Clone)]
pub(super) struct Transport {
    /// Where it goes.
    pub http: reqwest::Client,
    /// The header with the key, if there is one.
    pub authorization: Option<HeaderValue>,
    /// What no error may repeat.
    pub withheld: Arc<Withheld>,
    /// Whether the answer is to come in pieces.
    pub streams: bool,
    /// Whether a stream was longer than [`MAX_STREAM`].
    pub overflow: Arc<AtomicBool>,
}

impl Transport {
    /// The API, reached this way.
    pub fn api(&self, config: &Config) -> async_openai::Client<OpenAIConfig> {
        let own = |text: &Option<String>| text.clone().unwrap_or_default();
        // All four are set, so that none is taken from the environment.
        let settings = OpenAIConfig::new()
            .with_api_base(config.base_url.as_str().trim_end_matches('/'))
            .with_api_key("")
            .with_org_id(own(&config.organization))
            .with_project_id(own(&config.project));
        let transport = self.clone();
        let service = tower::service_fn(move |request| transport.clone().carry(request));
        async_openai::Client::build(self.http.clone(), settings).with_http_service(service)
    }

    async fn carry(self, request: HttpRequestFactory) -> Result<Response, OpenAIError> {
        let mut request = request.build().await?;
        match &self.authorization {
            Some(header) => drop(request.headers_mut().insert(AUTHORIZATION, header.clone())),
            None => drop(request.headers_mut().remove(AUTHORIZATION)),
        }
        let response = self.http.execute(request).await.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(self.refusal(response).await.into());
        }
        match self.streams {
            true => self.pieces(response).map_err(OpenAIError::from),
            false => self.whole(response).await.map_err(OpenAIError::from),
        }
    }

    /// A body of JSON. The library would log what it cannot read, so it gets nothing else.
    async fn whole(&self, mut response: Response) -> Result<Response, LlmError> {
        let status = response.status();
        let body = read(&mut response, MAX_BODY).await?;
        if body.len() > MAX_BODY {
            return Err(LlmError::TooLarge { limit: MAX_BODY });
        }
        if serde_json::from_slice::<IgnoredAny>(&body).is_err() {
            return Err(LlmError::Invalid(
                "the server sent no JSON; check explain.openai.base_url".to_owned(),
            ));
        }
        Ok(answer(status, Body::from(body)))
    }

    fn pieces(&self, response: Response) -> Result<Response, LlmError> {
        let status = response.status();
        let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        if !kind.starts_with(b"text/event-stream") {
            return Err(LlmError::Invalid("the server sent no stream of events".to_owned()));
        }
        let pieces = bounded(response.bytes_stream(), Arc::clone(&self.overflow));
        Ok(answer(status, Body::wrap_stream(pieces)))
    }

    /// What an answer with another status than success means.
    async fn refusal(&self, mut response: Response) -> LlmError {
        let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
        // Its body only explains, so whatever arrives of its beginning is enough.
        let body = read(&mut response, MAX_ERROR_BODY).await.unwrap_or_default();
        let said = self.withheld.excerpt(&explanation(&body));
        match status {
            429 => LlmError::RateLimited { retry_after, said },
            503 if retry_after.is_some() => LlmError::RateLimited { retry_after, said },
            401 | 403 => LlmError::Unauthorized { status, said },
            500.. => LlmError::Server { said: format!("HTTP {status}: {said}") },
            _ => LlmError::Rejected { status, said },
        }
    }
}

/// At most one piece more than the limit, so that whoever asked knows that there was more.
async fn read(response: &mut Response, limit: usize) -> Result<Vec<u8>, LlmError> {
    let mut body = Vec::new();
    while body.len() <= limit {
        match response.chunk().await {
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => break,
            Err(_) => return Err(LlmError::CutOff(Cut::Stream)),
        }
    }
    Ok(body)
}

/// The same pieces as whole lines, until there are too many or one is too long.
fn bounded(
    pieces: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
    overflow: Arc<AtomicBool>,
) -> impl Stream<Item = std::io::Result<Vec<u8>>> + Send + 'static {
    let (mut seen, mut lines) = (0, Lines::default());
    pieces.map(move |piece| {
        let piece = piece.map_err(std::io::Error::other)?;
        seen += piece.len();
        let whole = lines.push(&piece).ok().filter(|_| seen <= MAX_STREAM);
        whole.ok_or_else(|| {
            overflow.store(true, Ordering::SeqCst);
            std::io::Error::other("too large")
        })
    })
}

fn answer(status: http::StatusCode, body: Body) -> Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    Response::from(response)
}

/// What the body of an error answer says: OpenAI's `error.message`, what others have in its place, or all of it.
fn explanation(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let parsed: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let places = [&parsed["error"]["message"], &parsed["error"], &parsed["message"], &parsed["detail"]];
    match places.into_iter().find_map(serde_json::Value::as_str) {
        Some(message) => message.to_owned(),
        None if text.trim().is_empty() => "no reason given".to_owned(),
        None if text.trim_start().starts_with('<') => "an HTML page".to_owned(),
        None => text.into_owned(),
    }
}

fn unreachable(error: reqwest::Error) -> LlmError {
    // The client itself has a time-out for the connection alone.
    LlmError::Unreachable(match RequestError::transport(error, Duration::ZERO) {
        RequestError::Unreachable(why) | RequestError::TimedOut(why) | RequestError::Malformed(why) => why,
        other => other.to_string(),
    })
}

impl From<LlmError> for OpenAIError {
    fn from(error: LlmError) -> Self {
        Self::Boxed(Box::new(error))
    }
}

impl Transport {
    /// The error that travelled through the library, or what the library's own means.
    pub fn failure(&self, error: OpenAIError) -> LlmError {
        let invalid = |what: &str| LlmError::Invalid(what.to_owned());
        match error {
            OpenAIError::Boxed(inner) => match inner.downcast::<LlmError>() {
                Ok(own) => *own,
                Err(_) => invalid("the request failed for an unknown reason"),
            },
            OpenAIError::Reqwest(error) => unreachable(error),
            OpenAIError::StreamError(_) if self.overflow.load(Ordering::SeqCst) => {
                LlmError::TooLarge { limit: MAX_STREAM }
            }
            OpenAIError::StreamError(_) => LlmError::CutOff(Cut::Stream),
            OpenAIError::JSONDeserialize(..) => invalid("an event of the stream is not JSON"),
            OpenAIError::ApiError(answer) => {
                LlmError::Server { said: self.withheld.excerpt(&answer.api_error.message) }
            }
            _ => invalid("the request cannot be made"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::explanation;

    #[test]
    fn an_error_answer_is_searched_for_its_reason() {
        for (body, expected) in [
            (r#"{"error":{"message":"no such model","type":"x","code":"model_not_found"}}"#, "no such model"),
            (r#"{"error":"model 'x' not found"}"#, "model 'x' not found"),
            (r#"{"object":"error","message":"bad"}"#, "bad"),
            (r#"{"detail":"Not Found"}"#, "Not Found"),
            ("upstream connect error", "upstream connect error"),
            ("<html><body>x", "an HTML page"),
            ("  ", "no reason given"),
            ("", "no reason given"),
            (r#"{"odd":1}"#, r#"{"odd":1}"#),
        ] {
            assert_eq!(explanation(body.as_bytes()), expected, "{body}");
        }
    }
}
