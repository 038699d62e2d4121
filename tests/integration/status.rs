//! `GET /status` of a running daemon: for programs and for people, with what it depends on alive and dead.

use serde_json::{Value, json};

use crate::support::{Answer, Daemon, FaultServer, PATIENCE, Prometheus, http, wait_until};

fn config(url: &str) -> String {
    format!(
        "prometheus: {{url: '{url}', retries: 0}}\n\
         presets: []\n\
         scoring: {{interval: 1s, history: 1m}}\n\
         queries: [{{name: idle, expr: nothing_has_this_name}}, {{name: targets, expr: up}}]\n"
    )
}

fn dependency<'a>(status: &'a Value, name: &str) -> &'a Value {
    let all = status["dependencies"].as_array().expect("a list");
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {status}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_while_prometheus_lives_and_once_it_is_dead() {
    let scrape = "scrape_configs: [{job_name: self, scrape_interval: 1s, static_configs: [{targets: ['127.0.0.1:1']}]}]";
    let mut prometheus = Prometheus::start(scrape, &[]).await;
    let daemon = Daemon::start(&config(&prometheus.process.url(""))).await;
    wait_until(PATIENCE, "the first evaluation", || async {
        let status = daemon.data("/status").await;
        status["models"][1]["series"] == 1 && status["models"][0]["last_evaluation"].is_string()
    })
    .await;
    let status = daemon.data("/status").await;
    assert_eq!(status["prometheus"], *dependency(&status, "prometheus"));
    assert_eq!(
        (&status["prometheus"]["up"], &status["alertmanager"]),
        (&json!(true), &Value::Null),
        "{status}"
    );
    assert_eq!(dependency(&status, "journal")["up"], true, "{status}");
    assert_eq!((&status["models"][0]["name"], &status["models"][0]["series"]), (&json!("idle"), &json!(0)));
    let targets = &status["models"][1];
    assert_eq!(
        (&targets["name"], &targets["model"], &targets["learning"]),
        (&json!("targets"), &json!("auto"), &json!(1))
    );
    assert!(targets["age_seconds"].as_u64().is_some_and(|age| age < 60), "{targets}");
    assert_eq!((&status["config"]["ok"], &status["remediation"]["role"]), (&json!(true), &json!("leading")));
    let names: Vec<&Value> =
        status["queues"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    let expected = ["webhook_deliveries", "journal_writes", "remediation_runs", "approvals", "questions"];
    assert_eq!(names, expected);

    prometheus.process.kill();
    daemon.write_config("nonsense: true\n");
    assert_eq!(daemon.post("/-/reload", "").await.0, 400);
    let status = daemon.data("/status").await;
    assert_eq!(
        (&status["prometheus"]["up"], &status["config"]["ok"]),
        (&json!(false), &json!(false)),
        "{status}"
    );
    let (code, page) = daemon.get("/status?format=text").await;
    assert_eq!(code, 200, "{page}");
    for part in [
        "prometheus    DOWN  the server cannot be reached",
        "REFUSED when it was last read",
        "targets",
        "1 learning",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_answer_is_given_up_soon() {
    let silent = FaultServer::start([Answer::new(200, "{}").after(PATIENCE)]).await;
    let config = format!("{}alertmanager: {{url: '{}'}}\n", config(&silent.url("")), silent.url(""));
    let daemon = Daemon::start(&config).await;
    let begun = std::time::Instant::now();
    let status = daemon.data("/status").await;
    assert!(begun.elapsed() < PATIENCE / 4, "{:?}", begun.elapsed());
    for name in ["prometheus", "alertmanager"] {
        assert_eq!(
            *dependency(&status, name),
            json!({"name": name, "up": false, "detail": "no answer within 2s"})
        );
    }
    assert_eq!(status["alertmanager"]["up"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_is_json_unless_text_is_asked_for() {
    let daemon = Daemon::start("prometheus: {url: 'http://127.0.0.1:9', retries: 0}\npresets: []\n").await;
    let kind = async |path: &str, accept: &str| {
        let answer = http().get(daemon.url(path)).header("accept", accept).send().await.expect("an answer");
        answer.headers()["content-type"].to_str().expect("a text").to_owned()
    };
    let (text, json) = ("text/plain; charset=utf-8", "application/json");
    assert_eq!(kind("/status", "*/*").await, json);
    assert_eq!(kind("/status", "text/plain").await, text);
    assert_eq!(kind("/status?format=text", "application/json").await, text);
    let (status, body) = daemon.get("/status?colour=red").await;
    assert!(status == 400 && body.contains("unknown field `colour`"), "{body}");
}
