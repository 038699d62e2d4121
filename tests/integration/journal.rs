//! The journal against sudden death, a second process and a disk that takes no more.
//!
//! The other process is this test binary itself, started again with a role in its environment.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use prometheus_client::registry::Registry;
use smartcloudops::journal::{Config, Journal, OpenError, Place, RecordError};
use smartcloudops::metrics::journal::JournalMetrics;
use smartcloudops::model::{Alert, AlertStatus, Delivery, DeliveryId, DeliverySource, Labels, Timestamp};

const ROLE: &str = "SMARTCLOUDOPS_TEST_JOURNAL_ROLE";
const FOLDER: &str = "SMARTCLOUDOPS_TEST_JOURNAL_FOLDER";
const WRITERS: usize = 16;

fn config(folder: &Path) -> Config {
    Config {
        place: Place::File(folder.join("journal.db")),
        retention: Duration::from_secs(86_400),
        archive: None,
        queue: 4096,
    }
}

async fn open(folder: &Path) -> Result<Journal, OpenError> {
    Journal::open(&config(folder), JournalMetrics::register(&mut Registry::default())).await
}

fn delivery(name: &str, padding: usize) -> Delivery {
    let labels: Labels = [("alertname", name)].into_iter().collect();
    let alert = Alert {
        status: AlertStatus::Firing,
        labels,
        annotations: [("padding", "x".repeat(padding))].into_iter().collect(),
        starts_at: Timestamp::from_millis(1),
        ends_at: None,
        generator_url: String::new(),
    };
    Delivery {
        received_at: Timestamp::from_millis(2),
        source: DeliverySource::Webhook,
        alerts: vec![alert],
        quarantined: Vec::new(),
        truncated: 0,
    }
}

/// This binary again, in a role.
fn role(command: &mut Command, role: &str, folder: &Path) -> Child {
    let child = command
        .args(["--exact", "journal::child", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn();
    child.expect("this test binary can be started again")
}

fn this_binary() -> Command {
    Command::new(std::env::current_exe().expect("a running binary has a path"))
}

/// What a child says, one line each, without the test harness's own lines.
fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map_while(Result::ok).filter_map(|line| line.split_once("said: ").map(|(_, said)| said.to_owned()))
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "said: {text}").unwrap();
    out.flush().unwrap();
}

/// The other process. Started without a role, as part of the whole run, it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let (Ok(role), Some(folder)) = (std::env::var(ROLE), std::env::var_os(FOLDER)) else {
        return;
    };
    let folder = Path::new(&folder);
    match role.as_str() {
        "write" => write_for_ever(open(folder).await.unwrap()).await,
        "open" => say(&open(folder).await.err().map_or("opened".to_owned(), |error| error.to_string())),
        "small disk" => write_on_a_small_disk(open(folder).await.unwrap()).await,
        other => panic!("no such role: {other}"),
    }
}

/// Says the number and name of every delivery as soon as it is acknowledged.
async fn write_for_ever(journal: Journal) {
    let writers = (0..WRITERS).map(|writer| {
        let journal = journal.clone();
        tokio::spawn(async move {
            for turn in 0.. {
                let name = format!("{}-{writer}-{turn}", std::process::id());
                let id = journal.record_delivery(delivery(&name, 100)).await.unwrap();
                say(&format!("{} {name}", id.0));
            }
        })
    });
    futures::future::join_all(writers).await;
}

#[tokio::test]
async fn everything_acknowledged_before_a_kill_is_there_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<(DeliveryId, String)> = Vec::new();
    for round in 1..=5 {
        let mut child = role(&mut this_binary(), "write", folder.path());
        let mut lines = said(&mut child);
        let mut take = |line: String| {
            let (id, name) = line.split_once(' ').unwrap();
            acknowledged.push((DeliveryId(id.parse().unwrap()), name.to_owned()));
        };
        lines.by_ref().take(round * 97).for_each(&mut take);
        child.kill().unwrap();
        child.wait().unwrap();
        // What was said before the kill counts too; the last line may be cut short.
        lines.filter(|line| line.matches('-').count() == 2 && !line.ends_with('-')).for_each(&mut take);
    }
    let journal = open(folder.path()).await.unwrap();
    let stored = journal.deliveries_after(DeliveryId(0), 1_000_000).await.unwrap();
    assert!(acknowledged.len() >= 5 * 97 * 3, "{}", acknowledged.len());
    for (id, name) in &acknowledged {
        let found = stored.binary_search_by_key(id, |(id, _)| *id);
        let (_, found) = &stored[found.unwrap_or_else(|_| panic!("delivery {} ({name}) is lost", id.0))];
        // A line that was cut short at the kill names the beginning of its alert.
        assert!(
            found.alerts[0].name().starts_with(name.as_str()),
            "delivery {} is {}, not {name}",
            id.0,
            found.alerts[0].name()
        );
    }
    assert!(stored.len() >= acknowledged.len());
}

#[tokio::test]
async fn a_second_process_is_refused_until_the_first_has_closed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await.unwrap();
    let ask = || {
        let mut child = role(&mut this_binary(), "open", folder.path());
        let answer: Vec<String> = said(&mut child).collect();
        child.wait().unwrap();
        answer.join("\n")
    };
    let refused = ask();
    assert!(refused.contains("is in use by process"), "{refused}");
    assert!(refused.contains(&std::process::id().to_string()), "{refused}");
    journal.close().await;
    assert_eq!(ask(), "opened");
}

/// Writes until the disk takes no more, gets room again, and goes on.
async fn write_on_a_small_disk(journal: Journal) {
    let mut accepted = 0u64;
    let refused = loop {
        match journal.record_delivery(delivery("large", 100_000)).await {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
        assert!(accepted < 1000, "the limit does not hold");
    };
    assert!(matches!(refused, RecordError::Unavailable { .. }), "{refused}");
    assert!(journal.status().trouble.is_some());
    let unlimited = rustix::process::Rlimit { current: None, maximum: None };
    rustix::process::setrlimit(rustix::process::Resource::Fsize, unlimited).unwrap();
    let id = journal.record_delivery(delivery("after", 100_000)).await.unwrap();
    assert_eq!(journal.status().trouble, None);
    let stored = journal.deliveries_after(DeliveryId(0), 2000).await.unwrap();
    assert_eq!(stored.len() as u64, accepted + 1);
    assert_eq!(stored.last().unwrap().0, id);
    journal.close().await;
    say(&format!("{accepted} accepted"));
}

#[test]
fn a_full_disk_refuses_and_costs_nothing_that_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    // With the signal ignored, a write beyond the limit fails as on a full disk.
    let limited = "trap '' XFSZ; ulimit -S -f 4096; exec \"$0\" \"$@\"";
    shell.arg("-c").arg(limited).arg(std::env::current_exe().unwrap());
    let mut child = role(&mut shell, "small disk", folder.path());
    let answer: Vec<String> = said(&mut child).collect();
    assert!(child.wait().unwrap().success(), "{answer:?}");
    let accepted: u64 = answer[0].split_once(' ').unwrap().0.parse().unwrap();
    assert!(accepted > 5, "{answer:?}");
}
