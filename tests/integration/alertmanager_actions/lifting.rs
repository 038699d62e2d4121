//! A real Alertmanager whose silences of ours are lifted, and nobody else's.

use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use smartcloudops::act::lift;
use smartcloudops::model::{AlertmanagerAction, Timestamp};

use super::escalation::prometheus;
use super::{CONFIG, client, list, now, occasion, silence, told};
use crate::support::{Alertmanager, Answer, Daemon, FaultServer, PATIENCE, alert, http, message, wait_until};

/// What is in force, by its owner.
async fn in_force(server: &Alertmanager) -> Vec<String> {
    let silences = list(server, "silences").await;
    let active = silences.iter().filter(|one| one["status"]["state"] != "expired");
    let mut owners: Vec<String> =
        active.map(|one| one["createdBy"].as_str().unwrap_or_default().to_owned()).collect();
    owners.sort();
    owners
}

/// A person's silence of the same target.
async fn silence_by_ann(server: &Alertmanager, comment: &str) {
    let now = Timestamp::from(SystemTime::now());
    let matcher = json!({"name": "instance", "value": "web:80", "isRegex": false, "isEqual": true});
    let silence = json!({"matchers": [matcher], "startsAt": now.to_string(), "createdBy": "ann",
        "endsAt": (now + Duration::from_secs(600)).to_string(), "comment": comment});
    server.post("silences", &silence).await;
}

#[tokio::test]
async fn a_silence_of_a_step_is_ended_and_no_other() {
    let server = Alertmanager::start(CONFIG).await;
    let client = client(&server.process.url("/"));
    let AlertmanagerAction::Silence(action) = silence(PATIENCE) else { panic!("a silence") };
    let (ours, mut other) = (occasion(now()), occasion(now()));
    other.step = 2;
    let told_alertmanager = AlertmanagerAction::Silence(action.clone());
    let created =
        smartcloudops::act::alertmanager::carry_out(Some(&client), &told_alertmanager, &ours).await.unwrap();
    smartcloudops::act::alertmanager::carry_out(Some(&client), &told_alertmanager, &other).await.unwrap();
    silence_by_ann(&server, &action.comment(ours.run, ours.step)).await;
    assert_eq!(in_force(&server).await, ["ann", "smartcloudops", "smartcloudops"]);
    for expected in ["ended", "not there any more"] {
        let (outcome, text) =
            told(&lift::carry_out(Some(&client), &action, &ours, Some(&created.output)).await);
        assert!(outcome == "accepted" && text.contains(expected), "{outcome}, {text}");
        assert_eq!(in_force(&server).await, ["ann", "smartcloudops"]);
    }
    let (outcome, text) = told(&lift::carry_out(Some(&client), &action, &other, None).await);
    assert!(outcome == "accepted" && text.contains("ended"), "found by its comment: {outcome}, {text}");
    assert_eq!(in_force(&server).await, ["ann"]);
}

#[tokio::test]
async fn an_alertmanager_that_fails_for_a_moment_is_asked_again() {
    let AlertmanagerAction::Silence(action) = silence(PATIENCE) else { panic!("a silence") };
    let on = occasion(now());
    let listed =
        json!([{"id": "c0ffee", "createdBy": "smartcloudops", "comment": action.comment(on.run, on.step),
        "endsAt": "2100-01-01T00:00:00Z", "status": {"state": "active"}}])
        .to_string();
    let answers = [(500, "\"internal\""), (200, &listed), (502, ""), (200, &listed), (200, "")];
    let server = FaultServer::start(answers.map(|(status, body)| Answer::new(status, body.to_owned()))).await;
    let (outcome, text) =
        told(&lift::carry_out(Some(&client(&server.url(""))), &action, &on, Some("c0ffee")).await);
    assert!(outcome == "accepted" && text.contains("silence c0ffee ended"), "{outcome}, {text}");
    let seen: Vec<String> =
        server.seen().iter().map(|one| format!("{} {}", one.method, one.uri.path())).collect();
    let ends = seen.iter().filter(|one| *one == "DELETE /api/v2/silence/c0ffee").count();
    assert_eq!(ends, 2, "{seen:?}");
}

fn config(prometheus: &FaultServer, alertmanager: &Alertmanager, steps: &str) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         alertmanager: {{url: '{}', reconcile_interval: 1h}}\n\
         presets: []\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n\
        \x20 - name: quiet\n\
        \x20   matchers: ['alertname=\"Down\"']\n\
        \x20   target: {{label: instance, pattern: 'web:80'}}\n\
        \x20   confirm_with: [prometheus]\n\
        \x20   steps: [{steps}]\n",
        prometheus.url(""),
        alertmanager.process.url(""),
    )
}

/// Waits until its file is there.
fn wait_for(file: &Path) -> String {
    format!(
        "{{command: {{argv: [/bin/sh, -c, 'until test -e {}; do sleep 0.1; done'], timeout: 2m}}}}",
        file.display()
    )
}

const SILENCE: &str = "{alertmanager: {silence: {lasts: 10m}}}";

async fn fire(daemon: &Daemon, status: &str) {
    let mut down = alert("Down", "web:80", status, "2026-01-01T00:00:00Z");
    if status == "resolved" {
        down["endsAt"] = json!("2026-01-01T00:10:00Z");
    }
    let (answer, text) = daemon.post("/webhook", message(&[down])).await;
    assert_eq!(answer, 200, "{text}");
}

async fn silence_of_the_run(daemon: &Daemon) -> Value {
    daemon.data("/api/v1/remediations").await[0]["steps"][0].clone()
}

async fn wait_for_silences(server: &Alertmanager, expected: &[&str]) {
    wait_until(PATIENCE, "the silences", async || in_force(server).await == expected).await;
}

/// The daemon is killed while the second step goes on: the run ends as unknown, and what it silenced is lifted.
#[tokio::test(flavor = "multi_thread")]
async fn a_silence_is_lifted_when_its_run_ends_though_the_daemon_died_meanwhile() {
    let (alertmanager, prometheus) = (Alertmanager::start(CONFIG).await, prometheus().await);
    silence_by_ann(&alertmanager, "mine").await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let steps = format!("{SILENCE}, {}", wait_for(&folder.path().join("done")));
    let mut daemon = Daemon::start(&config(&prometheus, &alertmanager, &steps)).await;
    fire(&daemon, "firing").await;
    wait_for_silences(&alertmanager, &["ann", "smartcloudops"]).await;
    wait_until(PATIENCE, "the second step", async || {
        daemon.data("/api/v1/remediations").await[0]["steps"][1].is_object()
    })
    .await;
    assert_eq!(in_force(&alertmanager).await, ["ann", "smartcloudops"], "while the run goes on");
    daemon.kill();
    std::fs::write(folder.path().join("done"), "").expect("the folder can be written");
    daemon.restart().await;
    wait_for_silences(&alertmanager, &["ann"]).await;
    wait_until(PATIENCE, "what became of it in the journal", async || {
        silence_of_the_run(&daemon).await["lift"]["ended"][1]["Ok"].is_object()
    })
    .await;
}

/// It is the last thing its run does: it stays until the alert is over, whatever restarts meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_silence_that_outlasts_its_run_is_lifted_when_the_alert_resolves() {
    let (alertmanager, prometheus) = (Alertmanager::start(CONFIG).await, prometheus().await);
    silence_by_ann(&alertmanager, "mine").await;
    // Whoever starts anew compares what it knows with Alertmanager's list.
    let known = json!([{"labels": {"alertname": "Down", "instance": "web:80"},
        "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2100-01-01T00:00:00Z"}]);
    alertmanager.post("alerts", &known).await;
    let mut daemon = Daemon::start(&config(&prometheus, &alertmanager, SILENCE)).await;
    fire(&daemon, "firing").await;
    wait_until(PATIENCE, "the end of the run", async || {
        daemon.data("/api/v1/remediations").await[0]["ended"].is_array()
    })
    .await;
    let id = silence_of_the_run(&daemon).await["acted"][1]["Ok"]["output"].clone();
    daemon.kill();
    daemon.restart().await;
    assert_eq!(in_force(&alertmanager).await, ["ann", "smartcloudops"]);
    let url = alertmanager.process.url(&format!("/api/v2/silence/{}", id.as_str().unwrap_or_default()));
    let ours: Value = http().get(url).send().await.expect("it answers").json().await.expect("JSON");
    assert_eq!(ours["createdBy"], "smartcloudops", "the journal has its name");
    fire(&daemon, "resolved").await;
    wait_for_silences(&alertmanager, &["ann"]).await;
}
