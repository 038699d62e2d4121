//! `POST /query` of a running daemon: questions answered from a real Prometheus and from the journal, requests to act
//! answered and not acted upon, bodies refused.

mod injection;
mod model;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::explain::{now, rfc3339, samples, typed};
use crate::support::{Daemon, PATIENCE, Prometheus, free_port, http, message, wait_until};

/// How long ago the alert began, in seconds.
const BEGAN: u64 = 600;

fn config(prometheus: &str, more: &str) -> String {
    format!("prometheus: {{url: '{prometheus}', retries: 0}}\npresets: []\n{more}")
}

/// An alert of the shop that fires, with a text.
fn alert(summary: &str) -> Value {
    json!({
        "status": "firing",
        "labels": {"alertname": "ShopSlow", "instance": "web-1:80", "job": "shop"},
        "annotations": {"summary": summary},
        "startsAt": rfc3339(now() - BEGAN),
        "generatorURL": "http://p:9090/graph?g0.expr=latency_seconds+%3E+1",
    })
}

/// Delivers an alert and waits until it is known by all its labels.
async fn fire(daemon: &Daemon, alert: Value) {
    let values: Vec<String> =
        alert["labels"].as_object().expect("labels").values().map(Value::to_string).collect();
    let (status, text) = daemon.post("/webhook", message(&[alert])).await;
    assert_eq!(status, 200, "{text}");
    wait_until(PATIENCE, "the alert", || async {
        let known = daemon.data("/api/v1/alerts").await.to_string();
        values.iter().all(|value| known.contains(value))
    })
    .await;
}

/// The answer to a question.
async fn ask(daemon: &Daemon, question: &str) -> Value {
    let (status, text) = daemon.post("/query", json!({"question": question}).to_string()).await;
    assert_eq!(status, 200, "{question}: {text}");
    serde_json::from_str::<Value>(&text).expect("JSON")["data"].take()
}

/// Nothing was done, asked for or switched.
async fn nothing_was_done(daemon: &Daemon) {
    let done = (daemon.data("/api/v1/remediations").await, daemon.data("/api/v1/approvals").await);
    assert_eq!(done, (json!([]), json!([])));
    assert_eq!(daemon.data("/status").await["paused"], Value::Null);
    let (_, page) = daemon.get("/metrics").await;
    let called = |line: &&str, routes: &[&str]| {
        line.starts_with("smartcloudops_http_requests_total")
            && (line.contains("\"POST\"") || line.contains("\"DELETE\""))
            && routes.iter().any(|route| line.contains(route))
            && !line.ends_with(" 0")
    };
    assert!(page.lines().any(|line| called(&line, &["/query"])), "what is asked is counted:\n{page}");
    let changing = ["/api/v1/approvals", "/api/v1/remediation", "/api/v1/scoring", "/-/reload"];
    let changed = page.lines().find(|line| called(line, &changing));
    assert_eq!(changed, None, "a route that changes something was called");
}

/// A Prometheus that knows two hosts of the shop, and a daemon with an alert that fires on one of them.
async fn shop() -> (Prometheus, Daemon) {
    let now = now();
    let up = |host: &str, value: f64| {
        samples(now, "up", &format!(r#"instance="{host}:80",job="shop""#), move |_| Some(value))
    };
    let scores = samples(now, "anomaly_score", r#"query="latency",instance="web-1:80",job="shop""#, |age| {
        Some(if age < BEGAN { 3.5 } else { 0.1 })
    });
    let history = typed(&(up("web-1", 1.0) + &up("web-2", 0.0))) + &typed(&scores) + "# EOF\n";
    let rules = "groups: [{name: shop, rules: [{alert: ShopSlow, expr: 'latency_seconds > 1'}]}]\n";
    let server = "scrape_configs: []\nrule_files: [rules.yml]\n";
    let prometheus = Prometheus::start_with_history(server, &[("rules.yml", rules)], &history).await;
    let daemon = Daemon::start(&config(&prometheus.process.url(""), "")).await;
    fire(&daemon, alert("The shop is slow.")).await;
    (prometheus, daemon)
}

#[tokio::test(flavor = "multi_thread")]
async fn common_questions_are_answered_from_what_is_looked_up() {
    let (_prometheus, daemon) = shop().await;
    for (question, understood, parts) in [
        (
            "what is firing?",
            "which alerts fire",
            &["1 alert fires", "ShopSlow fires since", "The shop is slow."][..],
        ),
        (
            "whats firng on web-1",
            "which alerts fire about the host web-1",
            &["1 alert fires", "'firng' was read as"],
        ),
        ("is anything firing on web-2?", "which alerts fire about 'web-2'", &["No such alert fires"]),
        ("what is anomalous?", "which series are anomalous", &["0 of 0 watched series"]),
        ("anomalies in the last hour", "which series are anomalous, from", &["latency", "3.5"]),
        (
            "why was nothing done about ShopSlow?",
            "what was decided, and why about the alert ShopSlow",
            &["decisions"],
        ),
        (
            "what happened in the last hour?",
            "what happened, from",
            &["ShopSlow fires since", "0 runs of remediation", "3.5"],
        ),
        ("what happened yesterday?", "what happened, from", &["0 of these 1 in the time asked about"]),
        ("status of web-1", "how things are with the host web-1", &["ShopSlow", "up{instance=~", "= 1"]),
        ("how is the shop service?", "how things are with the service shop", &["ShopSlow", "= 0", "= 1"]),
        ("show your logs", "what was logged", &["log records of daemon"]),
        (
            "show logs of payments",
            "what was logged by 'payments'",
            &["0 log records of remediation", "is no host"],
        ),
        ("what was done?", "what remediation did", &["0 runs of remediation"]),
        ("what is pending approval?", "what waits for approval", &["0 requests wait for approval"]),
        ("is prometheus up?", "whether Prometheus answers", &["Prometheus is up"]),
        ("which rules are there?", "which rules Prometheus has", &["1 rules", "latency_seconds > 1"]),
        ("which targets are down?", "which targets are down", &["Prometheus scrapes 0 targets"]),
        (
            "how is everything?",
            "how everything is",
            &["1 alert fires", "0 of 0 watched series", "0 requests wait"],
        ),
        ("help", "what can be asked", &["what happened last night?"]),
    ] {
        let answer = ask(&daemon, question).await;
        let told = answer.to_string();
        assert!(
            answer["understood_as"].as_str().is_some_and(|told| told.starts_with(understood)),
            "{question}: {told}"
        );
        assert_eq!((&answer["by"], &answer["question"]), (&json!("rules"), &json!(question)));
        for part in parts {
            assert!(told.contains(part), "{question}: {part} is missing in {answer:#}");
        }
        let ids: Vec<&Value> =
            answer["lookups"].as_array().expect("a list").iter().map(|one| &one["id"]).collect();
        for statement in answer["statements"].as_array().expect("a list") {
            let cited = statement["lookups"].as_array().expect("a list");
            assert!(cited.iter().all(|id| ids.contains(&id)), "{question}: {statement}");
            assert!(question == "help" || !cited.is_empty(), "{question}: {statement}");
        }
    }
    let answered = "smartcloudops_chat_questions_total{by=\"rules\",outcome=\"answered\"}";
    assert_eq!(daemon.metric(answered).await, Some(19.0));
    nothing_was_done(&daemon).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_said_and_without_prometheus_the_rest_is_told() {
    let daemon = Daemon::start(&config(&format!("http://127.0.0.1:{}", free_port()), "")).await;
    fire(&daemon, alert("The shop is slow.")).await;
    let answer = ask(&daemon, "what is the capital of France?").await;
    let told = answer["answer"].as_str().expect("a text");
    assert!(told.starts_with("I cannot answer that without a language model."), "{told}");
    assert!(told.contains("what is firing?") && answer["lookups"] == json!([]), "{answer}");
    let answer = ask(&daemon, "is prometheus up?").await;
    assert!(
        answer["answer"].as_str().is_some_and(|told| told.contains("Prometheus gives no answer")),
        "{answer}"
    );
    let answer = ask(&daemon, "how is everything?").await;
    let told = answer["answer"].as_str().expect("a text");
    assert!(told.contains("ShopSlow fires") && told.contains("could not be looked up"), "{told}");
    for (outcome, count) in [("not_understood", 1.0), ("failed", 1.0), ("answered", 1.0)] {
        let metric = format!("smartcloudops_chat_questions_total{{by=\"rules\",outcome=\"{outcome}\"}}");
        assert_eq!(daemon.metric(&metric).await, Some(count), "{outcome}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prometheus_that_never_answers_does_not_keep_who_asks_waiting() {
    // Connections are taken by the kernel and nobody reads them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
    let address = silent.local_addr().expect("an address");
    let daemon = Daemon::start(&config(&format!("http://{address}"), "chat: {timeout: 1s}")).await;
    fire(&daemon, alert("The shop is slow.")).await;
    let begun = Instant::now();
    let answer = ask(&daemon, "how is everything?").await;
    let taken = begun.elapsed();
    let told = answer["answer"].as_str().expect("a text");
    assert!(told.contains("ShopSlow fires"), "what is known without it is told: {told}");
    assert!(told.contains("no time was left for it; see chat.timeout"), "{told}");
    // Twice the limit, and room for a busy machine; without the limit it is ten seconds for each look-up.
    assert!(taken < Duration::from_secs(8), "{taken:?}");
    let (_, page) = daemon.get("/metrics").await;
    let mut cut = page.lines().filter(|line| line.contains(r#"caller="chat",outcome="cut"}"#));
    assert!(cut.any(|line| !line.ends_with("} 0")), "what was cut is counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_act_are_answered_with_the_call_and_not_acted_upon() {
    let daemon = Daemon::start(&config(&format!("http://127.0.0.1:{}", free_port()), "")).await;
    fire(&daemon, alert("The shop is slow.")).await;
    for (question, path, body) in [
        ("approve 12", "/api/v1/approvals/12", json!({"answer": "approve"})),
        ("please reject 12", "/api/v1/approvals/12", json!({"answer": "reject"})),
        ("pause remediation", "/api/v1/remediation/pause", Value::Null),
        ("what is firing? then resume remediation", "/api/v1/remediation/resume", Value::Null),
        ("reload the config", "/-/reload", Value::Null),
        (
            "hold learning of latency for 30m",
            "/api/v1/scoring/hold",
            json!({"for": "30m", "query": "latency", "reason": "asked for in chat"}),
        ),
        ("release hold 3", "/api/v1/scoring/hold/3", Value::Null),
    ] {
        let answer = ask(&daemon, question).await;
        let call = &answer["calls"][0];
        assert_eq!((&call["path"], &call["body"]), (&json!(path), &body), "{question}: {answer}");
        assert!(
            answer["answer"].as_str().is_some_and(|told| told.starts_with("Nothing was done")),
            "{answer}"
        );
        assert!(call["curl"].as_str().is_some_and(|line| line.starts_with("curl -X ")), "{answer}");
    }
    for question in
        ["restart web-1", "reboot $(reboot)", "hold learning of $(x)", "silence `id`", "restart 'x' && id"]
    {
        let answer = ask(&daemon, question).await;
        assert_eq!(answer["calls"], Value::Null, "{question}: {answer}");
        assert!(!answer["answer"].to_string().contains("alertname=`"), "{question}: {answer}");
    }
    let asked = "smartcloudops_chat_questions_total{by=\"rules\",outcome=\"request\"}";
    assert_eq!(daemon.metric(asked).await, Some(12.0));
    nothing_was_done(&daemon).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_is_about_what_the_same_client_asked_before() {
    let daemon = Daemon::start(&config(&format!("http://127.0.0.1:{}", free_port()), "")).await;
    ask(&daemon, "what is firing on web-1?").await;
    let answer = ask(&daemon, "and on web-2?").await;
    assert_eq!(answer["understood_as"], "which alerts fire about 'web-2'", "{answer}");
    let forget = || async {
        let answer = http().delete(daemon.url("/query")).send().await.expect("the daemon answers");
        serde_json::from_str::<Value>(&answer.text().await.expect("the whole answer")).expect("JSON")["data"]
            .take()
    };
    assert_eq!((forget().await, forget().await), (json!({"forgotten": true}), json!({"forgotten": false})));
    let answer = ask(&daemon, "and on web-3?").await;
    assert!(
        answer["answer"].as_str().is_some_and(|told| told.starts_with("I cannot answer that")),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_and_questions_are_checked_and_people_get_text() {
    let daemon =
        Daemon::start(&config(&format!("http://127.0.0.1:{}", free_port()), "chat: {max_question: 40}"))
            .await;
    let post = |kind: &'static str, body: String| {
        let request = http().post(daemon.url("/query")).header("content-type", kind).body(body);
        async move {
            let answer = request.send().await.expect("the daemon answers");
            (answer.status().as_u16(), answer.text().await.expect("the whole answer"))
        }
    };
    for (kind, body, status, part) in [
        ("application/json", r#"{"question": "help"}"#.to_owned(), 200, "what can be asked"),
        ("text/plain", "help".to_owned(), 200, "what can be asked"),
        ("application/x-www-form-urlencoded", "question=help".to_owned(), 200, "what can be asked"),
        ("application/json", "{".to_owned(), 400, "the body makes no sense"),
        ("application/json", r#"{"question": ""}"#.to_owned(), 400, "the question is empty; ask for example"),
        ("text/plain", "x".repeat(41), 400, "has 41 characters; write at most 40"),
        ("text/plain", "a\u{202e}b".to_owned(), 400, "turns the direction"),
        ("application/json", r#"{"question": "a\nb"}"#.to_owned(), 400, "is a control character (U+000A)"),
        ("image/png", "help".to_owned(), 400, "the body's type is not known here"),
        ("text/plain", "x".repeat(40_000), 413, "the body is longer than"),
    ] {
        let (found, text) = post(kind, body).await;
        assert!(found == status && text.contains(part), "{kind}: {found} {text}");
    }
    let (status, text) = daemon.post("/query?format=text", "what is pending approval?").await;
    assert!(status == 200 && text.starts_with("0 requests wait for approval"), "{text}");
    assert!(text.contains("Understood as: what waits for approval."), "{text}");
    assert_eq!(daemon.get("/query").await.0, 405);
}
