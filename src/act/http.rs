//! Sends an HTTP request: once, or again where that does no harm. No redirect is followed.
//!
//! Each attempt has a client and a connection of its own. Actions are rare, and so no connection that a
//! server has meanwhile closed is mistaken for a lost request, and a changed set of authorities or a new
//! secret counts at once. Half the time is for connecting: a server that cannot be reached is told apart
//! from one that does not answer.

mod answer;
mod attempts;
mod request;
#[cfg(test)]
mod tests;

use ::http::StatusCode;
use tokio::time::{Instant, sleep};

use crate::http_client::retry_after;
use crate::model::{ActError, ActReport, HttpAction, Timestamp};

use super::{Limits, Occasion};
use answer::read_output;
use attempts::{Again, Attempts};
use request::{Prepared, describe};

/// Sends the request. 2xx is accepted; another status is a failure, but for 502 and 504: a gateway that got no
/// answer does not know what became of the request. No connection means not started; a lost connection or
/// the end of the time means unknown. It is sent again only where the action has retries, with the same
/// idempotency key, within the action's time, and no sooner than the server wants it.
pub async fn send(action: &HttpAction, occasion: &Occasion, limits: &Limits) -> Result<ActReport, ActError> {
    let begun = Instant::now();
    let deadline = begun + action.timeout;
    let mut attempts = Attempts::new(action.retries);
    loop {
        let sending = Sending { action, occasion, limits, at: occasion.since + begun.elapsed(), deadline };
        let (outcome, again) = sending.attempt().await;
        let left = deadline.saturating_duration_since(Instant::now());
        match attempts.next_delay(&outcome, again, left) {
            Some(delay) => sleep(delay).await,
            None => return attempts.conclude(outcome),
        }
    }
}

/// One attempt.
struct Sending<'a> {
    action: &'a HttpAction,
    occasion: &'a Occasion,
    limits: &'a Limits,
    at: Timestamp,
    deadline: Instant,
}

impl Sending<'_> {
    /// What became of it, and whether the next moment may be better.
    async fn attempt(&self) -> (Result<ActReport, ActError>, Again) {
        let not_started = |reason| (Err(ActError::NotStarted { reason }), Again::No);
        let (action, key, at) = (self.action.clone(), self.occasion.key(), self.at);
        let left = self.deadline.saturating_duration_since(Instant::now());
        // Secrets and authorities are read from files.
        let prepared = tokio::task::spawn_blocking(move || Prepared::new(&action, &key, at, left)).await;
        let prepared = match prepared {
            Ok(Ok(prepared)) => prepared,
            Ok(Err(reason)) => return not_started(reason),
            Err(error) => return not_started(error.to_string()),
        };
        let mut response = match prepared.client.execute(prepared.request).await {
            Ok(response) => response,
            Err(error) => return unanswered(error),
        };
        let (status, wait) = (response.status(), retry_after(response.headers()));
        let (output, complete) = read_output(&mut response, self.limits.http_output, &prepared.secrets).await;
        let again = again(status, complete.is_ok()).after(wait);
        (judge(status, output, complete), again)
    }
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
fn unanswered(error: reqwest::Error) -> (Result<ActReport, ActError>, Again) {
    let again = if error.is_builder() { Again::No } else { Again::Soon };
    let nothing_sent = error.is_connect() || error.is_builder();
    let reason = describe(error);
    if nothing_sent {
        return (Err(ActError::NotStarted { reason }), again);
    }
    let reason = format!("no answer: {reason}");
    let report = ActReport { summary: reason.clone(), output: String::new() };
    (Err(ActError::Unknown { reason, report }), again)
}

/// Whether the next moment may be better: the server is busy, a gateway has trouble, an answer broke off.
fn again(status: StatusCode, complete: bool) -> Again {
    match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Again::Soon,
        status if status.is_success() && !complete => Again::Soon,
        _ => Again::No,
    }
}
