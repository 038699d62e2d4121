//! Closed months of the journal in S3, by the whole daemon.

use std::io::Read;
use std::time::Duration;

use prometheus_client::registry::Registry;
use smartcloudops::journal::{Config, FILE_NAME, Journal, Place};
use smartcloudops::metrics::journal::JournalMetrics;
use smartcloudops::model::Timestamp;

use crate::support::{Answer, Daemon, FaultServer, Moto, PATIENCE, wait_until};

/// October 2025, in milliseconds.
const LONG_AGO: i64 = 1_760_000_000_000;

/// Writes a turn of the stop switch of long ago, as the daemon did then.
async fn write_down(path: std::path::PathBuf) {
    let retention = Duration::from_secs(3660 * 86_400);
    let config = Config { place: Place::File(path), retention, archive: None, queue: 8 };
    let metrics = JournalMetrics::register(&mut Registry::default());
    let journal = Journal::open(&config, metrics).await.expect("the journal opens");
    for paused in [true, false] {
        journal.set_paused(paused, "ada", Timestamp::from_millis(LONG_AGO)).await.expect("it is written");
    }
    journal.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_months_go_to_s3() {
    let moto = Moto::start().await;
    moto.make_bucket("logs").await;
    let prometheus = FaultServer::start([Answer::new(200, "{}")]).await;
    let config = format!(
        "prometheus: {{url: '{}', retries: 0}}\npresets: []\n\
         storage: {{retention: 3660d, archive_to: 's3://logs/journal', endpoint_url: '{}'}}\n",
        prometheus.url(""),
        moto.url(),
    );
    let environment = vec![
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
    ];
    let mut daemon = Daemon::start_in(environment, &config).await;
    assert!(daemon.stop().await.success(), "{}", daemon.log());
    write_down(daemon.path("data").join(FILE_NAME)).await;
    daemon.restart().await;
    // Every month since then is closed as well.
    let archived = || async {
        daemon.metric("smartcloudops_journal_archived_months_total").await.is_some_and(|months| months >= 1.0)
    };
    wait_until(PATIENCE, "the archived month", archived).await;
    let packed = moto.object("logs/journal/2025-10.jsonl.gz").await;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*packed).read_to_string(&mut text).expect("it is packed");
    let kinds: Vec<serde_json::Value> = text
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON")["kind"].clone())
        .collect();
    assert_eq!(kinds, ["stop_switch", "stop_switch"]);
}
