//! Restarts where EC2 is slow, tells old news, or refuses in the middle.

use std::time::Duration;

use smartcloudops::model::{ActError, ActReport, Ec2Action, Ec2Operation, Ec2Wait};

use super::faults::{described, instance, refused, types};
use super::{ID, at, by_id, operation, told};
use crate::support::{Answer, FaultServer, PATIENCE};

pub(super) fn status(state: &str, check: &str) -> Answer {
    let body = format!(
        "<DescribeInstanceStatusResponse><requestId>r-3</requestId><instanceStatusSet><item><instanceId>{ID}</instanceId>\
         <instanceState><name>{state}</name></instanceState><systemStatus><status>ok</status></systemStatus>\
         <instanceStatus><status>{check}</status></instanceStatus></item></instanceStatusSet></DescribeInstanceStatusResponse>"
    );
    Answer::new(200, body).header("content-type", "text/xml")
}

pub(super) fn accepted(what: &str) -> Answer {
    let body = format!("<{what}Response><requestId>r-4</requestId><instancesSet/></{what}Response>");
    Answer::new(200, body).header("content-type", "text/xml")
}

/// The outcome of a restart of an instance that may be restarted, by an EC2 with this script, and what was asked of it.
async fn carried_out(action: Ec2Action, script: Vec<Answer>) -> (Result<ActReport, ActError>, Vec<String>) {
    let looks = [described(&instance(ID)), types(SMALL)];
    let server = FaultServer::start(looks.into_iter().chain(script)).await;
    let result = at(&server.url("")).ec2(&action).await;
    (result, server.seen().iter().map(|seen| seen.field("Action").to_owned()).collect())
}

/// A type without disks of its own.
pub(super) const SMALL: &str = "<item><instanceType>t3.micro</instanceType><instanceStorageSupported>false</instanceStorageSupported></item>";

fn restart(timeout: Duration) -> Ec2Action {
    Ec2Action { timeout, ..operation(Ec2Operation::Restart, by_id(ID), Some(Ec2Wait::StatusOk)) }
}

#[tokio::test]
async fn a_restart_waits_for_each_state_and_starts_again_what_was_refused_for_the_moment() {
    let (result, asked) = carried_out(
        restart(PATIENCE),
        vec![
            accepted("StopInstances"),
            status("running", "ok"),
            refused(403, "UnauthorizedOperation", "a slip"),
            status("stopping", "not-applicable"),
            status("stopped", "not-applicable"),
            refused(400, "IncorrectInstanceState", "still stopping"),
            refused(503, "RequestLimitExceeded", "slowly"),
            accepted("StartInstances"),
            status("stopped", "not-applicable"),
            status("running", "initializing"),
            status("running", "ok"),
        ],
    )
    .await;
    let summary = result.expect("it is done").summary;
    assert!(summary.ends_with("is running and its checks pass"), "{summary}");
    let changes: Vec<&String> = asked.iter().filter(|action| !action.starts_with("Describe")).collect();
    assert_eq!(changes, ["StopInstances", "StartInstances", "StartInstances", "StartInstances"]);
    assert_eq!(asked.len(), 13);
}

#[tokio::test]
async fn a_restart_that_stays_half_done_says_so() {
    let seconds = Duration::from_secs(3);
    for (script, expected, sentence, claim) in [
        (vec![refused(403, "UnauthorizedOperation", "no")], "failed", "Unauthorized", "no right to stop"),
        (
            vec![accepted("StopInstances"), status("stopping", "ok")],
            "unknown",
            "not seen in time that i-0123456789abcdef0 is stopped: it is stopping",
            "it does not stop",
        ),
        (
            vec![accepted("StopInstances"), status("terminated", "ok")],
            "unknown",
            "it is terminated",
            "it ends for good meanwhile",
        ),
        (
            vec![
                accepted("StopInstances"),
                status("stopped", "ok"),
                refused(403, "UnauthorizedOperation", "no"),
            ],
            "failed",
            "i-0123456789abcdef0 was not started again: UnauthorizedOperation",
            "no right to start",
        ),
        (
            vec![accepted("StopInstances"), status("stopped", "ok"), refused(500, "InternalError", "ouch")],
            "unknown",
            "may not have been started again",
            "trouble inside EC2",
        ),
        (
            vec![accepted("StopInstances"), status("stopped", "ok"), Answer::new(200, "").after(PATIENCE)],
            "unknown",
            "may not have been started again",
            "no answer",
        ),
        (
            vec![
                accepted("StopInstances"),
                status("stopped", "ok"),
                accepted("StartInstances"),
                status("running", "impaired"),
            ],
            "unknown",
            "the check of the instance is impaired",
            "its checks fail",
        ),
        (
            vec![accepted("StopInstances"), Answer::html(200)],
            "unknown",
            "without an answer of AWS's",
            "garbage while waiting",
        ),
    ] {
        let (result, _) = carried_out(restart(seconds), script).await;
        let (outcome, text) = told(&result);
        assert!(outcome == expected && text.contains(sentence), "{claim}: {outcome}, {text}");
    }
}

/// So short that the wait for the stop ends with its fifth look.
const SHORT: Duration = Duration::from_secs(9);

#[tokio::test]
async fn a_slow_stop_leaves_time_for_the_start() {
    let slow = std::iter::repeat_n(status("stopping", "ok"), 5);
    let script = [accepted("StopInstances")].into_iter().chain(slow).chain([
        refused(400, "IncorrectInstanceState", "still stopping"),
        refused(500, "InternalError", "ouch"),
        accepted("StartInstances"),
        status("running", "ok"),
    ]);
    let (result, asked) = carried_out(restart(SHORT), script.collect()).await;
    let summary = result.expect("it is done").summary;
    let late = format!("it was not seen in time that {ID} is stopped: it is stopping");
    assert!(summary.contains(&late) && summary.contains("; start requested"), "{summary}");
    assert_eq!(asked.iter().filter(|action| *action == "StartInstances").count(), 3, "{asked:?}");
}

#[tokio::test]
async fn a_stop_of_which_nobody_knows_is_followed_by_a_start_all_the_same() {
    for (answer, claim) in [
        (refused(500, "InternalError", "ouch"), "trouble inside EC2"),
        (Answer::new(200, "").after(PATIENCE), "no answer"),
    ] {
        let script =
            vec![answer, status("stopped", "ok"), accepted("StartInstances"), status("running", "ok")];
        let (result, asked) = carried_out(restart(SHORT), script).await;
        let (outcome, text) = told(&result);
        assert!(
            outcome == "unknown" && text.contains("whether it was restarted is not known"),
            "{claim}: {text}"
        );
        assert!(asked.contains(&"StartInstances".to_owned()), "{claim}: {asked:?}");
    }
}
