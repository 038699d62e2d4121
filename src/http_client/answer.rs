//! What a server's answer means: a body within its limit, or a typed refusal.

use std::time::Duration;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, StatusCode};
use reqwest::Response;
use serde::Deserialize;

use super::{RequestError, one_line, retry_after};

/// Most of an error answer that is read, in bytes; its text is cut further.
const MAX_ERROR_BODY: usize = 16 << 10;
/// First guess at a body without a declared length, in bytes.
const FIRST_BUFFER: usize = 16 << 10;

/// Reads a successful answer's body, or says why the server refuses.
///
/// The limit counts decoded bytes while they arrive: an endless body and a gzip bomb both end there.
pub(super) async fn body(
    response: Response,
    limit: usize,
    timeout: Duration,
) -> Result<String, RequestError> {
    if !response.status().is_success() {
        return Err(refusal(response).await);
    }
    if has_html(response.headers()) {
        return Err(RequestError::Malformed("an HTML page instead of JSON; check the url".to_owned()));
    }
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(RequestError::TooLarge { limit });
    }
    let bytes = read(response, limit, timeout).await?;
    String::from_utf8(bytes).map_err(|_| RequestError::Malformed("the body is not UTF-8".to_owned()))
}

async fn read(mut response: Response, limit: usize, timeout: Duration) -> Result<Vec<u8>, RequestError> {
    let declared = response.content_length().map_or(FIRST_BUFFER, |length| length as usize);
    let mut bytes = Vec::with_capacity(declared);
    while let Some(chunk) = response.chunk().await.map_err(|error| RequestError::transport(error, timeout))? {
        if bytes.len() + chunk.len() > limit {
            return Err(RequestError::TooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// An error answer. Its body only explains, so whatever arrives of its beginning is enough.
async fn refusal(mut response: Response) -> RequestError {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk[..chunk.len().min(MAX_ERROR_BODY - bytes.len())]);
        if bytes.len() == MAX_ERROR_BODY {
            break;
        }
    }
    classify(status, &headers, &Explanation::read(&headers, &String::from_utf8_lossy(&bytes)))
}

/// What the body of an error answer says.
#[derive(Debug, Default)]
struct Explanation {
    /// The API's own name for the fault.
    kind: Option<String>,
    message: String,
}

/// The error bodies of Prometheus (`errorType`, `error`) and Alertmanager (`code`, `message`).
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "errorType")]
    kind: Option<String>,
    error: Option<String>,
    message: Option<String>,
}

impl Explanation {
    fn read(headers: &HeaderMap, body: &str) -> Self {
        if has_html(headers) || body.trim_start().starts_with('<') {
            return Self { kind: None, message: "an HTML page".to_owned() };
        }
        if let Ok(parsed) = serde_json::from_str::<ErrorBody>(body) {
            let message = parsed.error.or(parsed.message).unwrap_or_default();
            return Self { kind: parsed.kind.as_deref().map(one_line), message: one_line(&message) };
        }
        // Alertmanager answers some faults with a bare JSON string.
        let text = serde_json::from_str::<String>(body);
        Self { kind: None, message: one_line(text.as_deref().unwrap_or(body)) }
    }
}

fn classify(status: StatusCode, headers: &HeaderMap, said: &Explanation) -> RequestError {
    let message = if said.message.is_empty() { "no reason given".to_owned() } else { said.message.clone() };
    match status.as_u16() {
        401 | 403 | 407 => RequestError::Unauthorized(status.as_u16()),
        408 => RequestError::TimedOut(message),
        // Prometheus reports its own query time-out as 503.
        503 if said.kind.as_deref() == Some("timeout") => RequestError::TimedOut(message),
        429 | 503 => RequestError::Overloaded { retry_after: retry_after(headers), message },
        code @ 500.. => RequestError::Server { status: code, message },
        code @ 300..=399 => {
            let target = headers.get(LOCATION).and_then(|target| target.to_str().ok()).unwrap_or_default();
            let target = target.split(['?', '#']).next().unwrap_or_default();
            let message =
                format!("the server redirects to '{}'; set its address as the url", one_line(target));
            RequestError::Rejected { kind: format!("http {code}"), message }
        }
        code => {
            let kind = said.kind.clone().unwrap_or_else(|| format!("http {code}"));
            RequestError::Rejected { kind, message }
        }
    }
}

fn has_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    kind.is_some_and(|kind| kind.starts_with(b"text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explain(status: u16, body: &str) -> String {
        let headers = HeaderMap::new();
        let status = StatusCode::from_u16(status).unwrap();
        let error = classify(status, &headers, &Explanation::read(&headers, body));
        format!("{:?}: {error}", error.outcome())
    }

    #[test]
    fn a_status_is_named_by_what_to_do_next() {
        for (status, body, expected) in [
            (
                400,
                r#"{"status":"error","errorType":"bad_data","error":"no"}"#,
                "Rejected: the server refuses the request (bad_data): no",
            ),
            (422, r#"{"status":"error","errorType":"execution","error":"many"}"#, "(execution): many"),
            (422, r#"{"status":"error","errorType":"422","error":"vm"}"#, "(422): vm"),
            (400, r#""bad matcher format""#, "(http 400): bad matcher format"),
            (400, r#"{"code":601,"message":"state"}"#, "(http 400): state"),
            (404, "404 page not found\n", "(http 404): 404 page not found"),
            (404, "<html><b>x", "(http 404): an HTML page"),
            (401, "", "Unauthorized: the server refuses the credentials (HTTP 401)"),
            (403, "", "(HTTP 403)"),
            (302, "", "Rejected: the server refuses the request (http 302)"),
            (429, "slow down", "Overloaded: the server is overloaded: slow down"),
            (503, "", "Overloaded: the server is overloaded: no reason given"),
            (
                503,
                r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#,
                "TimedOut: the request timed out: query timed out",
            ),
            (500, "\u{1b}[31mboom", "Server: the server failed (HTTP 500): [31mboom"),
            (504, "", "Server: the server failed (HTTP 504)"),
        ] {
            let text = explain(status, body);
            assert!(text.contains(expected), "{status} {body}: {text}");
        }
    }
}
