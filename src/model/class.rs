//! How grave an action is for those who use what it acts on.

use serde::{Deserialize, Serialize};

use super::{
    Action, AlertmanagerAction, DockerOperation, Ec2Operation, KubernetesOperation, ScaleChange, Scaling,
    SystemdOperation,
};

/// From what nobody notices to what takes something away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It only tells somebody.
    Harmless,
    /// It interrupts its target, which comes back by itself.
    Disruptive,
    /// It takes something away until somebody brings it back: a person approves it, and not the one who asks.
    Destructive,
}

impl Class {
    /// The name used in the configuration, in JSON and in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Disruptive => "disruptive",
            Self::Destructive => "destructive",
        }
    }
}

impl Action {
    /// What is known of how grave it is; `None` where only who wrote the policy knows: programs, calls and documents.
    pub fn class(&self) -> Option<Class> {
        match self {
            Self::Command(_) | Self::Http(_) | Self::Ssm(_) => None,
            Self::Ec2(action) => Some(match action.operation {
                Ec2Operation::Reboot | Ec2Operation::Start | Ec2Operation::Restart => Class::Disruptive,
                Ec2Operation::Stop => Class::Destructive,
            }),
            Self::Autoscaling(action) => Some(action.scaling.class()),
            Self::Kubernetes(action) => Some(match &action.operation {
                KubernetesOperation::Restart { .. } | KubernetesOperation::DeletePod => Class::Disruptive,
                KubernetesOperation::Scale { scaling, .. } => scaling.class(),
            }),
            Self::Systemd(action) => Some(match action.operation {
                SystemdOperation::Restart | SystemdOperation::Start | SystemdOperation::Reload => {
                    Class::Disruptive
                }
                SystemdOperation::Stop => Class::Destructive,
            }),
            Self::Docker(action) => Some(match action.operation {
                DockerOperation::Restart | DockerOperation::Start => Class::Disruptive,
                DockerOperation::Stop => Class::Destructive,
            }),
            Self::Alertmanager(action) => Some(match action {
                AlertmanagerAction::Alert(_) => Class::Harmless,
                AlertmanagerAction::Silence(_) => Class::Disruptive,
            }),
        }
    }
}

impl Scaling {
    /// A number may be less than there is, and only who looks knows.
    fn class(&self) -> Class {
        match self.change {
            ScaleChange::Up(_) => Class::Disruptive,
            ScaleChange::Down(_) | ScaleChange::To(_) => Class::Destructive,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{
        AutoscalingAction, ContainerLookup, DockerAction, Ec2Action, InstanceLookup, KubernetesAction,
        SystemdAction, WorkloadKind,
    };
    use super::*;

    #[test]
    fn what_stops_something_is_destructive_and_what_brings_it_back_is_not() {
        let timeout = Duration::from_secs(1);
        let ec2 = |operation| {
            let instance = InstanceLookup::InstanceId("i-1234abcd".to_owned());
            Action::Ec2(Ec2Action { operation, instance, found: None, wait: None, timeout })
        };
        let unit =
            |operation| Action::Systemd(SystemdAction { operation, unit: "app.service".to_owned(), timeout });
        let container = |operation| {
            let container = ContainerLookup::Name("app".to_owned());
            Action::Docker(DockerAction { operation, container, found: None, kill_after: None, timeout })
        };
        let group = |change| {
            let scaling = Scaling { change, at_least: None, at_most: None };
            Action::Autoscaling(AutoscalingAction { group: "web".to_owned(), scaling, wait: false, timeout })
        };
        let workload = |operation| {
            let (namespace, name) = ("shop".to_owned(), "web".to_owned());
            Action::Kubernetes(KubernetesAction { namespace, name, operation, wait: false, timeout })
        };
        let kind = WorkloadKind::Deployment;
        let down = Scaling { change: ScaleChange::Down(1), at_least: None, at_most: None };
        for (action, expected) in [
            (workload(KubernetesOperation::Restart { kind }), Class::Disruptive),
            (workload(KubernetesOperation::DeletePod), Class::Disruptive),
            (workload(KubernetesOperation::Scale { kind, scaling: down }), Class::Destructive),
            (group(ScaleChange::Up(1)), Class::Disruptive),
            (group(ScaleChange::Down(1)), Class::Destructive),
            (group(ScaleChange::To(1)), Class::Destructive),
            (ec2(Ec2Operation::Reboot), Class::Disruptive),
            (ec2(Ec2Operation::Start), Class::Disruptive),
            (ec2(Ec2Operation::Restart), Class::Disruptive),
            (ec2(Ec2Operation::Stop), Class::Destructive),
            (unit(SystemdOperation::Restart), Class::Disruptive),
            (unit(SystemdOperation::Start), Class::Disruptive),
            (unit(SystemdOperation::Reload), Class::Disruptive),
            (unit(SystemdOperation::Stop), Class::Destructive),
            (container(DockerOperation::Restart), Class::Disruptive),
            (container(DockerOperation::Start), Class::Disruptive),
            (container(DockerOperation::Stop), Class::Destructive),
        ] {
            assert_eq!(action.class(), Some(expected), "{action:?}");
        }
    }
}
