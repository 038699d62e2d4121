//! Answers by a language model: a real server that speaks OpenAI's API calls look-ups, invents things, or fails.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{alert, ask, fire, nothing_was_done};
use crate::support::{Answer, Daemon, FaultServer, ModelServer, free_port};

/// How long a model may take.
const LIMIT: Duration = Duration::from_secs(3);
/// How much later an answer may come on a loaded machine.
const GRACE: Duration = Duration::from_secs(4);

/// A daemon whose questions go to a model; Prometheus is not there.
pub(super) async fn daemon(base_url: &str, key_file: &str, more: &str) -> Daemon {
    let config = format!(
        "prometheus: {{url: 'http://127.0.0.1:{}', retries: 0}}\npresets: []\n\
         chat: {{timeout: {}s, max_calls: 3}}\n\
         explain: {{openai: {{base_url: '{base_url}', model: gpt-5-mini, api_key_file: '{key_file}', timeout: 30s{more}}}}}\n",
        free_port(),
        LIMIT.as_secs(),
    );
    let daemon = Daemon::start(&config).await;
    fire(&daemon, alert("The shop is slow.")).await;
    daemon
}

/// A model that looks up the alerts and then says this, resting on them.
pub(super) fn fixtures(statements: &Value) -> Vec<Value> {
    let matching = |has_result: bool| json!({"userMessage": "question", "hasToolResult": has_result});
    let call = json!({"id": "call_1", "name": "alerts", "arguments": {}});
    vec![
        json!({"match": matching(false), "response": {"toolCalls": [call]}}),
        json!({"match": matching(true), "response": {"content": json!({"statements": statements}).to_string()}}),
    ]
}

pub(super) fn statement(text: &str, lookups: &[&str]) -> Value {
    json!({"text": text, "lookups": lookups})
}

async fn served(statements: Value) -> (ModelServer, Daemon) {
    let model = ModelServer::start(&fixtures(&statements)).await;
    let daemon = daemon(&model.url(), &model.key_file().display().to_string(), "").await;
    (model, daemon)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_calls_look_ups_and_what_they_bear_out_is_answered() {
    let (model, daemon) = served(json!([
        statement("ShopSlow fires on web-1:80.", &["l1"]),
        statement("The load of web-1:80 is 97 %.", &["l1"]),
        statement("The host db-7.internal is down.", &["l1"]),
        statement("All is well.", &[]),
        statement("All is well.", &["l7"]),
    ]))
    .await;
    let answer = ask(&daemon, "what is wrong with the shop?").await;
    assert_eq!(
        (&answer["by"], &answer["answer"]),
        (&json!("model"), &json!("ShopSlow fires on web-1:80.")),
        "{answer}"
    );
    assert_eq!(answer["statements"], json!([{"text": "ShopSlow fires on web-1:80.", "lookups": ["l1"]}]));
    assert_eq!(
        (&answer["lookups"][0]["id"], &answer["lookups"][0]["name"]),
        (&json!("l1"), &json!("alerts"))
    );
    assert!(answer["note"].as_str().is_some_and(|note| note.starts_with("4 statements")), "{answer}");
    for (fault, count) in [("number", 1.0), ("name", 1.0), ("uncited", 2.0)] {
        let metric = format!("smartcloudops_llm_struck_sentences_total{{fault=\"{fault}\"}}");
        assert_eq!(daemon.metric(&metric).await, Some(count), "{fault}");
    }
    let answered = "smartcloudops_chat_questions_total{by=\"model\",outcome=\"answered\"}";
    assert_eq!(daemon.metric(answered).await, Some(1.0));

    ask(&daemon, "and the database?").await;
    let sent = model.requests().await;
    assert_eq!(sent.len(), 4, "two turns for each question");
    assert_eq!(sent[0]["response_format"]["json_schema"]["strict"], true);
    let again = sent[2]["messages"][1]["content"].as_str().expect("a text");
    let data: Value = serde_json::from_str(again).expect("one JSON value");
    assert_eq!(data["asked_before"][0]["answer"], "ShopSlow fires on web-1:80.", "{data}");
    let result = sent[1]["messages"][3]["content"].as_str().expect("a text");
    assert!(result.contains("ShopSlow fires since"), "{result}");
    let tools: Vec<&str> = sent[0]["tools"]
        .as_array()
        .expect("tools")
        .iter()
        .filter_map(|tool| tool["function"]["name"].as_str())
        .collect();
    assert!(tools.contains(&"alerts") && tools.len() == 12, "{tools:?}");
    nothing_was_done(&daemon).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_act_never_reach_a_model() {
    let (model, daemon) = served(json!([statement("ShopSlow fires.", &["l1"])])).await;
    for question in ["restart web-1", "ok, approve 12", "pause remediation"] {
        let answer = ask(&daemon, question).await;
        assert_eq!(answer["by"], "rules", "{answer}");
    }
    assert_eq!(model.requests().await, [] as [Value; 0]);
    nothing_was_done(&daemon).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_asks_on_and_on_is_left_alone_in_time() {
    let call = json!({"id": "call_1", "name": "alerts", "arguments": {}});
    let model = ModelServer::start(&[
        json!({"match": {"userMessage": "question"}, "response": {"toolCalls": [call]}}),
    ])
    .await;
    let daemon = daemon(&model.url(), &model.key_file().display().to_string(), "").await;
    let answer = ask(&daemon, "what is firing?").await;
    assert_eq!(answer["by"], "rules", "{answer}");
    assert!(answer["answer"].as_str().is_some_and(|told| told.contains("ShopSlow fires")), "{answer}");
    let sent = model.requests().await;
    assert!(sent.len() <= 4, "{} requests", sent.len());
    assert!(sent.last().is_some_and(|last| last["tools"].is_null()), "the last turn has no tools");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_taken_out_of_what_is_sent_and_put_back_in_the_answer() {
    let statements = json!([statement("ShopSlow fires on [ip-1]:80.", &["l1"])]);
    let model = ModelServer::start(&fixtures(&statements)).await;
    let daemon =
        daemon(&model.url(), &model.key_file().display().to_string(), ", redact: {addresses: true}").await;
    let mut other = alert("The token is Bearer abcdefghijklmnop0123456789.");
    other["labels"]["instance"] = "10.0.0.7:80".into();
    fire(&daemon, other).await;
    let answer = ask(&daemon, "is 10.0.0.7 slow?").await;
    assert_eq!(answer["answer"], "ShopSlow fires on 10.0.0.7:80.", "{answer}");
    let sent = format!("{:?}", model.requests().await);
    assert!(!sent.contains("10.0.0.7") && !sent.contains("abcdefghijklmnop"), "{sent}");
}

/// What a model's server answers, and a part of what is said of it.
fn troubles() -> Vec<(&'static str, Answer, &'static str)> {
    let says = |content: &str| {
        let message = json!({"role": "assistant", "content": content});
        Answer::new(
            200,
            json!({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).to_string(),
        )
    };
    let error =
        |status: u16| Answer::new(status, json!({"error": {"message": "no", "type": "odd"}}).to_string());
    let whole = json!({"statements": [statement("ShopSlow fires.", &["l1"])]}).to_string();
    let german = json!({"statements": [statement("Der Rechner wird leider immer langsamer, und niemand weiß warum.", &["l1"])]});
    let call = |name: &str| {
        let call = json!({"id": "c1", "type": "function", "function": {"name": name, "arguments": "{}"}});
        let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
        Answer::new(
            200,
            json!({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}).to_string(),
        )
    };
    vec![
        ("too many requests", error(429).header("retry-after", "7"), "takes no requests now"),
        ("a wrong key", error(401), "refuses the key"),
        ("a fault", error(500), "server failed"),
        ("no answer", says("{}").after(Duration::from_secs(60)), "no answer within 3s"),
        ("a text", says("I think that all is well."), "not what was asked for"),
        ("a part of it", says(&whole[..30]), "not what was asked for"),
        ("another schema", says("{\"answer\": 1}"), "not what was asked for"),
        ("a megabyte", says(&"y".repeat(1 << 20)), "larger than"),
        ("nothing looked up", says(&whole), "bear out nothing"),
        ("another language", says(&german.to_string()), "bear out nothing"),
        ("a tool that there is not", call("approve"), "there is no tool 'approve'"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_rules_answer_in_time_and_say_why() {
    for (what, answer, part) in troubles() {
        let server = FaultServer::start([answer]).await;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = folder.path().join("key");
        std::fs::write(&key, ModelServer::KEY).expect("the folder can be written");
        let daemon = daemon(&server.url("/v1"), &key.display().to_string(), "").await;
        let begun = Instant::now();
        let answer = ask(&daemon, "what is firing?").await;
        assert!(begun.elapsed() < LIMIT + GRACE, "{what}: {:?}", begun.elapsed());
        assert_eq!(answer["by"], "rules", "{what}: {answer}");
        assert!(answer["note"].as_str().is_some_and(|note| note.contains(part)), "{what}: {answer}");
        assert!(
            answer["answer"].as_str().is_some_and(|told| told.contains("ShopSlow fires")),
            "{what}: {answer}"
        );
        let (_, page) = daemon.get("/metrics").await;
        let told = answer.to_string() + &page + &daemon.log();
        assert!(!told.contains(ModelServer::KEY), "{what}: the key leaks");
        nothing_was_done(&daemon).await;
    }
}
