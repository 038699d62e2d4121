//! Nothing secret leaves the host, and everybody gets their own addresses back.

use serde_json::json;
use smartcloudops::llm::redact::{self, Pattern};
use smartcloudops::llm::{Call, Conversation, Entry};

use super::{Scene, explanation, question, said};
use crate::support::FaultServer;

const SECRETS: [&str; 4] =
    ["hunter2hunter2", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIAIOSFODNN7EXAMPLE", "CUST-4711"];

fn everything(config: &mut smartcloudops::llm::Config) {
    let patterns = vec![Pattern::new(r"CUST-\d+").unwrap()];
    config.redact = redact::Config { emails: true, addresses: true, patterns };
}

#[tokio::test]
async fn no_secret_leaves_by_any_message() {
    let answer = explanation("[email-1] at [ip-1], not [secret-1] of [private-1]").to_string();
    let server = FaultServer::start(vec![said(&answer)]).await;
    let scene = Scene::with(&server.url("/v1"), everything);
    let [password, token, id, customer] = SECRETS;
    let text = format!("password={password} {token} {id} of {customer}, ann@example.org at 10.0.0.7");
    let completion = scene.client.complete(&question(&text)).await.unwrap();
    let headline = completion.value["headline"].as_str().unwrap();
    assert_eq!(headline, "ann@example.org at 10.0.0.7, not [secret-1] of [private-1]");
    let arguments = json!({"query": [&text]});
    let call = Call { id: "call_1".to_owned(), name: "look".to_owned(), arguments };
    let entries = vec![
        Entry::System(text.clone()),
        Entry::User(text.clone()),
        Entry::Assistant(text.clone()),
        Entry::Calls(vec![call]),
        Entry::Result { call: "call_1".to_owned(), text: text.clone() },
    ];
    scene.client.converse(&Conversation { entries, ..Conversation::default() }).await.unwrap();
    for seen in server.seen() {
        let body = String::from_utf8(seen.body.to_vec()).unwrap();
        assert!(body.contains("[email-1]") && body.contains("[ip-1]"), "{body}");
        for secret in SECRETS.iter().chain(&["ann@example.org", "10.0.0.7"]) {
            assert!(!body.contains(secret), "{secret} in {body}");
        }
    }
}

#[tokio::test]
async fn who_is_sent_the_same_answer_gets_their_own_addresses_back() {
    let server = FaultServer::start(vec![said(&explanation("[ip-1] is slow").to_string())]).await;
    let scene = Scene::with(&server.url("/v1"), everything);
    for (address, cached) in [("10.0.0.7", false), ("10.0.0.8", true)] {
        let completion =
            scene.client.complete(&question(&format!("{address} has a p99 of 4 s"))).await.unwrap();
        assert_eq!(completion.value["headline"], format!("{address} is slow"));
        assert_eq!(completion.cached, cached);
    }
    assert_eq!(server.seen().len(), 1);
}
