//! What Loki has, asked by a running daemon: the right lines, and nobody's text as an expression.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::{messages, query, records};
use crate::support::{Answer, Daemon, FaultServer, Loki};

async fn daemon(url: &str, more: &str) -> Daemon {
    Daemon::start(&format!(
        "prometheus: {{url: 'http://127.0.0.1:9', retries: 0}}\npresets: []\nlogs: {{loki: {{url: '{url}'{more}}}}}\n"
    ))
    .await
}

/// Lines of two services, each so many minutes ago.
async fn loki(lines: &[(&str, &str, i64, &str)]) -> Loki {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
    let now = i64::try_from(now.as_nanos()).expect("it is earlier than 2262");
    let stream = |(service, level, minutes, line): &(&str, &str, i64, &str)| {
        let labels = [("service_name", service), ("detected_level", level), ("pod", &"p-1")];
        let labels: BTreeMap<String, String> =
            labels.iter().map(|(name, value)| ((*name).to_owned(), (**value).to_owned())).collect();
        (labels, vec![(now - minutes * 60_000_000_000, (*line).to_owned())])
    };
    Loki::start(lines.iter().map(stream).collect()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_found_by_service_level_text_and_time() {
    let loki = loki(&[
        ("shop", "info", 3, "order 1 is paid"),
        ("shop", "critical", 2, "Order 2 (a+b) FAILED"),
        ("shop", "unknown", 1, "order 3"),
        ("mail", "warn", 1, "slow order"),
        ("shop", "error", 90, "order 0 failed"),
    ])
    .await;
    let daemon = daemon(&loki.url(), "").await;
    for (parameters, expected) in [
        (&[][..], &["order 1 is paid", "Order 2 (a+b) FAILED", "order 3", "slow order"][..]),
        (&[("service", "shop")], &["order 1 is paid", "Order 2 (a+b) FAILED", "order 3"]),
        (&[("level", "warn")], &["Order 2 (a+b) FAILED", "slow order"]),
        (&[("contains", "failed")], &["Order 2 (a+b) FAILED"]),
        (&[("contains", "(A+B)")], &["Order 2 (a+b) FAILED"]),
        (&[("contains", "order.3")], &[]),
        (&[("since", "2h"), ("until", "80m")], &["order 0 failed"]),
        (&[("service", "shop"), ("limit", "1")], &["order 3"]),
    ] {
        let query = query(&[&[("source", "loki")][..], parameters].concat());
        assert_eq!(messages(&daemon, &query).await, expected, "{query}");
    }
    let found = records(&daemon, "source=loki&contains=failed").await;
    assert_eq!((&found[0]["service"], &found[0]["level"]), (&json!("shop"), &json!("error")), "{found:?}");
    assert_eq!((&found[0]["source"], &found[0]["fields"]["pod"]), (&json!("loki"), &json!("p-1")));
    let page = daemon.data("/logs?source=loki&limit=1").await;
    assert_eq!(page["truncated"], json!(true));
    let status = daemon.data("/status").await;
    let loki = status["dependencies"].as_array().and_then(|all| all.iter().find(|one| one["name"] == "loki"));
    assert_eq!(loki, Some(&json!({"name": "loki", "up": true, "detail": "3.7.8"})), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_text_becomes_an_expression() {
    let attacks = [
        "\"} or {service_name=~\".+",
        "\"} |= \"",
        "back\\",
        "`} | json",
        "\n| line_format `x`",
        "\0\u{1b}[2J\u{9b}",
        "(?-i).*|",
        "[a-",
        "$1 {{ .x }}",
        "\\u0022}",
        "日本語 ß \u{202e}",
    ];
    let lines: Vec<(&str, &str, i64, &str)> =
        attacks.iter().map(|attack| (*attack, "info", 1, *attack)).collect();
    let loki = loki(&lines).await;
    let daemon = daemon(&loki.url(), "").await;
    let shown = |text: &str| text.replace(|c: char| c.is_control() && c != '\n', "");
    for attack in attacks {
        for name in ["service", "contains"] {
            let found = messages(&daemon, &query(&[("source", "loki"), (name, attack)])).await;
            assert_eq!(found, [shown(attack)], "{name}: {attack:?}");
        }
    }
    assert_eq!(loki.asked().len(), 2 * attacks.len(), "each of them was an expression that Loki can read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loki_in_trouble_is_an_error_with_a_reason() {
    let loki = FaultServer::start([
        Answer::new(400, "max query length exceeded").header("content-type", "text/plain"),
        Answer::new(401, ""),
        Answer::html(200),
        Answer::new(200, "x".repeat(1 << 20)).times(17),
        Answer::new(500, "boom"),
    ])
    .await;
    let daemon = daemon(&loki.url(""), ", headers: {X-Scope-OrgID: team-a}").await;
    for (status, expected) in [
        (400, "max query length exceeded"),
        (503, "the server refuses the credentials (HTTP 401)"),
        (503, "an HTML page instead of JSON"),
        (400, "the answer is larger than"),
        (503, "the server failed (HTTP 500): boom"),
    ] {
        let (answered, text) = daemon.get("/logs?source=loki").await;
        let error: Value = serde_json::from_str(&text).expect("errors are JSON");
        assert!(
            answered == status && error["error"].as_str().is_some_and(|why| why.contains(expected)),
            "{text}"
        );
    }
    assert_eq!(loki.seen()[0].headers["x-scope-orgid"], "team-a");
    let (status, text) = daemon.get("/logs?source=loki&since=25h").await;
    assert!(status == 400 && text.contains("a range in Loki is 1d at most"), "{text}");
    let counted =
        "smartcloudops_prometheus_requests_total{server=\"loki\",kind=\"range\",outcome=\"too_large\"}";
    assert_eq!(daemon.metric(counted).await, Some(1.0));
}
