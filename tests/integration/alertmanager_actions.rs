//! What actions tell a real Alertmanager, and what becomes of it where there is none or one that misbehaves.

mod escalation;
mod lifting;

use std::time::Duration;

use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use smartcloudops::act::Occasion;
use smartcloudops::act::alertmanager::carry_out;
use smartcloudops::alertmanager::{Client, Config};
use smartcloudops::metrics::prometheus::PrometheusMetrics;
use smartcloudops::model::{
    ActError, ActReport, AlertmanagerAction, ESCALATION, EpisodeId, EscalationAction, Labels, RunId,
    SilenceAction, Timestamp,
};

use crate::support::{Alertmanager, Answer, FaultServer, PATIENCE, free_port, http, wait_until};

const CONFIG: &str = "route: {receiver: nobody, group_wait: 1s}\nreceivers: [{name: nobody}]\n";

fn client(url: &str) -> Client {
    let metrics = PrometheusMetrics::register(&mut Registry::default());
    Client::new(&Config::new(url.parse().unwrap()), metrics).unwrap()
}

fn now() -> Timestamp {
    std::time::SystemTime::now().into()
}

fn occasion(since: Timestamp) -> Occasion {
    Occasion { run: RunId(12), step: 1, since }
}

fn labels() -> Labels {
    [ESCALATION, ("alertname", "Page"), ("instance", "web:80"), ("team", "a \"b\" \\ é")]
        .into_iter()
        .collect()
}

fn alert(timeout: Duration) -> AlertmanagerAction {
    AlertmanagerAction::Alert(EscalationAction {
        policy: "restart".to_owned(),
        labels: labels(),
        annotations: [("summary", "web:80 stays down")].into_iter().collect(),
        lasts: Duration::from_secs(3600),
        timeout,
    })
}

fn silence(timeout: Duration) -> AlertmanagerAction {
    let matchers = [r#"instance="web:80""#, r#"smartcloudops!="escalation""#, r#"job=~"app|db""#];
    AlertmanagerAction::Silence(SilenceAction {
        policy: "restart".to_owned(),
        episode: EpisodeId { fingerprint: labels().fingerprint(), started: Timestamp::from_millis(7) },
        matchers: matchers.iter().map(|matcher| matcher.parse().unwrap()).collect(),
        why: "it is restarted".to_owned(),
        lasts: Duration::from_secs(1800),
        timeout,
    })
}

/// The outcome's name and everything that is said about it.
fn told(result: &Result<ActReport, ActError>) -> (&'static str, String) {
    let outcome = match result {
        Ok(_) => "accepted",
        Err(ActError::NotStarted { .. }) => "not started",
        Err(ActError::Failed { .. }) => "failed",
        Err(ActError::Unknown { .. }) => "unknown",
    };
    (outcome, format!("{result:?}"))
}

async fn list(server: &Alertmanager, what: &str) -> Vec<Value> {
    let url = server.process.url(&format!("/api/v2/{what}"));
    let answer = http().get(url).send().await.expect("Alertmanager answers");
    answer.json().await.expect("Alertmanager answers JSON")
}

fn time(json: &Value) -> Timestamp {
    json.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("not a time: {json}"))
}

#[tokio::test]
async fn an_alert_fires_there_with_its_labels_and_the_same_again_is_the_same() {
    let server = Alertmanager::start(CONFIG).await;
    let client = client(&server.process.url("/"));
    let since = now();
    for _ in 0..3 {
        let (outcome, text) = told(&carry_out(Some(&client), &alert(PATIENCE), &occasion(since)).await);
        assert_eq!(outcome, "accepted", "{text}");
    }
    wait_until(PATIENCE, "the alert", async || !client.active_alerts(&[]).await.unwrap().is_empty()).await;
    let alerts = list(&server, "alerts").await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(serde_json::from_value::<Labels>(alerts[0]["labels"].clone()).unwrap(), labels());
    let annotations =
        json!({"summary": "web:80 stays down", "remediation": "policy restart, run 12, steps[1]"});
    assert_eq!(alerts[0]["annotations"], annotations);
    assert_eq!(time(&alerts[0]["startsAt"]), since);
    assert_eq!(time(&alerts[0]["endsAt"]), since + Duration::from_secs(3600));
}

#[tokio::test]
async fn a_silence_is_there_with_owner_matchers_and_end() {
    let server = Alertmanager::start(CONFIG).await;
    let since = now();
    let result =
        carry_out(Some(&client(&server.process.url("/"))), &silence(PATIENCE), &occasion(since)).await;
    let (outcome, text) = told(&result);
    let silences = list(&server, "silences").await;
    assert_eq!((outcome, silences.len()), ("accepted", 1), "{text}");
    assert!(text.contains(silences[0]["id"].as_str().unwrap()), "{text}");
    assert_eq!(silences[0]["createdBy"], "smartcloudops");
    let comment = silences[0]["comment"].as_str().unwrap();
    assert!(comment.starts_with("policy restart, run 12, steps[1], episode "), "{comment}");
    assert!(comment.ends_with("-7: it is restarted"), "{comment}");
    assert_eq!(time(&silences[0]["endsAt"]), since + Duration::from_secs(1800));
    assert_eq!(silences[0]["status"]["state"], "active");
    let mut matchers: Vec<String> =
        silences[0]["matchers"].as_array().unwrap().iter().map(ToString::to_string).collect();
    matchers.sort();
    assert_eq!(
        matchers,
        [
            r#"{"isEqual":false,"isRegex":false,"name":"smartcloudops","value":"escalation"}"#,
            r#"{"isEqual":true,"isRegex":false,"name":"instance","value":"web:80"}"#,
            r#"{"isEqual":true,"isRegex":true,"name":"job","value":"app|db"}"#,
        ]
    );
}

#[tokio::test]
async fn what_alertmanager_refuses_has_failed_with_its_words() {
    let server = Alertmanager::start(CONFIG).await;
    let client = client(&server.process.url("/"));
    // Long over when it comes.
    let long_ago = occasion(Timestamp::from_millis(0));
    let (outcome, text) = told(&carry_out(Some(&client), &silence(PATIENCE), &long_ago).await);
    assert!(outcome == "failed" && text.contains("end time can't be in the past"), "{outcome}, {text}");
    assert_eq!(list(&server, "silences").await.len(), 0);
}

#[tokio::test]
async fn a_silence_bound_to_no_target_is_not_sent() {
    let server = FaultServer::start([Answer::new(200, r#"{"silenceID":"x"}"#)]).await;
    let client = client(&server.url(""));
    let AlertmanagerAction::Silence(action) = silence(PATIENCE) else { panic!("a silence") };
    for matchers in [&[][..], &[r#"instance=~".*""#], &[r#"instance="""#], &[r#"instance!="a""#]] {
        let matchers = matchers.iter().map(|matcher| matcher.parse().unwrap()).collect();
        let action = AlertmanagerAction::Silence(SilenceAction { matchers, ..action.clone() });
        let (outcome, text) = told(&carry_out(Some(&client), &action, &occasion(now())).await);
        assert!(outcome == "not started" && text.contains("bound to no target"), "{outcome}, {text}");
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn without_an_alertmanager_nothing_is_started() {
    let dead = client(&format!("http://127.0.0.1:{}", free_port()));
    for action in [alert(PATIENCE), silence(PATIENCE)] {
        let (outcome, text) = told(&carry_out(Some(&dead), &action, &occasion(now())).await);
        assert!(outcome == "not started" && text.contains("cannot be reached"), "{outcome}, {text}");
        let (outcome, text) = told(&carry_out(None, &action, &occasion(now())).await);
        assert!(outcome == "not started" && text.contains("alertmanager.url"), "{outcome}, {text}");
    }
}

#[tokio::test]
async fn a_post_is_sent_once_and_its_outcome_is_typed() {
    let long = format!(r#"{{"code":400,"message":"{}"}}"#, "x".repeat(100_000));
    for (name, answer, expected, sentence) in [
        ("a refusal", Answer::new(400, r#"{"code":400,"message":"bad label"}"#), "failed", "bad label"),
        ("a long refusal", Answer::new(400, long), "failed", "xxx"),
        ("no credentials", Answer::new(401, ""), "failed", "check basic_auth"),
        ("overload", Answer::new(503, "busy"), "failed", "busy"),
        ("a fault", Answer::new(500, "\"internal\""), "failed", "internal"),
        ("a gateway", Answer::new(502, ""), "unknown", "502"),
        ("a slow gateway", Answer::new(504, ""), "unknown", "504"),
        ("a login page", Answer::html(200), "unknown", "HTML page"),
        ("silence", Answer::new(200, "").after(Duration::from_secs(30)), "unknown", "timed out"),
        ("half an answer", Answer::new(200, "x").times(3).breaking_off(), "unknown", ""),
    ] {
        let server = FaultServer::start([answer]).await;
        let action = alert(Duration::from_secs(1));
        let (outcome, text) =
            told(&carry_out(Some(&client(&server.url("/am"))), &action, &occasion(now())).await);
        assert!(outcome == expected && text.contains(sentence), "{name}: {outcome}, {text}");
        assert!(text.len() < 1000, "{name}: {} bytes", text.len());
        let seen = server.seen();
        assert_eq!(seen.len(), 1, "{name}: sent once");
        assert_eq!((seen[0].method.as_str(), seen[0].uri.path()), ("POST", "/am/api/v2/alerts"), "{name}");
    }
}

#[tokio::test]
async fn a_silence_whose_answer_is_lost_is_looked_up_and_not_posted_again() {
    let listed = |comment: &str, owner: &str, state: &str| {
        json!([{"id": "c0ffee", "createdBy": owner, "comment": comment, "endsAt": "2100-01-01T00:00:00Z",
            "startsAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "matchers": [],
            "status": {"state": state}}])
        .to_string()
    };
    let AlertmanagerAction::Silence(action) = silence(PATIENCE) else { panic!("a silence") };
    let comment = action.comment(RunId(12), 1);
    let lost = || Answer::new(502, "");
    for (name, answers, timeout, expected, sentence) in [
        ("it is there", vec![listed(&comment, "smartcloudops", "active")], 20, "accepted", "c0ffee"),
        (
            "it comes late",
            vec!["[]".to_owned(), listed(&comment, "smartcloudops", "pending")],
            20,
            "accepted",
            "c0ffee",
        ),
        ("it is not", vec!["[]".to_owned()], 2, "unknown", "was not found within 1s"),
        ("another's", vec![listed(&comment, "ann", "active")], 2, "unknown", "was not found"),
        (
            "one that is over",
            vec![listed(&comment, "smartcloudops", "expired")],
            2,
            "unknown",
            "was not found",
        ),
        (
            "another run's",
            vec![listed("policy restart", "smartcloudops", "active")],
            2,
            "unknown",
            "was not found",
        ),
        ("a list that cannot be read", vec!["{".to_owned()], 2, "unknown", "was not found"),
    ] {
        let lists = answers.into_iter().map(|body| Answer::new(200, body));
        let server = FaultServer::start(std::iter::once(lost()).chain(lists)).await;
        let action = silence(Duration::from_secs(timeout));
        let (outcome, text) =
            told(&carry_out(Some(&client(&server.url(""))), &action, &occasion(now())).await);
        assert!(outcome == expected && text.contains(sentence), "{name}: {outcome}, {text}");
        let posts = server.seen().iter().filter(|seen| seen.method == "POST").count();
        assert_eq!(posts, 1, "{name}: posted once");
        assert!(server.seen().len() > 1, "{name}: looked up");
    }
}
