//! Workloads and pods of an API server, and endpoints that misbehave: what is done, what is refused, and
//! whether it is known what became of it.

mod faults;
mod pods;

use std::sync::Arc;

use serde_json::{Value, json};
use smartcloudops::act::{KubernetesConfig, kubernetes};
use smartcloudops::model::{
    ActError, ActReport, KubernetesAction, KubernetesOperation, ScaleChange, Scaling, WorkloadKind,
};

use crate::support::PATIENCE;
use crate::support::kubernetes::{ADMIN, Controller, Kubernetes, VIEWER};

const KINDS: [(WorkloadKind, &str); 3] = [
    (WorkloadKind::Deployment, "deployments"),
    (WorkloadKind::StatefulSet, "statefulsets"),
    (WorkloadKind::DaemonSet, "daemonsets"),
];
const RESTARTED_AT: &str = "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt";

fn config(kubernetes: &Kubernetes, token: &str) -> KubernetesConfig {
    let kubeconfig = Some(kubernetes.kubeconfig(token));
    KubernetesConfig { kubeconfig, context: None, namespaces: vec!["shop".to_owned()] }
}

fn action(operation: KubernetesOperation) -> KubernetesAction {
    let (namespace, name) = ("shop".to_owned(), "web".to_owned());
    KubernetesAction { namespace, name, operation, wait: false, timeout: PATIENCE }
}

fn restart() -> KubernetesAction {
    action(KubernetesOperation::Restart { kind: WorkloadKind::Deployment })
}

fn scale(change: ScaleChange, at_least: Option<u32>, at_most: Option<u32>) -> KubernetesAction {
    let scaling = Scaling { change, at_least, at_most };
    action(KubernetesOperation::Scale { kind: WorkloadKind::Deployment, scaling })
}

async fn act(kubernetes: &Kubernetes, action: &KubernetesAction) -> Result<ActReport, ActError> {
    kubernetes::carry_out(action, &config(kubernetes, ADMIN)).await
}

/// The outcome's name and everything that is said about it. Nothing of it holds a token.
fn told(result: &Result<ActReport, ActError>) -> (&'static str, String) {
    let text = format!("{result:?}");
    assert!(!text.contains(ADMIN) && !text.contains(VIEWER), "{text}");
    let outcome = match result {
        Ok(_) => "accepted",
        Err(ActError::NotStarted { .. }) => "not started",
        Err(ActError::Failed { .. }) => "failed",
        Err(ActError::Unknown { .. }) => "unknown",
    };
    (outcome, text)
}

fn path(plural: &str) -> String {
    format!("/apis/apps/v1/namespaces/shop/{plural}/web")
}

/// A workload of 2 pods, with `spec` over its own settings.
async fn make(kubernetes: &Kubernetes, kind: WorkloadKind, plural: &str, spec: Value) {
    let labels = json!({"app": "web"});
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": kind.as_str(), "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "web", "image": "web:1"}]},
            },
        },
    });
    if kind != WorkloadKind::DaemonSet {
        object["spec"]["replicas"] = json!(2);
    }
    for (name, value) in spec.as_object().into_iter().flatten() {
        object["spec"][name] = value.clone();
    }
    kubernetes.create(path(plural).trim_end_matches("/web"), object).await;
}

/// All pods are as they shall be.
fn rolled_out(found: &Value) -> Value {
    let replicas = found["spec"]["replicas"].as_u64().unwrap_or(2);
    match found["spec"]["replicas"].is_null() {
        true => json!({
            "desiredNumberScheduled": 2, "currentNumberScheduled": 2, "updatedNumberScheduled": 2,
            "numberAvailable": 2, "numberMisscheduled": 0, "numberReady": 2,
        }),
        false => json!({
            "replicas": replicas, "updatedReplicas": replicas, "availableReplicas": replicas,
            "readyReplicas": replicas,
        }),
    }
}

/// The new pods do not come up.
fn stuck(_: &Value) -> Value {
    json!({"replicas": 2, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1})
}

/// The controller has given up.
fn given_up(_: &Value) -> Value {
    let mut status = stuck(&Value::Null);
    let condition = json!({"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": ""});
    status["conditions"] = json!([condition]);
    status
}

/// A server with a deployment whose status a controller has made once.
async fn with_deployment(spec: Value) -> (Arc<Kubernetes>, Controller) {
    let kubernetes = Arc::new(Kubernetes::start().await);
    make(&kubernetes, WorkloadKind::Deployment, "deployments", spec).await;
    let controller = settle(&kubernetes, &path("deployments")).await;
    (kubernetes, controller)
}

/// A controller that has taken up what is there.
async fn settle(kubernetes: &Arc<Kubernetes>, path: &str) -> Controller {
    let controller = kubernetes.controller(path, rolled_out);
    let settled = || async {
        let found = kubernetes.get(path).await.expect("it is there");
        found["status"]["observedGeneration"] == found["metadata"]["generation"]
    };
    crate::support::wait_until(PATIENCE, "a controller", settled).await;
    controller
}

async fn generation(kubernetes: &Kubernetes) -> u64 {
    let found = kubernetes.get(&path("deployments")).await.expect("it is there");
    found["metadata"]["generation"].as_u64().expect("a generation")
}

#[tokio::test]
async fn each_kind_of_workload_is_restarted_as_kubectl_does_it() {
    let kubernetes = Arc::new(Kubernetes::start().await);
    for (kind, plural) in KINDS {
        make(&kubernetes, kind, plural, Value::Null).await;
        let _controller = settle(&kubernetes, &path(plural)).await;
        let mut action = action(KubernetesOperation::Restart { kind });
        action.wait = true;
        let report = act(&kubernetes, &action).await.expect("it is restarted");
        let expected = format!(
            "restart requested of {} shop/web; its controller has taken it up, 2 of 2",
            kind.as_str()
        );
        assert!(report.summary.starts_with(&expected), "{report:?}");
        let found = kubernetes.get(&path(plural)).await.expect("it is there");
        assert_eq!(found["metadata"]["generation"], 2, "{found}");
        let at = found.pointer(RESTARTED_AT).and_then(Value::as_str).expect("an annotation");
        assert!(at.parse::<jiff::Timestamp>().is_ok(), "{at}");
    }
}

#[tokio::test]
async fn what_may_not_be_restarted_is_left_alone() {
    let on_delete = json!({"updateStrategy": {"type": "OnDelete"}});
    let partition = json!({"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}});
    for (kind, plural, spec, sentence) in [
        (WorkloadKind::Deployment, "deployments", json!({"paused": true}), "its rollout is paused"),
        (WorkloadKind::StatefulSet, "statefulsets", on_delete.clone(), "its update strategy is OnDelete"),
        (WorkloadKind::StatefulSet, "statefulsets", partition, "leaves a partition out"),
        (WorkloadKind::DaemonSet, "daemonsets", on_delete, "its update strategy is OnDelete"),
    ] {
        let kubernetes = Arc::new(Kubernetes::start().await);
        make(&kubernetes, kind, plural, spec).await;
        let _controller = settle(&kubernetes, &path(plural)).await;
        let (outcome, text) = told(&act(&kubernetes, &action(KubernetesOperation::Restart { kind })).await);
        assert!(outcome == "not started" && text.contains(sentence), "{outcome}, {text}");
        let found = kubernetes.get(&path(plural)).await.expect("it is there");
        assert_eq!(found["metadata"]["generation"], 1);
    }
}

#[tokio::test]
async fn without_the_right_or_the_namespace_nothing_is_done() {
    let (kubernetes, _controller) = with_deployment(Value::Null).await;
    let elsewhere = KubernetesConfig { namespaces: vec!["other".to_owned()], ..config(&kubernetes, ADMIN) };
    let absent = KubernetesAction { name: "none".to_owned(), ..restart() };
    let up = scale(ScaleChange::Up(1), None, Some(9));
    for (action, config, sentence) in [
        (&restart(), config(&kubernetes, VIEWER), "a trial was refused: HTTP 403, Forbidden"),
        (&up, config(&kubernetes, VIEWER), "a trial was refused: HTTP 403, Forbidden"),
        (&restart(), config(&kubernetes, "nobody"), "HTTP 401, Unauthorized"),
        (&restart(), elsewhere, "the namespace shop is not in kubernetes.namespaces"),
        (&absent, config(&kubernetes, ADMIN), "HTTP 404, NotFound"),
    ] {
        let (outcome, text) = told(&kubernetes::carry_out(action, &config).await);
        assert!(outcome == "not started" && text.contains(sentence), "{outcome}, {text}");
    }
    assert_eq!(generation(&kubernetes).await, 1);
}

#[tokio::test]
async fn a_rollout_that_is_under_way_or_does_not_end_is_told() {
    let (kubernetes, controller) = with_deployment(Value::Null).await;
    drop(controller);
    let slow = KubernetesAction { wait: true, timeout: std::time::Duration::from_secs(4), ..restart() };
    let (outcome, text) = told(&act(&kubernetes, &slow).await);
    assert!(
        outcome == "unknown" && text.contains("its controller has not yet taken it up"),
        "{outcome}, {text}"
    );
    let (outcome, text) = told(&act(&kubernetes, &restart()).await);
    assert!(outcome == "not started" && text.contains("a rollout is under way"), "{outcome}, {text}");
    assert_eq!(generation(&kubernetes).await, 2);

    let controller = settle(&kubernetes, &path("deployments")).await;
    drop(controller);
    let _stuck = kubernetes.controller(&path("deployments"), stuck);
    let (outcome, text) = told(&act(&kubernetes, &slow).await);
    assert!(outcome == "unknown" && text.contains("1 of 2 pods are updated"), "{outcome}, {text}");
    let (outcome, text) = told(&act(&kubernetes, &restart()).await);
    assert!(outcome == "not started" && text.contains("a rollout is under way"), "{outcome}, {text}");
}

#[tokio::test]
async fn a_rollout_that_its_controller_gives_up_has_failed() {
    let (kubernetes, controller) = with_deployment(Value::Null).await;
    drop(controller);
    let _given_up = kubernetes.controller(&path("deployments"), given_up);
    let (outcome, text) = told(&act(&kubernetes, &KubernetesAction { wait: true, ..restart() }).await);
    assert!(outcome == "failed" && text.contains("ProgressDeadlineExceeded"), "{outcome}, {text}");
}

#[tokio::test]
async fn a_deployment_is_scaled_within_its_bounds_and_never_to_nothing_unsaid() {
    let (kubernetes, _controller) = with_deployment(Value::Null).await;
    for (change, at_least, at_most, expected) in [
        (ScaleChange::Up(1), None, Some(4), Ok("replicas set from 2 to 3")),
        (ScaleChange::Up(3), None, Some(4), Ok("replicas set from 3 to 4")),
        (ScaleChange::Up(1), None, Some(4), Err("it is 4 already: the bounds are 1 to 4")),
        (ScaleChange::Down(9), None, None, Ok("replicas set from 4 to 1")),
        (ScaleChange::Down(1), None, None, Err("it is 1 already: the bounds are 1 to")),
        (ScaleChange::To(0), None, None, Err("0 is not allowed: the bounds are 1 to")),
        (ScaleChange::To(0), Some(0), None, Ok("replicas set from 1 to 0")),
        (ScaleChange::To(2), None, None, Ok("replicas set from 0 to 2")),
    ] {
        let before = generation(&kubernetes).await;
        let action = KubernetesAction { wait: true, ..scale(change, at_least, at_most) };
        let (outcome, text) = told(&act(&kubernetes, &action).await);
        let (expected_outcome, sentence) = match expected {
            Ok(sentence) => ("accepted", sentence),
            Err(sentence) => ("not started", sentence),
        };
        assert!(outcome == expected_outcome && text.contains(sentence), "{change:?}: {outcome}, {text}");
        let changes = u64::from(expected.is_ok());
        assert_eq!(generation(&kubernetes).await, before + changes, "{change:?}");
    }
}
