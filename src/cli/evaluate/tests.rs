//! The files of the command: which are read how, and what is said about bad ones.

use std::fs;
use std::path::Path;

use super::*;

/// 40 rows an hour apart; the event is rows 20 to 24.
fn rows(columns: &str, row: impl Fn(usize) -> String) -> String {
    let time = |row: usize| format!("2024-01-{:02} {:02}:00:00", row / 24 + 1, row % 24);
    let lines: String = (0..40).map(|index| format!("{},{}\n", time(index), row(index))).collect();
    format!("{columns}\n{lines}")
}

fn labelled() -> String {
    rows("Time,Value,Label", |row| format!("{row},{}", u8::from((20..25).contains(&row))))
}

fn scored() -> String {
    let line = |row: usize| format!("{row},{},{}", if row >= 30 { 2.0 } else { 0.1 }, u8::from(row == 22));
    rows("timestamp,value,anomaly_score,alarm", line)
}

fn unlabelled() -> String {
    rows("timestamp,value", |row| row.to_string())
}

const WINDOWS: &str = r#"{"a/x.csv": [["2024-01-01 20:00:00.000000", "2024-01-02 00:00:00.000000"]]}"#;

/// Judges the files with the flags, which may name `F` for their folder.
fn judged(files: &[(&str, &str)], flags: &str) -> Result<Report, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
    }
    let prefix = folder.path().display().to_string();
    let line = format!("smartcloudops evaluate {}", flags.replace("F/", &format!("{prefix}/")));
    let Some(Command::Evaluate(arguments)) = parsed(&line) else { panic!("not evaluate") };
    report(&arguments).map_err(|error| format!("{error:#}").replace(&format!("{prefix}/"), ""))
}

use super::super::arguments::Command;
use super::super::arguments::tests::parsed;

fn found(report: Result<Report, String>) -> (usize, usize, usize) {
    let report = report.unwrap();
    (report.scored_events, report.at_1.detected, report.at_1.false_runs)
}

#[test]
fn every_layout_of_labels_is_known_by_its_content() {
    let (scores, labels, data) = (scored(), labelled(), unlabelled());
    let scores = ("s/a/x.csv", scores.as_str());
    let expected = (1, 0, 1);
    assert_eq!(found(judged(&[scores, ("l/a/x.csv", &labels)], "F/s F/l")), expected, "labels by row");
    let nab = [scores, ("l/labels/combined_windows.json", WINDOWS), ("l/data/a/x.csv", &data)];
    assert_eq!(found(judged(&nab, "F/s F/l")), expected, "Numenta's folder");
    assert_eq!(found(judged(&[scores, ("w.json", WINDOWS)], "F/s F/w.json")), expected, "windows alone");
}

#[test]
fn alarms_are_the_column_or_the_score_at_a_line() {
    let (scores, labels) = (scored(), labelled());
    let files = [("s/x.csv", scores.as_str()), ("l/x.csv", labels.as_str())];
    assert_eq!(found(judged(&files, "F/s F/l")), (1, 0, 1));
    assert_eq!(found(judged(&files, "F/s F/l --alarm-at 2.1")), (1, 0, 0));
    assert_eq!(found(judged(&files, "F/s F/l --alarms")), (1, 1, 0));
}

#[test]
fn the_benchmark_s_own_result_files_are_found() {
    let (scores, labels) = (scored(), labelled());
    let files = [("numenta/a/numenta_x.csv", scores.as_str()), ("l/a/x.csv", labels.as_str())];
    assert_eq!(found(judged(&files, "F/numenta F/l")), (1, 0, 1));
}

#[test]
fn faults_name_the_file_and_the_line() {
    let (scores, labels) = (scored(), labelled());
    let (scores, labels) = (scores.as_str(), labels.as_str());
    let check = |files: &[(&str, &str)], flags: &str, expected: &str| {
        let error = judged(files, flags).unwrap_err();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    };
    let with = |scores: &str, labels: &str, expected: &str| {
        check(&[("s/x.csv", scores), ("l/x.csv", labels)], "F/s F/l", expected);
    };
    with(scores, &labels.replace("00:00,7,0", "00:00,7,2"), "l/x.csv:9: the label '2' is neither 0 nor 1");
    with(scores, &labels.replace("00:00,7,0", "00:00,seven,0"), "l/x.csv:9: 'seven' is not a number");
    with(scores, &labels.replace("00:00,7,0", "00:00"), "l/x.csv:9: has 1 fields where the header has 3");
    with(scores, "Time,Value\n", "l/x.csv:1: has 2 columns; a time, a value and a label are expected");
    with(scores, "", "l/x.csv: is empty; ");
    with(
        &scores.replace("anomaly_", "anomalous_"),
        labels,
        "s/x.csv:1: has no column anomaly_score or score",
    );
    with(&scores.replace("07:00:00", "7 am"), labels, "s/x.csv:9: '2024-01-01 7 am' is not a time");
    with(&scores.replace("07:00:00", "07:00:30"), labels, "s/x.csv:9: its time is 30 s from");
    let shorter = scores.trim_end().rsplit_once('\n').unwrap().0;
    with(shorter, labels, "s/x.csv: 39 scores for 40 rows");
    check(&[("l/x.csv", labels)], "F/s F/l", "s/x.csv: cannot be read: ");
    check(&[("s/x.csv", scores)], "F/s F/l", "l: cannot be read: ");
    check(&[("l/x.txt", "")], "F/s F/l", "l: holds no labelled series");
    check(&[("w.json", "{\n\"a\": 5}")], "F/s F/w.json", "w.json:2: is not a list of windows by series: ");
    let outside = r#"{"x.csv": [["2023-01-01 20:00:00", "2023-01-02 00:00:00"]]}"#;
    check(
        &[("w.json", outside), ("s/x.csv", scores)],
        "F/s F/w.json",
        "w.json: x.csv: window 1 holds no row",
    );
    with(&scores.replace("7,0.1,", "7,high,"), labels, "s/x.csv:9: 'high' is not a number");
    check(&[], "F/s F/l --alarm-at NaN", "--alarm-at NaN: a number above 0 is expected");
}

#[test]
fn the_text_names_every_f1_and_the_json_holds_every_series() {
    let (scores, labels) = (scored(), labelled());
    let report = judged(&[("s/x.csv", &scores), ("l/x.csv", &labels)], "F/s F/l").unwrap();
    let text = Text { report: &report, per_series: true }.to_string();
    for name in
        ["hard event F1", "event F1", "composite Fc1", "point F1", "point-adjusted F1", "inflated", "x.csv"]
    {
        assert!(text.contains(name), "{name}\n{text}");
    }
    assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["per_series"][0]["name"], "x.csv");
    assert_eq!(json["at_1"]["false_runs"], 1);
}

/// Calm noise of 400 rows of 15 minutes.
fn noise() -> String {
    let mut random = fastrand::Rng::with_seed(1);
    let lines: String = (0..400).map(|row| format!("{},{}\n", row * 900, 100.0 + random.f64())).collect();
    format!("timestamp,value\n{lines}")
}

/// The table of injected faults as JSON, and as text.
fn injected(folder: &Path) -> (serde_json::Value, String) {
    let table = inject::table(folder, "1 per 30d".parse().unwrap(), 1).unwrap();
    (serde_json::to_value(&table).unwrap(), table.to_string())
}

#[test]
fn large_faults_are_found_and_the_table_holds_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), noise()).unwrap();
    fs::write(folder.path().join("short.csv"), "timestamp,value\n0,1\n300,2\n").unwrap();
    fs::write(folder.path().join("index.csv"), "file,query\na.csv,up\n").unwrap();
    let (json, text) = injected(folder.path());
    assert_eq!((&json["series"], &json["too_short"]), (&1.into(), &1.into()));
    let faults = json["faults"].as_array().unwrap();
    for (kind, size) in [
        ("level_shift", 8.0.into()),
        ("zero", serde_json::Value::Null),
        ("vanishing", serde_json::Value::Null),
    ] {
        let line = faults.iter().find(|line| line["kind"] == kind && line["size"] == size).unwrap();
        assert_eq!((&line["injected"], &line["at_1"]["detected"]), (&3.into(), &3.into()), "{kind}");
        assert_eq!(line["per_series"][0]["name"], "a.csv");
    }
    for kind in crate::detect::evaluation::injection::Kind::ALL {
        assert!(text.contains(kind.name()), "{text}");
    }
    let nowhere = folder.path().join("nowhere");
    let error = inject::table(&nowhere, "1 per 30d".parse().unwrap(), 1).unwrap_err();
    assert!(format!("{error:#}").contains("nowhere: cannot be read: "), "{error:#}");
}

#[test]
fn of_a_benchmark_the_longest_part_without_a_label_is_healthy() {
    let folder = tempfile::tempdir().unwrap();
    let (data, labels) = (folder.path().join("data"), folder.path().join("labels"));
    for place in [&data, &labels] {
        fs::create_dir(place).unwrap();
    }
    fs::write(data.join("a.csv"), noise()).unwrap();
    let windows = r#"{"a.csv": [["1970-01-01 08:00:00", "1970-01-01 09:00:00"]]}"#;
    fs::write(labels.join("combined_windows.json"), windows).unwrap();
    let recorded = inject::recorded(folder.path()).unwrap();
    let [(name, rows)] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((name.as_str(), rows.len(), rows[0].0), ("a.csv", 363, 37 * 900));
}
