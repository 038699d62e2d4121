//! Slack's requests: its signature is checked, and that each comes once, before anything is read. There is no other
//! authentication: a request that Slack has not signed learns nothing and does nothing.
//!
//! Slack waits three seconds. What takes longer is answered where Slack says, if that is Slack.

mod command;
mod interactive;
mod reply;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use super::clock;
use crate::http::error::{ApiError, ErrorKind};
use crate::http_client::{self, BuildError};
use crate::metrics::http::AuthenticationFailure;
use crate::notify::Redaction;
use crate::slack::{Config, Refusal, Seen, verify};

pub(super) use command::command;
pub(super) use interactive::interactive;

/// Bytes of a request: Slack's own are far smaller.
const MAX_BODY: usize = 64 << 10;
/// Questions that are answered at once, late answers included.
const MAX_QUESTIONS: usize = 8;
/// Buttons that are dealt with at once: whoever asks does not keep out who approves.
const MAX_PRESSED: usize = 8;
/// What Slack sends.
const FORM: &str = "application/x-www-form-urlencoded";

/// Answers a question: what is asked, and by which conversation it is known. It must look and not act.
pub type Answerer = Arc<dyn Fn(String, String) -> BoxFuture<'static, String> + Send + Sync>;

/// What Slack's routes are served from. Cheap to clone.
#[derive(Clone)]
pub struct Slack(Arc<Inner>);

struct Inner {
    config: ArcSwapOption<Config>,
    seen: Mutex<Seen>,
    questions: Arc<Semaphore>,
    pressed: Arc<Semaphore>,
    redaction: ArcSwap<Redaction>,
    client: reqwest::Client,
    answerer: Answerer,
}

impl Slack {
    /// Serves Slack as configured; `None`: not at all. What is said there goes through `redaction`, as notifications do.
    pub fn new(config: Option<Config>, redaction: Redaction, answerer: Answerer) -> Result<Self, BuildError> {
        let client = http_client::build(&http_client::Config::default())?;
        Ok(Self(Arc::new(Inner {
            config: ArcSwapOption::from_pointee(config),
            seen: Mutex::default(),
            questions: Arc::new(Semaphore::new(MAX_QUESTIONS)),
            pressed: Arc::new(Semaphore::new(MAX_PRESSED)),
            redaction: ArcSwap::from_pointee(redaction),
            client,
            answerer,
        })))
    }

    /// Replaces the settings. What was taken before is not taken again.
    pub fn configure(&self, config: Option<Config>, redaction: Redaction) {
        self.0.redaction.store(Arc::new(redaction));
        self.0.config.store(config.map(Arc::new));
    }

    /// A text without what must not leave the host.
    fn clean(&self, text: &str) -> String {
        self.0.redaction.load().apply(text)
    }

    /// The body of a request that Slack has sent now and not before, with the settings by which that is believed.
    async fn receive(&self, headers: &HeaderMap, body: Body) -> Result<(Arc<Config>, Bytes), Refused> {
        let absent =
            || ApiError::new(ErrorKind::NotFound, "Slack is not configured; see slack in the configuration");
        let config = self.0.config.load_full().ok_or_else(absent)?;
        let too_large =
            |_| ApiError::new(ErrorKind::TooLarge, format!("the body is larger than {MAX_BODY} bytes"));
        let body = to_bytes(body, MAX_BODY).await.map_err(too_large)?;
        self.believe(&config, headers, &body)?;
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case(FORM) {
            return Err(ApiError::new(ErrorKind::BadData, format!("the content-type must be {FORM}")).into());
        }
        Ok((config, body))
    }

    fn believe(&self, config: &Config, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
        let unreadable = |error: &dyn std::error::Error| {
            ApiError::new(ErrorKind::Unavailable, "the signing secret cannot be read").because(error)
        };
        let secret = config.signing_secret.read().map_err(|error| unreadable(&error))?;
        let header = |name: &str| {
            let mut values = headers.get_all(name).iter();
            // One that is there twice is none: nobody could say which of them counts.
            values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok())
        };
        let (signature, timestamp) = (header("x-slack-signature"), header("x-slack-request-timestamp"));
        let now = clock();
        let signature = verify(&secret, signature, timestamp, body, now)?;
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).take(signature, now)?;
        Ok(())
    }
}

/// A request that goes no further.
enum Refused {
    /// It is not believed.
    Signature(Refusal),
    /// Anything else.
    Other(ApiError),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Signature(refusal)
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Other(error) => error.into_response(),
            Self::Signature(Refusal::Crowded) => {
                ApiError::new(ErrorKind::Unavailable, Refusal::Crowded.to_string()).into_response()
            }
            Self::Signature(refusal) => {
                let mut response =
                    ApiError::new(ErrorKind::Unauthorized, refusal.to_string()).into_response();
                response.extensions_mut().insert(AuthenticationFailure::Signature);
                response
            }
        }
    }
}
