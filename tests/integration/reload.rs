//! Reloading: a good file changes what runs, a bad one changes nothing and is named.

use rustix::process::Signal;

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
async fn a_termination_signal_ends_it_in_order() {
    let mut daemon = Daemon::start("prometheus: {url: 'http://127.0.0.1:9'}\npresets: []\n").await;
    assert!(daemon.stop().await.success());
    assert!(daemon.log().contains("stopped"), "{}", daemon.log());
}
