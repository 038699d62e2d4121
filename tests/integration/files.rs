//! The commands that write and read files, as programs: `export` from a real Prometheus, `score` of what it
//! wrote.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::support::{Prometheus, free_port};

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;
/// More than Prometheus answers at once.
const POINTS: i64 = 12_000;
/// The point of a spike.
const SPIKE: i64 = 11_000;

/// Two series, a sample every 15 s; one begins late.
fn history() -> String {
    let mut text = String::from("# TYPE app_load gauge\n");
    for (instance, begin) in [("a:1", 0), ("b/2", POINTS / 2)] {
        for point in begin..POINTS {
            let value = if point == SPIKE { 5000 } else { 100 + point * 7919 % 13 };
            writeln!(text, "app_load{{instance=\"{instance}\"}} {value} {}", START + 15 * point).unwrap();
        }
    }
    text + "# EOF\n"
}

fn run(arguments: &[&str], folder: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_smartcloudops");
    Command::new(program).args(arguments).current_dir(folder).output().expect("the program starts")
}

fn succeed(arguments: &[&str], folder: &Path) -> String {
    let output = run(arguments, folder);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What the program says when it fails with exit code 1.
fn fail(arguments: &[&str], folder: &Path) -> String {
    let output = run(arguments, folder);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
    text
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().display().to_string())
        .collect();
    names.sort();
    names
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn what_is_exported_from_a_real_prometheus_can_be_scored() {
    let server = Prometheus::start_with_history("{}", &[], &history()).await;
    let folder = TempDir::new().unwrap();
    let url = format!("--prometheus.url={}", server.process.url("/"));
    let end = (START + 15 * (POINTS - 1)).to_string();
    let range = ["--start=2026-01-01T00:00:00Z", "--end", end.as_str(), "--step=15s"];
    let export = |expr: &str, output: &str| {
        let arguments = ["export", expr, url.as_str(), "--output", output];
        succeed(&[arguments.as_slice(), range.as_slice()].concat(), folder.path())
    };

    export("app_load", "all");
    let files = names(&folder.path().join("all"));
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(files[0].starts_with("app_load_a_1-") && files[1].starts_with("app_load_b_2-"), "{files:?}");
    let index = read(&folder.path().join("all/index.csv"));
    let expected = format!("file,__name__,instance\n{},app_load,a:1\n{},app_load,b/2\n", files[0], files[1]);
    assert_eq!((files[2].as_str(), index), ("index.csv", expected));
    let first = read(&folder.path().join("all").join(&files[0]));
    let lines: Vec<&str> = first.lines().collect();
    assert_eq!(lines[..3], ["timestamp,value", "2026-01-01T00:00:00Z,100", "2026-01-01T00:00:15Z,102"]);
    assert_eq!(lines.len() as i64, POINTS + 1, "every point once, over all requests");

    let one = r#"app_load{instance="a:1"}"#;
    export(one, "one.csv");
    assert_eq!(read(&folder.path().join("one.csv")), first, "one series is one file");
    assert_eq!(export(one, "-"), first, "or goes to the standard output");
    assert_eq!(names(folder.path()), ["all", "one.csv"], "nothing else is left");

    succeed(&["score", "all", "scores", "--threads=2"], folder.path());
    assert_eq!(names(&folder.path().join("scores")), files[..2], "the index is no series");
    for file in &files[..2] {
        let scored = read(&folder.path().join("scores").join(file));
        let alarms: Vec<&str> = scored.lines().filter(|line| line.split(',').nth(6) == Some("1")).collect();
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        assert!(alarms[0].starts_with("2026-01-02T21:50:00Z,5000,"), "{alarms:?}");
    }
}

#[tokio::test]
async fn an_export_that_fails_says_why_and_leaves_nothing() {
    let server = Prometheus::start("{}", &[]).await;
    let folder = TempDir::new().unwrap();
    let url = format!("--prometheus.url={}", server.process.url("/"));
    let dead = format!("--prometheus.url=http://127.0.0.1:{}", free_port());
    for (arguments, expected) in [
        (["export", "vector(", &url, "--start=-1h", "--step=1m"], "the server refuses the request"),
        (["export", "no_such_metric", &url, "--start=-1h", "--step=1m"], "no samples in this range"),
        (["export", "vector(1)", &url, "--start=2200-01-01", "--step=1m"], "swap them"),
        (["export", "vector(1)", &url, "--start=2000-01-01", "--step=1ms"], "too many points"),
        (["export", "vector(1)", &dead, "--start=-1h", "--step=1m"], "cannot be reached"),
    ] {
        let text = fail(&[arguments.as_slice(), &["--output=out.csv"]].concat(), folder.path());
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert_eq!(names(folder.path()), [] as [&str; 0], "{arguments:?}");
    }
}

#[tokio::test]
async fn an_interrupted_export_leaves_nothing() {
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let folder = TempDir::new().unwrap();
    let url = format!("--prometheus.url=http://{}", silent.local_addr().unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_smartcloudops"));
    command.args(["export", "up", &url, "--output=out.csv"]).current_dir(folder.path());
    let export = command.stderr(Stdio::piped()).spawn().expect("the program starts");
    silent.accept().unwrap();
    assert_eq!(names(folder.path()).len(), 1, "what is under way stands beside its place");
    kill_process(Pid::from_child(&export), Signal::INT).unwrap();
    let output = export.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("interrupted; nothing is written"), "{text}");
    assert_eq!(names(folder.path()), [] as [&str; 0]);
}

#[test]
fn a_bad_file_is_named_and_fails_the_run_but_not_the_others() {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    for (name, text) in [
        ("good.csv", "Date,cpu\n2014-02-14 14:27:00,1\n2014-02-14 14:28:00,\n"),
        ("bad.csv", "timestamp,value\n2014-02-14 14:27:00,1\nyesterday,2\n"),
        ("labels.json", "{}"),
    ] {
        std::fs::write(folder.path().join("in").join(name), text).unwrap();
    }
    let text = fail(&["score", "in", "out"], folder.path());
    assert!(text.contains("in/bad.csv:3:") && text.contains("yesterday"), "{text}");
    assert_eq!(names(&folder.path().join("out")), ["good.csv"]);
    let scored = read(&folder.path().join("out/good.csv"));
    let lines: Vec<&str> = scored.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with("2014-02-14 14:27:00,1,1,-Inf,+Inf,0,0,"), "{scored}");
    assert!(lines[2].starts_with("2014-02-14 14:28:00,,1,-Inf,+Inf,0,0,"), "{scored}");
    let text = fail(&["score", "in", "in"], folder.path());
    assert!(text.contains("hold each other"), "{text}");
}
