//! Tells Alertmanager something: an alert that calls a person, or a silence for one target.
//!
//! Times count from the step's intent, so that the same step says the same whenever it is carried out. Each is
//! sent once. An alert whose answer is lost stays unknown; a silence can be looked up.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::Occasion;
use crate::alertmanager::{Client, NewAlert, NewSilence, OrderError, Silence};
use crate::model::{
    ActError, ActReport, AlertmanagerAction, EscalationAction, SilenceAction, format_duration,
};

/// Whose silences ours are.
pub(super) const OWNER: &str = "smartcloudops";
/// The annotation that says who has posted an alert.
const ORIGIN: &str = "remediation";
/// Between two looks for a silence.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Tells it; a silence's name is its output. No connection means not started, Alertmanager's refusal a failure, and no answer unknown, but for
/// a silence that is found all the same. Accepted means that Alertmanager has it.
pub async fn carry_out(
    client: Option<&Client>,
    action: &AlertmanagerAction,
    occasion: &Occasion,
) -> Result<ActReport, ActError> {
    let client = client.ok_or_else(nobody)?;
    match action {
        AlertmanagerAction::Alert(alert) => post(client, alert, occasion).await,
        AlertmanagerAction::Silence(silence) => create(client, silence, occasion).await,
    }
}

/// Nobody is there to be told.
pub(super) fn nobody() -> ActError {
    let reason = "no Alertmanager is configured; write its address in alertmanager.url".to_owned();
    ActError::NotStarted { reason }
}

async fn post(client: &Client, action: &EscalationAction, on: &Occasion) -> Result<ActReport, ActError> {
    let alert = NewAlert {
        labels: action.labels.clone(),
        annotations: action.annotations.with(ORIGIN, &action.origin(on.run, on.step)),
        starts_at: on.since,
        ends_at: on.since + action.lasts,
    };
    client.post_alert(&alert, action.timeout).await.map_err(outcome)?;
    Ok(report(format!("Alertmanager has the alert until {}", alert.ends_at)))
}

async fn create(client: &Client, action: &SilenceAction, on: &Occasion) -> Result<ActReport, ActError> {
    if !action.is_narrow() {
        return Err(ActError::NotStarted { reason: "the silence is bound to no target".to_owned() });
    }
    let silence = NewSilence {
        matchers: action.matchers.clone(),
        starts_at: on.since,
        ends_at: on.since + action.lasts,
        created_by: OWNER.to_owned(),
        comment: action.comment(on.run, on.step),
    };
    let deadline = Instant::now() + action.timeout;
    match client.create_silence(&silence, action.timeout / 2).await {
        Ok(id) => {
            let summary = format!("silence {id} until {}", silence.ends_at);
            Ok(ActReport { summary, output: id })
        }
        Err(OrderError::Unknown(error)) => match timeout_at(deadline, find(client, &silence.comment)).await {
            Ok(found) => {
                let summary = format!("silence {} until {}, found after: {error}", found.id, found.ends_at);
                Ok(ActReport { summary, output: found.id })
            }
            Err(_) => {
                let sought = format_duration(action.timeout / 2);
                Err(unknown(format!("{error}; the silence was not found within {sought}")))
            }
        },
        Err(error) => Err(outcome(error)),
    }
}

/// Looks for a silence of ours until it is there: a request without an answer may still be on its way.
async fn find(client: &Client, comment: &str) -> Silence {
    loop {
        let silences = client.silences().await.unwrap_or_default();
        let is_it = |one: &Silence| one.created_by == OWNER && one.comment == comment && !one.is_expired();
        if let Some(found) = silences.into_iter().find(is_it) {
            return found;
        }
        sleep(LOOK_AGAIN).await;
    }
}

pub(super) fn outcome(error: OrderError) -> ActError {
    match error {
        OrderError::NotSent(error) => ActError::NotStarted { reason: error.to_string() },
        OrderError::Refused(error) => ActError::Failed { report: report(error.to_string()) },
        OrderError::Unknown(error) => unknown(error.to_string()),
    }
}

fn unknown(reason: String) -> ActError {
    let report = report(reason.clone());
    ActError::Unknown { reason, report }
}

pub(super) fn report(summary: String) -> ActReport {
    ActReport { summary, output: String::new() }
}
