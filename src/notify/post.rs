//! One attempt to send a message. Whatever the receiver does, it takes no longer than the attempt's time and what its
//! files may take, and no more of an answer is read than a word.

use std::sync::Arc;
use std::time::Duration;

use ::http::header::{CONTENT_TYPE, HeaderValue};
use ::http::{HeaderMap, StatusCode};
use reqwest::Response;
use tokio::time::timeout;
use url::Url;

use super::config::{Address, Receiver};
use crate::files;
use crate::http_client::{RequestError, SigningKey, retry_after};
use crate::model::Timestamp;

/// Longest wait that a receiver may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);
/// Bytes of an answer that are read, so that the connection is free for the next message. An answer that is longer
/// costs the connection.
const MAX_ANSWER: usize = 4 << 10;
/// How long they may take.
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);
/// Characters of a word that says what is wrong.
const MAX_WORD: usize = 40;

/// A message, complete.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The same at each attempt, also after a restart: receivers know by it what they have.
    pub id: String,
    /// JSON.
    pub body: Arc<str>,
}

/// Why an attempt failed. No text holds the address, which may be a secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// Another attempt may do better, not before this has passed.
    Later(String, Option<Duration>),
    /// The receiver will not have it.
    Refused(String),
}

/// Sends a message once, signed at `now`.
pub(super) async fn post(
    client: &reqwest::Client,
    receiver: &Receiver,
    message: &Message,
    now: Timestamp,
) -> Result<(), Failed> {
    let later = |reason: String| Failed::Later(reason, None);
    let url = address(&receiver.address).await.map_err(later)?;
    let headers = headers(receiver, message, now).await.map_err(later)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let request = client.post(url).timeout(receiver.timeout).headers(headers);
    let answer = request.body(message.body.to_string()).send().await.map_err(|error| {
        let reason = RequestError::transport(error, receiver.timeout).to_string();
        later(discreet(reason, &receiver.address, &host))
    })?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = timeout(ANSWER_PATIENCE, beginning(answer)).await.unwrap_or_default();
    judge(status, &headers, &body)
}

async fn address(address: &Address) -> Result<Url, String> {
    match address {
        Address::Plain(url) => Ok(url.clone()),
        Address::Secret(source) => {
            let secret = files::secret(source).await.map_err(|error| error.to_string())?;
            let url = Url::parse(secret.expose().trim()).ok();
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            url.ok_or_else(|| format!("what is in {source} is no http or https URL"))
        }
    }
}

async fn headers(receiver: &Receiver, message: &Message, now: Timestamp) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let id = HeaderValue::try_from(&message.id).map_err(|_| "the id cannot be sent".to_owned())?;
    headers.insert("idempotency-key", id.clone());
    headers.insert("webhook-id", id);
    if let Some(source) = &receiver.signing_key {
        headers.extend(SigningKey::read(source).await?.sign(&message.id, now, &message.body));
    }
    Ok(headers)
}

/// A certificate that does not fit names the host, which is a part of a secret address.
fn discreet(reason: String, address: &Address, host: &str) -> String {
    match address {
        Address::Secret(_) if !host.is_empty() => reason.replace(host, "<host>"),
        _ => reason,
    }
}

/// As much of the body as is read; nothing if that fails, since the status is what counts.
async fn beginning(mut answer: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk[..chunk.len().min(MAX_ANSWER - body.len())]);
        if body.len() == MAX_ANSWER {
            break;
        }
    }
    body
}

fn judge(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<(), Failed> {
    let code = status.as_u16();
    let said = match code {
        300..=399 => "; it redirects elsewhere, set its new address".to_owned(),
        _ => word(body).map(|word| format!(" ({word})")).unwrap_or_default(),
    };
    let reason = format!("HTTP {code}{said}");
    match code {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500..=599 => {
            let asked = retry_after(headers).map(|wait| wait.min(MAX_RETRY_AFTER));
            Err(Failed::Later(reason, asked))
        }
        _ => Err(Failed::Refused(reason)),
    }
}

/// What Slack says, such as `invalid_payload`: a single word. Any other text may repeat the address, and is not told.
fn word(body: &[u8]) -> Option<&str> {
    let text = str::from_utf8(body).ok()?.trim();
    let is_one = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_one && (1..=MAX_WORD).contains(&text.len())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SecretSource;

    #[test]
    fn a_status_says_whether_it_is_worth_another_attempt() {
        let headers = |wait: &'static str| {
            HeaderMap::from_iter([(::http::header::RETRY_AFTER, HeaderValue::from_static(wait))])
        };
        let later = |code: u16, wait: Option<u64>| {
            Err(Failed::Later(format!("HTTP {code}"), wait.map(Duration::from_secs)))
        };
        let refused = |code: u16| Err(Failed::Refused(format!("HTTP {code}")));
        for (code, wait, expected) in [
            (200, "", Ok(())),
            (204, "", Ok(())),
            (400, "", refused(400)),
            (401, "7", refused(401)),
            (404, "", refused(404)),
            (409, "", refused(409)),
            (410, "", refused(410)),
            (413, "", refused(413)),
            (422, "", refused(422)),
            (408, "", later(408, None)),
            (425, "", later(425, None)),
            (429, "7", later(429, Some(7))),
            (429, "0", later(429, Some(0))),
            (429, "86400", later(429, Some(300))),
            (429, "99999999999999999999999", later(429, Some(300))),
            (429, "Thu, 31 Dec 2099 23:59:59 GMT", later(429, Some(300))),
            (503, "Wed, 21 Oct 2015 07:28:00 GMT", later(503, Some(0))),
            (500, "", later(500, None)),
            (503, "soon", later(503, None)),
            (599, "-1", later(599, None)),
        ] {
            let status = StatusCode::from_u16(code).unwrap();
            assert_eq!(judge(status, &headers(wait), b"<html>"), expected, "{code} {wait}");
        }
    }

    #[test]
    fn of_an_answer_a_single_word_is_told() {
        let said = |code: u16, body: &[u8]| match judge(
            StatusCode::from_u16(code).unwrap(),
            &HeaderMap::new(),
            body,
        ) {
            Err(Failed::Refused(reason) | Failed::Later(reason, _)) => reason,
            Ok(()) => String::new(),
        };
        let long = "a".repeat(41);
        for (code, body, expected, sentence) in [
            (400, &b"invalid_payload\n"[..], "HTTP 400 (invalid_payload)", "as Slack says it"),
            (503, b"busy", "HTTP 503 (busy)", "of any failure"),
            (404, b"Cannot POST /services/T/B/hunter2", "HTTP 404", "a text that repeats the address"),
            (404, b"", "HTTP 404", "nothing"),
            (400, b"\xff\xfe", "HTTP 400", "no text at all"),
            (400, long.as_bytes(), "HTTP 400", "a word that is none"),
            (
                302,
                b"moved",
                "HTTP 302; it redirects elsewhere, set its new address",
                "a redirect is not followed",
            ),
        ] {
            assert_eq!(said(code, body), expected, "{sentence}");
        }
    }

    #[test]
    fn the_host_of_a_secret_address_is_not_told() {
        let secret = Address::Secret(SecretSource::Environment("URL".to_owned()));
        let plain = Address::Plain(Url::parse("https://hooks.example.org/x").unwrap());
        let reason = || "no name such as hooks.example.org".to_owned();
        assert_eq!(discreet(reason(), &secret, "hooks.example.org"), "no name such as <host>");
        assert_eq!(discreet(reason(), &plain, "hooks.example.org"), reason());
        assert_eq!(discreet(reason(), &secret, ""), reason());
    }

    #[tokio::test]
    async fn an_address_in_a_file_is_never_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let source = Address::Secret(SecretSource::File(file.path().to_owned()));
        for text in ["hunter2", "ftp://hunter2/", "mailto:hunter2@b"] {
            std::fs::write(file.path(), text).unwrap();
            let error = address(&source).await.unwrap_err();
            assert!(error.ends_with("is no http or https URL") && !error.contains("hunter2"), "{error}");
        }
        std::fs::write(file.path(), "https://hooks.slack.com/services/T/B/x\n").unwrap();
        assert_eq!(address(&source).await.unwrap().path(), "/services/T/B/x");
    }
}
