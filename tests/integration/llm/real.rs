//! Against a real server: what is asked of it, what it answers, and whatever else it can do.

use serde_json::{Value, json};
use smartcloudops::llm::redact;
use smartcloudops::llm::{Call, Conversation, Cut, Entry, LlmError, Reply, Schema, Tool};
use smartcloudops::model::SecretSource;

use super::{SHORT, Scene, WITHIN, explanation, question};
use crate::support::{ModelServer, free_port};

fn answers(when: &str, response: Value) -> Value {
    json!({"match": {"userMessage": when}, "response": response})
}

fn fixture(when: &str, content: Value) -> Value {
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": 500});
    answers(when, json!({"content": content, "usage": usage, "model": "gpt-5-mini-2025-08-07"}))
}

#[tokio::test]
async fn an_answer_is_of_the_schema_and_what_it_took_is_known() {
    let server = ModelServer::start(&[fixture("web-1", explanation("web-1 is slow"))]).await;
    let scene = Scene::new(&server.url());
    let completion = scene.client.complete(&question("web-1 has a p99 of 4.2 s")).await.unwrap();
    assert_eq!(completion.value, explanation("web-1 is slow"));
    assert_eq!((completion.usage.input, completion.usage.output), (1000, 500));
    assert_eq!((completion.model.as_str(), completion.cached), ("gpt-5-mini-2025-08-07", false));
    assert_eq!(completion.sent.to_string().len(), 64);
    let [request] = <[Value; 1]>::try_from(server.requests().await).unwrap();
    assert_eq!((&request["model"], &request["max_completion_tokens"]), (&json!("gpt-5-mini"), &json!(4096)));
    let format = &request["response_format"];
    assert_eq!((&format["type"], &format["json_schema"]["strict"]), (&json!("json_schema"), &json!(true)));
    assert_eq!(request["messages"][0], json!({"role": "system", "content": "Put this into words."}));
    assert_eq!(request["messages"][1], json!({"role": "user", "content": "web-1 has a p99 of 4.2 s"}));
    assert_eq!(scene.outcome("success"), 1.0);
    assert_eq!(scene.metric("tokens_total{direction=\"input\"}"), 1000.0);
    assert_eq!(scene.metric("tokens_total{direction=\"output\"}"), 500.0);
    assert!((scene.metric("cost_dollars_total") - 0.002).abs() < 1e-9);
    assert_eq!(scene.metric("request_duration_seconds_count"), 1.0);
    assert_eq!(scene.metric("requests_in_flight"), 0.0);
}

#[tokio::test]
async fn the_pieces_of_a_stream_are_handed_on_as_they_come() {
    let headline = "web-1 at 10.0.0.7 is slow since 10:02 and nobody knows why";
    let server =
        ModelServer::start(&[fixture("web-1", explanation(&headline.replace("10.0.0.7", "[ip-1]")))]).await;
    let scene = Scene::with(&server.url(), |config| {
        config.redact = redact::Config { addresses: true, ..redact::Config::default() };
    });
    let mut pieces = Vec::new();
    let request = question("web-1 at 10.0.0.7");
    let completion = scene.client.stream(&request, &mut |piece| pieces.push(piece.to_owned())).await.unwrap();
    assert_eq!(completion.value, explanation(headline));
    assert!(pieces.len() > 2, "{pieces:?}");
    assert_eq!(serde_json::from_str::<Value>(&pieces.concat()).unwrap(), completion.value);
    assert_eq!((completion.usage.input, completion.usage.output), (1000, 500));
    assert_eq!(server.requests().await[0]["stream"], json!(true));
    let mut again = Vec::new();
    let cached = scene.client.stream(&request, &mut |piece| again.push(piece.to_owned())).await.unwrap();
    assert_eq!((cached.cached, again), (true, vec![pieces.concat()]));
    assert_eq!((scene.outcome("success"), scene.metric("cache_hits_total")), (1.0, 1.0));
}

#[tokio::test]
async fn a_model_calls_tools_and_then_answers() {
    let call = json!({"id": "call_1", "name": "series", "arguments": {"instance": "[ip-1]:9100"}});
    let matching = |has_result| json!({"userMessage": "slow", "hasToolResult": has_result});
    let server = ModelServer::start(&[
        json!({"match": matching(false), "response": {"toolCalls": [call]}}),
        json!({"match": matching(true), "response": {"content": "[ip-1]:9100 has a load of 12."}}),
    ])
    .await;
    let scene = Scene::with(&server.url(), |config| {
        config.api_key = Some(SecretSource::File(server.key_file()));
        config.redact = redact::Config { addresses: true, ..redact::Config::default() };
    });
    let parameters = json!({"type": "object", "additionalProperties": false, "required": ["instance"],
        "properties": {"instance": {"type": "string"}}});
    let tools =
        vec![Tool { description: "Series of an instance.", parameters: Schema::new("series", parameters) }];
    let user = Entry::User("Is 10.0.0.7:9100 slow?".to_owned());
    let mut conversation = Conversation { entries: vec![user], tools, answer: None };
    let turn = scene.client.converse(&conversation).await.unwrap();
    let arguments = json!({"instance": "10.0.0.7:9100"});
    let calls = vec![Call { id: "call_1".to_owned(), name: "series".to_owned(), arguments }];
    assert_eq!(turn.reply, Reply::Calls(calls.clone()));
    let result = Entry::Result { call: "call_1".to_owned(), text: "10.0.0.7:9100 load 12".to_owned() };
    conversation.entries.extend([Entry::Calls(calls), result]);
    let turn = scene.client.converse(&conversation).await.unwrap();
    assert_eq!(turn.reply, Reply::Text("10.0.0.7:9100 has a load of 12.".to_owned()));
    let requests = server.requests().await;
    assert_eq!(requests[0]["tools"][0]["function"]["name"], json!("series"));
    assert!(!format!("{requests:?}").contains("10.0.0.7"), "{requests:?}");
    assert_eq!(
        requests[1]["messages"][1]["tool_calls"][0]["function"]["arguments"],
        r#"{"instance":"[ip-1]:9100"}"#
    );
    assert_eq!(scene.outcome("success"), 2.0);
}

#[tokio::test]
async fn whatever_the_server_does_the_reason_comes_in_time() {
    let error = |status: u16| json!({"error": {"message": "boom", "type": "odd"}, "status": status});
    let with = |when: &str, how: &[(&str, Value)]| {
        let mut fixture = fixture(when, explanation("x"));
        how.iter().for_each(|(name, value)| fixture[*name] = value.clone());
        fixture
    };
    let finish = |when: &str, reason: &str| answers(when, json!({"content": "{}", "finishReason": reason}));
    let server = ModelServer::start(&[
        answers("500", error(500)),
        answers("404", error(404)),
        answers("not JSON", json!({"content": "Sorry, here is what I think."})),
        answers("not the schema", json!({"content": {"headline": 7, "steps": []}})),
        answers("a megabyte", json!({"content": "x".repeat(1 << 20)})),
        with("hangs", &[("chaos", json!({"latencyMs": 20_000}))]),
        with("malformed", &[("chaos", json!({"malformedRate": 1}))]),
        with("closes", &[("chaos", json!({"disconnectRate": 1}))]),
        with("is cut", &[("truncateAfterChunks", json!(9)), ("chunkSize", json!(3)), ("latency", json!(30))]),
        finish("too long", "length"),
        finish("filtered", "content_filter"),
    ])
    .await;
    for (data, streams, expected) in [
        ("500", false, "server_error"),
        ("500", true, "server_error"),
        ("404", false, "rejected"),
        ("not JSON", false, "invalid_answer"),
        ("not JSON", true, "invalid_answer"),
        ("not the schema", false, "invalid_answer"),
        ("a megabyte", false, "too_large"),
        ("a megabyte", true, "too_large"),
        ("hangs", false, "timed_out"),
        ("hangs", true, "timed_out"),
        ("malformed", false, "invalid_answer"),
        ("malformed", true, "invalid_answer"),
        ("closes", false, "unreachable"),
        ("is cut", true, "cut_off"),
        ("too long", false, "cut_off"),
        ("too long", true, "cut_off"),
        ("filtered", false, "refused"),
    ] {
        let scene = Scene::with(&server.url(), |config| {
            config.timeout = if expected == "timed_out" { SHORT } else { WITHIN };
        });
        let error = scene.refusal(&question(data), streams).await;
        assert_eq!(error.as_str(), expected, "{data}, stream {streams}: {error}");
        assert_eq!(scene.outcome(expected), 1.0, "{data}");
        assert_eq!(scene.metric("requests_in_flight"), 0.0, "{data}");
        assert!(scene.log.text().contains(&format!("reason=\"{expected}\"")), "{data}: {}", scene.log.text());
        scene.tells_nothing_of(&error, &["Sorry, here", "xxxxxxxxxx", "Put this into words"]);
    }
}

#[tokio::test]
async fn a_server_that_asks_for_a_pause_gets_it() {
    let limited = json!({"error": {"message": "slow down"}, "status": 429, "retryAfter": 7});
    let server = ModelServer::start(&[answers("one", limited), fixture("two", explanation("x"))]).await;
    let scene = Scene::new(&server.url());
    for data in ["one", "two"] {
        let error = scene.refusal(&question(data), false).await;
        let LlmError::RateLimited { retry_after: Some(wait), said } = &error else { panic!("{error}") };
        assert!((1.0..=7.0).contains(&wait.as_secs_f64()), "{wait:?}");
        assert_eq!(said, "slow down");
        scene.tells_nothing_of(&error, &[]);
    }
    assert_eq!((server.requests().await.len(), scene.outcome("rate_limited")), (1, 2.0));
    scene.client.configure(Some(&scene.config)).unwrap();
    assert!(scene.client.complete(&question("two")).await.is_ok(), "new settings are tried at once");
}

#[tokio::test]
async fn a_key_counts_as_it_is_now() {
    let server = ModelServer::start(&[fixture("web-1", explanation("x"))]).await;
    let scene = Scene::new(&server.url());
    let key = scene.folder.path().join("key");
    std::fs::write(&key, "sk-another-key-0123456789").unwrap();
    let error = scene.refusal(&question("web-1"), false).await;
    assert!(matches!(error, LlmError::Unauthorized { status: 401, .. }), "{error}");
    scene.tells_nothing_of(&error, &["sk-another", "0123456789"]);
    std::fs::remove_file(&key).unwrap();
    let error = scene.refusal(&question("web-1"), false).await;
    assert!(matches!(&error, LlmError::NoKey(why) if why.contains("cannot read the secret file")), "{error}");
    assert_eq!(scene.client.model().await, Err(error));
    std::fs::write(&key, "sk-with a\u{7}bell").unwrap();
    let error = scene.refusal(&question("web-1"), false).await;
    assert_eq!(error.as_str(), "no_key");
    scene.tells_nothing_of(&error, &["bell"]);
    std::fs::write(&key, ModelServer::KEY).unwrap();
    assert!(scene.client.complete(&question("web-1")).await.is_ok());
    assert_eq!(
        (scene.outcome("unauthorized"), scene.outcome("no_key"), scene.outcome("success")),
        (1.0, 2.0, 1.0)
    );
    assert_eq!(server.requests().await.len(), 1);
}

#[tokio::test]
async fn without_a_server_or_a_model_the_reason_comes_at_once() {
    let scene = Scene::new(&format!("http://127.0.0.1:{}/v1", free_port()));
    let error = scene.refusal(&question("web-1"), false).await;
    assert_eq!((error.as_str(), scene.outcome("unreachable")), ("unreachable", 1.0));
    scene.tells_nothing_of(&error, &[]);
    scene.client.configure(None).unwrap();
    for streams in [false, true] {
        assert_eq!(scene.refusal(&question("web-1"), streams).await, LlmError::NotConfigured);
    }
    assert_eq!(scene.client.converse(&Conversation::default()).await, Err(LlmError::NotConfigured));
    assert_eq!(
        (scene.client.model().await, scene.outcome("not_configured")),
        (Err(LlmError::NotConfigured), 3.0)
    );
    assert_eq!(LlmError::CutOff(Cut::Stream).as_str(), "cut_off");
}
