//! `kill -9` of the daemon at random moments while it runs programs and reboots instances: what the programs and moto
//! have seen is never more than the journal said before, nothing is done twice, and every run ends.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Instance, InstanceType, ResourceType, Tag, TagSpecification};
use serde_json::{Value, json};

use super::daemon::environment;
use super::{SECRET, TAG, arranger};
use crate::support::{
    Answer, Daemon, FaultServer, Moto, PATIENCE, alert, deliver, every, http, message, wait_until,
};

const KILLS: usize = 200;
/// Between so many kills something of each kind is done, however slow the machine is.
const ACT_EVERY: usize = 20;
/// Alerts of each kind; more than are sent until the last kill.
const ALERTS: usize = 400;
/// How far a file's time lies behind the clock, as the kernel writes it.
const COARSE: f64 = 0.02;
/// Between two alerts of each kind.
const PACE: Duration = Duration::from_millis(400);
const OUTCOMES: [&str; 8] =
    ["helped", "no_effect", "worse", "unproven", "failed", "unknown", "not_started", "aborted"];

/// Prometheus, who knows the alerts of all targets as firing and evaluates everything else to 1.
async fn prometheus(instances: &[String]) -> FaultServer {
    let series = |name: &str, instance: &str| {
        let labels = json!({"alertname": name, "instance": instance, "alertstate": "firing"});
        json!({"metric": labels, "value": [1, "1"]})
    };
    let hosts = (0..ALERTS).map(|number| series("Down", &format!("host-{number}")));
    let result: Vec<Value> = instances.iter().map(|id| series("Hangs", id)).chain(hosts).collect();
    let body = json!({"status": "success", "data": {"resultType": "vector", "result": result}});
    FaultServer::start([Answer::new(200, body.to_string())]).await
}

/// A program appends one byte to the file of its target; an instance is rebooted.
fn config(prometheus: &FaultServer, record: &Path) -> String {
    let policy = |name: &str, alert: &str, pattern: &str, step: &str| {
        format!(
            "  - name: {name}\n\
            \x20   matchers: ['alertname=\"{alert}\"']\n\
            \x20   target: {{label: instance, pattern: '{pattern}'}}\n\
            \x20   limits: {{per_target: 1000/1h}}\n\
            \x20   breaker: 100000/1h\n\
            \x20   steps: [{{{step}, verify: {{expr: up, within: 1s}}}}]\n"
        )
    };
    let note = format!(
        "command: {{argv: [/usr/bin/dd, status=none, if=/dev/zero, bs=1, count=1, oflag=append, conv=notrunc, 'of={}/{{{{ target }}}}']}}",
        record.display()
    );
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 max_in_flight: 16\n\
        \x20 storm: {{total: 100000/1m, per_alert: 100000/1m}}\n\
        \x20 limits: {{total: 100000/1h}}\n\
        \x20 policies:\n{}{}",
        prometheus.url(""),
        policy("note", "Down", "host-\\d+", &note),
        policy("reboot", "Hangs", "i-[0-9a-f]+", "ec2: {do: reboot, instance_id: '{{ target }}'}"),
    )
}

/// As many instances as there are alerts, all of which may be acted on.
async fn instances(arranger: &Client) -> Vec<String> {
    let tag = Tag::builder().key(TAG.0).value(TAG.1).build();
    let tags = TagSpecification::builder().resource_type(ResourceType::Instance).tags(tag).build();
    let request = arranger.run_instances().image_id("ami-12345678").instance_type(InstanceType::T3Micro);
    let count = ALERTS as i32;
    let answer = request.tag_specifications(tags).min_count(count).max_count(count).send().await;
    let id = |one: &Instance| one.instance_id().expect("an instance has an id").to_owned();
    answer.expect("moto runs instances").instances().iter().map(id).collect()
}

/// One new alert of each kind after the other until told to stop, each until it is taken.
async fn send(url: String, instances: Vec<String>, stop: Arc<AtomicBool>) {
    let client = http();
    let mut pace = every(PACE);
    for (number, instance) in instances.iter().enumerate() {
        pace.tick().await;
        let start = "2026-01-01T00:00:00Z";
        let host = format!("host-{number}");
        let body =
            message(&[alert("Down", &host, "firing", start), alert("Hangs", instance, "firing", start)]);
        let stopped = || stop.load(Ordering::Relaxed);
        if stopped() || !deliver(&client, || url.clone(), &body, Duration::from_secs(5), stopped).await {
            return;
        }
    }
}

/// When each target was acted on, in seconds since 1970, as the programs' files tell.
fn noted(record: &Path) -> BTreeMap<String, Vec<f64>> {
    let mut noted = BTreeMap::new();
    for file in std::fs::read_dir(record).expect("the folder exists") {
        let file = file.expect("it can be listed");
        let about = file.metadata().expect("it can be asked");
        let written = about.modified().expect("a file system with times");
        let at = written.duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
        let target = file.file_name().into_string().expect("a target is text");
        noted.insert(target, vec![at; about.len() as usize]);
    }
    noted
}

#[tokio::test(flavor = "multi_thread")]
async fn whenever_the_daemon_dies_nothing_is_done_twice_or_before_it_is_written() {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_nanos() as u64;
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let moto = Moto::start().await;
    let instances = instances(&arranger(&moto)).await;
    let prometheus = prometheus(&instances).await;
    let record = tempfile::tempdir().expect("a temporary folder");
    let key =
        [("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_REGION", "us-east-1")];
    let mut daemon = Daemon::start_in(environment(&moto, &key), &config(&prometheus, record.path())).await;
    let stop = Arc::new(AtomicBool::new(false));
    let sender = tokio::spawn(send(daemon.url("/webhook"), instances, stop.clone()));
    for kill in 0..KILLS {
        if kill % ACT_EVERY == 0 {
            let before = (noted(record.path()).len(), moto.rebooted().len());
            wait_until(PATIENCE, "an act of each kind", || async {
                noted(record.path()).len() > before.0 && moto.rebooted().len() > before.1
            })
            .await;
        }
        // What is tested is a moment that nothing chose: no condition stands for it.
        tokio::time::sleep(Duration::from_millis(random.u64(1..250))).await;
        daemon.kill();
        daemon.restart().await;
    }
    stop.store(true, Ordering::Relaxed);
    sender.await.expect("the sender does not panic");
    // Alerts that wait for a free place would begin further runs while they are counted.
    let (status, text) = daemon.post("/api/v1/remediation/pause", "").await;
    assert_eq!(status, 200, "{text}");
    wait_until(PATIENCE, "the end of every run", || async {
        daemon.data("/status").await["remediation"]["runs_under_way"] == 0
    })
    .await;
    let mut runs = Vec::new();
    for policy in ["note", "reboot"] {
        let found = daemon.data(&format!("/api/v1/remediations?limit=1000&policy={policy}")).await;
        runs.extend(found.as_array().expect("a list of runs").clone());
    }
    let mut seen = noted(record.path());
    for (instance, at) in moto.rebooted() {
        seen.entry(instance).or_default().push(at);
    }
    println!("{} runs, {} acts", runs.len(), seen.len());
    agree(&runs, &seen);
}

/// What was done is what the journal says, and not before.
fn agree(runs: &[Value], seen: &BTreeMap<String, Vec<f64>>) {
    let mut begun: BTreeMap<&str, f64> = BTreeMap::new();
    for run in runs {
        let target = run["plan"]["key"]["target"].as_str().expect("a run has a target");
        let at = run["begun_at"].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let at = at.expect("a run has a beginning").as_millisecond() as f64 / 1000.0;
        assert_eq!(begun.insert(target, at), None, "{target} has two runs");
        let outcome = run["ended"][1].as_str().unwrap_or_default();
        assert!(OUTCOMES.contains(&outcome), "every run ends in a stated state: {run}");
        let is_told = run["steps"][0]["acted"][1]["Ok"].is_object();
        assert!(!is_told || seen.contains_key(target), "the journal tells of what nobody saw: {run}");
    }
    for (target, times) in seen {
        assert_eq!(times.len(), 1, "{target} was acted on {} times", times.len());
        let begun =
            begun.get(target.as_str()).unwrap_or_else(|| panic!("{target} was acted on without a run"));
        assert!(times[0] + COARSE >= *begun, "{target} was acted on at {}, before {begun}", times[0]);
    }
}
