//! `kill -9` at random moments under load: no accepted alert is lost, nothing is done twice, the journal
//! opens, the state returns.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use smartcloudops::journal::{FILE_NAME, Place, verify};

use crate::support::{
    Alertmanager, Answer, Daemon, FaultServer, PATIENCE, alert, deliver, every, http, message, wait_until,
};

const KILLS: usize = 50;
/// Every so many kills something was done in between, however slow the machine is.
const ACT_EVERY: usize = 5;
const SENDERS: usize = 4;
/// Between two alerts of a sender.
const PACE: Duration = Duration::from_millis(20);
/// Per sender: more than it gets rid of. Alertmanager goes through all it knows for every confirmation.
const ALERTS: usize = 2500;

/// Every action appends one byte to the file of its target: what was done is counted outside the daemon.
fn config(prometheus: &FaultServer, alertmanager: &Alertmanager, record: &str) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         alertmanager: {{url: '{}', reconcile_interval: 1h}}\n\
         presets: []\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 max_in_flight: 16\n\
        \x20 storm: {{total: 100000/1m, per_alert: 100000/1m}}\n\
        \x20 limits: {{total: 100000/1h}}\n\
        \x20 policies:\n\
        \x20 - name: note\n\
        \x20   matchers: ['alertname=\"Down\"']\n\
        \x20   target: {{label: instance, pattern: 'host-\\d+-\\d+'}}\n\
        \x20   confirm_with: [alertmanager]\n\
        \x20   limits: {{per_target: 1000/1h}}\n\
        \x20   breaker: 100000/1h\n\
        \x20   steps: [{{command: {{argv: [/usr/bin/dd, status=none, if=/dev/zero, bs=1, count=1, oflag=append, conv=notrunc, 'of={record}/{{{{ target }}}}']}}, verify: {{expr: up, within: 1s}}}}]\n",
        prometheus.url(""),
        alertmanager.process.url(""),
    )
}

/// Alertmanager knows every alert the test sends, so that the daemon finds them confirmed.
async fn announce(alertmanager: &Alertmanager, instances: impl Iterator<Item = String>) {
    let alerts: Vec<_> = instances
        .map(|instance| serde_json::json!({"labels": {"alertname": "Down", "instance": instance}, "endsAt": "2100-01-01T00:00:00Z"}))
        .collect();
    alertmanager.post("alerts", &alerts.into()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_is_done_twice() {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_nanos() as u64;
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let result =
        r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}"#;
    let prometheus = FaultServer::start([Answer::new(200, result)]).await;
    let alertmanager = Alertmanager::start("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n").await;
    let record = tempfile::tempdir().expect("a temporary folder");
    let mut daemon =
        Daemon::start(&config(&prometheus, &alertmanager, &record.path().display().to_string())).await;

    let stop = Arc::new(AtomicBool::new(false));
    let instances = |sender: usize| (0..ALERTS).map(move |number| format!("host-{sender}-{number}"));
    for sender in 0..SENDERS {
        announce(&alertmanager, instances(sender)).await;
    }
    let senders: Vec<_> =
        (0..SENDERS).map(|sender| tokio::spawn(send(daemon.url("/webhook"), sender, stop.clone()))).collect();
    for kill in 0..KILLS {
        if kill % ACT_EVERY == 0 {
            let before = acts(record.path());
            wait_until(PATIENCE, "an act", || async { acts(record.path()) > before }).await;
        }
        // What is tested is a moment that nothing chose: no condition stands for it.
        tokio::time::sleep(Duration::from_millis(random.u64(1..150))).await;
        daemon.kill();
        daemon.restart().await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut accepted = BTreeSet::new();
    for sender in senders {
        accepted.extend(sender.await.expect("a sender does not panic"));
    }
    assert!(accepted.len() > KILLS, "{} deliveries are too few to prove anything", accepted.len());

    wait_until(PATIENCE, "every accepted alert", || async {
        let alerts = daemon.data("/api/v1/alerts?limit=10000").await;
        let known: BTreeSet<String> = alerts
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|alert| Some(alert["alert"]["labels"]["instance"].as_str()?.to_owned()))
            .collect();
        accepted.is_subset(&known)
    })
    .await;
    // Alerts that wait for a free place would begin further runs while they are counted.
    let (status, text) = daemon.post("/api/v1/remediation/pause", "").await;
    assert_eq!(status, 200, "{text}");
    wait_until(PATIENCE, "the end of every run", || async {
        let status = daemon.data("/status").await;
        status["remediation"]["runs_under_way"] == 0
    })
    .await;
    let runs = once_each(&daemon, record.path()).await;
    let verified =
        verify(&Place::File(daemon.path("data").join(FILE_NAME))).await.expect("the journal can be read");
    assert_eq!(verified.broken, None, "after {KILLS} kills");
    // Its intent, its step's, what the command said, and its end.
    assert!(verified.links >= 4 * runs as u64, "{verified:?} of {runs} runs");
}

/// Sends one new alert after the other until told to stop; gives back what was answered with 200.
async fn send(url: String, sender: usize, stop: Arc<AtomicBool>) -> Vec<String> {
    let (client, mut accepted) = (http(), Vec::new());
    let mut pace = every(PACE);
    for number in 0..ALERTS {
        pace.tick().await;
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let instance = format!("host-{sender}-{number}");
        let body = message(&[alert("Down", &instance, "firing", "2026-01-01T00:00:00Z")]);
        if deliver(&client, || url.clone(), &body, Duration::from_secs(5), || stop.load(Ordering::Relaxed))
            .await
        {
            accepted.push(instance);
        }
    }
    accepted
}

/// One byte per target, one run per target, and every run has an end. How many runs there are.
async fn once_each(daemon: &Daemon, record: &std::path::Path) -> usize {
    let runs = daemon.data("/api/v1/remediations?limit=1000").await;
    let mut of_target: HashMap<String, usize> = HashMap::new();
    for run in runs.as_array().expect("a list of runs") {
        let target = run["plan"]["key"]["target"].as_str().expect("a run has a target");
        *of_target.entry(target.to_owned()).or_default() += 1;
        assert!(run["ended"].is_array(), "every run ends: {run}");
    }
    assert!(of_target.values().all(|count| *count == 1), "{of_target:?}");
    let mut done = 0;
    for file in std::fs::read_dir(record).expect("the folder exists") {
        let file = file.expect("it can be listed");
        let bytes = file.metadata().expect("it can be asked").len();
        assert!(bytes <= 1, "{:?} was acted on {bytes} times", file.file_name());
        let target = file.file_name().into_string().expect("a target is text");
        assert!(
            runs.as_array().is_some_and(|runs| runs.len() == 1000) || of_target.contains_key(&target),
            "{target} has no run"
        );
        done += bytes;
    }
    assert!(done >= (KILLS / ACT_EVERY) as u64, "{done} acts");
    of_target.len()
}

/// How many targets something was done to.
fn acts(record: &std::path::Path) -> usize {
    std::fs::read_dir(record).expect("the folder exists").count()
}
