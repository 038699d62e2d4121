//! Endpoints that misbehave, and kubeconfigs that lead nowhere: a request that changes something is sent once,
//! and never said to have failed when it may have been carried out.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use smartcloudops::act::{KubernetesConfig, kubernetes};
use smartcloudops::model::KubernetesAction;
use tempfile::TempDir;

use super::{restart, told};
use crate::support::kubernetes::write_kubeconfig;
use crate::support::{Answer, FaultServer, PATIENCE, Seen, free_port};

const TOKEN: &str = "hunter2hunter2";

fn with(kubeconfig: Option<PathBuf>) -> KubernetesConfig {
    KubernetesConfig { kubeconfig, context: None, namespaces: vec!["shop".to_owned()] }
}

fn deployment(version: &str, observed: u64) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "web", "resourceVersion": version, "generation": 1, "uid": "u",
            "managedFields": [{"manager": "smartcloudops", "operation": "Update", "time": "2026-01-02T03:04:05Z"}],
        },
        "spec": {"replicas": 2},
        "status": {"observedGeneration": observed, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2},
    })
}

fn ok(version: &str) -> Answer {
    Answer::new(200, deployment(version, 1).to_string())
}

fn refused(code: u16, reason: &str) -> Answer {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": "no",
    });
    Answer::new(code, status.to_string())
}

async fn against(answers: Vec<Answer>, timeout: Duration) -> (&'static str, String, Vec<Seen>) {
    let (server, folder) = (FaultServer::start(answers).await, TempDir::new().expect("a temporary folder"));
    let config = with(Some(write_kubeconfig(&folder, &server.url(""), "", TOKEN)));
    let (outcome, text) =
        told(&kubernetes::carry_out(&KubernetesAction { timeout, ..restart() }, &config).await);
    assert!(!text.contains(TOKEN), "{text}");
    (outcome, text, server.seen())
}

#[tokio::test]
async fn what_becomes_of_a_restart_is_told_and_it_is_sent_once() {
    for (answer, expected, sentence, claim) in [
        (ok("8"), "accepted", "restart requested of Deployment shop/web; its controller has", "yes"),
        (refused(409, "Conflict"), "not started", "HTTP 409, Conflict", "somebody else was faster"),
        (refused(403, "Forbidden"), "failed", "HTTP 403, Forbidden", "the right is gone"),
        (refused(404, "NotFound"), "failed", "HTTP 404, NotFound", "it is gone"),
        (refused(422, "Invalid"), "failed", "HTTP 422, Invalid", "it is not valid"),
        (refused(429, "TooManyRequests"), "failed", "HTTP 429", "too many requests"),
        (refused(500, "InternalError"), "unknown", "HTTP 500", "trouble inside"),
        (refused(503, "ServiceUnavailable"), "unknown", "HTTP 503", "nobody behind it"),
        (refused(504, "Timeout"), "unknown", "HTTP 504", "it took too long"),
        (Answer::html(502), "unknown", "HTTP 502", "a gateway that got no answer"),
        (Answer::new(200, "{\"kind\": \"Depl").breaking_off(), "unknown", "", "an answer that breaks off"),
        (Answer::html(200), "unknown", "", "a web page"),
        (Answer::new(200, "").after(PATIENCE), "unknown", "no answer from Kubernetes within 3s", "no answer"),
    ] {
        let script = vec![ok("7"), ok("7"), answer, ok("8")];
        let (outcome, text, seen) = against(script, Duration::from_secs(3)).await;
        assert!(outcome == expected && text.contains(sentence), "{claim}: {outcome}, {text}");
        let patches: Vec<&Seen> = seen.iter().filter(|seen| seen.method == "PATCH").collect();
        assert_eq!(patches.len(), 2, "{claim}: a trial and one request");
        assert!(patches[0].uri.query().is_some_and(|query| query.contains("dryRun=All")), "{claim}");
        assert!(!patches[1].uri.query().is_some_and(|query| query.contains("dryRun")), "{claim}");
        let body: Value = serde_json::from_slice(&patches[1].body).expect("a patch in JSON");
        let annotations = json!({"kubectl.kubernetes.io/restartedAt": "2026-01-02T03:04:05Z"});
        assert_eq!(
            body,
            json!({
                "metadata": {"resourceVersion": "7"},
                "spec": {"template": {"metadata": {"annotations": annotations}}},
            })
        );
    }
}

#[tokio::test]
async fn a_look_or_a_trial_that_fails_starts_nothing() {
    for (answers, claim) in [
        (vec![refused(403, "Forbidden")], "no right to look"),
        (vec![Answer::html(200)], "a web page"),
        (vec![Answer::new(200, "{}")], "not a deployment"),
        (vec![Answer::new(200, "").after(PATIENCE)], "no answer in half of the time"),
        (vec![ok("7"), refused(403, "Forbidden")], "no right to change"),
        (vec![ok("7"), refused(409, "Conflict")], "changed before the trial"),
        (vec![ok("7"), refused(500, "InternalError")], "trouble while it is tried"),
        (vec![ok("7"), Answer::new(200, "").after(PATIENCE)], "no answer to the trial"),
    ] {
        let (outcome, text, seen) = against(answers, Duration::from_secs(4)).await;
        assert_eq!(outcome, "not started", "{claim}: {text}");
        let real = seen.iter().filter(|seen| seen.method == "PATCH");
        assert!(
            real.clone().all(|seen| seen.uri.query().is_some_and(|query| query.contains("dryRun=All"))),
            "{claim}"
        );
    }
}

#[tokio::test]
async fn where_there_is_no_server_nothing_is_started() {
    let folder = TempDir::new().expect("a temporary folder");
    let dead = write_kubeconfig(&folder, &format!("https://127.0.0.1:{}", free_port()), "", "dead");
    let plain = FaultServer::start([ok("7")]).await;
    let tls = write_kubeconfig(&folder, &plain.url("").replace("http:", "https:"), "", "tls");
    let broken = folder.path().join("broken");
    std::fs::write(&broken, "clusters: [").expect("a temporary folder can be written");
    let context = KubernetesConfig { context: Some("none".to_owned()), ..with(Some(dead.clone())) };
    for (config, sentence) in [
        (with(Some(dead)), "Deployment shop/web: "),
        (with(Some(tls)), "Deployment shop/web: "),
        (with(Some(folder.path().join("absent"))), "cannot read"),
        (with(Some(broken)), "cannot read"),
        (context, "cannot use"),
        (with(None), "this is no pod with a service account, and kubernetes.kubeconfig is not set"),
    ] {
        let (outcome, text) = told(&kubernetes::carry_out(&restart(), &config).await);
        assert!(outcome == "not started" && text.contains(sentence), "{outcome}, {text}");
    }
}
