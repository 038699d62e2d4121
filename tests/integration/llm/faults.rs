//! What the real server cannot be made to do.

use std::time::Duration;

use serde_json::{Value, json};
use smartcloudops::llm::{Cut, LlmError};

use super::{SHORT, Scene, WITHIN, body, events, explanation, piece, question, said};
use crate::support::{Answer, FaultServer, ModelServer};

async fn refused(answer: Answer, streams: bool, within: Duration) -> (LlmError, Scene, FaultServer) {
    let server = FaultServer::start(vec![answer]).await;
    let scene = Scene::with(&server.url("/v1"), |config| config.timeout = within);
    let error = scene.refusal(&question("CPU of web-1 is at 97 percent since 10:02"), streams).await;
    (error, scene, server)
}

#[tokio::test]
async fn an_answer_that_is_none_is_named_and_tells_nothing() {
    let key = ModelServer::KEY;
    let echo = |text: String| json!({"error": {"message": text}}).to_string();
    let message = |message: Value, finish: &str| Answer::new(200, body(message, finish).to_string());
    let long: Vec<Value> = (0..40).map(|_| piece(&"y".repeat(2 << 10))).collect();
    let half = &said("{}").breaking_off();
    for (what, answer, streams, expected) in [
        (
            "a refusal",
            message(json!({"content": null, "refusal": "I cannot help with that."}), "stop"),
            false,
            "refused",
        ),
        ("no text", message(json!({"content": null}), "stop"), false, "invalid_answer"),
        ("a web page", Answer::html(200), false, "invalid_answer"),
        ("a web page as a stream", Answer::html(200), true, "invalid_answer"),
        ("a sign-in page", Answer::html(403), false, "unauthorized"),
        (
            "a redirect",
            Answer::new(302, "").header("location", "https://elsewhere.example.org/"),
            false,
            "rejected",
        ),
        (
            "the key in the answer",
            Answer::new(401, echo(format!("Incorrect API key: {key}"))),
            false,
            "unauthorized",
        ),
        ("a part of it", Answer::new(400, echo(format!("key ends in {}", &key[24..]))), false, "rejected"),
        (
            "the question in the answer",
            Answer::new(400, echo("bad: CPU of web-1 is at 97 percent since".to_owned())),
            false,
            "rejected",
        ),
        ("the key in a 500", Answer::new(500, format!("Bearer {key}")), false, "server_error"),
        ("503 for a moment", Answer::new(503, "").header("retry-after", "5"), false, "rate_limited"),
        ("503", Answer::new(503, "upstream"), false, "server_error"),
        ("control characters", Answer::new(400, echo("a\u{1b}[31m\u{202e}b".to_owned())), false, "rejected"),
        ("an endless body", Answer::new(200, "x".repeat(64 << 10)).times(u64::MAX), false, "too_large"),
        ("an endless error", Answer::new(500, "x".repeat(64 << 10)).times(u64::MAX), false, "server_error"),
        ("an endless stream", events(&vec![piece(""); 400]).times(u64::MAX), true, "too_large"),
        ("a stream of a long text", events(&long), true, "too_large"),
        ("a body that breaks off", half.clone(), false, "cut_off"),
        ("a body that trickles", said("{}").every(Duration::from_secs(60)), false, "timed_out"),
        (
            "a stream that stalls",
            events(&[piece("{")]).times(9).every(Duration::from_millis(300)),
            true,
            "timed_out",
        ),
        ("a stream that ends early", events(&[piece("{\"headline\":")]), true, "cut_off"),
        ("a stream that breaks off", events(&[piece("{")]).breaking_off(), true, "cut_off"),
        (
            "an error within a stream",
            events(&[piece("{"), json!({"error": {"message": "overloaded"}})]),
            true,
            "server_error",
        ),
        (
            "an event that is not JSON",
            Answer::new(200, "data: {confidential\n\n").header("content-type", "text/event-stream"),
            true,
            "invalid_answer",
        ),
    ] {
        let (error, scene, server) =
            refused(answer, streams, if expected == "timed_out" { SHORT } else { WITHIN }).await;
        assert_eq!(error.as_str(), expected, "{what}: {error}");
        assert_eq!(scene.outcome(expected), 1.0, "{what}");
        let told = ["97 percent", "Put this into words", "confidential", "yyyy", "\u{202e}", "[31m\u{202e}"];
        scene.tells_nothing_of(&error, &told);
        assert!(error.to_string().chars().count() < 400, "{what}: {error}");
        assert_eq!(server.seen().len(), 1, "{what}: nothing is tried again");
        assert!(server.bytes_sent() < 32 << 20, "{what}: {} bytes", server.bytes_sent());
    }
}

#[tokio::test]
async fn the_key_is_sent_to_the_configured_server_alone() {
    let other = FaultServer::start(vec![said("{}")]).await;
    for status in [301, 302, 307, 308] {
        let redirect = Answer::new(status, "").header("location", other.url("/v1/chat/completions"));
        let (error, ..) = refused(redirect, false, WITHIN).await;
        assert_eq!(error.as_str(), "rejected", "{status}: {error}");
    }
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test]
async fn what_is_sent_names_key_organization_and_project() {
    let server = FaultServer::start(vec![said(&explanation("x").to_string())]).await;
    let scene = Scene::with(&server.url("/proxy/v1/"), |config| {
        (config.organization, config.project) = (Some("org-1".to_owned()), Some("proj_1".to_owned()));
    });
    scene.client.complete(&question("web-1")).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.uri.path()), ("POST", "/proxy/v1/chat/completions"));
    assert_eq!(seen.header(http::header::AUTHORIZATION), format!("Bearer {}", ModelServer::KEY));
    assert_eq!(seen.headers.get_all("authorization").iter().count(), 1);
    assert_eq!(
        (&seen.headers["openai-organization"], &seen.headers["openai-project"]),
        (&"org-1".parse().unwrap(), &"proj_1".parse().unwrap())
    );
}

#[tokio::test]
async fn a_server_of_ones_own_is_asked_without_a_key() {
    let server = FaultServer::start(vec![said(&explanation("x").to_string())]).await;
    let scene = Scene::with(&server.url("/v1"), |config| config.api_key = None);
    scene.client.complete(&question("web-1")).await.unwrap();
    let seen = &server.seen()[0];
    for name in ["authorization", "openai-organization", "openai-project"] {
        assert!(!seen.headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn where_the_server_does_not_count_tokens_they_are_estimated() {
    let text = explanation("x").to_string();
    let mut answer = body(json!({"content": text}), "stop");
    answer["usage"] = Value::Null;
    let server = FaultServer::start(vec![Answer::new(200, answer.to_string())]).await;
    let scene = Scene::new(&server.url("/v1"));
    let usage = scene.client.complete(&question("web-1")).await.unwrap().usage;
    assert_eq!(usage.output, (text.len() as u64).div_ceil(3));
    assert!((50..500).contains(&usage.input), "{usage:?}");
    assert_eq!(scene.metric("tokens_total{direction=\"output\"}"), usage.output as f64);
}

#[tokio::test]
async fn what_is_too_large_to_send_stays_here() {
    let server = FaultServer::start(vec![said("{}")]).await;
    let scene = Scene::new(&server.url("/v1"));
    let error = scene.refusal(&question(&"word ".repeat(60_000)), false).await;
    assert_eq!(error, LlmError::RequestTooLarge { limit: 256 << 10 });
    assert_eq!((scene.outcome("request_too_large"), server.seen().len()), (1.0, 0));
    assert_ne!(error, LlmError::CutOff(Cut::Length));
}
