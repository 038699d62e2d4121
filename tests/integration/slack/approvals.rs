//! Buttons: by the same path as any other answer, so once, in time, for the plan that was shown, by somebody who may.

use super::*;
use crate::support::{PATIENCE, alert, message, wait_until};

const START: &str = "2026-01-01T00:00:00Z";

/// Prometheus, a receiver of Slack's incoming webhook, to whom requests are told, and a daemon with both.
async fn told(class: &str) -> (FaultServer, FaultServer, Daemon) {
    told_with(class, "").await
}

/// The same with more settings of Slack.
pub async fn told_with(class: &str, slack: &str) -> (FaultServer, FaultServer, Daemon) {
    let channel = FaultServer::start([Answer::new(200, "ok")]).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("slack.url");
    std::fs::write(&file, channel.url("/services/T/B/hidden-path")).expect("a file");
    let notify = format!(
        "notify: [{{name: channel, slack_webhook_url_file: '{}', on: [approval], group_wait: 0s}}]\n",
        folder.keep().join("slack.url").display()
    );
    let prometheus = prometheus().await;
    let daemon = daemon_with(&prometheus, class, slack, &notify).await;
    (prometheus, channel, daemon)
}

/// The buttons of the first request that was told.
pub async fn buttons(channel: &FaultServer, daemon: &Daemon) -> [Value; 2] {
    let body = message(&[alert("Down", "web:80", "firing", START)]);
    assert_eq!(ask(daemon, "/webhook", body).await, 200);
    wait_until(PATIENCE, "the request in Slack", || async { !channel.seen().is_empty() }).await;
    let message: Value = serde_json::from_slice(&channel.seen()[0].body).expect("JSON");
    for key in ["mrkdwn", "unfurl_links", "unfurl_media"] {
        assert_eq!(message[key], false, "{key}: no markup, and no link is unfolded");
    }
    let blocks = message["blocks"].as_array().expect("blocks");
    let actions = blocks.iter().find(|block| block["type"] == "actions").expect("buttons");
    let elements = actions["elements"].as_array().expect("two of them");
    [elements[0].clone(), elements[1].clone()]
}

/// Presses a button; what is said of it at the response URL.
async fn press(daemon: &Daemon, user: &str, button: &Value) -> Value {
    let said = FaultServer::start([Answer::new(200, "ok")]).await;
    let user = serde_json::json!({"user": {"id": user, "username": "alice"}});
    let (status, text) = push(daemon, button, &said.url("/actions"), user).await;
    assert_eq!((status, &*text), (200, ""), "it is heard at once");
    wait_until(PATIENCE, "what is said of it", || async { !said.seen().is_empty() }).await;
    serde_json::from_slice(&said.seen()[0].body).expect("JSON")
}

/// Sends a button that was pressed, with what else the payload says; the status and the text.
pub async fn push(daemon: &Daemon, button: &Value, response_url: &str, more: Value) -> (u16, String) {
    let mut payload = serde_json::json!({
        "type": "block_actions", "response_url": response_url,
        "actions": [{"type": "button", "action_id": button["action_id"], "value": button["value"]}],
    });
    payload.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    signed(daemon, "/slack/interactive", form(&[("payload", &payload.to_string())])).await
}

pub async fn state(daemon: &Daemon) -> Value {
    api(daemon, "/api/v1/approvals").await[0]["state"].clone()
}

fn refused(said: &Value, part: &str) -> bool {
    said["response_type"] == "ephemeral" && said["text"].as_str().is_some_and(|text| text.contains(part))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_counts_once_for_its_plan_and_for_who_may() {
    let (_prometheus, channel, daemon) = told("disruptive").await;
    let [approve, reject] = buttons(&channel, &daemon).await;
    let said = press(&daemon, "U0EVE", &approve).await;
    assert!(refused(&said, "not in slack.approvers"), "a user nobody knows: {said}");
    let mut other_plan = approve.clone();
    let value = approve["value"].as_str().expect("a text");
    other_plan["value"] =
        format!("{}{}", &value[..value.len() - 2], if value.ends_with("00") { "11" } else { "00" }).into();
    let said = press(&daemon, "U0BOB", &other_plan).await;
    assert!(refused(&said, "another one than the message showed"), "another plan: {said}");
    let said = press(
        &daemon,
        "U0BOB",
        &serde_json::json!({"action_id": approve["action_id"],
        "value": value.replacen('1', "999", 1)}),
    )
    .await;
    assert!(refused(&said, "no request for approval 999"), "another request: {said}");
    assert_eq!(state(&daemon).await["state"], "pending", "none of these counts");
    let said = press(&daemon, "U0BOB", &approve).await;
    assert_eq!(said["response_type"], "in_channel", "{said}");
    assert!(
        said["text"].as_str().is_some_and(|text| text.starts_with("bob has approved approval 1")),
        "{said}"
    );
    wait_until(PATIENCE, "the run", || async { state(&daemon).await["state"] == "used" }).await;
    assert_eq!(state(&daemon).await["by"], "slack:bob");
    for button in [&approve, &reject] {
        let said = press(&daemon, "U0ALICE", button).await;
        assert!(refused(&said, "This does not count"), "once: {said}");
    }
    assert!(!daemon.log().contains("hidden-path"), "the webhook's address is a secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_rejects_and_an_old_one_does_nothing() {
    let (_prometheus, channel, daemon) = told("disruptive").await;
    let [_, reject] = buttons(&channel, &daemon).await;
    let said = press(&daemon, "U0ALICE", &reject).await;
    assert!(said["text"].as_str().is_some_and(|text| text.starts_with("alice has rejected")), "{said}");
    assert_eq!(
        (state(&daemon).await["state"].clone(), state(&daemon).await["by"].clone()),
        ("rejected".into(), "slack:alice".into())
    );

    let (_prometheus, channel, daemon) = told("disruptive").await;
    let [approve, _] = buttons(&channel, &daemon).await;
    assert_eq!(ask(&daemon, "/webhook", message(&[alert("Down", "web:80", "resolved", START)])).await, 200);
    wait_until(PATIENCE, "its end", || async { state(&daemon).await["state"] == "cancelled" }).await;
    let said = press(&daemon, "U0BOB", &approve).await;
    assert!(refused(&said, "This does not count"), "the alert is over: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_cannot_approve_from_slack_what_needs_another() {
    let (_prometheus, channel, daemon) = told("destructive").await;
    let [approve, _] = buttons(&channel, &daemon).await;
    let said = press(&daemon, "U0BOB", &approve).await;
    assert_eq!(said["response_type"], "in_channel", "the daemon itself asked: {said}");
    let channel = FaultServer::start([Answer::new(200, "ok")]).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("url"), channel.url("/x")).expect("a file");
    let notify = format!(
        "notify: [{{name: channel, slack_webhook_url_file: '{}', on: [approval], group_wait: 0s}}]\n",
        folder.path().join("url").display()
    );
    let prometheus = prometheus().await;
    let shadow = daemon_in_shadow(&prometheus, &notify).await;
    assert_eq!(ask(&shadow, "/webhook", message(&[alert("Down", "web:80", "firing", START)])).await, 200);
    let alerts = async || api(&shadow, "/api/v1/alerts").await;
    wait_until(PATIENCE, "the plan in the shadow", async || {
        alerts().await[0]["decisions"][0]["verdict"]["reason"] == "shadow"
    })
    .await;
    let wish = serde_json::json!({"fingerprint": alerts().await[0]["id"]["fingerprint"], "policy": "note"});
    assert_eq!(ask(&shadow, "/api/v1/approvals", wish.to_string()).await, 202);
    wait_until(PATIENCE, "the request in Slack", || async { !channel.seen().is_empty() }).await;
    let message: Value = serde_json::from_slice(&channel.seen()[0].body).expect("JSON");
    let blocks = message["blocks"].as_array().expect("blocks");
    let actions = blocks.iter().find(|block| block["type"] == "actions").expect("buttons");
    let said = press(&shadow, "U0ALICE", &actions["elements"][0]).await;
    assert!(refused(&said, "This does not count"), "alice asked for it: {said}");
    let said = press(&shadow, "U0BOB", &actions["elements"][0]).await;
    assert_eq!(said["response_type"], "in_channel", "somebody else: {said}");
}

async fn daemon_in_shadow(prometheus: &FaultServer, more: &str) -> Daemon {
    let shadow = daemon(prometheus, "destructive", more).await;
    let path = shadow.path("smartcloudops.yml");
    let config = std::fs::read_to_string(path).expect("the configuration");
    shadow.write_config(&config.replace("mode: ask", "mode: shadow"));
    assert_eq!(ask(&shadow, "/-/reload", String::new()).await, 200);
    shadow
}
