//! Slash commands: at once where that goes, later where Slack says, and never as markup.

use std::time::{Duration, Instant};

use super::*;
use crate::support::{PATIENCE, alert, message, wait_until};

const START: &str = "2026-01-01T00:00:00Z";

async fn fire(daemon: &Daemon, instance: &str) {
    let body = message(&[alert("Down", instance, "firing", START)]);
    assert_eq!(ask(daemon, "/webhook", body).await, 200);
    wait_until(PATIENCE, "the alert", || async { api(daemon, "/api/v1/alerts").await[0].is_object() }).await;
}

fn command(text: &str, response_url: &str) -> String {
    form(&[
        ("command", "/ops"),
        ("text", text),
        ("team_id", "T1"),
        ("channel_id", "C1"),
        ("user_id", "U0ALICE"),
        ("response_url", response_url),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_at_once_and_no_label_is_markup() {
    let prometheus = prometheus().await;
    let daemon = daemon(&prometheus, "disruptive", "").await;
    let hostile = "<!channel> @here <https://evil.example|bank> ```";
    fire(&daemon, hostile).await;
    let (status, text) = signed(&daemon, "/slack/command", command("what is firing", "")).await;
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(answer["response_type"], "ephemeral");
    for key in ["mrkdwn", "unfurl_links", "unfurl_media"] {
        assert_eq!(answer[key], false, "{key}: no markup, and no link is unfolded");
    }
    let blocks = answer["blocks"].as_array().expect("blocks");
    assert!((1..=50).contains(&blocks.len()), "{answer}");
    let shown: String = blocks.iter().filter_map(|block| block["text"]["text"].as_str()).collect();
    assert!(shown.contains("Down") && shown.contains("&lt;!channel&gt;"), "{shown}");
    for bad in ["<!", "<http", "@here"] {
        assert!(!text.contains(bad), "{bad}: {text}");
    }
    for block in blocks {
        let text = block["text"]["text"].as_str().expect("a text");
        assert!(text.chars().count() <= 3000 && text.matches("```").count() == 2, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_long_follows_at_the_response_url_if_that_is_known() {
    // What Prometheus is asked is answered after three seconds.
    let empty = r#"{"status":"success","data":{"activeTargets":[]}}"#;
    let slow = FaultServer::start([Answer::new(200, empty).after(Duration::from_secs(3))]).await;
    let daemon = daemon(&slow, "disruptive", "").await;
    fire(&daemon, "web:80").await;
    let slack = FaultServer::start([Answer::new(500, "{}"), Answer::new(200, "ok")]).await;
    let (time, body) = (slack_time(), command("which targets are down?", &slack.url("/x")));
    let signature = slack_signature(SECRET, &time, &body);
    let headers =
        [("x-slack-signature", &*signature), ("x-slack-request-timestamp", &time), ("content-type", FORM)];
    let begun = Instant::now();
    let (status, text) = send(&daemon, "/slack/command", &headers, body).await;
    assert!(status == 200 && text.contains("the answer follows"), "{status} {text}");
    assert!(begun.elapsed() < Duration::from_secs(3), "Slack waits no longer: {:?}", begun.elapsed());
    wait_until(PATIENCE, "the answer, the second time", || async { slack.seen().len() == 2 }).await;
    let late: Value = serde_json::from_slice(&slack.seen()[1].body).expect("JSON");
    assert!(
        late["response_type"] == "ephemeral" && late.to_string().contains("Prometheus scrapes 0 targets"),
        "{late}"
    );
    let elsewhere = slack.url("/y").replace("127.0.0.1", "localhost");
    let (status, text) =
        signed(&daemon, "/slack/command", command("which targets are down?", &elsewhere)).await;
    assert!(status == 200 && text.contains("not one of Slack's"), "{status} {text}");
    assert_eq!(slack.seen().len(), 2, "nothing goes to an address that is not known");
    assert!(!daemon.log().contains(&slack.url("/x")), "the address is a secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_answer_is_plain_text() {
    let prometheus = prometheus().await;
    let daemon = daemon(&prometheus, "disruptive", "").await;
    let (status, text) = signed(&daemon, "/slack/command", command("", "")).await;
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    let shown = &answer["blocks"][0]["text"];
    assert!(status == 200 && shown["type"] == "plain_text" && shown["emoji"] == false, "{status} {text}");
    assert_eq!(shown["text"], answer["text"]);
}
