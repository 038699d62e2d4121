//! `GET /logs` of a running daemon: what it finds, in what form, and what it refuses.

mod loki;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, Daemon, FaultServer, PATIENCE, alert, http, message, wait_until};

const START: &str = "2026-01-01T00:00:00Z";
/// Prometheus, who knows the alert as firing and evaluates everything else to 1.
const FIRING: &str = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"alertname":"Down","instance":"web","alertstate":"firing"},"value":[1,"1"]}]}}"#;

/// The records that a query string finds.
async fn records(daemon: &Daemon, query: &str) -> Vec<Value> {
    let page = daemon.data(&format!("/logs?{query}")).await;
    page["records"].as_array().unwrap_or_else(|| panic!("{query}: {page}")).clone()
}

/// The messages of those records.
async fn messages(daemon: &Daemon, query: &str) -> Vec<String> {
    let records = records(daemon, query).await.into_iter();
    records.map(|record| record["message"].as_str().expect("a message is a text").to_owned()).collect()
}

/// A query string out of unescaped names and values.
fn query(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

async fn idle() -> Daemon {
    Daemon::start("prometheus: {url: 'http://127.0.0.1:9', retries: 0}\npresets: []\n").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_daemon_has_logged_is_found_by_module_level_text_and_time() {
    let daemon = idle().await;
    daemon.write_config("prometheus: {url: 'ftp://x'}\n");
    assert_eq!(daemon.post("/-/reload", "").await.0, 400);
    let found = records(&daemon, "level=error&service=app&contains=CONFIGURATION+IS+BAD&since=5m").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (&found[0]["source"], &found[0]["level"], &found[0]["service"]),
        (&json!("daemon"), &json!("error"), &json!("smartcloudops::app::reload"))
    );
    let error = found[0]["fields"]["error"].as_str().expect("the fault is a field");
    assert!(error.contains("prometheus.url"), "{error}");
    assert_eq!(records(&daemon, "contains=configuration+is+bad&until=1h").await, [] as [Value; 0]);
    let everything = messages(&daemon, "level=info").await;
    let place = |wanted: &str| everything.iter().position(|one| one.starts_with(wanted));
    let places = ["listening", "ready", "the configuration is bad"].map(place);
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{everything:?}");
    let newest = messages(&daemon, "level=error&limit=1").await;
    assert_eq!(newest.len(), 1, "{newest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_found_and_what_it_says_stays_data() {
    let daemon = idle().await;
    let evil = "web\u{1b}[2J\u{202e}\" level=error\nfake=line";
    let mut bad = alert("Down", evil, "firing", START);
    bad["status"] = "sideways".into();
    assert_eq!(daemon.post("/webhook", message(&[bad])).await.0, 200);
    assert_eq!(
        daemon.post("/webhook", format!("{{\"version\": \"{}\"}}", evil.escape_default())).await.0,
        400
    );
    wait_until(PATIENCE, "the record of the request", || async {
        records(&daemon, "contains=/webhook").await.len() == 2
    })
    .await;
    let (status, text) = daemon.get("/logs?format=text&contains=/webhook").await;
    assert_eq!((status, text.lines().count()), (200, 2), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text:?}");
    let accepted =
        http().get(daemon.url("/logs")).header("accept", "text/plain").send().await.expect("an answer");
    assert_eq!(accepted.headers()["content-type"], "text/plain; charset=utf-8");
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_make_no_sense_are_refused_by_name() {
    let daemon = idle().await;
    for (parameters, expected) in [
        (
            &[("colour", "red")][..],
            "there is no parameter 'colour'; the parameters are source, service, level,",
        ),
        (&[("limit", "1001")], "the parameter limit must be a whole number from 1 to 1000"),
        (&[("level", "loud")], "the parameter level is not one of trace, debug, info, warn, error"),
        (&[("since", "yesterday")], "the parameter since is not a time such as"),
        (&[("source", "loki")], "no Loki is configured; set logs.loki.url"),
        (&[("format", "xml")], "the parameter format is not one of text, json"),
        (&[("contains", "a"), ("contains", "b")], "the parameter contains is given twice"),
    ] {
        let (status, text) = daemon.get(&format!("/logs?{}", query(parameters))).await;
        let error: Value = serde_json::from_str(&text).expect("errors are JSON");
        assert_eq!((status, &error["errorType"]), (400, &json!("bad_data")), "{text}");
        assert!(error["error"].as_str().is_some_and(|sentence| sentence.contains(expected)), "{text}");
    }
}

/// A daemon that runs a talkative program for each alert, its Prometheus, and where the program is.
async fn talkative() -> (Daemon, FaultServer, TempDir) {
    let prometheus = FaultServer::start([Answer::new(200, FIRING)]).await;
    let script = "seq 1 400; printf 'disk \\033[31mfull\\033[0m \"quoted\"\\n'; exit 3";
    let config = format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n\
        \x20 - name: clear-cache\n\
        \x20   matchers: ['alertname=\"Down\"']\n\
        \x20   confirm_with: [prometheus]\n\
        \x20   target: {{label: instance, pattern: '[a-z]+'}}\n\
        \x20   steps: [{{command: {{argv: [PROGRAM]}}}}]\n",
        prometheus.url("")
    );
    let folder = TempDir::new().expect("a temporary folder");
    let program = folder.path().join("program");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("the folder can be written");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, executable).expect("it is ours");
    let daemon = Daemon::start(&config.replace("PROGRAM", &program.display().to_string())).await;
    (daemon, prometheus, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_action_printed_is_found_by_policy_target_level_and_text() {
    let (daemon, _prometheus, _folder) = talkative().await;
    let (status, text) = daemon.post("/webhook", message(&[alert("Down", "web", "firing", START)])).await;
    assert_eq!(status, 200, "{text}");
    wait_until(PATIENCE, "the end of the run", || async {
        messages(&daemon, "source=remediation&contains=the+run+ended").await.len() == 1
    })
    .await;
    for service in ["clear-cache", "web"] {
        let found =
            records(&daemon, &format!("source=remediation&service={service}&contains=DISK&level=error"))
                .await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["message"], "disk [31mfull[0m \"quoted\"");
        assert_eq!(
            (&found[0]["service"], &found[0]["fields"]["target"]),
            (&json!("clear-cache"), &json!("web"))
        );
    }
    assert!(messages(&daemon, "source=remediation&service=another").await.is_empty());
    let told = messages(&daemon, "source=remediation&limit=1000").await;
    assert_eq!(told.first().map(String::as_str), Some("the step is begun"));
    assert!(told[told.len() - 2].starts_with("failed: exit status 3"), "{:?}", told.last());
    let page = daemon.data("/logs?source=remediation&limit=3").await;
    assert_eq!(
        (page["records"].as_array().map(Vec::len), &page["truncated"]),
        (Some(3), &json!(true)),
        "{page}"
    );
    assert_eq!(page["records"][2]["message"], told.last().expect("something is told").as_str());
    let (_, text) = daemon.get("/logs?source=remediation&limit=2&format=text").await;
    assert!(text.starts_with("# Older records may match") && text.lines().count() == 3, "{text}");
}
