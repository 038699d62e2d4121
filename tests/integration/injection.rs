//! What an attacker may put into a label, sent to the webhook of a daemon that runs programs: each value is one
//! argument of the program, or the refusal has a name.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Answer, Daemon, FaultServer, PATIENCE, message, wait_until};

/// Each value, and whether the program may see it.
const VALUES: [(&str, bool); 20] = [
    ("; echo injected", true),
    ("$(echo injected)", true),
    ("`echo injected`", true),
    ("'; echo injected; '", true),
    ("a b\tc", false),
    ("* ~ $PATH ${LD_PRELOAD}", true),
    ("{{ 7*7 }}", true),
    ("{% raw %}", true),
    ("${jndi:ldap://evil/a}", true),
    ("%s%n", true),
    ("\"} or vector(1) #", true),
    ("\u{440}\u{430}y\u{440}\u{430}l", true),
    ("\u{ff0d}\u{ff0d}force", true),
    ("LD_PRELOAD=/evil.so", true),
    ("--force", false),
    ("-c", false),
    ("a\nb", false),
    ("a\0b", false),
    ("web\u{202e}bew", false),
    ("", true),
];
const ENVIRONMENT: &str = "LANG=C.UTF-8\0PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\0";

fn instance(number: usize) -> String {
    format!("host-{number}")
}

/// Prometheus, who knows the alert of every target as firing and evaluates everything else to 1.
async fn prometheus() -> FaultServer {
    let series = |number| {
        let labels = json!({"alertname": "Down", "instance": instance(number), "alertstate": "firing"});
        json!({"metric": labels, "value": [1, "1"]})
    };
    let result: Vec<Value> = (0..=VALUES.len()).map(series).collect();
    let body = json!({"status": "success", "data": {"resultType": "vector", "result": result}});
    FaultServer::start([Answer::new(200, body.to_string())]).await
}

/// A program that leaves its arguments and its environment under the name of its first argument.
fn program(folder: &Path) -> String {
    let file = folder.join("record");
    let place = folder.display();
    let script = format!(
        "#!/bin/sh\ncat /proc/$$/environ > {place}/$1.environ\ncat /proc/$$/cmdline > {place}/$1.part\nmv {place}/$1.part {place}/$1.argv\n"
    );
    fs::write(&file, script).expect("the folder can be written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    file.display().to_string()
}

fn config(prometheus: &FaultServer, program: &str) -> String {
    format!(
        "prometheus: {{url: '{}', retries: 0}}\n\
         presets: []\n\
         remediation:\n\
        \x20 mode: enforce\n\
        \x20 startup_grace: 0s\n\
        \x20 storm: {{total: 1000/1m, per_alert: 1000/1m}}\n\
        \x20 limits: {{total: 1000/1h}}\n\
        \x20 policies:\n\
        \x20 - name: record\n\
        \x20   matchers: ['alertname=\"Down\"']\n\
        \x20   target: {{label: instance, pattern: 'host-\\d+'}}\n\
        \x20   class: harmless\n\
        \x20   breaker: 1000/1h\n\
        \x20   conditions: ['up{{evil=\"{{{{ labels.evil }}}}\"}} == 1']\n\
        \x20   steps: [{{command: {{argv: [{program}, '{{{{ target }}}}', '{{{{ labels.evil }}}}', last]}}}}]\n",
        prometheus.url(""),
    )
}

fn alert(number: usize, evil: &str) -> Value {
    json!({
        "status": "firing",
        "labels": {"alertname": "Down", "instance": instance(number), "evil": evil},
        "annotations": {"summary": evil},
        "startsAt": "2026-01-01T00:00:00Z",
    })
}

/// By target: the last word about its alert.
async fn last_words(daemon: &Daemon) -> BTreeMap<String, String> {
    let alerts = daemon.data("/api/v1/alerts").await;
    let word = |alert: &Value| {
        let last = alert["decisions"].as_array()?.last()?.clone();
        let word = last["verdict"]["reason"].as_str().unwrap_or("act").to_owned();
        Some((alert["alert"]["labels"]["instance"].as_str()?.to_owned(), word))
    };
    alerts.as_array().into_iter().flatten().filter_map(word).collect()
}

/// The arguments behind the interpreter and the script's name.
fn arguments(folder: &Path, number: usize) -> Vec<String> {
    let line = fs::read_to_string(folder.join(format!("{}.argv", instance(number)))).unwrap_or_default();
    line.split_terminator('\0').skip(2).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_is_one_argument_of_a_program_or_refused_by_name() {
    let prometheus = prometheus().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let daemon = Daemon::start(&config(&prometheus, &program(folder.path()))).await;
    let alerts: Vec<Value> =
        VALUES.iter().enumerate().map(|(number, (value, _))| alert(number, value)).collect();
    let (status, text) = daemon.post("/webhook", message(&alerts)).await;
    assert_eq!(status, 200, "{text}");
    let passing = || VALUES.iter().enumerate().filter(|(_, (_, passes))| *passes).map(|(number, _)| number);
    // Some wait for a place first, and the word that one acts is written while it does.
    wait_until(PATIENCE, "a word about every alert, and every program's record", || async {
        let words = last_words(&daemon).await;
        let acts = |number| words.get(&instance(number)).is_some_and(|word| word == "act");
        let recorded = |number| folder.path().join(format!("host-{number}.argv")).exists();
        words.len() == VALUES.len() && passing().all(|number| acts(number) && recorded(number))
    })
    .await;
    let words = last_words(&daemon).await;
    for (number, (value, passes)) in VALUES.iter().enumerate() {
        let host = instance(number);
        let expected = if *passes { "act" } else { "template_refused" };
        assert_eq!(words[&host], expected, "{value:?}");
        let found = arguments(folder.path(), number);
        let expected = if *passes { vec![host.as_str(), value, "last"] } else { Vec::new() };
        assert_eq!(found, expected, "{value:?}");
        if *passes {
            let environment = fs::read_to_string(folder.path().join(format!("{host}.environ")));
            assert_eq!(environment.expect("it was written before the arguments"), ENVIRONMENT);
        }
    }
    too_long_and_no_text(&daemon).await;
}

/// One alert too long to be read costs no other its place; bytes that are no text are no message.
async fn too_long_and_no_text(daemon: &Daemon) {
    let last = VALUES.len();
    let body = message(&[alert(last + 1, &"x".repeat(1 << 20)), alert(last, &"x".repeat(5000))]);
    let (status, text) = daemon.post("/webhook", body).await;
    assert_eq!(status, 200, "{text}");
    let quarantined = "smartcloudops_webhook_alerts_total{change=\"quarantined\"}";
    assert_eq!(daemon.metric(quarantined).await, Some(1.0));
    wait_until(PATIENCE, "a word about the long value", || async {
        last_words(daemon).await.get(&instance(last)).is_some_and(|word| word == "template_refused")
    })
    .await;
    let mut bytes = message(&[alert(last + 2, "?")]).into_bytes();
    let at = bytes.iter().rposition(|byte| *byte == b'?').expect("it is there");
    bytes[at] = 0xff;
    let (status, text) = daemon.post("/webhook", bytes).await;
    assert!(status == 400 && text.contains("not UTF-8"), "{status} {text}");
    assert_eq!(last_words(daemon).await.len(), last + 1);
}
