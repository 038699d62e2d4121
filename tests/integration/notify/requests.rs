//! Requests for approval are told at once, past everything that waits.

use super::*;

/// A daemon that asks, and tells one receiver as these settings say.
fn asking(prometheus: &FaultServer, receiver: &str) -> String {
    config(prometheus, receiver)
        .replace("mode: enforce", "mode: ask")
        .replace("argv: [/bin/true]", "argv: [/bin/true, '--token', swordfish]")
}

/// The first message with a request.
async fn request(receiver: &FaultServer) -> Value {
    let asks = |told: &Value| told["data"]["approvals"].as_array().is_some_and(|asked| !asked.is_empty());
    let found = || told(receiver).into_iter().find(asks);
    wait_until(PATIENCE, "the request", || async { found().is_some() }).await;
    found().expect("it was there a moment ago")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_does_not_wait_for_the_group_of_its_alert() {
    let (prometheus, receiver) = (prometheus().await, FaultServer::start([Answer::new(204, "")]).await);
    let settings = format!("url: '{}', group_wait: 5m", receiver.url("/hook"));
    let daemon = Daemon::start(&asking(&prometheus, &settings)).await;
    fire(&daemon, "Down", "web:80", "firing").await;
    let request = request(&receiver).await;
    assert_eq!(receiver.seen().len(), 1, "the alert itself waits for others");
    assert_eq!(request["data"]["firing"]["total"], 0);
    let text = request["data"]["explanation"]["text"].as_str().expect("an explanation");
    assert!(text.contains("Down") && text.contains("web:80"), "{text}");
    let argv = &request["data"]["approvals"][0]["steps"][0]["command"]["argv"];
    assert_eq!(*argv, serde_json::json!(["/bin/true", "--token", "[secret-1]"]));
    assert!(!request.to_string().contains("swordfish"), "a secret behind a flag");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_told_to_who_is_not_told_of_its_alert() {
    let (prometheus, receiver) = (prometheus().await, FaultServer::start([Answer::new(204, "")]).await);
    let settings = format!("url: '{}', on: [remediation, approval]", receiver.url("/hook"));
    let daemon = Daemon::start(&asking(&prometheus, &settings)).await;
    fire(&daemon, "Down", "web:80", "firing").await;
    request(&receiver).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_run_does_not_wait_for_the_group_of_its_alert() {
    let (prometheus, receiver) = (prometheus().await, FaultServer::start([Answer::new(204, "")]).await);
    let settings = format!("url: '{}', group_wait: 5m", receiver.url("/hook"));
    let daemon = Daemon::start(&config(&prometheus, &settings)).await;
    fire(&daemon, "Down", "web:80", "firing").await;
    until_told(&receiver, 1).await;
    let first = &told(&receiver)[0]["data"];
    assert_eq!(
        (first["firing"]["total"].as_u64(), first["remediations"].as_array().map(Vec::len)),
        (Some(1), Some(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_does_not_wait_for_a_message_that_is_not_taken() {
    let prometheus = prometheus().await;
    let answers = [Answer::new(204, "").after(Duration::from_secs(50)), Answer::new(204, "")];
    let receiver = FaultServer::start(answers).await;
    let settings = format!("url: '{}', group_wait: 0s, timeout: 60s", receiver.url("/hook"));
    let daemon = Daemon::start(&asking(&prometheus, &settings)).await;
    fire(&daemon, "Slow", "web:80", "firing").await;
    until_told(&receiver, 1).await;
    fire(&daemon, "Down", "web:80", "firing").await;
    request(&receiver).await;
    assert_eq!(receiver.most_at_once(), 2, "the first message is still under way");
    until_counted(&daemon, "delivered", 1.0).await;
    let waiting = daemon.metric("smartcloudops_notifications_waiting{receiver=\"ops\"}").await;
    assert!(waiting >= Some(1.0), "what the other lane tells is counted: {waiting:?}");
}
