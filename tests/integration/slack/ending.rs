//! What was heard is dealt with before the daemon ends.

use std::time::Duration;

use super::approvals::{buttons, push, state, told_with};
use super::*;
use crate::support::{PATIENCE, wait_until};

fn bob() -> Value {
    serde_json::json!({"user": {"id": "U0BOB"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_counts_however_soon_the_daemon_stops_after_it() {
    let (_prometheus, channel, mut daemon) = told_with("disruptive", "").await;
    let [approve, _] = buttons(&channel, &daemon).await;
    let said = FaultServer::start([Answer::new(200, "ok")]).await;
    assert_eq!(push(&daemon, &approve, &said.url("/actions"), bob()).await.0, 200, "it is heard");
    assert!(daemon.stop().await.success(), "{}", daemon.log());
    let text = String::from_utf8(said.seen()[0].body.to_vec()).expect("text");
    assert!(text.contains("bob has approved approval 1"), "{text}");
    daemon.restart().await;
    wait_until(PATIENCE, "the run that was approved", || async { state(&daemon).await["state"] == "used" })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_button_is_said_before_the_end() {
    let (_prometheus, channel, mut daemon) = told_with("disruptive", "").await;
    let [_, reject] = buttons(&channel, &daemon).await;
    let said = FaultServer::start([Answer::new(503, "later"), Answer::new(200, "ok")]).await;
    assert_eq!(push(&daemon, &reject, &said.url("/actions"), bob()).await.0, 200);
    wait_until(PATIENCE, "the first attempt", || async { !said.seen().is_empty() }).await;
    assert!(daemon.stop().await.success(), "{}", daemon.log());
    assert_eq!(said.seen().len(), 2, "the second attempt comes before the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_an_answer_is_told_that_none_comes() {
    let empty = r#"{"status":"success","data":{"activeTargets":[]}}"#;
    let slow = FaultServer::start([Answer::new(200, empty).after(Duration::from_secs(20))]).await;
    let mut daemon = daemon(&slow, "disruptive", "").await;
    let slack = FaultServer::start([Answer::new(200, "ok")]).await;
    let url = slack.url("/x");
    let body = form(&[("text", "which targets are down?"), ("user_id", "U0ALICE"), ("response_url", &url)]);
    let (status, text) = signed(&daemon, "/slack/command", body).await;
    assert!(status == 200 && text.contains("the answer follows"), "{status} {text}");
    assert!(daemon.stop().await.success(), "{}", daemon.log());
    let late = String::from_utf8(slack.seen()[0].body.to_vec()).expect("text");
    assert!(late.contains("smartcloudops stops") && late.contains("ephemeral"), "{late}");
}
