//! How many durable deliveries a second the journal takes, and how many commits that needs.
//!
//! `cargo bench --bench journal`; nothing but a folder on the disk to be measured (`TMPDIR`).

use std::time::{Duration, Instant};

use prometheus_client::registry::Registry;
use smartcloudops::journal::{Config, Journal, Place, verify};
use smartcloudops::metrics::journal::JournalMetrics;
use smartcloudops::model::{
    Action, Alert, AlertStatus, CommandAction, Decision, DecisionVerdict, Delivery, DeliveryId,
    DeliverySource, Episode, EpisodeChange, EpisodeId, Labels, Plan, PlannedStep, Reason, RunKey, Timestamp,
};

const LASTS: Duration = Duration::from_secs(5);

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
    for callers in [1, 8, 64, 256] {
        runtime.block_on(measure_callers(callers));
    }
    for decisions in [1, 32] {
        runtime.block_on(measure_decisions(decisions));
    }
    runtime.block_on(measure_flood());
}

async fn open() -> (tempfile::TempDir, Journal, Registry) {
    let folder = tempfile::tempdir().expect("a folder for the journal");
    let place = Place::File(folder.path().join("journal.db"));
    let config = Config { place, retention: Duration::from_secs(90 * 86_400), archive: None, queue: 4096 };
    let mut registry = Registry::default();
    let metrics = JournalMetrics::register(&mut registry);
    let journal = Journal::open(&config, metrics).await.expect("the journal opens");
    (folder, journal, registry)
}

async fn measure_callers(callers: usize) {
    let (_folder, journal, registry) = open().await;
    let end = Instant::now() + LASTS;
    let calls = (0..callers).map(|caller| {
        let journal = journal.clone();
        tokio::spawn(async move {
            let mut took = Vec::new();
            while Instant::now() < end {
                let begun = Instant::now();
                journal.record_delivery(delivery(caller, 1)).await.expect("the delivery is recorded");
                took.push(begun.elapsed());
            }
            took
        })
    });
    let mut took: Vec<Duration> = Vec::new();
    for caller in futures::future::join_all(calls).await {
        took.extend(caller.expect("no caller panics"));
    }
    took.sort_unstable();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize];
    println!(
        "{callers:4} callers: {:8.0} deliveries/s, {} commits, half within {:.2?}, 99% within {:.2?}",
        took.len() as f64 / LASTS.as_secs_f64(),
        commits(&registry),
        at(0.5),
        at(0.99),
    );
    journal.close().await;
}

/// Decisions with their plans, linked in the chain, written so many at once by 64 callers.
async fn measure_decisions(at_once: usize) {
    let (folder, journal, registry) = open().await;
    let end = Instant::now() + LASTS;
    let calls = (0..64).map(|caller| {
        let journal = journal.clone();
        tokio::spawn(async move {
            let mut written = 0;
            while Instant::now() < end {
                let decisions = (written..written + at_once).map(|number| decision(caller, number)).collect();
                journal.record_decisions(decisions).await.expect("the decisions are recorded");
                written += at_once;
            }
            written
        })
    });
    let written: usize =
        futures::future::try_join_all(calls).await.expect("no caller panics").into_iter().sum();
    let a_second = written as f64 / LASTS.as_secs_f64();
    println!("{at_once:4} at once: {a_second:8.0} decisions/s, {} commits", commits(&registry));
    let begun = Instant::now();
    let verified =
        verify(&Place::File(folder.path().join("journal.db"))).await.expect("the journal is readable");
    assert_eq!(verified.broken, None);
    println!("{} links verified in {:.0?}", verified.links, begun.elapsed());
    journal.close().await;
}

/// A refusal with the plan that was held back, each caller about 100 episodes.
fn decision(caller: usize, number: usize) -> Decision {
    let alert = alert(caller, number % 100);
    let episode = EpisodeId { fingerprint: alert.fingerprint(), started: alert.starts_at };
    let action = CommandAction {
        argv: vec!["/usr/bin/systemctl".to_owned(), "restart".to_owned(), "app".to_owned()],
        timeout: Duration::from_secs(30),
    };
    let key = RunKey { policy: "restart-app".into(), target: format!("app-{caller}:9100").into(), episode };
    let steps = vec![PlannedStep { action: Action::Command(action), verify: None }];
    let (reason, detail) = (Reason::Shadow, "the policy is in shadow mode".to_owned());
    Decision {
        episode,
        policy: Some(key.policy.clone()),
        target: Some(key.target.clone()),
        at: Timestamp::from_millis(3),
        verdict: DecisionVerdict::Hold { reason, detail, plan: Some(Plan { key, host: None, steps }) },
        checks: Vec::new(),
    }
}

/// One message of 10,000 alerts, recorded and applied.
async fn measure_flood() {
    let (_folder, journal, _registry) = open().await;
    let flood = delivery(0, 10_000);
    let changes = flood.alerts.iter().cloned().map(|alert| EpisodeChange::Opened(episode(alert))).collect();
    let begun = Instant::now();
    let id = journal.record_delivery(flood).await.expect("the delivery is recorded");
    println!("10,000 alerts recorded in {:.0?}, {} bytes", begun.elapsed(), journal.status().size_bytes);
    let begun = Instant::now();
    journal.deliveries_after(DeliveryId(0), 1).await.expect("the delivery is read");
    println!("10,000 alerts read in {:.0?}", begun.elapsed());
    let begun = Instant::now();
    journal.apply(changes, id, Timestamp::from_millis(3)).await.expect("the episodes are stored");
    println!("10,000 alerts applied in {:.0?}", begun.elapsed());
    journal.close().await;
}

fn commits(registry: &Registry) -> String {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, registry)
        .expect("metrics can be written to a string");
    let found = text
        .lines()
        .find_map(|line| line.strip_prefix("smartcloudops_journal_commit_duration_seconds_count "));
    found.unwrap_or("?").to_owned()
}

fn delivery(caller: usize, alerts: usize) -> Delivery {
    Delivery {
        received_at: Timestamp::from_millis(1),
        source: DeliverySource::Webhook,
        alerts: (0..alerts).map(|index| alert(caller, index)).collect(),
        quarantined: Vec::new(),
        truncated: 0,
    }
}

/// About 1 kB in JSON, as alerts of the node mixin are.
fn alert(caller: usize, index: usize) -> Alert {
    let labels: Labels = [
        ("alertname", "NodeFilesystemAlmostOutOfSpace".to_owned()),
        ("instance", format!("app-{caller}-{index}:9100")),
        ("job", "node".to_owned()),
        ("severity", "critical".to_owned()),
    ]
    .into_iter()
    .collect();
    Alert {
        status: AlertStatus::Firing,
        labels,
        annotations: [("description", "Less than 3 % of the space of the file system is left. ".repeat(12))]
            .into_iter()
            .collect(),
        starts_at: Timestamp::from_millis(0),
        ends_at: None,
        generator_url: "http://prometheus:9090/graph?g0.expr=node_filesystem_avail_bytes".to_owned(),
    }
}

fn episode(alert: Alert) -> Episode {
    let id = EpisodeId { fingerprint: alert.fingerprint(), started: alert.starts_at };
    let seen = Timestamp::from_millis(2);
    Episode { id, alert: alert.into(), first_seen: seen, last_seen: seen, deliveries: 1, end_presumed: false }
}
