//! `train` against a real Prometheus and a real S3 server, and the daemon that begins with what was trained.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use crate::support::{Daemon, Moto, PATIENCE, Prometheus, free_port, wait_until};

const INTERVAL: u64 = 15;
/// Both series together, by either model of groups.
const GROUPS: &str = "models:
  - {name: load_pair, type: pca, queries: [load_auto], group_by: []}
  - {name: load_forest, type: isolation_forest, queries: [load_auto], group_by: []}
";
/// Two series by each of three models, and two groups.
const SCORES: usize = 8;
const SECRET: &str = "hunter2hunter2hunter2";

/// Two series of three hours until now, with a wave; whoever reads four hours a little later reads the same.
fn history() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / INTERVAL * INTERVAL;
    let mut text = String::from("# TYPE app_load gauge\n");
    for (instance, level) in [("a:1", 100), ("b/2", 5000)] {
        for point in 0..720 {
            let value = level + point * 7919 % 13 + 20 * (point / 60 % 2);
            writeln!(text, "app_load{{instance=\"{instance}\"}} {value} {}", now - INTERVAL * (719 - point))
                .unwrap();
        }
    }
    text + "# EOF\n"
}

fn config(prometheus: &Prometheus, more: &str) -> String {
    let queries = ["auto", "seasonal", "prophet"]
        .map(|model| format!("  - {{name: load_{model}, expr: app_load, model: {model}}}\n"))
        .concat();
    format!(
        "prometheus: {{url: '{}'}}\nscoring: {{interval: {INTERVAL}s, history: 4h}}\npresets: []\nqueries:\n{queries}{GROUPS}{more}",
        prometheus.process.url("")
    )
}

/// An environment in which S3 is there and nothing else of AWS is.
fn environment(endpoint: &str, with_key: bool) -> Vec<(&'static str, String)> {
    let key = [("AWS_ACCESS_KEY_ID", "AKIATEST".to_owned()), ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned())];
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let fixed = [("AWS_ENDPOINT_URL", endpoint.to_owned()), ("AWS_METADATA_ENDPOINT", nobody)];
    fixed.into_iter().chain(key.into_iter().filter(|_| with_key)).collect()
}

fn train(config: &str, to: &str, environment: &[(&'static str, String)]) -> Output {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("a.yml"), config).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_smartcloudops"));
    program.args(["train", "--config.file=a.yml", &format!("--to={to}")]).current_dir(folder.path());
    program.env_clear().envs(environment.iter().cloned()).output().expect("the program starts")
}

fn told(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!text.contains(SECRET), "{text}");
    text
}

/// What `/metrics` says of every series, to the last digit; nothing before it is there.
async fn scores(daemon: &Daemon) -> BTreeMap<String, String> {
    let (_, page) = daemon.get("/metrics").await;
    let lines = page.lines().filter(|line| line.starts_with("anomaly_") && line.contains("load_"));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn score_lines(scores: &BTreeMap<String, String>) -> usize {
    scores.keys().filter(|name| name.starts_with("anomaly_score{")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_with_trained_models_scores_at_once_what_one_that_read_the_history_does() {
    let moto = Moto::start().await;
    moto.make_bucket("trained").await;
    let prometheus = Prometheus::start_with_history("", &[], &history()).await;
    let environment = environment(&moto.url(), true);
    let output = train(&config(&prometheus, ""), "s3://trained/a/b", &environment);
    assert!(output.status.success(), "{}", told(&output));
    let manifest: serde_json::Value =
        serde_json::from_slice(&moto.object("trained/a/b/manifest.json").await).unwrap();
    let told_of = |field| {
        manifest["models"].as_array().unwrap().iter().map(|model| model[field].clone()).collect::<Vec<_>>()
    };
    assert_eq!(told_of("model"), ["auto", "seasonal", "prophet", "pca", "isolation_forest"]);
    assert_eq!(told_of("series"), [2, 2, 2, 1, 1]);

    let with = config(&prometheus, "snapshots: {models_from: 's3://trained/a/b'}\n");
    let trained = Daemon::start_in(environment.clone(), &with).await;
    assert_eq!(score_lines(&scores(&trained).await), SCORES, "{}", trained.log());
    assert!(trained.log().contains("trained models taken up"), "{}", trained.log());
    assert!(!trained.log().contains("reading the history"), "{}", trained.log());

    let plain = Daemon::start_in(environment, &config(&prometheus, "")).await;
    wait_until(PATIENCE, "both daemons' scores of one moment to be the same", || async {
        let (one, other) = (scores(&trained).await, scores(&plain).await);
        score_lines(&one) == SCORES && one == other
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_serves_as_s3_does() {
    let prometheus = Prometheus::start_with_history("", &[], &history()).await;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("models").display().to_string();
    let output = train(&config(&prometheus, ""), &path, &[]);
    assert!(output.status.success(), "{}", told(&output));
    let with = config(&prometheus, &format!("snapshots: {{models_from: '{path}'}}\n"));
    let daemon = Daemon::start_in(Vec::new(), &with).await;
    assert_eq!(score_lines(&scores(&daemon).await), SCORES, "{}", daemon.log());
    assert!(!daemon.log().contains("reading the history"), "{}", daemon.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_models_are_named_and_the_history_is_read_instead() {
    let moto = Moto::start().await;
    moto.make_bucket("trained").await;
    let prometheus = Prometheus::start_with_history("", &[], &history()).await;
    let environment = environment(&moto.url(), true);
    let output = train(&config(&prometheus, ""), "s3://trained", &environment);
    assert!(output.status.success(), "{}", told(&output));
    let manifest: serde_json::Value =
        serde_json::from_slice(&moto.object("trained/manifest.json").await).unwrap();
    let name = manifest["models"][1]["object"].as_str().unwrap();
    let mut content = moto.object(&format!("trained/{name}")).await;
    let middle = content.len() / 2;
    content[middle] ^= 1;
    moto.put_object(&format!("trained/{name}"), content).await;

    let with = config(&prometheus, "snapshots: {models_from: 's3://trained'}\n");
    let daemon = Daemon::start_in(environment, &with).await;
    let named = format!("s3://trained/{name} is damaged");
    assert!(daemon.log().contains(&named), "{}", daemon.log());
    assert!(daemon.log().contains("train the models again"), "{}", daemon.log());
    wait_until(PATIENCE, "the history of the query whose model is damaged", || async {
        score_lines(&scores(&daemon).await) == SCORES
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_from_training_is_said_and_nothing_is_stored() {
    let moto = Moto::start().await;
    moto.make_bucket("trained").await;
    let prometheus = Prometheus::start_with_history("", &[], &history()).await;
    let good = config(&prometheus, "");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    for (config, to, environment, expected) in [
        (&good, "s3://elsewhere/a", environment(&moto.url(), true), "s3://elsewhere/a"),
        (&good, "s3://trained/a", environment(&nobody, true), "s3://trained/a/manifest.json cannot be read"),
        (&good, "s3://trained/a", environment(&moto.url(), false), "check the address, the credentials"),
        (
            &good.replace("expr: app_load", "expr: app_load +"),
            "s3://trained/a",
            environment(&moto.url(), true),
            "load_auto cannot be read",
        ),
        (
            &good.replace("app_load", "app_mass"),
            "s3://trained/a",
            environment(&moto.url(), true),
            "no query has a series",
        ),
    ] {
        let output = train(config, to, &environment);
        let text = told(&output);
        assert_eq!(output.status.code(), Some(1), "{expected}: {text}");
        assert!(text.contains(expected), "{expected}: {text}");
    }
}
