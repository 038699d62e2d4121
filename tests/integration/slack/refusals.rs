//! What is no request of Slack's, or comes twice, learns nothing and does nothing.

use super::*;
use crate::support::{PATIENCE, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn only_what_slack_has_signed_is_read_and_only_once() {
    let prometheus = prometheus().await;
    let daemon = daemon(&prometheus, "disruptive", "").await;
    let body = form(&[("text", "what is firing"), ("user_id", "U0ALICE")]);
    let (time, old, ahead) = (slack_time(), (now() - 302).to_string(), (now() + 320).to_string());
    let sign = |time: &str, body: &str| slack_signature(SECRET, time, body);
    let (good, late, early) = (sign(&time, &body), sign(&old, &body), sign(&ahead, &body));
    let other = slack_signature("another secret", &time, &body);
    let large = "x".repeat(70 << 10);
    let (signed_large, json) = (sign(&time, &large), r#"{"text":"what is firing"}"#.to_owned());
    let signed_json = sign(&time, &json);
    for (signature, time, kind, body, expected, sentence) in [
        (None, Some(&*time), FORM, &body, 401, "no signature"),
        (Some(&*good), None, FORM, &body, 401, "no time"),
        (Some(&other), Some(&time), FORM, &body, 401, "another secret"),
        (Some("v0=00"), Some(&time), FORM, &body, 401, "no signature at all"),
        (Some(&late), Some(&old), FORM, &body, 401, "an old one"),
        (Some(&early), Some(&ahead), FORM, &body, 401, "one from the future"),
        (Some(&good), Some(&time), FORM, &large, 413, "a large body"),
        (Some(&signed_large), Some(&time), FORM, &large, 413, "a large body that is signed"),
        (Some(&signed_json), Some(&time), "application/json", &json, 400, "another type"),
        (Some(&good), Some(&time), FORM, &body, 200, "as Slack sends it"),
        (Some(&good), Some(&time), FORM, &body, 401, "the same again"),
    ] {
        let mut headers = vec![("content-type", kind)];
        headers.extend(signature.map(|signature| ("x-slack-signature", signature)));
        headers.extend(time.map(|time| ("x-slack-request-timestamp", time)));
        let (status, text) = send(&daemon, "/slack/command", &headers, body.clone()).await;
        assert_eq!(status, expected, "{sentence}: {text}");
        assert!(!text.contains(SECRET), "{sentence}: {text}");
    }
    let headers = [("authorization", "Bearer alice-token"), ("content-type", FORM)];
    let (status, text) = send(&daemon, "/slack/command", &headers, body.clone()).await;
    assert_eq!(status, 401, "a token is no signature: {text}");
    assert_eq!(daemon.get("/status").await.0, 401, "the rest needs a token");
    let page = http().get(daemon.url("/metrics")).bearer_auth("alice-token").send().await.expect("an answer");
    let page = page.text().await.expect("a page");
    let counted = page.lines().find(|line| line.contains(r#"="signature""#)).expect("refusals are counted");
    assert!(counted.ends_with(" 8"), "{counted}");
    let log = daemon.log();
    assert!(!log.contains(SECRET) && !log.contains(&good), "no secret is logged");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_slack_is_not_served() {
    let prometheus = prometheus().await;
    let daemon =
        Daemon::start(&format!("prometheus: {{url: '{}'}}\npresets: []\n", prometheus.url(""))).await;
    for path in ["/slack/command", "/slack/interactive"] {
        let (status, text) = signed(&daemon, path, form(&[("text", "what is firing")])).await;
        assert!(status == 404 && text.contains("not configured"), "{path}: {status} {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_before_a_restart_is_not_taken_after_it() {
    let prometheus = prometheus().await;
    let mut daemon = daemon(&prometheus, "disruptive", "").await;
    let begun = now();
    wait_until(PATIENCE, "a later second than that of the start", || async { now() > begun }).await;
    let (time, body) = (now().to_string(), form(&[("text", "what is firing"), ("user_id", "U0ALICE")]));
    let signature = slack_signature(SECRET, &time, &body);
    let headers =
        [("x-slack-signature", &*signature), ("x-slack-request-timestamp", &time), ("content-type", FORM)];
    let (status, text) = send(&daemon, "/slack/command", &headers, body.clone()).await;
    assert_eq!(status, 200, "{text}");
    daemon.kill();
    daemon.restart().await;
    let (status, text) = send(&daemon, "/slack/command", &headers, body).await;
    assert!(status == 401 && text.contains("before smartcloudops started"), "{status} {text}");
    assert!(!text.contains("Down"), "{text}");
}
