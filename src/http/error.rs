//! Errors as callers see them: one public sentence, one private cause, one function that maps both.
//!
//! The public part is the JSON of the Prometheus API and stays short, because Alertmanager copies it
//! into its own log. The private cause goes to the access log and never to the caller.

use std::borrow::Cow;
use std::error::Error;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Longest public sentence, in characters.
const MAX_SENTENCE: usize = 500;

/// Longest foreign error text that is read, in bytes.
const MAX_FOREIGN: usize = 4096;

/// What kind of error it is; decides the status code and the `errorType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400: the request makes no sense.
    BadData,
    /// 401: the caller is not known.
    Unauthorized,
    /// 403: the caller may not do this.
    Forbidden,
    /// 404: there is no such thing.
    NotFound,
    /// 405: the route does not serve this method.
    MethodNotAllowed,
    /// 408: the request's body did not arrive in time.
    SlowBody,
    /// 409: it cannot be done in the present state.
    Conflict,
    /// 413: the request's body is too large.
    TooLarge,
    /// 503: the answer took too long; as in Prometheus.
    Timeout,
    /// 503 with `Retry-After`: not now. Alertmanager retries 503, never 429.
    Unavailable,
    /// 500: our fault.
    Internal,
}

impl ErrorKind {
    /// The response's status code.
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadData => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Timeout | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The `errorType` of the JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::SlowBody | Self::Timeout => "timeout",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthorized,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::SlowBody,
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_server_error() => Self::Internal,
            _ => Self::BadData,
        }
    }
}

/// An error answer: what the caller reads and what only the log says.
#[derive(Debug)]
pub struct ApiError {
    kind: ErrorKind,
    sentence: Cow<'static, str>,
    cause: Option<String>,
}

/// The private cause, handed to the access log in the response's extensions.
#[derive(Clone, Debug)]
pub(super) struct PrivateCause(pub(super) String);

impl ApiError {
    /// An error of this kind with a sentence for the caller, without its full stop.
    pub fn new(kind: ErrorKind, sentence: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, sentence: sentence.into(), cause: None }
    }

    /// Our fault: the caller learns no more than that, the log gets the cause.
    pub fn internal(cause: &dyn Error) -> Self {
        Self::new(ErrorKind::Internal, "the daemon failed; its log says why").because(cause)
    }

    /// Adds the private cause, with everything beneath it.
    pub fn because(mut self, cause: &dyn Error) -> Self {
        let mut text = cause.to_string();
        let mut deeper = cause.source();
        while let Some(error) = deeper {
            let part = error.to_string();
            if !text.contains(&part) {
                text.push_str(": ");
                text.push_str(&part);
            }
            deeper = error.source();
        }
        self.cause = Some(text);
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The public sentence.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    status: &'static str,
    #[serde(rename = "errorType")]
    error_type: &'static str,
    error: &'a str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let cut = self.sentence.char_indices().nth(MAX_SENTENCE).map_or(self.sentence.len(), |(at, _)| at);
        let body =
            ErrorBody { status: "error", error_type: self.kind.as_str(), error: &self.sentence[..cut] };
        let mut response = (self.kind.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        match self.kind {
            ErrorKind::Unavailable => drop(headers.insert(RETRY_AFTER, HeaderValue::from_static("5"))),
            ErrorKind::SlowBody | ErrorKind::TooLarge => {
                drop(headers.insert(CONNECTION, HeaderValue::from_static("close")));
            }
            _ => {}
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(PrivateCause(cause));
        }
        response
    }
}

/// A successful answer: `{"status":"success","data":…}`.
#[derive(Clone, Debug)]
pub struct Success<T>(pub T);

#[derive(Serialize)]
struct SuccessBody<T> {
    status: &'static str,
    data: T,
}

impl<T: Serialize> IntoResponse for Success<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&SuccessBody { status: "success", data: self.0 }) {
            Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => ApiError::internal(&error).into_response(),
        }
    }
}

/// Puts a foreign error answer (a router's or an extractor's plain text) into the JSON form, headers kept.
///
/// The text of a 4xx is for the caller; that of a 5xx is not, and goes to the log.
pub(super) async fn in_json_form(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let content_type = response.headers().get(CONTENT_TYPE).map(|value| value.as_bytes().to_vec());
    if !is_error || content_type.is_some_and(|content_type| !content_type.starts_with(b"text/plain")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_FOREIGN).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    let kind = ErrorKind::of_status(status);
    let sentence = match status.canonical_reason() {
        Some(reason) if text.is_empty() || status.is_server_error() => reason.to_lowercase(),
        _ => text.clone(),
    };
    let (mut ours, body) = ApiError::new(kind, sentence).into_response().into_parts();
    ours.status = status;
    for name in [CONTENT_TYPE, axum::http::header::CONTENT_LENGTH] {
        parts.headers.remove(&name);
    }
    ours.headers.extend(parts.headers);
    ours.extensions.extend(parts.extensions);
    if status.is_server_error() && !text.is_empty() {
        ours.extensions.insert(PrivateCause(text));
    }
    Response::from_parts(ours, Body::new(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(response: Response) -> (u16, String) {
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 1 << 16).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the journal is gone")]
    struct Outer(#[source] std::io::Error);

    #[tokio::test]
    async fn an_error_is_the_prometheus_json_and_keeps_its_cause_private() {
        let cause = Outer(std::io::Error::other("disk on fire"));
        let error = ApiError::new(ErrorKind::Unavailable, "the journal cannot be written").because(&cause);
        let response = error.into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "5");
        let logged = response.extensions().get::<PrivateCause>().unwrap().0.clone();
        assert_eq!(logged, "the journal is gone: disk on fire");
        let expected =
            r#"{"status":"error","errorType":"unavailable","error":"the journal cannot be written"}"#;
        assert_eq!(read(response).await, (503, expected.to_owned()));
    }

    #[tokio::test]
    async fn a_success_wraps_its_data() {
        let (status, body) = read(Success(vec![1, 2]).into_response()).await;
        assert_eq!((status, body.as_str()), (200, r#"{"status":"success","data":[1,2]}"#));
    }

    #[tokio::test]
    async fn a_long_sentence_is_cut_between_characters() {
        let (_, body) = read(ApiError::new(ErrorKind::BadData, "ü".repeat(9000)).into_response()).await;
        assert!(body.chars().count() < MAX_SENTENCE + 80, "{}", body.len());
    }

    #[tokio::test]
    async fn foreign_errors_take_the_json_form() {
        for (given, expected) in [
            (
                (StatusCode::UNPROCESSABLE_ENTITY, "missing field `x`"),
                r#""bad_data","error":"missing field `x`""#,
            ),
            ((StatusCode::METHOD_NOT_ALLOWED, ""), r#""method_not_allowed","error":"method not allowed""#),
            ((StatusCode::INTERNAL_SERVER_ERROR, "secret"), r#""internal","error":"internal server error""#),
        ] {
            let (status, body) = read(in_json_form(given.into_response()).await).await;
            assert_eq!(status, given.0.as_u16());
            assert!(body.contains(expected), "{body}");
        }
    }

    #[tokio::test]
    async fn other_answers_are_left_alone() {
        let html = (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "text/html")], "<p>");
        assert_eq!(read(in_json_form(html.into_response()).await).await, (404, "<p>".to_owned()));
        assert_eq!(read(in_json_form("plain".into_response()).await).await, (200, "plain".to_owned()));
    }
}
