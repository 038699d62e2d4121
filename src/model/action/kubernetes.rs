//! What can be done to a workload, or to one pod, of a Kubernetes cluster.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Scaling;

/// What is done to one object of a namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubernetesAction {
    /// The namespace; see [`KubernetesAction::is_namespace`].
    pub namespace: String,
    /// The object's name; see [`KubernetesAction::is_name`].
    pub name: String,
    /// What is done, and to which kind of object.
    #[serde(flatten)]
    pub operation: KubernetesOperation,
    /// Whether it waits until the workload is rolled out; a pod that is deleted is always waited for.
    #[serde(default)]
    pub wait: bool,
    /// For looking at the object, changing it and waiting; looking may take half of it.
    pub timeout: Duration,
}

/// What can be done: nothing that deletes what no controller brings back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KubernetesOperation {
    /// Replace its pods, one after the other as its strategy says.
    Restart {
        /// Of which kind it is.
        kind: WorkloadKind,
    },
    /// Change its number of replicas.
    Scale {
        /// Of which kind it is; not a daemon set.
        kind: WorkloadKind,
        /// The change and its bounds. Never to 0, unless `at_least` is 0.
        #[serde(flatten)]
        scaling: Scaling,
    },
    /// Delete one pod that a controller will recreate.
    DeletePod,
}

/// What has pods and keeps them at a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkloadKind {
    /// A Deployment.
    Deployment,
    /// A StatefulSet.
    StatefulSet,
    /// A DaemonSet.
    DaemonSet,
}

impl WorkloadKind {
    /// As the API has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
        }
    }
}

/// The longest name of a namespace, as RFC 1123 has it.
const MAX_NAMESPACE: usize = 63;
/// The longest name of an object.
const MAX_NAME: usize = 253;

impl KubernetesAction {
    /// Whether the whole text is the name of a namespace: lower-case letters, digits and `-`, none at an end.
    pub fn is_namespace(text: &str) -> bool {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=MAX_NAMESPACE).contains(&text.len())
            && text.chars().all(plain)
            && !text.starts_with('-')
            && !text.ends_with('-')
    }

    /// Whether the whole text is the name of an object: such parts, joined by dots.
    pub fn is_name(text: &str) -> bool {
        text.len() <= MAX_NAME && text.split('.').all(Self::is_namespace)
    }
}

impl fmt::Display for KubernetesAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.operation {
            KubernetesOperation::Restart { kind } | KubernetesOperation::Scale { kind, .. } => kind.as_str(),
            KubernetesOperation::DeletePod => "Pod",
        };
        write!(f, "{kind} {}/{}", self.namespace, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, ScaleChange};
    use super::*;

    #[test]
    fn names_are_those_of_rfc_1123() {
        for (text, namespace, name) in [
            ("shop", true, true),
            ("web-1", true, true),
            ("1", true, true),
            ("web.v1", false, true),
            ("web-6d4cf56db6-abcde", true, true),
            ("-web", false, false),
            ("web-", false, false),
            ("web..v1", false, false),
            (".web", false, false),
            ("Web", false, false),
            ("../nodes", false, false),
            ("web/status", false, false),
            ("web?dryRun=All", false, false),
            ("web%2Fx", false, false),
            ("web\n", false, false),
            ("; rm -rf /", false, false),
            ("", false, false),
        ] {
            assert_eq!(KubernetesAction::is_namespace(text), namespace, "{text}");
            assert_eq!(KubernetesAction::is_name(text), name, "{text}");
        }
        assert!(!KubernetesAction::is_namespace(&"a".repeat(64)));
        assert!(!KubernetesAction::is_name(&["a"; 128].join(".")));
    }

    #[test]
    fn the_journal_keeps_a_kubernetes_action_in_this_form() {
        let scaling = Scaling { change: ScaleChange::Up(1), at_least: None, at_most: Some(8) };
        let kind = WorkloadKind::StatefulSet;
        for (operation, text) in [
            (
                KubernetesOperation::Restart { kind: WorkloadKind::Deployment },
                r#""restart":{"kind":"deployment"}"#,
            ),
            (
                KubernetesOperation::Scale { kind, scaling },
                r#""scale":{"kind":"stateful_set","up":1,"at_most":8}"#,
            ),
            (KubernetesOperation::DeletePod, r#""delete_pod":null"#),
        ] {
            let (namespace, name) = ("shop".to_owned(), "web".to_owned());
            let timeout = Duration::from_secs(30);
            let action =
                Action::Kubernetes(KubernetesAction { namespace, name, operation, wait: true, timeout });
            let text = format!(
                r#"{{"kubernetes":{{"namespace":"shop","name":"web",{text},"wait":true,"timeout":{{"secs":30,"nanos":0}}}}}}"#
            );
            assert_eq!(serde_json::to_string(&action).unwrap(), text);
            assert_eq!(serde_json::from_str::<Action>(&text).unwrap(), action);
            assert_eq!(action.kind(), "kubernetes");
        }
    }
}
