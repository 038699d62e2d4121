//! Plans that need a person's leave, and the stop switch in all its forms, through the whole daemon.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Answer, Daemon, FaultServer, PATIENCE, alert, http, message, wait_until};

const START: &str = "2026-01-01T00:00:00Z";

/// Prometheus, who knows the alert as firing and evaluates everything else to 1.
async fn prometheus() -> FaultServer {
    let labels = json!({"alertname": "Down", "instance": "web:80", "alertstate": "firing"});
    let result = json!({"status": "success", "data": {"resultType": "vector", "result": [
        {"metric": labels, "value": [1, "1"]}]}});
    FaultServer::start([Answer::new(200, result.to_string())]).await
}

fn config(prometheus: &FaultServer, mode: &str, class: &str, more: &str) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         {more}\
         remediation:\n\
        \x20 mode: {mode}\n\
        \x20 startup_grace: 0s\n\
        \x20 stop_file: stop\n\
        \x20 policies:\n\
        \x20 - name: note\n\
        \x20   matchers: ['alertname=\"Down\"']\n\
        \x20   class: {class}\n\
        \x20   target: {{label: instance, pattern: 'web:80'}}\n\
        \x20   conditions: ['up{{instance=\"{{{{ target }}}}\"}} == 1']\n\
        \x20   steps: [{{command: {{argv: [/bin/true]}}, verify: {{expr: up, within: 1s}}}}]\n",
        prometheus.url(""),
    )
}

async fn fire(daemon: &Daemon, status: &str) {
    let (answer, text) = daemon.post("/webhook", message(&[alert("Down", "web:80", status, START)])).await;
    assert_eq!(answer, 200, "{text}");
}

/// The newest request, once its state is this.
async fn request(daemon: &Daemon, state: &str) -> Value {
    let newest = async || daemon.data("/api/v1/approvals").await.get(0).cloned();
    wait_until(PATIENCE, state, || async {
        newest().await.is_some_and(|request| request["state"]["state"] == state)
    })
    .await;
    newest().await.expect("what has happened stays so")
}

async fn runs(daemon: &Daemon) -> usize {
    daemon.data("/api/v1/remediations").await.as_array().map_or(0, Vec::len)
}

/// The last word about the alert.
async fn reason(daemon: &Daemon) -> String {
    let alerts = daemon.data("/api/v1/alerts").await;
    let decisions = alerts[0]["decisions"].as_array().cloned().unwrap_or_default();
    decisions
        .last()
        .map_or(String::new(), |last| last["verdict"]["reason"].as_str().unwrap_or("act").to_owned())
}

async fn wait_for_reason(daemon: &Daemon, expected: &str) {
    wait_until(PATIENCE, expected, || async { reason(daemon).await == expected }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_asked_for_and_carried_out_once_after_leave() {
    let prometheus = prometheus().await;
    let mut daemon = Daemon::start(&config(&prometheus, "ask", "disruptive", "")).await;
    fire(&daemon, "firing").await;
    let pending = request(&daemon, "pending").await;
    assert_eq!(pending["request"]["plan"]["key"]["target"], "web:80");
    assert_eq!(daemon.metric("smartcloudops_remediation_approvals_pending").await, Some(1.0));
    wait_for_reason(&daemon, "approval_pending").await;
    assert_eq!(runs(&daemon).await, 0);
    // A restart forgets nothing and asks nothing twice.
    daemon.kill();
    daemon.restart().await;
    let path = format!("/api/v1/approvals/{}", pending["id"]);
    for (path, body, expected, sentence) in [
        (path.as_str(), r#"{"answer":"maybe"}"#, 400, "no answer"),
        ("/api/v1/approvals/999", r#"{"answer":"approve"}"#, 404, "no request"),
        (&path, r#"{"answer":"approve"}"#, 200, "leave"),
        (&path, r#"{"answer":"approve"}"#, 409, "leave again"),
        (&path, r#"{"answer":"reject"}"#, 409, "a change of mind"),
    ] {
        let (status, text) = daemon.post(path, body).await;
        assert_eq!(status, expected, "{sentence}: {text}");
    }
    let used = request(&daemon, "used").await;
    assert_eq!(
        (used["id"].clone(), used["state"]["by"].clone()),
        (pending["id"].clone(), json!("anonymous"))
    );
    wait_until(PATIENCE, "the run", || async { runs(&daemon).await == 1 }).await;
    let checks = daemon.data("/api/v1/alerts").await;
    let last = checks[0]["decisions"].as_array().and_then(|all| all.last().cloned()).unwrap();
    let guards: Vec<&str> =
        last["checks"].as_array().unwrap().iter().filter_map(|one| one["guard"].as_str()).collect();
    assert!(guards.contains(&"condition_false") && guards.contains(&"evidence_broken"), "{guards:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_ends_with_its_refusal_and_with_its_alert() {
    let prometheus = prometheus().await;
    let daemon = Daemon::start(&config(&prometheus, "ask", "disruptive", "")).await;
    fire(&daemon, "firing").await;
    let pending = request(&daemon, "pending").await;
    let path = format!("/api/v1/approvals/{}", pending["id"]);
    let (status, text) = daemon.post(&path, r#"{"answer":"reject"}"#).await;
    assert_eq!(status, 200, "{text}");
    wait_for_reason(&daemon, "approval_rejected").await;

    let daemon = Daemon::start(&config(&prometheus, "ask", "disruptive", "")).await;
    fire(&daemon, "firing").await;
    let pending = request(&daemon, "pending").await;
    fire(&daemon, "resolved").await;
    let cancelled = request(&daemon, "cancelled").await;
    assert_eq!(cancelled["state"]["why"], "the alert resolved");
    let path = format!("/api/v1/approvals/{}", pending["id"]);
    assert_eq!(daemon.post(&path, r#"{"answer":"approve"}"#).await.0, 409);
    assert_eq!(runs(&daemon).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_something_away_needs_a_person_with_a_name() {
    let prometheus = prometheus().await;
    let daemon = Daemon::start(&config(&prometheus, "enforce", "destructive", "")).await;
    fire(&daemon, "firing").await;
    let path = format!("/api/v1/approvals/{}", request(&daemon, "pending").await["id"]);
    let (status, text) = daemon.post(&path, r#"{"answer":"approve"}"#).await;
    assert!(status == 403 && text.contains("a person with a name"), "{status} {text}");

    let tokens = "web:\n  tokens:\n  - {name: ann, token_file: ann.token, scopes: [read, alerts, operate]}\n  - {name: reader, token_file: reader.token, scopes: [read]}\n";
    let config = config(&prometheus, "enforce", "destructive", tokens);
    let secrets = tempfile::tempdir().expect("a temporary folder");
    let token = |name: &str| {
        let (file, secret) =
            (secrets.path().join(format!("{name}.token")), format!("{name}-0123456789abcdef"));
        std::fs::write(&file, &secret).expect("a file");
        (file.display().to_string(), secret)
    };
    let ((ann_file, ann), (reader_file, reader)) = (token("ann"), token("reader"));
    let config = config.replace("ann.token", &ann_file).replace("reader.token", &reader_file);
    let daemon = Daemon::start(&config).await;
    let ask = async |method: reqwest::Method, path: &str, token: &str, body: String| {
        let request = http().request(method, daemon.url(path)).bearer_auth(token).body(body);
        let answer = request.send().await.expect("the daemon answers");
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
    };
    let body = message(&[alert("Down", "web:80", "firing", START)]);
    assert_eq!(ask(reqwest::Method::POST, "/webhook", &ann, body).await.0, 200);
    wait_until(PATIENCE, "the request", || async {
        ask(reqwest::Method::GET, "/api/v1/approvals", &reader, String::new()).await.1["data"][0].is_object()
    })
    .await;
    let approve = || r#"{"answer":"approve"}"#.to_owned();
    let (status, _) = ask(reqwest::Method::POST, "/api/v1/approvals/1", &reader, approve()).await;
    assert_eq!(status, 403, "who may only read");
    let (status, answer) = ask(reqwest::Method::POST, "/api/v1/approvals/1", &ann, approve()).await;
    assert_eq!((status, answer["data"]["state"]["by"].clone()), (200, json!("ann")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_and_a_signal_stop_what_has_not_begun() {
    let prometheus = prometheus().await;
    let daemon = Daemon::start(&config(&prometheus, "enforce", "disruptive", "")).await;
    std::fs::write(daemon.path("stop"), "").expect("a file");
    let paused = "smartcloudops_remediation_paused";
    wait_until(PATIENCE, "the stop file", || async { daemon.metric(paused).await == Some(1.0) }).await;
    fire(&daemon, "firing").await;
    wait_for_reason(&daemon, "paused").await;
    daemon.signal(Signal::USR1);
    wait_until(PATIENCE, "the signal", || async { daemon.log().contains("SIGUSR1") }).await;
    std::fs::remove_file(daemon.path("stop")).expect("the file is there");
    wait_until(PATIENCE, "the end of the file", || async { daemon.log().contains("found=false") }).await;
    assert_eq!(daemon.metric(paused).await, Some(1.0), "the switch holds by itself");
    assert_eq!(runs(&daemon).await, 0);
    let (status, text) = daemon.post("/api/v1/remediation/resume", "").await;
    assert_eq!(status, 200, "{text}");
    wait_until(PATIENCE, "the run", || async { runs(&daemon).await == 1 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_asks_for_a_plan_of_the_shadow_and_somebody_else_approves_what_is_grave() {
    let prometheus = prometheus().await;
    let web = "web: {tokens: [{name: ann, token_env: ANN, scopes: [read, operate, alerts]}, {name: bob, token_env: BOB, scopes: [read, operate]}]}\n";
    let environment = vec![("ANN", "ann-token".to_owned()), ("BOB", "bob-token".to_owned())];
    let daemon = Daemon::start_in(environment, &config(&prometheus, "shadow", "destructive", web)).await;
    let call = async |who: &str, path: &str, body: Option<Value>| -> (u16, Value) {
        let url = daemon.url(path);
        let request = match body {
            Some(body) => http().post(url).body(body.to_string()),
            None => http().get(url),
        };
        let answer = request.bearer_auth(format!("{who}-token")).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    };
    let delivery: Value =
        serde_json::from_str(&message(&[alert("Down", "web:80", "firing", START)])).unwrap();
    assert_eq!(call("ann", "/webhook", Some(delivery)).await.0, 200);
    let alerts = async || call("ann", "/api/v1/alerts", None).await.1["data"].clone();
    let is_in_shadow = async || alerts().await[0]["decisions"][0]["verdict"]["reason"] == "shadow";
    wait_until(PATIENCE, "the plan in the shadow", is_in_shadow).await;
    let fingerprint = alerts().await[0]["id"]["fingerprint"].clone();
    for (body, expected, sentence) in [
        (json!({"fingerprint": "1", "policy": "note"}), 404, "another alert"),
        (json!({"fingerprint": fingerprint, "policy": "other"}), 404, "another policy"),
        (json!({"fingerprint": fingerprint}), 400, "no policy"),
        (json!({"fingerprint": fingerprint, "policy": "note"}), 202, "what the shadow holds back"),
    ] {
        let (status, answer) = call("ann", "/api/v1/approvals", Some(body)).await;
        assert_eq!(status, expected, "{sentence}: {answer}");
    }
    let newest = async || call("ann", "/api/v1/approvals", None).await.1["data"][0].clone();
    wait_until(PATIENCE, "the request", async || newest().await["state"]["state"] == "pending").await;
    let request = newest().await;
    assert_eq!(request["request"]["requested_by"], "ann");
    let path = format!("/api/v1/approvals/{}", request["id"]);
    let approve = || Some(json!({"answer": "approve"}));
    let (status, answer) = call("ann", &path, approve()).await;
    assert_eq!(
        (status, answer["error"].as_str().is_some_and(|error| error.contains("ann"))),
        (409, true),
        "{answer}"
    );
    assert_eq!(call("bob", &path, approve()).await.0, 200, "somebody else");
    wait_until(PATIENCE, "the run", async || {
        call("ann", "/api/v1/remediations", None).await.1["data"]
            .as_array()
            .is_some_and(|runs| runs.len() == 1)
    })
    .await;
    let again = json!({"fingerprint": fingerprint, "policy": "note"});
    assert_eq!(call("bob", "/api/v1/approvals", Some(again)).await.0, 409, "once for each alert");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_known_asks_for_what_somebody_else_must_approve() {
    for (class, expected, sentence) in
        [("destructive", 403, "what takes something away"), ("disruptive", 202, "what comes back by itself")]
    {
        let prometheus = prometheus().await;
        let daemon = Daemon::start(&config(&prometheus, "shadow", class, "")).await;
        fire(&daemon, "firing").await;
        wait_for_reason(&daemon, "shadow").await;
        let fingerprint = daemon.data("/api/v1/alerts").await[0]["id"]["fingerprint"].clone();
        let wish = json!({"fingerprint": fingerprint, "policy": "note"});
        let (status, text) = daemon.post("/api/v1/approvals", wish.to_string()).await;
        assert_eq!(status, expected, "{sentence}: {text}");
        assert_eq!(text.contains("nobody knows who asks"), expected == 403, "{sentence}: {text}");
    }
}
