//! Steps on Kubernetes, each fault with its exact message; the section beside them.

use super::{faults_of, faults_of_step, parse, with_step, with_url};

/// A step on Kubernetes in a file that allows the namespaces `shop` and `blog`.
fn kubernetes_faults(settings: &str) -> Vec<String> {
    let text = format!("kubernetes: {{namespaces: [shop, blog]}}\n{}", with_step("kubernetes", settings));
    let place = "remediation.policies[0].steps[0].kubernetes.";
    let own = faults_of(&text).into_iter().filter_map(|fault| Some(fault.split_once(place)?.1.to_owned()));
    own.collect()
}

#[test]
fn every_fault_of_a_kubernetes_step_says_where_and_what() {
    let no_name = "is not the name of an object, such as web-1, nor a template";
    let unbounded = "must begin with fixed text or with {{ target }}, which the policy's pattern has checked";
    for (step, fault) in [
        ("do: drain, namespace: shop, pod: a", "do: 'drain' is not one of restart, scale, delete"),
        ("namespace: shop, pod: a", "do: is required; write what is done: restart, scale or delete"),
        (
            "do: delete, pod: a",
            "namespace: is required; write in which namespace, one of kubernetes.namespaces",
        ),
        (
            "do: delete, namespace: kube-system, pod: a",
            "namespace: is not one of kubernetes.namespaces: shop, blog",
        ),
        (
            "do: restart, namespace: shop",
            "deployment: is required; write to which: deployment, stateful_set, daemon_set or pod, with its name",
        ),
        (
            "do: restart, namespace: shop, deployment: a, pod: b",
            "pod: excludes deployment; make two steps of it",
        ),
        ("do: restart, namespace: shop, deployment: ../a", &format!("deployment: {no_name}")),
        ("do: delete, namespace: shop, pod: '{{ labels.pod }}'", &format!("pod: {unbounded}")),
        (
            "do: restart, namespace: shop, pod: a",
            "do: restarts workloads; delete the pod, and its controller makes another",
        ),
        ("do: delete, namespace: shop, deployment: a", "do: deletes nothing but a pod"),
        (
            "do: scale, namespace: shop, daemon_set: a, down: 1",
            "do: scales deployments and stateful sets only",
        ),
        (
            "do: scale, namespace: shop, deployment: a, up: 1",
            "up: needs at_most: Kubernetes has no bound of its own",
        ),
        (
            "do: scale, namespace: shop, deployment: a, to: 0",
            "to: needs at_least: 0 as well, for 0 turns it off",
        ),
        (
            "do: restart, namespace: shop, deployment: a, wait: ready",
            "wait: 'ready' is not one of rolled_out",
        ),
        (
            "do: delete, namespace: shop, pod: a, wait: rolled_out",
            "wait: is for workloads: a pod that is deleted is waited for anyway",
        ),
    ] {
        assert_eq!(kubernetes_faults(step), [fault], "{step}");
    }
    for namespace in ["shop", "'{{ labels.namespace }}'"] {
        let step = format!("do: delete, namespace: {namespace}, pod: a");
        let fault = "namespace: is not allowed: name it in kubernetes.namespaces";
        assert_eq!(faults_of_step("kubernetes", &step), [fault]);
    }
}

#[test]
fn the_section_kubernetes_says_where_anything_may_be_done() {
    let config = parse("kubernetes: {kubeconfig: k, context: c, namespaces: [shop]}", &with_url()).unwrap();
    let kubernetes = config.act.kubernetes;
    assert_eq!((kubernetes.context.as_deref(), kubernetes.namespaces.len()), (Some("c"), 1));
    assert!(parse("", &with_url()).unwrap().act.kubernetes.namespaces.is_empty());
    for (text, fault) in [
        ("{}", "line 1: kubernetes.namespaces: is required; write in which namespaces anything may be done"),
        ("{namespaces: ['*']}", "line 1: kubernetes.namespaces[0]: is not the name of a namespace"),
        (
            "{namespaces: [a], context: c}",
            "line 1: kubernetes.context: is one of a kubeconfig; write its file, or remove it",
        ),
    ] {
        assert_eq!(faults_of(&format!("kubernetes: {text}")), [fault]);
    }
}

#[cfg(feature = "kubernetes")]
#[test]
fn a_kubernetes_step_names_one_object_and_what_is_done() {
    use std::time::Duration;

    use crate::decide::ActionTemplate;
    use crate::model::{KubernetesOperation, WorkloadKind};

    let step = |settings: &str| {
        let text = format!("kubernetes: {{namespaces: [shop]}}\n{}", with_step("kubernetes", settings));
        let config = parse(&text, &with_url()).unwrap_or_else(|faults| panic!("{text}{faults}"));
        match config.remediation.policies[0].steps[0].action.clone() {
            ActionTemplate::Kubernetes(step) => step,
            other => panic!("not on Kubernetes: {other:?}"),
        }
    };
    let restart = step("do: restart, namespace: shop, stateful_set: '{{ target }}', wait: rolled_out");
    let kind = WorkloadKind::StatefulSet;
    assert_eq!(restart.operation, KubernetesOperation::Restart { kind });
    assert_eq!((restart.wait, restart.timeout), (true, Duration::from_secs(600)));
    let delete = step("do: delete, namespace: shop, pod: '{{ target }}-{{ labels.pod }}'");
    assert_eq!(
        (delete.operation, delete.timeout),
        (KubernetesOperation::DeletePod, Duration::from_secs(120))
    );
    let scale = step("do: scale, namespace: '{{ labels.namespace }}', deployment: web, to: 0, at_least: 0");
    assert!(matches!(scale.operation, KubernetesOperation::Scale { .. }) && !scale.wait);
}
