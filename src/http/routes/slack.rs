//! Slack's requests: its signature is checked, and that each comes once, before anything is read. There is no other
//! authentication: a request that Slack has not signed learns nothing and does nothing.
//!
//! Slack waits three seconds. What takes longer is answered where Slack says, if that is Slack. What is under way then
//! is known by a tracker, so that the daemon does not end under it.

mod command;
mod interactive;
mod late;
mod refused;
mod reply;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::body::{Body, Bytes, to_bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use super::clock;
use crate::files;
use crate::http::error::{ApiError, ErrorKind};
use crate::http_client::{self, BuildError};
use crate::model::Timestamp;
use crate::notify::Redaction;
use crate::slack::{Config, Seen, verify};

use late::Late;
use refused::Refused;

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
    questions: Door,
    pressed: Door,
    late: Late,
    redaction: ArcSwap<Redaction>,
    client: reqwest::Client,
    answerer: Answerer,
}

/// What comes by one route: none can crowd out the other.
struct Door {
    /// A request that was taken by one route leads to nothing on the other, where its form is none.
    seen: Mutex<Seen>,
    /// Since when it is remembered, by a clock that nobody sets.
    since: Instant,
    /// For so many at once.
    places: Arc<Semaphore>,
}

impl Door {
    fn new(places: usize, started: Timestamp) -> Self {
        let (seen, since) = (Mutex::new(Seen::new(started)), Instant::now());
        Self { seen, since, places: Arc::new(Semaphore::new(places)) }
    }
}

impl Slack {
    /// Serves Slack as configured, in a process that started then; `None`: not at all. What is said there goes through
    /// `redaction`, as notifications do.
    pub fn new(
        config: Option<Config>,
        redaction: Redaction,
        answerer: Answerer,
        started: Timestamp,
    ) -> Result<Self, BuildError> {
        let client = http_client::build(&http_client::Config::default())?;
        Ok(Self(Arc::new(Inner {
            config: ArcSwapOption::from_pointee(config),
            questions: Door::new(MAX_QUESTIONS, started),
            pressed: Door::new(MAX_PRESSED, started),
            late: Late::default(),
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

    /// Waits until every button that was pressed is dealt with and everybody knows what came of it, or until `deadline`;
    /// whoever still waits for an answer to a question is told to ask again. To be called once no request comes any more.
    pub async fn finish(&self, deadline: tokio::time::Instant) {
        self.0.late.finish(deadline).await;
    }

    /// Begins what goes on after Slack has its answer.
    fn begin(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.late.begin(task);
    }

    /// A text without what must not leave the host.
    fn clean(&self, text: &str) -> String {
        self.0.redaction.load().apply(text)
    }

    /// The body of a request that Slack has sent now and not before, with the settings by which that is believed.
    async fn receive(
        &self,
        door: &Door,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Arc<Config>, Bytes), Refused> {
        let absent =
            || ApiError::new(ErrorKind::NotFound, "Slack is not configured; see slack in the configuration");
        let config = self.0.config.load_full().ok_or_else(absent)?;
        let too_large =
            |_| ApiError::new(ErrorKind::TooLarge, format!("the body is larger than {MAX_BODY} bytes"));
        let body = to_bytes(body, MAX_BODY).await.map_err(too_large)?;
        door.believe(&config, headers, &body).await?;
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case(FORM) {
            return Err(ApiError::new(ErrorKind::BadData, format!("the content-type must be {FORM}")).into());
        }
        Ok((config, body))
    }
}

impl Door {
    async fn believe(&self, config: &Config, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
        let unreadable = |error: &dyn std::error::Error| {
            ApiError::new(ErrorKind::Unavailable, "slack.signing_secret cannot be read; the log says why")
                .because(error)
        };
        let secret = files::secret(&config.signing_secret).await.map_err(|error| unreadable(&error))?;
        let header = |name: &str| {
            let mut values = headers.get_all(name).iter();
            // One that is there twice is none: nobody could say which of them counts.
            values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok())
        };
        let (signature, timestamp) = (header("x-slack-signature"), header("x-slack-request-timestamp"));
        let now = clock();
        let signed = verify(&secret, signature, timestamp, body, now)?;
        let running = self.since.elapsed();
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).take(signed, now, running)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
