//! `smartcloudops evaluate` against the same figures in Python (`tools/quality`), on seeded labelled sets in
//! both layouts: every figure of one has its counterpart in the other.

mod figures;
mod made;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use figures::compare;
use made::Layout;

/// The binary's report on a made set, after it was held against Python's.
fn agreed(layout: Layout, flags: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder for the set");
    let (scores, labels) = made::write(folder.path(), layout);
    let run = |program: &Path, script: &[&str]| -> Value {
        let mut command = Command::new(program);
        let output = command.args(script).args([&scores, &labels]).args(flags).output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let trouble = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{}: {trouble}\nits packages: make .venv/bin/.ready",
            program.display()
        );
        serde_json::from_slice(&output.stdout).expect("a report is JSON")
    };
    let script = format!("{}/tools/quality/score.py", env!("CARGO_MANIFEST_DIR"));
    let ours = run(Path::new(env!("CARGO_BIN_EXE_smartcloudops")), &["evaluate", "--format", "json"]);
    compare(&run(&python(), &[&script]), &ours);
    ours
}

#[test]
fn both_agree_on_windows_and_scores() {
    let report = agreed(Layout::Windows, &[]);
    // What the set must hold, so that the agreement means something.
    assert!(report["at_1"]["detected"].as_u64() > Some(0));
    assert!(report["at_1"]["false_runs"].as_u64() < report["at_1"]["false_notifications"].as_u64());
    assert_ne!(report["nab"]["standard_threshold"], 1.0);
}

#[test]
fn both_agree_on_windows_and_scores_of_another_scale() {
    agreed(Layout::Windows, &["--alarm-at", "0.7"]);
}

#[test]
fn both_agree_on_labels_by_row_and_alarms() {
    let report = agreed(Layout::Rows, &["--alarms"]);
    assert!(report["at_1"]["detected"].as_u64() > Some(0));
}

/// The project's own, or the one that is on the path.
fn python() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    if own.is_file() { own } else { PathBuf::from("python3") }
}
