//! `replay` against a real Prometheus that remembers alerts.

use std::fmt::Write;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Prometheus, free_port};

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;
const MINUTE: i64 = 60;

/// Three members of a group. `web1` is down twice, an hour apart, and recovers by itself; `web2` has an alert and is
/// healthy, while `web3` is down; another alert has no policy.
fn history() -> String {
    let firing = |instance: &str, minute: i64| match instance {
        "web1:80" => (10..20).contains(&minute) || (70..80).contains(&minute),
        "web2:80" => (120..130).contains(&minute),
        _ => false,
    };
    let down = |instance: &str, minute: i64| match instance {
        "web1:80" => firing(instance, minute),
        "web3:80" => (110..140).contains(&minute),
        _ => false,
    };
    let mut text = String::from("# TYPE ALERTS gauge\n");
    for minute in 0..180 {
        let at = START + minute * MINUTE;
        for instance in ["web1:80", "web2:80"].into_iter().filter(|instance| firing(instance, minute)) {
            writeln!(
                text,
                "ALERTS{{alertname=\"AppDown\",alertstate=\"firing\",instance=\"{instance}\"}} 1 {at}"
            )
            .unwrap();
        }
        if (30..33).contains(&minute) {
            writeln!(text, "ALERTS{{alertname=\"Other\",alertstate=\"firing\"}} 1 {at}").unwrap();
        }
    }
    text.push_str("# TYPE up gauge\n");
    for minute in 0..180 {
        for instance in ["web1:80", "web2:80", "web3:80"] {
            let up = u8::from(!down(instance, minute));
            writeln!(text, "up{{job=\"app\",instance=\"{instance}\"}} {up} {}", START + minute * MINUTE)
                .unwrap();
        }
    }
    text + "# EOF\n"
}

const CONFIG: &str = "\
presets: []
remediation:
  policies:
    - name: restart
      matchers: ['alertname=\"AppDown\"']
      target: {label: instance, pattern: 'web\\d:80'}
      limits: {per_target: 1/2h}
      group: {members: 'up{job=\"app\"}', healthy: 'up{job=\"app\"} == 1', keep: 2}
      steps:
        - command: {argv: [/bin/restart, '{{ target }}']}
          verify: {expr: 'up{instance=\"{{ target }}\"} == 1', within: 3m}
        - command: {argv: [/bin/reboot, '{{ target }}']}
          verify: {expr: 'up{instance=\"{{ target }}\"} == 1', within: 20m}
";

fn replay(folder: &TempDir, url: &str, more: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_smartcloudops"))
        .args(["replay", "--config.file=config.yml", "--prometheus.url", url])
        .arg(format!("--start={START}"))
        .arg(format!("--end={}", START + 179 * MINUTE))
        .args(more)
        .current_dir(folder.path())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[tokio::test]
async fn todays_policies_are_told_over_past_alerts() {
    let prometheus = Prometheus::start_with_history("scrape_configs: []\n", &[], &history()).await;
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(folder.path().join("config.yml"), CONFIG).expect("a file");
    let url = prometheus.process.url("");
    let json = replay(&folder, &url, &["--output=json"]);
    assert_eq!(json, replay(&folder, &url, &["--output=json"]), "the same past, the same account");
    let account: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(account["alerts"], 4);
    let runs = account["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 1, "{json}");
    assert_eq!(runs[0]["plan"]["key"]["target"], "web1:80");
    assert_eq!(runs[0]["acted_at"].as_array().map(Vec::len), Some(2), "it did not come back in 3 minutes");
    assert_eq!(runs[0]["ended"][1], "helped", "it came back by itself");
    let held = &account["policies"]["restart"]["held"];
    assert!(held["cooldown"].as_u64() >= Some(1) && held["blast_radius"].as_u64() >= Some(1), "{held}");
    let text = replay(&folder, &url, &[]);
    for expected in ["restart on web1:80: command, command", "(no policy)", "no_policy", "blast_radius"] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn a_replay_that_cannot_be_says_why() {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(folder.path().join("config.yml"), "presets: []\n").expect("a file");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let run = || {
        let output = Command::new(env!("CARGO_BIN_EXE_smartcloudops"))
            .args(["replay", "--config.file=config.yml", "--prometheus.url", &nobody])
            .current_dir(folder.path())
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("text")
    };
    assert!(run().contains("there is no policy to replay"));
    std::fs::write(
        folder.path().join("config.yml"),
        CONFIG.replace("presets", "prometheus: {retries: 0}\npresets"),
    )
    .expect("a file");
    assert!(run().contains("the alerts of the range cannot be read"));
}
