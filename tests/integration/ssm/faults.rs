//! Endpoints that misbehave, and commands that end badly.

use std::time::Duration;

use serde_json::{Value, json};

use super::{by_id, run, script};
use crate::ec2::faults::{described, instance};
use crate::ec2::{ID, at, told};
use crate::support::{Answer, FaultServer, PATIENCE, free_port};

const COMMAND: &str = "11111111-2222-3333-4444-555555555555";

fn answer(status: u16, body: &Value) -> Answer {
    Answer::new(status, body.to_string()).header("content-type", "application/x-amz-json-1.1")
}

fn sent() -> Answer {
    answer(200, &json!({"Command": {"CommandId": COMMAND}}))
}

fn refused(status: u16, code: &str) -> Answer {
    answer(status, &json!({"__type": code, "message": "no"}))
}

fn state(status: &str, details: &str) -> Answer {
    ended(status, details, -1, "", "")
}

fn ended(status: &str, details: &str, code: i32, out: &str, err: &str) -> Answer {
    answer(
        200,
        &json!({
            "CommandId": COMMAND, "InstanceId": ID, "Status": status, "StatusDetails": details,
            "ResponseCode": code, "StandardOutputContent": out, "StandardErrorContent": err,
        }),
    )
}

/// What was asked of Systems Manager, each with its body.
fn asked(server: &FaultServer) -> Vec<(String, Value)> {
    let target = |seen: &crate::support::Seen| {
        let target = seen.headers.get("x-amz-target")?.to_str().ok()?;
        let body = serde_json::from_slice(&seen.body).expect("a body of JSON");
        Some((target.rsplit('.').next()?.to_owned(), body))
    };
    server.seen().iter().filter_map(target).collect()
}

async fn against(answers: Vec<Answer>, timeout: Duration) -> (&'static str, String, Vec<(String, Value)>) {
    let server = FaultServer::start(std::iter::once(described(&instance(ID))).chain(answers)).await;
    let (outcome, text) = told(&run(&at(&server.url("")), &script(by_id(ID), timeout)).await);
    (outcome, text, asked(&server))
}

#[tokio::test]
async fn what_becomes_of_a_command_is_told_and_it_is_sent_once() {
    for (answers, expected, sentence, claim) in [
        (
            vec![
                sent(),
                refused(400, "InvocationDoesNotExist"),
                state("Pending", "Pending"),
                state("InProgress", "InProgress"),
                ended("Success", "Success", 0, "restarted\n", "a warning\n"),
            ],
            "accepted",
            "restarted\\na warning",
            "it takes its time",
        ),
        (
            vec![sent(), ended("Failed", "Failed", 3, "", "no such unit\u{1b}[0m")],
            "failed",
            "Failed, exit code 3, of AWS-RunShellScript on i-0123456789abcdef0",
            "the script fails",
        ),
        (vec![sent(), ended("Failed", "Failed", 3, "", "no unit")], "failed", "no unit", "and says why"),
        (vec![sent(), state("Failed", "AccessDenied")], "failed", "AccessDenied", "the instance refuses"),
        (vec![sent(), state("TimedOut", "DeliveryTimedOut")], "not started", "Delivery", "never delivered"),
        (vec![sent(), state("Failed", "Undeliverable")], "not started", "Undeliverable", "no agent there"),
        (
            vec![sent(), state("TimedOut", "ExecutionTimedOut")],
            "unknown",
            "part of it",
            "ended in the middle",
        ),
        (vec![sent(), state("Cancelled", "Terminated")], "unknown", "part of it", "cancelled by somebody"),
        (vec![refused(400, "InvalidInstanceId")], "failed", "InvalidInstanceId", "no agent on it"),
        (vec![refused(400, "InvalidDocument")], "failed", "InvalidDocument", "no such document"),
        (vec![refused(400, "AccessDeniedException")], "failed", "AccessDenied", "no right to send"),
        (vec![refused(400, "ThrottlingException")], "failed", "Throttling", "too many requests"),
        (vec![refused(500, "InternalServerError")], "unknown", "InternalServerError", "trouble inside AWS"),
        (vec![answer(200, &json!({"Command": {}}))], "unknown", "does not say the id", "no id"),
        (vec![Answer::html(502)], "unknown", "HTTP 502", "a gateway that got no answer"),
    ] {
        let (outcome, text, asked) = against(answers, PATIENCE).await;
        assert!(outcome == expected && text.contains(sentence), "{claim}: {outcome}, {text}");
        assert!(!text.contains("\\u{1b}"), "{claim}: {text}");
        assert_eq!(asked.iter().filter(|(what, _)| what == "SendCommand").count(), 1, "{claim}");
        assert!(asked.iter().all(|(what, _)| what != "CancelCommand"), "{claim}");
    }
}

#[tokio::test]
async fn what_is_sent_is_the_document_for_one_instance_and_it_must_begin_in_time() {
    let (_, _, asked) = against(vec![sent(), state("Success", "Success")], PATIENCE).await;
    assert_eq!(
        asked[0].1,
        json!({
            "DocumentName": "AWS-RunShellScript", "InstanceIds": [ID], "TimeoutSeconds": 60,
            "Parameters": {"commands": ["systemctl restart app.service"]}, "Comment": "sent by smartcloudops",
        })
    );
}

#[tokio::test]
async fn long_output_is_cut_in_its_middle() {
    let out = format!("begin{}end", "x".repeat(24_000));
    let (outcome, text, _) = against(vec![sent(), ended("Success", "Success", 0, &out, "")], PATIENCE).await;
    assert_eq!(outcome, "accepted");
    assert!(
        text.contains("begin") && text.contains("xend") && text.contains("[23908 bytes left out]"),
        "{text}"
    );
}

#[tokio::test]
async fn a_command_that_does_not_end_is_cancelled_and_its_effect_is_unknown() {
    let seconds = Duration::from_secs(3);
    let running = || state("InProgress", "InProgress");
    let (outcome, text, asked) = against(vec![sent(), running()], seconds).await;
    assert!(
        outcome == "unknown" && text.contains("within 3s: InProgress; it was asked to be cancelled"),
        "{text}"
    );
    let cancels: Vec<_> = asked.iter().filter(|(what, _)| what == "CancelCommand").collect();
    assert_eq!(cancels.len(), 1);
    assert_eq!(cancels[0].1["CommandId"], COMMAND);
    let (outcome, text, _) = against(vec![sent(), refused(400, "AccessDeniedException")], seconds).await;
    assert!(outcome == "unknown" && text.contains("it cannot be cancelled: AccessDenied"), "{text}");
}

#[tokio::test]
async fn where_nobody_answers_nothing_is_run() {
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let (outcome, text) = told(&run(&at(&nobody), &script(by_id(ID), Duration::from_secs(20))).await);
    assert_eq!(outcome, "not started", "{text}");
    let (outcome, text, asked) =
        against(vec![Answer::new(200, "").after(PATIENCE)], Duration::from_secs(3)).await;
    assert!(outcome == "unknown" && text.contains("no answer from AWS within 3s"), "{text}");
    assert_eq!(asked.len(), 1);
}
