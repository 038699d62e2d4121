//! Proof of effect beside untouched peers: real Prometheus, its rule, a group of five and an action on one of them.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Daemon, PATIENCE, Prometheus, TextExporter, message, wait_until};

const MEMBERS: [&str; 5] = ["a", "b", "c", "d", "e"];
const RULES: &str = "groups: [{name: app, interval: 1s, rules: [{alert: AppErrors, expr: 'errors > 50', labels: {severity: page}}]}]";

/// What the members export: those that are ill have many errors, and everyone is a little restless.
fn page(ill: &[&str]) -> String {
    let mut text = String::from("# TYPE errors gauge\n");
    for (place, member) in MEMBERS.iter().enumerate() {
        let errors = if ill.contains(member) { 100 } else { 5 } + place;
        text.push_str(&format!("errors{{member=\"{member}\"}} {errors}\n"));
    }
    text.push_str("# TYPE healthy gauge\n");
    for member in MEMBERS {
        text.push_str(&format!("healthy{{member=\"{member}\"}} {}\n", u8::from(!ill.contains(&member))));
    }
    text
}

/// The first step: it notes that it was done.
fn touch(folder: &Path) -> String {
    format!("[/usr/bin/touch, '{}/restart-{{{{ target }}}}']", folder.display())
}

fn config(prometheus: &Prometheus, folder: &Path, first: &str, within: &str) -> String {
    let folder = folder.display();
    format!(
        "prometheus: {{url: '{}'}}\n\
         presets: []\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n\
        \x20 - name: restart\n\
        \x20   matchers: ['alertname=\"AppErrors\"']\n\
        \x20   target: {{label: member, pattern: '[a-e]'}}\n\
        \x20   group: {{members: healthy, healthy: 'healthy == 1'}}\n\
        \x20   indicator: {{expr: 'errors{{member=\"{{{{ target }}}}\"}}', better: lower}}\n\
        \x20   steps:\n\
        \x20   - command: {{argv: {first}}}\n\
        \x20     verify: {{expr: 'healthy{{member=\"{{{{ target }}}}\"}} == 1', within: {within}}}\n\
        \x20   - command: {{argv: [/usr/bin/touch, '{folder}/reboot-{{{{ target }}}}']}}\n",
        prometheus.process.url(""),
    )
}

/// A Prometheus that sees members, of whom `a` is ill and its alert fires.
async fn scene(ill: &[&str]) -> (TextExporter, Prometheus) {
    let members = TextExporter::start(&page(ill)).await;
    let config_of_prometheus = format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
         rule_files: [app.yml]\n\
         scrape_configs: [{{job_name: app, static_configs: [{{targets: ['{}']}}]}}]\n",
        members.target(),
    );
    let prometheus = Prometheus::start(&config_of_prometheus, &[("app.yml", RULES)]).await;
    let client = crate::support::http();
    wait_until(PATIENCE, "the alert", || async {
        let url = prometheus.process.url("/api/v1/query");
        let query = [("query", "ALERTS{alertstate=\"firing\",member=\"a\"}")];
        let answer = client.get(url).query(&query).send().await.expect("Prometheus answers");
        let json: Value = answer.json().await.expect("Prometheus answers JSON");
        json["data"]["result"].as_array().is_some_and(|result| !result.is_empty())
    })
    .await;
    (members, prometheus)
}

/// Tells the daemon of it, and waits until its run has begun to act.
async fn fire(daemon: &Daemon, members: &TextExporter, folder: &Path) {
    let alert = json!({
        "status": "firing",
        "labels": {
            "alertname": "AppErrors", "severity": "page", "member": "a", "job": "app", "instance": members.target(),
        },
        "annotations": {},
        "startsAt": "2026-01-01T00:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
    });
    let (status, text) = daemon.post("/webhook", message(&[alert])).await;
    assert_eq!(status, 200, "{text}");
    wait_until(PATIENCE, "the restart", || async { folder.join("restart-a").exists() }).await;
}

async fn run(daemon: &Daemon) -> Value {
    daemon.data("/api/v1/remediations").await[0].clone()
}

/// The run, once it has ended.
async fn ended(daemon: &Daemon) -> Value {
    wait_until(2 * PATIENCE, "the end of the run", || async { run(daemon).await["ended"].is_array() }).await;
    run(daemon).await
}

/// `a` is restarted while these are ill, and everyone is well after that. The run, once it has ended, and what is told.
async fn restart_a_while_ill(ill: &[&str]) -> (Value, String, TempDir) {
    let (members, prometheus) = scene(ill).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = config(&prometheus, folder.path(), &touch(folder.path()), "8s");
    let daemon = Daemon::start(&config).await;
    fire(&daemon, &members, folder.path()).await;
    members.set(&page(&[]));
    let run = ended(&daemon).await;
    let (_, told) = daemon.get("/explain?format=text").await;
    (run, told, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_recovers_alone_was_helped() {
    let (run, told, folder) = restart_a_while_ill(&["a"]).await;
    assert!(told.contains("better by 95; the median of 4 peers better by 0"), "{told}");
    assert_eq!(run["ended"][1], "helped", "{run}");
    let effect = &run["steps"][0]["effect"];
    assert_eq!(effect["verdict"], "helped", "{effect}");
    assert_eq!(
        effect["alert"],
        json!({"held": true, "holds": false, "before": 100.0, "after": null, "peers_before": 0, "peers_over": 0})
    );
    let indicator = &effect["indicator"];
    assert_eq!((indicator["before"].as_f64(), indicator["after"].as_f64()), (Some(100.0), Some(5.0)));
    assert_eq!(
        (indicator["peers"]["count"].as_u64(), indicator["peers"]["change"].as_f64()),
        (Some(4), Some(0.0))
    );
    assert!(indicator["peers"]["interval"].is_number(), "{indicator}");
    assert!(!folder.path().join("reboot-a").exists(), "the first step has helped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_whose_peers_recover_too_was_not_helped() {
    let (run, told, folder) = restart_a_while_ill(&MEMBERS).await;
    assert!(told.contains(": peers recovered too: the alert's expression is over"), "{told}");
    assert_eq!(run["ended"][1], "no_effect", "{run}");
    let effect = &run["steps"][0]["effect"];
    assert_eq!((&effect["verdict"], &effect["recovered"]), (&json!("no_effect"), &json!(true)), "{effect}");
    let why = effect["why"].as_str().unwrap_or_default();
    assert!(why.starts_with("peers recovered too"), "{why}");
    assert_eq!(
        (effect["alert"]["peers_before"].as_u64(), effect["alert"]["peers_over"].as_u64()),
        (Some(4), Some(4))
    );
    assert_eq!(effect["indicator"]["peers"]["change"].as_f64(), Some(95.0));
    assert!(!folder.path().join("reboot-a").exists(), "nothing more is done to what is well");
}

/// The daemon is killed while it waits for the proof, and comes back in time: what it had seen is in the journal.
#[tokio::test(flavor = "multi_thread")]
async fn an_effect_is_proved_by_whoever_takes_up_the_run() {
    let (members, prometheus) = scene(&["a"]).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = config(&prometheus, folder.path(), &touch(folder.path()), "25s");
    let mut daemon = Daemon::start(&config).await;
    fire(&daemon, &members, folder.path()).await;
    wait_until(PATIENCE, "what the action said", || async {
        run(&daemon).await["steps"][0]["acted"][1]["Ok"].is_object()
    })
    .await;
    daemon.kill();
    members.set(&page(&[]));
    daemon.restart().await;
    let run = ended(&daemon).await;
    assert_eq!(run["ended"][1], "helped", "{run}");
    let effect = &run["steps"][0]["effect"];
    assert_eq!(effect["indicator"]["before"].as_f64(), Some(100.0), "{effect}");
    assert_eq!(effect["alert"]["held"], true, "{effect}");
    assert_eq!(effect["indicator"]["peers"]["count"].as_u64(), Some(4), "{effect}");
}

/// It is killed while the action is under way: whether that was carried out nobody knows, so it has helped nobody.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_daemon_died_of_is_not_known_to_have_helped() {
    let (members, prometheus) = scene(&["a"]).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = format!("touch {}/restart-a; exec sleep 20", folder.path().display());
    let config = config(&prometheus, folder.path(), &format!("[/bin/sh, -c, '{script}']"), "6s");
    let mut daemon = Daemon::start(&config).await;
    fire(&daemon, &members, folder.path()).await;
    daemon.kill();
    members.set(&page(&[]));
    daemon.restart().await;
    let run = ended(&daemon).await;
    assert_eq!(run["ended"][1], "unknown", "{run}");
    let why = run["steps"][0]["effect"]["why"].as_str().unwrap_or_default();
    assert!(why.starts_with("whether the action was ever begun is not known; "), "{run}");
    assert!(why.contains("the verification holds and did not before"), "{run}");
}
