//! Steps on Kubernetes, and the section `kubernetes`.

use std::time::Duration;

use crate::act::KubernetesConfig;
use crate::config::document::Node;
use crate::config::item::Parsed;
use crate::config::section::Section;
use crate::config::values::{choice, duration, seconds, text};
use crate::decide::template::{Escape, Template};
use crate::decide::{ActionTemplate, KubernetesTemplate};
use crate::model::{KubernetesAction, KubernetesOperation, ScaleChange, Scaling, WorkloadKind};

use super::scaling::scaling;
use super::{chosen, holds_template, template};

/// The word after `do`.
#[derive(Clone, Copy, PartialEq)]
enum Verb {
    Restart,
    Scale,
    Delete,
}

const VERBS: [(&str, Verb); 3] =
    [("restart", Verb::Restart), ("scale", Verb::Scale), ("delete", Verb::Delete)];
const WORKLOADS: [(&str, WorkloadKind); 3] = [
    ("deployment", WorkloadKind::Deployment),
    ("stateful_set", WorkloadKind::StatefulSet),
    ("daemon_set", WorkloadKind::DaemonSet),
];
const WAITS: [(&str, bool); 1] = [("rolled_out", true)];
const DO_HINT: &str = "write what is done: restart, scale or delete";
const NAMESPACE_HINT: &str = "write in which namespace, one of kubernetes.namespaces";
const NAMESPACES_HINT: &str = "write in which namespaces anything may be done";
const NAME_HINT: &str = "write to which: deployment, stateful_set, daemon_set or pod, with its name";

/// How the API server is reached, and where anything may be done at all.
pub(in crate::config) fn section(section: &mut Section) -> KubernetesConfig {
    let namespaces = section.required_list("namespaces", NAMESPACES_HINT, |item| {
        item.value(|node| {
            let name = text(node)?;
            let is_namespace = KubernetesAction::is_namespace(name);
            is_namespace.then(|| name.to_owned()).ok_or_else(|| "is not the name of a namespace".to_owned())
        })
    });
    let kubeconfig = section.file("kubeconfig");
    let context = section.value("context", |node| text(node).map(str::to_owned));
    if kubeconfig.is_none() && context.is_some() {
        section.fault("context", "is one of a kubeconfig; write its file, or remove it");
    }
    KubernetesConfig { kubeconfig, context, namespaces: namespaces.unwrap_or_default() }
}

/// Something done to a workload or a pod.
pub(super) fn kubernetes(section: &mut Section) -> Option<ActionTemplate> {
    let verb = section.required("do", DO_HINT, choice(&VERBS));
    let allowed = section.namespaces();
    let namespace = section.required("namespace", NAMESPACE_HINT, |node| namespace(node, &allowed));
    let object = object(section);
    let scaling = match verb {
        Some(Verb::Scale) => Some(replicas(section)?),
        _ => None,
    };
    let wait = section.value_or("wait", false, choice(&WAITS));
    if wait && verb == Some(Verb::Delete) {
        section.fault("wait", "is for workloads: a pod that is deleted is waited for anyway");
    }
    let default = match verb {
        _ if wait => 600,
        Some(Verb::Delete) => 120,
        _ => 30,
    };
    let timeout = section.value_or("timeout", Duration::from_secs(default), duration(seconds(2, 3600)));
    let (kind, name) = object?;
    let operation = operation(section, verb?, kind, scaling)?;
    Some(ActionTemplate::Kubernetes(KubernetesTemplate {
        namespace: namespace?,
        name,
        operation,
        wait,
        timeout,
    }))
}

/// The kind and the name: `None` for the kind is a pod.
fn object(section: &mut Section) -> Option<(Option<WorkloadKind>, Template)> {
    let keys = ["deployment", "stateful_set", "daemon_set", "pod"];
    let given: Vec<&str> = keys.into_iter().filter(|key| section.is_written(key)).collect();
    for other in given.iter().skip(1) {
        section.fault(other, &format!("excludes {}; make two steps of it", given[0]));
    }
    let mut found = None;
    for (key, kind) in WORKLOADS {
        let name = if given.is_empty() && key == keys[0] {
            section.required(key, NAME_HINT, name)
        } else {
            section.value(key, name)
        };
        found = found.or(name.map(|name| (Some(kind), name)));
    }
    let pod = section.value("pod", name).map(|name| (None, name));
    found.or(pod)
}

fn operation(
    section: &Section,
    verb: Verb,
    kind: Option<WorkloadKind>,
    scaling: Option<Scaling>,
) -> Option<KubernetesOperation> {
    let message = match (verb, kind, scaling) {
        (Verb::Restart, Some(kind), _) => return Some(KubernetesOperation::Restart { kind }),
        (Verb::Delete, None, _) => return Some(KubernetesOperation::DeletePod),
        (Verb::Scale, Some(kind @ (WorkloadKind::Deployment | WorkloadKind::StatefulSet)), Some(scaling)) => {
            return Some(KubernetesOperation::Scale { kind, scaling });
        }
        (Verb::Restart, None, _) => "restarts workloads; delete the pod, and its controller makes another",
        (Verb::Delete, Some(_), _) => "deletes nothing but a pod",
        (Verb::Scale, ..) => "scales deployments and stateful sets only",
    };
    section.fault("do", message);
    None
}

/// Kubernetes itself has no greatest number, and 0 turns a service off.
fn replicas(section: &mut Section) -> Option<Scaling> {
    let scaling = scaling(section, 0)?;
    match scaling.change {
        ScaleChange::Up(_) if scaling.at_most.is_none() => {
            section.fault("up", "needs at_most: Kubernetes has no bound of its own");
        }
        ScaleChange::To(0) if scaling.at_least.is_none() => {
            section.fault("to", "needs at_least: 0 as well, for 0 turns it off");
        }
        _ => return Some(scaling),
    }
    None
}

fn namespace(node: &Node, allowed: &[String]) -> Parsed<Template> {
    let source = text(node)?;
    if allowed.is_empty() {
        return Err("is not allowed: name it in kubernetes.namespaces".to_owned());
    }
    if !holds_template(source) && !allowed.iter().any(|allowed| allowed == source) {
        return Err(format!("is not one of kubernetes.namespaces: {}", allowed.join(", ")));
    }
    template(source, Escape::Argument)
}

fn name(node: &Node) -> Parsed<Template> {
    let source = text(node)?;
    if !holds_template(source) && !KubernetesAction::is_name(source) {
        return Err("is not the name of an object, such as web-1, nor a template".to_owned());
    }
    chosen(source)
}
