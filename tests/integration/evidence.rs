//! Whether what an alert rests on can be trusted: a real Prometheus with all of its samples, and one that lacks most of
//! the last minutes.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::{Daemon, PATIENCE, Prometheus, alert, http, message, wait_until};

const HOUR: u64 = 3600;
const INTERVAL: u64 = 15;
const RULES: &str =
    "groups: [{name: app, interval: 1s, rules: [{alert: Down, expr: vector(1), labels: {instance: web}}]}]";

/// Two targets since more than an hour ago, scraped so often in the last five minutes.
fn history(interval_of_late: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs();
    let mut text = String::from("# TYPE up gauge\n");
    for target in ["web", "db"] {
        let mut at = now - HOUR - 600;
        while at <= now {
            writeln!(text, "up{{instance=\"{target}\"}} 1 {at}").expect("memory");
            at += if at + 300 < now { INTERVAL } else { interval_of_late };
        }
    }
    text + "# EOF\n"
}

fn config(prometheus: &Prometheus) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 policies:\n\
        \x20 - name: restart\n\
        \x20   matchers: ['alertname=\"Down\"']\n\
        \x20   target: {{label: instance, pattern: '[a-z]+'}}\n\
        \x20   class: harmless\n\
        \x20   steps: [{{command: {{argv: [/bin/true]}}}}]\n",
        prometheus.process.url(""),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_where_samples_are_missing() {
    for (interval_of_late, expected) in [(INTERVAL, "act"), (4 * INTERVAL, "evidence_broken")] {
        let prometheus = Prometheus::start_with_history(
            "rule_files: [rules.yml]\n",
            &[("rules.yml", RULES)],
            &history(interval_of_late),
        )
        .await;
        wait_until(PATIENCE, "the alert in Prometheus", async || {
            let query = prometheus.process.url("/api/v1/query?query=ALERTS");
            let answer = http().get(query).send().await.expect("Prometheus answers");
            answer.text().await.expect("a body").contains("firing")
        })
        .await;
        let daemon = Daemon::start(&config(&prometheus)).await;
        let (status, text) =
            daemon.post("/webhook", message(&[alert("Down", "web", "firing", "2026-01-01T00:00:00Z")])).await;
        assert_eq!(status, 200, "{text}");
        let decision = async || -> Option<Value> {
            let alerts = daemon.data("/api/v1/alerts").await;
            alerts[0]["decisions"].as_array()?.last().cloned()
        };
        wait_until(PATIENCE, expected, async || {
            let Some(decision) = decision().await else { return false };
            decision["verdict"]["reason"].as_str().unwrap_or("act") == expected
        })
        .await;
        let text = decision().await.expect("it was there").to_string();
        assert!(text.contains(" % of the samples of an hour ago"), "{text}");
    }
}
