//! One attempt to send a message.

use ::http::header::{CONTENT_TYPE, HeaderValue};
use ::http::{HeaderMap, StatusCode};
use std::time::Duration;
use url::Url;

use super::config::{Address, Receiver};
use crate::http_client::{SigningKey, retry_after};
use crate::model::Timestamp;

/// Longest wait that a receiver may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);

/// A message, complete.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The same at each attempt, also after a restart: receivers know by it what they have.
    pub id: String,
    /// JSON.
    pub body: String,
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
    let url = address(&receiver.address).map_err(later)?;
    let headers = headers(receiver, message, now).map_err(later)?;
    let request = client.post(url).timeout(receiver.timeout).headers(headers).body(message.body.clone());
    let answer = request.send().await.map_err(|error| {
        let reason = if error.is_timeout() { "no answer in time" } else { "no connection, or a lost one" };
        Failed::Later(reason.to_owned(), None)
    })?;
    judge(answer.status(), answer.headers())
}

fn address(address: &Address) -> Result<Url, String> {
    match address {
        Address::Plain(url) => Ok(url.clone()),
        Address::Secret(source) => {
            let secret = source.read().map_err(|error| error.to_string())?;
            let url = Url::parse(secret.expose().trim()).ok();
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            url.ok_or_else(|| format!("what is in {source} is no http or https URL"))
        }
    }
}

fn headers(receiver: &Receiver, message: &Message, now: Timestamp) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let id = HeaderValue::try_from(&message.id).map_err(|_| "the id cannot be sent".to_owned())?;
    headers.insert("idempotency-key", id.clone());
    headers.insert("webhook-id", id);
    if let Some(source) = &receiver.signing_key {
        headers.extend(SigningKey::read(source)?.sign(&message.id, now, &message.body));
    }
    Ok(headers)
}

fn judge(status: StatusCode, headers: &HeaderMap) -> Result<(), Failed> {
    let reason = format!("HTTP {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500..=599 => {
            let asked = retry_after(headers).map(|wait| wait.min(MAX_RETRY_AFTER));
            Err(Failed::Later(reason, asked))
        }
        _ => Err(Failed::Refused(reason)),
    }
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
            (302, "", refused(302)),
            (400, "", refused(400)),
            (404, "", refused(404)),
            (410, "", refused(410)),
            (408, "", later(408, None)),
            (429, "7", later(429, Some(7))),
            (429, "86400", later(429, Some(300))),
            (503, "soon", later(503, None)),
        ] {
            let status = StatusCode::from_u16(code).unwrap();
            assert_eq!(judge(status, &headers(wait)), expected, "{code} {wait}");
        }
    }

    #[test]
    fn an_address_in_a_file_is_never_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let source = Address::Secret(SecretSource::File(file.path().to_owned()));
        for text in ["hunter2", "ftp://hunter2/", "mailto:hunter2@b"] {
            std::fs::write(file.path(), text).unwrap();
            let error = address(&source).unwrap_err();
            assert!(error.ends_with("is no http or https URL") && !error.contains("hunter2"), "{error}");
        }
        std::fs::write(file.path(), "https://hooks.slack.com/services/T/B/x\n").unwrap();
        assert_eq!(address(&source).unwrap().path(), "/services/T/B/x");
    }
}
