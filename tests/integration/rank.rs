//! `smartcloudops rank` over a small folder in the form of the PetShop benchmark, written here: its figures, and
//! what it says of files that are wrong.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Caller first. Nothing is known of `lb`.
const GRAPH: &str =
    ",web,lb,pay,db,mail\nweb,0,1,0,0,1\nlb,0,0,1,0,0\npay,0,0,0,1,0\ndb,0,0,0,0,0\nmail,0,0,0,0,0\n";
const NODES: [&str; 4] = ["web", "pay", "db", "mail"];
const HEADER: &str = "microservice,web,pay,db,mail,web,pay,db,mail,web,pay,db,mail\n\
    metric,latency,latency,latency,latency,availability,availability,availability,availability,requests,requests,requests,requests\n\
    statistic,Average,Average,Average,Average,Average,Average,Average,Average,Sum,Sum,Sum,Sum\n\
    unix_timestamp,,,,,,,,,,,,\n";

/// Rows of metrics: latencies that `slow` adds to, and shares that fail, from the third row on.
fn metrics(rows: usize, slow: [f64; 4], failing: [f64; 4]) -> String {
    let mut text = HEADER.to_owned();
    for row in 0..rows {
        let after = if (2..4).contains(&row) { 1.0 } else { 0.0 };
        write!(text, "{}.0", 1_700_000_000 + 300 * row).unwrap();
        for slow in slow {
            write!(text, ",{}", 0.1 + 0.001 * ((row * 7) % 10) as f64 + after * slow).unwrap();
        }
        for failing in failing {
            write!(text, ",{}", 100.0 - 100.0 * after * failing).unwrap();
        }
        text.push_str(",400,100,200,20\n");
    }
    text
}

fn issue(folder: &Path, metric: &str, cause: &str, metrics: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("metrics.csv"), metrics).unwrap();
    let target = format!(
        "{{\"target\": {{\"node\": \"web\", \"metric\": \"{metric}\", \"agg\": \"Average\", \"timestamp\": 1}},\n\
         \"root_cause\": {{\"node\": \"{cause}\", \"metric\": null}}}}"
    );
    fs::write(folder.join("target.json"), target).unwrap();
}

fn scenario(folder: &Path) {
    fs::create_dir_all(folder.join("noissue")).unwrap();
    fs::write(folder.join("graph.csv"), GRAPH).unwrap();
    let calm = [0.0; NODES.len()];
    fs::write(folder.join("noissue/metrics.csv"), metrics(60, calm, calm)).unwrap();
    let slow = metrics(5, [0.1, 0.4, 0.2, 0.0], calm);
    issue(&folder.join("train/issue_0"), "latency", "db", &slow);
    issue(&folder.join("test/issue_0"), "availability", "pay", &metrics(5, calm, [0.02, 0.08, 0.0, 0.1]));
    // The cause that the file names is not the one that the numbers show.
    issue(&folder.join("test/issue_1"), "latency", "mail", &slow);
}

fn rank(folder: &Path, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smartcloudops"));
    command.arg("rank").arg(folder).args(flags).output().expect("the binary runs")
}

fn report(folder: &Path, flags: &[&str]) -> Value {
    let output = rank(folder, &[flags, &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a report is JSON")
}

#[test]
fn each_scenario_target_and_split_has_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    scenario(&folder.path().join("one"));
    scenario(&folder.path().join("two"));
    let report = report(folder.path(), &[]);
    let line = |scenario: Value, target: Value, split: Value| {
        let lines = report["lines"].as_array().unwrap();
        let fits = |line: &&Value| {
            (&line["scenario"], &line["target"], &line["split"]) == (&scenario, &target, &split)
        };
        let line = lines.iter().find(fits).unwrap();
        (line["issues"].as_u64().unwrap(), line["top_1"].as_f64().unwrap(), line["specificity"].as_f64())
    };
    let null = || Value::Null;
    assert_eq!(line("one".into(), "latency".into(), "train".into()), (1, 1.0, None));
    assert_eq!(line("one".into(), "latency".into(), "test".into()), (1, 0.0, None));
    assert_eq!(line("two".into(), "availability".into(), null()), (1, 1.0, Some(1.0)));
    assert_eq!(line(null(), null(), null()), (6, 4.0 / 6.0, Some(1.0)));
    let first = &report["issues"][0];
    assert_eq!((&first["cause"], &first["first"][0][0]), (&"db".into(), &"db".into()));
}

#[test]
fn the_text_has_the_same_figures_and_each_issue_if_asked() {
    let folder = tempfile::tempdir().unwrap();
    scenario(folder.path());
    let text = String::from_utf8(rank(folder.path(), &["--per-issue"]).stdout).unwrap();
    assert!(text.starts_with("scenario"), "{text}");
    let both = text.lines().find(|line| line.contains("  both          both ")).unwrap();
    assert!(both.contains("3  0.667  0.667  0.000        1.000"), "{text}");
    assert!(text.contains("/test/issue_1, latency: mail, top-1 0.000"), "{text}");
}

#[test]
fn the_baseline_ties_where_nothing_ever_failed() {
    let folder = tempfile::tempdir().unwrap();
    scenario(folder.path());
    let report = report(folder.path(), &["--method", "traversal"]);
    let availability =
        report["issues"].as_array().unwrap().iter().find(|issue| issue["target"] == "availability");
    // Without series of the balancer no way leads to what lies behind it.
    assert_eq!(availability.unwrap()["first"][0][0], "mail");
}

#[test]
fn what_is_left_out_changes_the_question_and_not_the_files() {
    let folder = tempfile::tempdir().unwrap();
    scenario(folder.path());
    for without in [
        &["--without", "graph"][..],
        &["--without", "requests"],
        &["--without", "graph", "--without", "requests"],
    ] {
        let report = report(folder.path(), without);
        assert!(report["issues"][0]["suspects"].as_u64() > Some(0), "{without:?}");
    }
}

#[test]
fn what_is_wrong_is_named_by_file_and_line() {
    for (file, from, to, expected) in [
        ("graph.csv", "\npay,0,0,0,1", "\npay,0,0,0,yes", "graph.csv:4: 'yes' under 'db' is neither 0 nor 1"),
        ("graph.csv", "\npay,", "\npey,", "graph.csv:4: the node 'pey' has a line and no column"),
        ("noissue/metrics.csv", ",400,", ",many,", "metrics.csv:5: 'many' is not a number"),
        ("noissue/metrics.csv", "metric,", "metrics,", "metrics.csv:2: begins with 'metrics' where 'metric'"),
        (
            "train/issue_0/metrics.csv",
            "1700000600",
            "1700000000",
            "metrics.csv:7: the time is missing or not after",
        ),
        ("train/issue_0/target.json", "root_cause", "cause", "target.json:2: says no target and cause"),
        ("train/issue_0/target.json", "\"web\"", "\"wed\"", "the target 'wed' has no series of latency"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        scenario(folder.path());
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let output = rank(folder.path(), &[]);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && message.contains(expected), "{expected}\n{message}");
    }
    let empty = tempfile::tempdir().unwrap();
    let message = String::from_utf8(rank(empty.path(), &[]).stderr).unwrap();
    assert!(message.contains("neither it nor a folder in it has a graph.csv"), "{message}");
}
