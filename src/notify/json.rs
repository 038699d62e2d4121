//! A message as JSON: `type`, `timestamp` and `data`, as Standard Webhooks has it. Pure.

use serde_json::{Value, json};

use super::redaction::Redaction;
use super::told::{Explained, MAX_LISTED, MAX_LISTED_BYTES, MAX_VALUE, Told};
use crate::model::{Approval, Episode, Labels, Run, StepRecord};
use crate::slack::Button;

/// The type of every message.
const TYPE: &str = "smartcloudops.notification";

/// The body, without secrets.
pub(super) fn body(told: &Told, receiver: &str, redaction: &Redaction) -> Value {
    json!({
        "type": TYPE,
        "timestamp": told.at,
        "data": {
            "receiver": receiver,
            "headline": told.headline(),
            "firing": alerts(&told.firing, redaction),
            "resolved": alerts(&told.resolved, redaction),
            "explanation": told.explained.as_ref().map(|explained| explanation(explained, redaction)),
            "approvals": told.approvals.iter().map(|one| approval(one, redaction)).collect::<Vec<_>>(),
            "remediations": told.runs.iter().map(|run| remediation(run, redaction)).collect::<Vec<_>>(),
        },
    })
}

/// How many, and the first of them.
fn alerts(episodes: &[Episode], redaction: &Redaction) -> Value {
    let (mut listed, mut bytes) = (Vec::new(), 0);
    for episode in episodes.iter().take(MAX_LISTED) {
        if bytes >= MAX_LISTED_BYTES {
            break;
        }
        let alert = alert(episode, redaction);
        bytes += alert.to_string().len();
        listed.push(alert);
    }
    json!({"total": episodes.len(), "alerts": listed})
}

fn alert(episode: &Episode, redaction: &Redaction) -> Value {
    json!({
        "fingerprint": episode.id.fingerprint.to_string(),
        "episode": episode.id.to_string(),
        "status": episode.alert.status,
        "labels": labels(&episode.alert.labels, redaction),
        "annotations": labels(&episode.alert.annotations, redaction),
        "starts_at": episode.alert.starts_at,
        "ends_at": episode.alert.ends_at,
    })
}

/// Cut after the secrets are out, half of one of which may look like none.
fn labels(labels: &Labels, redaction: &Redaction) -> Value {
    let pairs = labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    let mut redacted = redaction.json(Value::Object(pairs.collect()));
    for value in redacted.as_object_mut().into_iter().flat_map(|labels| labels.values_mut()) {
        if let Value::String(text) = value {
            *text = cut(text);
        }
    }
    redacted
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn explanation(explained: &Explained, redaction: &Redaction) -> Value {
    let mut explanation = redaction.json(json!(explained));
    if let Some(summary) = &explained.summary {
        // A hash looks like a secret and is none.
        explanation["summary"]["sent"] = Value::from(summary.sent.as_str());
    }
    explanation
}

fn approval(approval: &Approval, redaction: &Redaction) -> Value {
    let request = &approval.request;
    let steps = request.plan.steps.iter().map(|step| redaction.json(json!(step.action)));
    json!({
        "id": approval.id,
        "content": Button::of(approval).content,
        "policy": request.plan.key.policy,
        "target": redaction.apply(&request.plan.key.target),
        "episode": request.plan.key.episode.to_string(),
        "requested_by": redaction.apply(&request.requested_by),
        "needs_another": request.needs_another,
        "expires_at": request.expires_at(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

fn remediation(run: &Run, redaction: &Redaction) -> Value {
    let said = |step: &StepRecord| {
        step.acted.as_ref().map(|(_, acted)| match acted {
            Ok(report) => cut(&redaction.apply(&report.summary)),
            Err(error) => cut(&redaction.apply(&error.to_string())),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Summary;

    fn episode(labels: Value, annotations: Value) -> Episode {
        let alert = json!({"status": "firing", "labels": labels, "annotations": annotations,
            "starts_at": "2026-01-01T00:00:00Z", "ends_at": null, "generator_url": ""});
        let id = json!({"fingerprint": "0000000000000001", "started": "2026-01-01T00:00:00Z"});
        serde_json::from_value(json!({"id": id, "alert": alert, "first_seen": "2026-01-01T00:00:00Z",
            "last_seen": "2026-01-01T00:00:00Z", "deliveries": 1}))
        .unwrap()
    }

    fn request(action: Value) -> Approval {
        let key = json!({"policy": "note", "target": "web:80",
            "episode": {"fingerprint": "0000000000000001", "started": "2026-01-01T00:00:00Z"}});
        let plan = json!({"key": key, "steps": [{"action": action, "verify": null}]});
        let request = json!({"plan": plan, "requested_by": "ann", "needs_another": false,
            "requested_at": "2026-01-01T00:00:00Z", "valid_for": {"secs": 60, "nanos": 0}});
        serde_json::from_value(json!({"id": 1, "request": request, "state": {"state": "pending"}})).unwrap()
    }

    fn told(firing: Vec<Episode>, approvals: Vec<Approval>) -> Told {
        Told { firing, approvals, ..Told::default() }
    }

    fn sent(told: &Told) -> Value {
        body(told, "ops", &Redaction::new(&Default::default()))
    }

    #[test]
    fn no_secret_is_sent_wherever_its_name_stands() {
        let second = json!({"secs": 1, "nanos": 0});
        let command = |argv: Value| request(json!({"command": {"argv": argv, "timeout": second}}));
        let http = |url: &str, headers: Value, body: &str| {
            request(
                json!({"http": {"method": "POST", "url": url, "bearer": null, "headers": headers, "body": body,
                "timeout": second}}),
            )
        };
        let of = |labels: Value, annotations: Value| told(vec![episode(labels, annotations)], Vec::new());
        let asked = |approval: Approval| told(Vec::new(), vec![approval]);
        for (told, sentence) in [
            (of(json!({"password": "hunter2 swordfish"}), json!({})), "a label names it"),
            (
                of(json!({"a": "b"}), json!({"note": "the token=hunter2 is old"})),
                "the text of an annotation names it",
            ),
            (of(json!({"name": "api_key", "value": "hunter2"}), json!({})), "another label names it"),
            (asked(command(json!(["/bin/x", "--token", "hunter2"]))), "a flag names it"),
            (asked(command(json!(["/bin/x", "--token=hunter2"]))), "the argument itself names it"),
            (asked(http("http://a/", json!([["X-Api-Key", "hunter2"]]), "")), "a header names it"),
            (asked(http("http://ann:hunter2@a/", json!([]), "")), "it is the user of an address"),
            (asked(http("http://a/", json!([]), r#"{"password": "hunter2"}"#)), "a body names it"),
            (asked(http("http://a/", json!([]), r#"{"reason": "password=hunter2"}"#)), "a reason has it"),
        ] {
            let text = sent(&told).to_string();
            assert!(!text.contains("hunter2") && text.contains("[secret-1]"), "{sentence}: {text}");
        }
    }

    #[test]
    fn a_message_is_bounded_whatever_alerts_say() {
        let long: serde_json::Map<_, _> =
            (0..17).map(|one| (format!("text{one}"), "ä".repeat(2100).into())).collect();
        let large = episode(json!({"alertname": "Large"}), Value::Object(long));
        let small = episode(json!({"alertname": "Small"}), json!({}));
        for (episodes, listed, sentence) in
            [(vec![small; 101], 100, "so many are listed"), (vec![large; 101], 1, "fewer, if they say much")]
        {
            let sent = sent(&told(episodes, Vec::new()));
            let alerts = sent["data"]["firing"]["alerts"].as_array().unwrap();
            assert_eq!(
                (sent["data"]["firing"]["total"].as_u64(), alerts.len()),
                (Some(101), listed),
                "{sentence}"
            );
            assert!(sent.to_string().len() < 2 * MAX_LISTED_BYTES, "{sentence}");
        }
    }

    #[test]
    fn the_hash_of_what_was_sent_to_a_model_is_no_secret() {
        let sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let summary = Summary {
            headline: "the token=hunter2 is old".to_owned(),
            impact: Default::default(),
            likely_cause: Default::default(),
            done: Default::default(),
            next_steps: Vec::new(),
            confidence: "low".to_owned(),
            model: "gpt-5-mini".to_owned(),
            sent: sha.to_owned(),
            cached: false,
            struck: Vec::new(),
        };
        let explained = Explained {
            headline: "x".to_owned(),
            text: "password=hunter2".to_owned(),
            summary: Some(summary),
        };
        let sent = sent(&Told { explained: Some(explained), ..Told::default() });
        let summary = &sent["data"]["explanation"]["summary"];
        assert_eq!((&summary["sent"], &summary["model"]), (&json!(sha), &json!("gpt-5-mini")));
        assert!(!sent.to_string().contains("hunter2"), "{sent}");
    }
}
