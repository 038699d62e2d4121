//! Actions on units against a real systemd, and against buses that are none.

mod faults;

use std::time::Duration;

use smartcloudops::act::{SystemdConfig, systemd};
use smartcloudops::model::{ActError, ActReport, SystemdAction, SystemdOperation};

use crate::support::{PATIENCE, Systemd, wait_until};

const UNITS: &[(&str, &str)] = &[
    ("good.service", "[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/true\n"),
    ("at@.service", "[Service]\nExecStart=/bin/sleep 1000\n"),
    ("fails.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n"),
    (
        "needs.service",
        "[Unit]\nRequires=fails.service\nAfter=fails.service\n[Service]\nExecStart=/bin/sleep 1000\n",
    ),
    ("slow.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n"),
    ("bounded.service", "[Unit]\nJobTimeoutSec=1\n[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n"),
    ("closed.service", "[Unit]\nRefuseManualStart=yes\n[Service]\nExecStart=/bin/sleep 1000\n"),
];

async fn carry_out(
    bus: &str,
    operation: SystemdOperation,
    unit: &str,
    timeout: Duration,
) -> Result<ActReport, ActError> {
    let action = SystemdAction { operation, unit: unit.to_owned(), timeout };
    systemd::carry_out(&action, &SystemdConfig { bus: Some(bus.to_owned()) }).await
}

/// The outcome's name and everything that is said about it.
fn told(result: &Result<ActReport, ActError>) -> (&'static str, String) {
    let outcome = match result {
        Ok(_) => "accepted",
        Err(ActError::NotStarted { .. }) => "not started",
        Err(ActError::Failed { .. }) => "failed",
        Err(ActError::Unknown { .. }) => "unknown",
    };
    (outcome, format!("{result:?}"))
}

#[tokio::test]
async fn the_end_of_a_job_is_told_with_the_state_of_its_unit() {
    let systemd = Systemd::start(UNITS, "").await;
    let invalid = "job invalid: reload good.service, which is inactive";
    for (operation, unit, expected, sentence) in [
        (SystemdOperation::Reload, "good.service", "failed", invalid),
        (SystemdOperation::Start, "good.service", "accepted", "which is active (running)"),
        (SystemdOperation::Reload, "good.service", "accepted", "job done: reload good.service"),
        (SystemdOperation::Restart, "good.service", "accepted", "which is active (running)"),
        (SystemdOperation::Stop, "good.service", "accepted", "which is inactive (dead)"),
        (SystemdOperation::Restart, "at@web-1.service", "accepted", "which is active (running)"),
        (
            SystemdOperation::Start,
            "fails.service",
            "failed",
            "job failed: start fails.service, which is failed",
        ),
        (SystemdOperation::Start, "needs.service", "failed", "job dependency: start needs.service"),
        (SystemdOperation::Start, "bounded.service", "failed", "job timeout: start bounded.service"),
        (SystemdOperation::Start, "closed.service", "failed", "refuses to start closed.service"),
        (SystemdOperation::Start, "none.service", "not started", "none.service is not-found, not loaded"),
    ] {
        let (outcome, text) = told(&carry_out(&systemd.bus(), operation, unit, PATIENCE).await);
        assert!(outcome == expected && text.contains(sentence), "{operation:?} {unit}: {outcome}, {text}");
    }
}

#[tokio::test]
async fn a_job_that_somebody_cancels_has_failed_and_one_that_does_not_end_is_unknown() {
    let systemd = Systemd::start(UNITS, "").await;
    let bus = systemd.bus();
    let timeout = Duration::from_secs(2);
    let (outcome, text) = told(&carry_out(&bus, SystemdOperation::Start, "slow.service", timeout).await);
    assert!(outcome == "unknown" && text.contains("has not ended within 2s"), "{outcome}, {text}");

    let (outcome, text) = told(&carry_out(&bus, SystemdOperation::Stop, "slow.service", PATIENCE).await);
    assert!(outcome == "failed" && text.contains("refuses to stop"), "the job of another: {outcome}, {text}");

    let again =
        tokio::spawn(async move { carry_out(&bus, SystemdOperation::Start, "slow.service", PATIENCE).await });
    wait_until(PATIENCE, "the start to be canceled", async || {
        systemd.call(&["StopUnit", "ss", "slow.service", "replace"]);
        again.is_finished()
    })
    .await;
    let (outcome, text) = told(&again.await.expect("the action does not panic"));
    assert!(outcome == "failed" && text.contains("job canceled"), "{outcome}, {text}");
}

#[tokio::test]
async fn without_the_right_to_do_it_nothing_is_done() {
    let deny = |member: &str| {
        let manager = "org.freedesktop.systemd1.Manager";
        format!(
            "<deny send_destination=\"org.freedesktop.systemd1\" send_interface=\"{manager}\" send_member=\"{member}\"/>"
        )
    };
    for (member, expected) in
        [("StartUnit", "failed"), ("LoadUnit", "not started"), ("Subscribe", "not started")]
    {
        let systemd = Systemd::start(UNITS, &deny(member)).await;
        let result = carry_out(&systemd.bus(), SystemdOperation::Start, "good.service", PATIENCE).await;
        let (outcome, text) = told(&result);
        assert!(outcome == expected && text.contains("AccessDenied"), "{member}: {outcome}, {text}");
    }
}
