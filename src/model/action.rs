//! What can be done: each action with everything it needs, filled in and checked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SecretSource;

mod alertmanager;
mod autoscaling;
mod docker;
mod ec2;
mod kubernetes;
mod lookup;
mod objects;
mod scaling;
mod ssm;
mod systemd;

pub use alertmanager::{AlertmanagerAction, ESCALATION, EscalationAction, SilenceAction, is_escalation};
pub use autoscaling::AutoscalingAction;
pub use docker::{ContainerLookup, DockerAction, DockerOperation};
pub use ec2::{Ec2Action, Ec2Operation, Ec2Wait, InstanceLookup};
pub use kubernetes::{KubernetesAction, KubernetesOperation, WorkloadKind};
pub use lookup::Lookup;
pub use scaling::{ScaleChange, Scaling};
pub use ssm::{SHELL_SCRIPT, SsmAction};
pub use systemd::{SystemdAction, SystemdOperation};

/// What can be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Run a program.
    Command(CommandAction),
    /// Call an HTTP endpoint; boxed, since it is by far the largest.
    Http(Box<HttpAction>),
    /// Act on an EC2 instance. It can be read in every build, and carried out where the feature `aws` is in.
    Ec2(Ec2Action),
    /// Change the capacity of an Auto Scaling group; as for EC2.
    Autoscaling(AutoscalingAction),
    /// Run a document on an EC2 instance; as for EC2.
    Ssm(SsmAction),
    /// Act on a workload or a pod. It can be carried out where the feature `kubernetes` is in.
    Kubernetes(KubernetesAction),
    /// Act on a unit of this host.
    Systemd(SystemdAction),
    /// Act on a container of this host.
    Docker(DockerAction),
    /// Tell Alertmanager something.
    Alertmanager(AlertmanagerAction),
}

impl Action {
    /// The kind, as used in metric labels and the configuration.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "command",
            Self::Http(_) => "http",
            Self::Ec2(_) => "ec2",
            Self::Autoscaling(_) => "autoscaling",
            Self::Ssm(_) => "ssm",
            Self::Kubernetes(_) => "kubernetes",
            Self::Systemd(_) => "systemd",
            Self::Docker(_) => "docker",
            Self::Alertmanager(_) => "alertmanager",
        }
    }

    /// Whether it creates a silence in Alertmanager, which whoever created it lifts.
    pub fn is_silence(&self) -> bool {
        matches!(self, Self::Alertmanager(AlertmanagerAction::Silence(_)))
    }

    /// Whether it takes something away that it gives back itself, so that whoever takes up its run must finish it: an
    /// EC2 instance that a restart has stopped is to be started.
    pub fn must_be_finished(&self) -> bool {
        matches!(self, Self::Ec2(action) if action.operation == Ec2Operation::Restart)
    }
}

/// A program, run without a shell, with a clean environment, in its own process group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandAction {
    /// Absolute path of the program, then its arguments. Never empty.
    pub argv: Vec<String>,
    /// Then the whole process group gets TERM, and KILL five seconds later.
    pub timeout: Duration,
}

/// One HTTP request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpAction {
    /// `POST`, `PUT`, `PATCH` or `GET`.
    pub method: String,
    /// `http` or `https`.
    pub url: String,
    /// Sent as `Authorization: Bearer …`; only its place is stored.
    pub bearer: Option<SecretSource>,
    /// Signs id, time and body, as the Standard Webhooks specification has it; only its place is stored.
    #[serde(default)]
    pub signing_key: Option<SecretSource>,
    /// Request headers without secrets.
    pub headers: Vec<(String, String)>,
    /// Request headers whose values are secrets; only their places are stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_headers: Vec<(String, SecretSource)>,
    /// Request body, empty for none.
    pub body: String,
    /// For the whole exchange, retries included.
    pub timeout: Duration,
    /// Further attempts; 0 unless the request may be repeated without harm.
    #[serde(default)]
    pub retries: u32,
}
