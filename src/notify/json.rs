//! A message as JSON: `type`, `timestamp` and `data`, as Standard Webhooks has it. Pure.

use serde_json::{Value, json};

use super::redaction::Redaction;
use super::told::{MAX_LISTED, Told};
use crate::model::{Approval, Episode, Labels, Run, StepRecord};
use crate::slack::Button;

/// The type of every message.
const TYPE: &str = "smartcloudops.notification";
/// What is no text for people: hashes, which look like secrets, and names of our own.
const KEPT: [&str; 3] = ["sent", "model", "reason"];

/// The body, without secrets.
pub(super) fn body(told: &Told, receiver: &str, redaction: &Redaction) -> Value {
    let explanation = told.explained.as_ref().map(|explained| redacted(json!(explained), redaction));
    json!({
        "type": TYPE,
        "timestamp": told.at,
        "data": {
            "receiver": receiver,
            "headline": told.headline(),
            "firing": alerts(&told.firing, redaction),
            "resolved": alerts(&told.resolved, redaction),
            "explanation": explanation,
            "approvals": told.approvals.iter().map(|one| approval(one, redaction)).collect::<Vec<_>>(),
            "remediations": told.runs.iter().map(|run| remediation(run, redaction)).collect::<Vec<_>>(),
        },
    })
}

/// How many, and the first of them.
fn alerts(episodes: &[Episode], redaction: &Redaction) -> Value {
    let alert = |episode: &Episode| {
        json!({
            "fingerprint": episode.id.fingerprint.to_string(),
            "episode": episode.id.to_string(),
            "status": episode.alert.status,
            "labels": labels(&episode.alert.labels, redaction),
            "annotations": labels(&episode.alert.annotations, redaction),
            "starts_at": episode.alert.starts_at,
            "ends_at": episode.alert.ends_at,
        })
    };
    let listed: Vec<Value> = episodes.iter().take(MAX_LISTED).map(alert).collect();
    json!({"total": episodes.len(), "alerts": listed})
}

/// A name such as `password` makes its value a secret, so both are looked at together.
fn labels(labels: &Labels, redaction: &Redaction) -> Value {
    let pair = |(name, value): (&str, &str)| {
        let whole = redaction.apply(&format!("{name}={value}"));
        let value = whole.strip_prefix(&format!("{name}=")).unwrap_or(&whole);
        (name.to_owned(), Value::from(value))
    };
    Value::Object(labels.iter().map(pair).collect())
}

fn approval(approval: &Approval, redaction: &Redaction) -> Value {
    let request = &approval.request;
    let steps: Vec<Value> =
        request.plan.steps.iter().map(|step| redacted(json!(step.action), redaction)).collect();
    json!({
        "id": approval.id,
        "content": Button::of(approval).content,
        "policy": request.plan.key.policy,
        "target": redaction.apply(&request.plan.key.target),
        "episode": request.plan.key.episode.to_string(),
        "requested_by": request.requested_by,
        "needs_another": request.needs_another,
        "expires_at": request.expires_at(),
        "steps": steps,
    })
}

fn remediation(run: &Run, redaction: &Redaction) -> Value {
    let said = |step: &StepRecord| {
        step.acted.as_ref().map(|(_, acted)| match acted {
            Ok(report) => redaction.apply(&report.summary),
            Err(error) => redaction.apply(&error.to_string()),
        })
    };
    json!({
        "id": run.id,
        "policy": run.plan.key.policy,
        "target": redaction.apply(&run.plan.key.target),
        "episode": run.plan.key.episode.to_string(),
        "outcome": run.outcome().map(|outcome| outcome.as_str()),
        "ended_at": run.ended.map(|(at, _)| at),
        "steps": run.steps.iter().map(said).collect::<Vec<_>>(),
    })
}

/// Every text in it.
fn redacted(value: Value, redaction: &Redaction) -> Value {
    match value {
        Value::String(text) => Value::String(redaction.apply(&text)),
        Value::Array(items) => items.into_iter().map(|item| redacted(item, redaction)).collect(),
        Value::Object(entries) => {
            let entry = |(key, value): (String, Value)| {
                let value = if KEPT.contains(&&*key) { value } else { redacted(value, redaction) };
                (key, value)
            };
            Value::Object(entries.into_iter().map(entry).collect())
        }
        other => other,
    }
}
