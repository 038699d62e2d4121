//! Who may ask, where, and from which workspace.

use super::approvals::{buttons, push, state, told_with};
use super::*;

const RESTRICTED: &str = ", team_id: T1, allowed_users: [U0ALICE], allowed_channels: [C1]";

#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_allowed_is_answered_and_only_where() {
    let prometheus = prometheus().await;
    let daemon = daemon_with(&prometheus, "disruptive", RESTRICTED, "").await;
    for (team, user, channel, expected, says, sentence) in [
        ("T1", "U0ALICE", "C1", 200, "alert", "who is listed, where that is allowed"),
        ("T1", "U0EVE", "C1", 200, "your user U0EVE is not in slack.allowed_users", "another user"),
        (
            "T1",
            "U0BOB",
            "C1",
            200,
            "your user U0BOB is not in slack.allowed_users",
            "an approver who is not listed",
        ),
        ("T1", "U0ALICE", "C9", 200, "the channel C9 is not in slack.allowed_channels", "another channel"),
        ("T1", "U0ALICE", "", 200, "not in slack.allowed_channels", "no channel"),
        ("T2", "U0ALICE", "C1", 403, "another workspace than slack.team_id", "another workspace"),
        ("", "U0ALICE", "C1", 403, "another workspace than slack.team_id", "no workspace"),
        ("T1", "", "C1", 400, "user_id", "nobody"),
    ] {
        let body = form(&[
            ("text", "what is firing hunter2-text"),
            ("team_id", team),
            ("user_id", user),
            ("channel_id", channel),
        ]);
        let (status, text) = signed(&daemon, "/slack/command", body).await;
        assert!(status == expected && text.contains(says), "{sentence}: {status} {text}");
        if status == 200 {
            let answer: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(answer["response_type"], "ephemeral", "{sentence}");
            let whom =
                answer["text"].as_str().is_some_and(|text| text.contains("whoever runs smartcloudops"));
            assert_eq!(whom, says != "alert", "whom to ask is said: {sentence}: {text}");
        }
    }
    let page = http().get(daemon.url("/metrics")).bearer_auth("alice-token").send().await.expect("an answer");
    let page = page.text().await.expect("a page");
    let counted = page.lines().find(|line| line.contains(r#"="scope""#)).expect("refusals are counted");
    assert!(counted.ends_with(" 6"), "{counted}");
    let log = daemon.log();
    assert!(log.contains("U0EVE") && log.contains("C9"), "who was refused is logged");
    assert!(!log.contains("hunter2-text"), "what they asked is not");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_of_another_workspace_does_nothing() {
    let (_prometheus, channel, daemon) = told_with("disruptive", RESTRICTED).await;
    let [approve, _] = buttons(&channel, &daemon).await;
    for (team, of_user, expected, sentence) in [
        ("T2", "T2", 403, "another workspace"),
        ("T1", "T2", 403, "somebody of another one, in a shared channel"),
        ("E1", "E1", 403, "no workspace"),
        ("T1", "T1", 200, "the one that is configured"),
    ] {
        let more = serde_json::json!({"team": {"id": team}, "user": {"id": "U0BOB", "team_id": of_user}});
        let (status, text) = push(&daemon, &approve, "", more).await;
        assert_eq!(status, expected, "{sentence}: {text}");
        let is_pending = state(&daemon).await["state"] == "pending";
        assert!(is_pending || expected == 200, "{sentence}");
    }
}
