//! Slack's requests to the whole daemon: signed by Slack's own library, each believed once, and answered as by anybody
//! else.

mod answers;
mod approvals;
mod ending;
mod permission;
mod refusals;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::{Answer, Daemon, FaultServer, http, slack_signature};

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const FORM: &str = "application/x-www-form-urlencoded";

/// Prometheus, who knows the alert as firing and evaluates everything else to 1.
async fn prometheus() -> FaultServer {
    let result = serde_json::json!({"status": "success", "data": {"resultType": "vector", "result": [
        {"metric": {"alertname": "Down", "instance": "web:80", "alertstate": "firing"}, "value": [1, "1"]}]}});
    FaultServer::start([Answer::new(200, result.to_string())]).await
}

/// A daemon that asks before it acts, lets nobody in without a token, and believes Slack.
async fn daemon(prometheus: &FaultServer, class: &str, more: &str) -> Daemon {
    daemon_with(prometheus, class, "", more).await
}

/// The same with more settings of Slack.
async fn daemon_with(prometheus: &FaultServer, class: &str, slack: &str, more: &str) -> Daemon {
    let config = format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         web: {{tokens: [{{name: alice, token_env: ALICE, scopes: [read, alerts, operate]}}]}}\n\
         slack: {{signing_secret_env: SLACK, approvers: {{U0ALICE: alice, U0BOB: bob}}, response_hosts: [hooks.slack.com, 127.0.0.1]{slack}}}\n\
         {more}\
         remediation:\n\
        \x20 mode: ask\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n\
        \x20 - name: note\n\
        \x20   matchers: ['alertname=\"Down\"']\n\
        \x20   class: {class}\n\
        \x20   target: {{label: instance, pattern: 'web:80'}}\n\
        \x20   steps: [{{command: {{argv: [/bin/true]}}, verify: {{expr: up, within: 1s}}}}]\n",
        prometheus.url(""),
    );
    let environment = vec![("SLACK", SECRET.to_owned()), ("ALICE", "alice-token".to_owned())];
    Daemon::start_in(environment, &config).await
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// Slack's clock, which is a second ahead: what is signed in the second of the daemon's start is not taken.
fn slack_time() -> String {
    (now() + 1).to_string()
}

/// A form as Slack sends it.
fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A request with these headers.
async fn send(daemon: &Daemon, path: &str, headers: &[(&str, &str)], body: String) -> (u16, String) {
    let request = http().post(daemon.url(path)).body(body);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = request.send().await.expect("the daemon answers");
    (answer.status().as_u16(), answer.text().await.unwrap_or_default())
}

/// A request as Slack sends it, signed now.
async fn signed(daemon: &Daemon, path: &str, body: String) -> (u16, String) {
    let time = slack_time();
    let signature = slack_signature(SECRET, &time, &body);
    let headers =
        [("x-slack-signature", &*signature), ("x-slack-request-timestamp", &time), ("content-type", FORM)];
    send(daemon, path, &headers, body).await
}

/// What the API says to somebody with a token.
async fn api(daemon: &Daemon, path: &str) -> Value {
    let answer =
        http().get(daemon.url(path)).bearer_auth("alice-token").send().await.expect("the daemon answers");
    answer.json::<Value>().await.expect("JSON")["data"].take()
}

/// The same, with something to do.
async fn ask(daemon: &Daemon, path: &str, body: String) -> u16 {
    let request = http().post(daemon.url(path)).bearer_auth("alice-token").body(body);
    request.send().await.expect("the daemon answers").status().as_u16()
}
