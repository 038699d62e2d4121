//! Reloading: a good file changes what runs, a bad one changes nothing and is named.

use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::Signal;
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::support::{Answer, Daemon, FaultServer, PATIENCE, wait_until};

fn config(url: &str, query: &str) -> String {
    format!(
        "prometheus: {{url: '{url}'}}\nscoring: {{interval: 1s, history: 1m}}\npresets: []\nqueries: [{{name: {query}, expr: up}}]\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_leaves_the_running_configuration() {
    let prometheus = FaultServer::start([Answer::new(
        200,
        r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
    )])
    .await;
    let url = prometheus.url("");
    let daemon = Daemon::start(&config(&url, "first")).await;
    let asked = |name: &str| {
        format!("smartcloudops_scoring_evaluations_total{{query=\"{name}\",outcome=\"success\"}}")
    };
    assert!(daemon.metric(&asked("first")).await.is_some());

    daemon.write_config("prometheus: {url: 'ftp://x'}\nwatched: []\n");
    let (status, text) = daemon.post("/-/reload", "").await;
    assert_eq!(status, 400, "{text}");
    assert!(text.contains("prometheus.url") && text.contains("watched") && text.contains(":2"), "{text}");
    assert_eq!(daemon.metric("smartcloudops_config_last_reload_successful").await, Some(0.0));
    assert_eq!(daemon.get("/-/ready").await.0, 200);

    daemon.write_config(&config(&url, "second"));
    daemon.signal(Signal::HUP);
    wait_until(PATIENCE, "the second query", || async { daemon.metric(&asked("second")).await.is_some() })
        .await;
    assert_eq!(daemon.metric("smartcloudops_config_last_reload_successful").await, Some(1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_on_a_share_that_does_not_answer_is_named_and_holds_nothing_up() {
    let prometheus = FaultServer::start([Answer::new(
        200,
        r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
    )])
    .await;
    let daemon = Daemon::start(&config(&prometheus.url(""), "first")).await;
    let folder = tempfile::tempdir().unwrap();
    let (key, owner) = (folder.path().join("key"), Mode::RUSR | Mode::WUSR);
    mknodat(CWD, &key, FileType::Fifo, owner, 0).unwrap();
    let receivers =
        format!("notify: [{{name: ops, url: 'http://127.0.0.1:9/', secret_file: '{}'}}]\n", key.display());
    daemon.write_config(&format!("{}{receivers}", config(&prometheus.url(""), "first")));

    let begun = Instant::now();
    let reloads = async { (daemon.post("/-/reload", "").await, daemon.post("/-/reload", "").await) };
    let (((first, text), (second, _)), healthy) = tokio::join!(reloads, daemon.get("/-/healthy"));
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!((first, second, healthy.0), (400, 400, 200), "{text}");
    assert!(text.contains("notify: receiver ops: cannot read the secret file"), "{text}");
    assert!(text.contains(&*key.display().to_string()) && text.contains("does not answer"), "{text}");

    std::fs::write(&key, format!("whsec_{}", "QUJD".repeat(8))).unwrap();
    std::fs::remove_file(&key).unwrap();
    std::fs::write(&key, format!("whsec_{}", "QUJD".repeat(8))).unwrap();
    wait_until(PATIENCE, "a reload", || async { daemon.post("/-/reload", "").await.0 == 200 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_does_not_answer_holds_no_reload_up_and_leaves_all_of_the_old_or_none() {
    let prometheus = FaultServer::start([Answer::new(
        200,
        r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
    )])
    .await;
    let config = |query: &str, receivers: &[&str]| {
        let one = |name: &&str| format!("{{name: {name}, url: 'http://127.0.0.1:9/'}}");
        let receivers: Vec<String> = receivers.iter().map(one).collect();
        format!("{}notify: [{}]\n", config(&prometheus.url(""), query), receivers.join(", "))
    };
    let daemon = Daemon::start(&config("first", &["ops"])).await;
    let asked = |name: &str| {
        format!("smartcloudops_scoring_evaluations_total{{query=\"{name}\",outcome=\"success\"}}")
    };
    let told = |name: &str| {
        format!("smartcloudops_notifications_total{{receiver=\"{name}\",outcome=\"delivered\"}}")
    };
    let options = SqliteConnectOptions::new().filename(daemon.path("data").join("journal.sqlite"));
    let mut other = options.connect().await.expect("the journal");
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.expect("the lock of writers");

    daemon.write_config(&config("second", &["ops", "new"]));
    let begun = Instant::now();
    let (status, text) = daemon.post("/-/reload", "").await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(status, 400, "{text}");
    assert!(text.contains("cannot write down from where on new receivers of notify are told"), "{text}");
    assert!(daemon.metric(&asked("first")).await.is_some() && daemon.metric(&told("ops")).await.is_some());
    assert!(daemon.metric(&asked("second")).await.is_none() && daemon.metric(&told("new")).await.is_none());

    daemon.write_config(&config("second", &["ops"]));
    let (status, text) = daemon.post("/-/reload", "").await;
    assert_eq!(status, 200, "without anybody new the journal is not asked: {text}");
    assert!(
        daemon.metric(&asked("second")).await.is_some() && daemon.metric(&asked("first")).await.is_none()
    );

    sqlx::query("ROLLBACK").execute(&mut other).await.expect("the lock is given back");
    daemon.write_config(&config("second", &["ops", "new"]));
    let reload = async || daemon.post("/-/reload", "").await.0 == 200;
    wait_until(PATIENCE, "the journal", reload).await;
    assert_eq!(daemon.metric(&told("new")).await, Some(0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_termination_signal_ends_it_in_order() {
    let mut daemon = Daemon::start("prometheus: {url: 'http://127.0.0.1:9'}\npresets: []\n").await;
    assert!(daemon.stop().await.success());
    assert!(daemon.log().contains("stopped"), "{}", daemon.log());
}
