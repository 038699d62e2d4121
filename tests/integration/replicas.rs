//! Three replicas on one PostgreSQL: every episode is acted on once, whoever dies and whatever restarts.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use smartcloudops::journal::{Database, Place, verify};

use crate::support::{
    Answer, Daemon, FaultServer, PATIENCE, PostgresServer, alert, deliver, every, http, message, wait_until,
};

const START: &str = "2026-01-01T00:00:00Z";
const ALERTS: usize = 80;
/// The pair of Alertmanagers; each sends every alert, and each several times.
const SENDERS: u64 = 2;
const TIMES: usize = 2;
/// Between two alerts of a sender.
const PACE: Duration = Duration::from_millis(10);

/// The first step appends a byte to the file of its target, so that what was done is counted outside; the second
/// one takes its time, so that runs are under way when something happens.
fn config(prometheus: &FaultServer, database: &str, record: &Path) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         storage: {{postgres: {{url: '{database}'}}}}\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 max_in_flight: 8\n\
        \x20 storm: {{total: 100000/1m, per_alert: 100000/1m}}\n\
        \x20 limits: {{total: 100000/1h}}\n\
        \x20 policies:\n\
        \x20 - name: note\n\
        \x20   matchers: ['alertname=\"Down\"']\n\
        \x20   target: {{label: instance, pattern: 'host-\\d+'}}\n\
        \x20   confirm_with: [prometheus]\n\
        \x20   limits: {{per_target: 1000/1h}}\n\
        \x20   breaker: 1000/1h\n\
        \x20   steps:\n\
        \x20   - {{command: {{argv: [/usr/bin/dd, status=none, if=/dev/zero, bs=1, count=1, oflag=append, conv=notrunc, 'of={}/{{{{ target }}}}']}}}}\n\
        \x20   - {{command: {{argv: [/bin/sleep, '0.2']}}, verify: {{expr: up, within: 1s}}}}\n",
        prometheus.url(""),
        record.display(),
    )
}

/// Prometheus, for whom every one of the alerts fires.
async fn prometheus() -> FaultServer {
    let fires = |number: usize| {
        let labels = serde_json::json!({
            "alertname": "Down", "instance": format!("host-{number}"), "alertstate": "firing"});
        serde_json::json!({"metric": labels, "value": [1, "1"]})
    };
    let result: Vec<Value> = (0..ALERTS).map(fires).collect();
    let answer = serde_json::json!({"status": "success", "data": {"resultType": "vector", "result": result}});
    FaultServer::start([Answer::new(200, answer.to_string())]).await
}

/// Sends every alert several times, in an order of its own, each time to any of the replicas; one that does not
/// take it is asked again, as Alertmanager does. Nobody hears of an end: it would excuse what was not done.
async fn send(webhooks: Vec<String>, seed: u64) {
    let (client, mut random) = (http(), fastrand::Rng::with_seed(seed));
    let mut order: Vec<usize> = (0..TIMES).flat_map(|_| 0..ALERTS).collect();
    random.shuffle(&mut order);
    let mut pace = every(PACE);
    for number in order {
        pace.tick().await;
        let body = message(&[alert("Down", &format!("host-{number}"), "firing", START)]);
        let mut any = || webhooks[random.usize(..webhooks.len())].clone();
        assert!(
            deliver(&client, &mut any, &body, Duration::from_secs(15), || false).await,
            "somebody takes it in the end"
        );
    }
}

/// Waits for further acts; what the replicas have said tells why there are none.
async fn acts_go_on(daemons: &[Daemon], record: &Path, by: usize) {
    let (before, begun) = (acts(record), Instant::now());
    while acts(record) < before + by {
        if begun.elapsed() > PATIENCE {
            let told = |daemon: &Daemon| {
                let log = daemon.log();
                let lines: Vec<&str> = log.lines().filter(|line| !line.contains("access_log")).collect();
                lines[lines.len().saturating_sub(40)..].join("\n")
            };
            let told: Vec<String> = daemons.iter().map(told).collect();
            panic!("{} acts, no {by} more:\n{}", acts(record), told.join("\n\n"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many targets something was done to.
fn acts(record: &Path) -> usize {
    std::fs::read_dir(record).expect("the folder exists").count()
}

async fn leads(daemon: &Daemon) -> bool {
    daemon.metric("smartcloudops_remediation_leading").await == Some(1.0)
}

/// The one that leads, once there is one.
async fn leader(daemons: &[Daemon]) -> usize {
    let mut found = None;
    wait_until(PATIENCE, "a leader", || async {
        for daemon in daemons {
            if leads(daemon).await {
                return true;
            }
        }
        false
    })
    .await;
    for (index, daemon) in daemons.iter().enumerate() {
        if leads(daemon).await {
            assert_eq!(found.replace(index), None, "two lead");
        }
    }
    found.expect("nobody stops leading by itself")
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_act_once_whoever_dies_and_whatever_restarts() {
    let (server, prometheus) = (PostgresServer::start("replicas"), prometheus().await);
    let (record, database) = (tempfile::tempdir().expect("a temporary folder"), server.database());
    let config = config(&prometheus, &database, record.path());
    let mut daemons = Vec::new();
    for _ in 0..3 {
        daemons.push(Daemon::start(&config).await);
    }
    let first = leader(&daemons).await;
    let webhooks: Vec<String> = daemons.iter().map(|daemon| daemon.url("/webhook")).collect();
    let senders: Vec<_> = (0..SENDERS).map(|sender| tokio::spawn(send(webhooks.clone(), sender))).collect();

    acts_go_on(&daemons, record.path(), 10).await;
    daemons[first].kill();
    let dead = daemons.remove(first);
    acts_go_on(&daemons, record.path(), 10).await;

    server.stop();
    let (answer, _) = daemons[0].post("/webhook", message(&[alert("Down", "host-0", "firing", START)])).await;
    assert_eq!(answer, 503, "what cannot be written is not accepted");
    server.start_again();
    acts_go_on(&daemons, record.path(), 10).await;

    let mut back = dead;
    back.restart().await;
    daemons.push(back);
    for sender in senders {
        sender.await.expect("a sender does not panic");
    }
    wait_until(PATIENCE, "every episode's run", || async { runs(&daemons[0], true).await.len() == ALERTS })
        .await;
    leader(&daemons).await;
    each_once(&runs(&daemons[0], false).await, record.path());

    let place = Place::Postgres(Database { url: database.parse().expect("a URL"), password: None });
    let verified = verify(&place).await.expect("the journal can be read");
    assert_eq!(verified.broken, None);
    assert!(verified.links >= 4 * ALERTS as u64, "{verified:?}");
}

/// The runs, or those of them that have ended.
async fn runs(daemon: &Daemon, ended: bool) -> Vec<Value> {
    let runs = daemon.data("/api/v1/remediations?limit=1000").await;
    let runs = runs.as_array().cloned().unwrap_or_default();
    runs.into_iter().filter(|run| !ended || run["ended"].is_array()).collect()
}

/// One run for each target, each with an end; one byte where it was acted, and where it is not known whether it
/// was, the run says so.
fn each_once(runs: &[Value], record: &Path) {
    let mut of_target: HashMap<&str, &Value> = HashMap::new();
    for run in runs {
        let target = run["plan"]["key"]["target"].as_str().expect("a run has a target");
        assert_eq!(of_target.insert(target, run), None, "{target} has two runs");
        assert!(run["ended"].is_array(), "every run ends: {run}");
    }
    assert_eq!(of_target.len(), ALERTS);
    for (target, run) in of_target {
        let bytes = std::fs::metadata(record.join(target)).map_or(0, |file| file.len());
        let known = run["steps"][0]["acted"].is_array();
        assert!(bytes <= 1, "{target} was acted on {bytes} times: {run}");
        assert!(bytes == 1 || !known, "{target} is said to be acted on and is not: {run}");
        let judged = run["steps"][0]["verified"].is_array() || run["ended"][1] == "unknown";
        assert!(known || judged || run["ended"][1] == "aborted", "{target} is not known and not told: {run}");
    }
}

/// What is told to a replica that stands by holds for the one that leads.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_by_takes_the_stop_switch_and_answers() {
    let server = crate::support::postgres();
    let (prometheus, record) = (prometheus().await, tempfile::tempdir().expect("a temporary folder"));
    let config = config(&prometheus, &server.database(), record.path()).replace("mode: enforce", "mode: ask");
    let daemons = [Daemon::start(&config).await, Daemon::start(&config).await];
    let leading = leader(&daemons).await;
    let (leader, other) = (&daemons[leading], &daemons[1 - leading]);
    let (status, _) = other.post("/webhook", message(&[alert("Down", "host-1", "firing", START)])).await;
    assert_eq!(status, 200);
    let pending = || async { other.data("/api/v1/approvals").await[0]["state"]["state"] == "pending" };
    wait_until(PATIENCE, "the request", pending).await;
    let (status, text) = other.post("/api/v1/remediation/pause", "").await;
    assert_eq!(status, 200, "{text}");
    let paused = || async { leader.metric("smartcloudops_remediation_paused").await == Some(1.0) };
    wait_until(PATIENCE, "the leader's pause", paused).await;
    let (status, text) = other.post("/api/v1/remediation/resume", "").await;
    assert_eq!(status, 200, "{text}");
    let id = other.data("/api/v1/approvals").await[0]["id"].to_string();
    let (status, text) = other.post(&format!("/api/v1/approvals/{id}"), r#"{"answer":"approve"}"#).await;
    assert_eq!(status, 200, "{text}");
    wait_until(PATIENCE, "the run", || async { acts(record.path()) == 1 }).await;
}
