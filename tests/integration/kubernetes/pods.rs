//! One pod that its controller replaces, and all the others that stay.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use smartcloudops::model::{KubernetesAction, KubernetesOperation};

use super::{act, action, config, kubernetes, told};
use crate::support::kubernetes::{Kubernetes, VIEWER};

const PODS: &str = "/api/v1/namespaces/shop/pods";
const SETS: &str = "/apis/apps/v1/namespaces/shop/replicasets";

fn delete(name: &str) -> KubernetesAction {
    KubernetesAction { name: name.to_owned(), ..action(KubernetesOperation::DeletePod) }
}

fn pod(name: &str, owners: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": "web"}, "ownerReferences": owners},
        "spec": {"containers": [{"name": "web", "image": "web:1"}]},
    })
}

/// A replica set that wants so many pods; its reference as a controller.
async fn replica_set(kubernetes: &Kubernetes, name: &str, replicas: u32, there: u32) -> Value {
    let labels = json!({"app": "web"});
    let set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": name},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web:1"}]},
            },
        },
    });
    let made = kubernetes.create(SETS, set).await;
    let status = json!({"status": {"replicas": there, "observedGeneration": 1}});
    kubernetes.patch(&format!("{SETS}/{name}/status"), status).await;
    reference("apps/v1", "ReplicaSet", name, &made["metadata"]["uid"], true)
}

fn reference(version: &str, kind: &str, name: &str, uid: &Value, is_controller: bool) -> Value {
    json!([{"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": is_controller}])
}

#[tokio::test]
async fn one_pod_is_deleted_and_no_other() {
    let kubernetes = Kubernetes::start().await;
    let owner = replica_set(&kubernetes, "web", 2, 2).await;
    for name in ["web-1", "web-2"] {
        kubernetes.create(PODS, pod(name, owner.clone())).await;
    }
    let report = act(&kubernetes, &delete("web-1")).await.expect("it is deleted");
    assert_eq!(report.summary, "deletion requested of Pod shop/web-1; it is gone");
    assert_eq!(kubernetes.get(&format!("{PODS}/web-1")).await, None);
    assert!(kubernetes.get(&format!("{PODS}/web-2")).await.is_some());
    assert!(kubernetes.get(&format!("{SETS}/web")).await.is_some());
}

#[tokio::test]
async fn a_pod_that_nobody_would_replace_is_left_alone() {
    let kubernetes = Kubernetes::start().await;
    let owner = replica_set(&kubernetes, "web", 2, 2).await;
    let uid = &owner[0]["uid"];
    let shrinking = replica_set(&kubernetes, "shrinking", 1, 2).await;
    let empty = replica_set(&kubernetes, "empty", 0, 0).await;
    for (name, owners, sentence) in [
        ("bare", json!([]), "it has no controller that would replace it"),
        ("owned", reference("apps/v1", "ReplicaSet", "web", uid, false), "it has no controller"),
        ("of-a-job", reference("batch/v1", "Job", "web", uid, true), "Job web, would not replace it"),
        ("of-a-node", reference("v1", "Node", "web", uid, true), "Node web, would not replace it"),
        ("foreign", reference("x.io/v1", "ReplicaSet", "web", uid, true), "would not replace it"),
        ("orphan", reference("apps/v1", "ReplicaSet", "gone", uid, true), "cannot look at its controller"),
        (
            "stale",
            reference("apps/v1", "ReplicaSet", "web", &json!("other"), true),
            "ReplicaSet web, is gone",
        ),
        ("surplus", shrinking, "is about to have fewer pods"),
        ("last", empty, "is about to have fewer pods"),
    ] {
        kubernetes.create(PODS, pod(name, owners)).await;
        let (outcome, text) = told(&act(&kubernetes, &delete(name)).await);
        assert!(outcome == "not started" && text.contains(sentence), "{name}: {outcome}, {text}");
        assert!(kubernetes.get(&format!("{PODS}/{name}")).await.is_some(), "{name}");
    }
    let (outcome, text) = told(&act(&kubernetes, &delete("none")).await);
    assert!(outcome == "not started" && text.contains("HTTP 404, NotFound"), "{outcome}, {text}");
}

#[tokio::test]
async fn without_the_right_no_pod_is_deleted() {
    let kubernetes = Kubernetes::start().await;
    let owner = replica_set(&kubernetes, "web", 1, 1).await;
    kubernetes.create(PODS, pod("web-1", owner)).await;
    let (outcome, text) = told(&kubernetes::carry_out(&delete("web-1"), &config(&kubernetes, VIEWER)).await);
    assert!(outcome == "not started" && text.contains("a trial was refused: HTTP 403, Forbidden"), "{text}");
    assert!(kubernetes.get(&format!("{PODS}/web-1")).await.is_some());
}

#[tokio::test]
async fn a_pod_on_a_node_that_does_not_end_is_unknown_and_not_deleted_twice() {
    let kubernetes = Kubernetes::start().await;
    let owner = replica_set(&kubernetes, "web", 1, 1).await;
    let mut on_node = pod("web-1", owner);
    on_node["spec"]["nodeName"] = json!("node-1");
    kubernetes.create(PODS, on_node).await;
    let action = KubernetesAction { timeout: Duration::from_secs(3), ..delete("web-1") };
    let (outcome, text) = told(&act(&kubernetes, &action).await);
    assert!(outcome == "unknown" && text.contains("it is terminating"), "{outcome}, {text}");
    let (outcome, text) = told(&act(&kubernetes, &delete("web-1")).await);
    assert!(outcome == "not started" && text.contains("it is being deleted"), "{outcome}, {text}");
}

#[tokio::test]
async fn the_server_itself_refuses_what_is_out_of_date() {
    let kubernetes = Kubernetes::start().await;
    replica_set(&kubernetes, "web", 1, 1).await;
    let pod = kubernetes.create(PODS, pod("web-1", json!([]))).await;
    let (path, set) = (format!("{PODS}/web-1"), format!("{SETS}/web"));
    let stale = json!({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 3}});
    let kind = "application/strategic-merge-patch+json";
    for target in [&set, &format!("{set}/scale")] {
        let merge = if target.ends_with("scale") { "application/merge-patch+json" } else { kind };
        let (status, answer) = kubernetes.ask(Method::PATCH, target, merge, stale.clone()).await;
        assert_eq!((status, &answer["reason"]), (409, &json!("Conflict")), "{answer}");
    }
    let other = json!({"preconditions": {"uid": "another"}});
    let (status, answer) = kubernetes.ask(Method::DELETE, &path, "application/json", other).await;
    assert_eq!((status, &answer["reason"]), (409, &json!("Conflict")), "{answer}");
    let trial = json!({"preconditions": {"uid": pod["metadata"]["uid"]}, "dryRun": ["All"]});
    let (status, answer) = kubernetes.ask(Method::DELETE, &path, "application/json", trial).await;
    assert_eq!(status, 200, "{answer}");
    assert!(kubernetes.get(&path).await.is_some());
}
