//! Requests that are signed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use super::*;

const KEY: [u8; 32] = [7; 32];

fn key() -> (tempfile::NamedTempFile, Option<SecretSource>) {
    token(&format!("whsec_{}\n", STANDARD.encode(KEY)))
}

/// Verifies a request as a receiver does, and gives back its id and its time.
fn verified(request: &str) -> (String, i64) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    let (id, at) = (header("webhook-id: "), header("webhook-timestamp: "));
    let signature = header("webhook-signature: ");
    let tag = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &KEY);
    hmac::verify(&key, format!("{id}.{at}.{body}").as_bytes(), &tag).unwrap();
    (id, at.parse().unwrap())
}

#[tokio::test]
async fn a_receiver_can_verify_the_body_and_the_key_is_never_shown() {
    let (_file, signing_key) = key();
    let (url, served) = server(answer("HTTP/1.1 204 No Content\r\n\r\n")).await;
    let action = HttpAction { signing_key, ..post(&url) };
    assert_eq!(send_it(&action).await, Ok(report("HTTP 204", "")));
    let request = served.await.unwrap();
    assert_eq!(verified(&request), ("17-2-ff".to_owned(), 0), "the id is the idempotency key");
    for text in [request, format!("{action:?}"), serde_json::to_string(&action).unwrap()] {
        assert!(!text.contains(&STANDARD.encode(KEY)), "{text}");
    }
}

#[tokio::test]
async fn an_unusable_key_starts_nothing_and_is_not_shown() {
    for text in ["hunter2", "aHVudGVyMg=="] {
        let (_file, signing_key) = token(text);
        let action = HttpAction { signing_key, retries: 2, ..post("http://127.0.0.1:1/") };
        let said = reason(send_it(&action).await, "not started");
        assert!(said.contains("the signing key in") && !said.contains(text), "{said}");
    }
}
