//! What an action acts on, and the names for it.

use super::{Action, ContainerLookup, InstanceLookup, KubernetesAction, KubernetesOperation, WorkloadKind};
use crate::model::{Object, ObjectKind};

impl Action {
    /// What it acts on, as far as that can be known of the action alone. Empty for a program and a call, of which nobody
    /// knows what they do to whom, and for what is told to Alertmanager.
    pub fn touches(&self) -> Vec<Object> {
        match self {
            Self::Command(_) | Self::Http(_) | Self::Alertmanager(_) => Vec::new(),
            Self::Ec2(action) => vec![action.instance.object()],
            Self::Ssm(action) => vec![action.instance.object()],
            Self::Autoscaling(action) => vec![Object::new(ObjectKind::ScalingGroup, &action.group)],
            Self::Kubernetes(action) => vec![action.object()],
            Self::Systemd(action) => vec![Object::new(ObjectKind::Unit, &action.unit)],
            Self::Docker(action) => vec![action.container.object()],
        }
    }

    /// Each name of what it acts on, as it is written in the action: the id, the address or the tag of an instance, a
    /// group, a workload or a pod with and without its namespace, a unit, a container; of a program each argument, for
    /// one of them may be such a name.
    pub fn names(&self) -> Vec<String> {
        if let Self::Command(action) = self {
            return action.argv.iter().skip(1).cloned().collect();
        }
        let touched = self.touches();
        touched.iter().flat_map(Object::names).map(str::to_owned).collect()
    }
}

impl Action {
    /// What it is known by where that may mean another object by the time it is carried out: a tag, an address or a label
    /// is looked up then, and an id or a name is not.
    pub fn looked_up(&self) -> Option<String> {
        let lookup = match self {
            Self::Ec2(action) => &action.instance,
            Self::Ssm(action) => &action.instance,
            Self::Docker(action) => {
                let label = matches!(action.container, ContainerLookup::Label { .. });
                return label.then(|| format!("the container with {}", action.container));
            }
            _ => return None,
        };
        let by_id = matches!(lookup, InstanceLookup::InstanceId(_));
        (!by_id).then(|| lookup.to_string())
    }
}

impl InstanceLookup {
    fn object(&self) -> Object {
        match self {
            Self::InstanceId(id) => Object::new(ObjectKind::Instance, id),
            Self::Tag { key, value } => Object::new(ObjectKind::InstanceTag, format!("{key}={value}")),
            Self::PrivateIp(address) => Object::new(ObjectKind::InstanceAddress, address),
        }
    }
}

impl ContainerLookup {
    fn object(&self) -> Object {
        match self {
            Self::Name(name) => Object::new(ObjectKind::Container, name),
            Self::Label { key, value } => Object::new(ObjectKind::ContainerLabel, format!("{key}={value}")),
        }
    }
}

impl KubernetesAction {
    fn object(&self) -> Object {
        let kind = match self.operation {
            KubernetesOperation::Restart { kind } | KubernetesOperation::Scale { kind, .. } => match kind {
                WorkloadKind::Deployment => ObjectKind::Deployment,
                WorkloadKind::StatefulSet => ObjectKind::StatefulSet,
                WorkloadKind::DaemonSet => ObjectKind::DaemonSet,
            },
            KubernetesOperation::DeletePod => ObjectKind::Pod,
        };
        Object::new(kind, format!("{}/{}", self.namespace, self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{DockerAction, DockerOperation, Ec2Action, Ec2Operation};
    use super::*;

    #[test]
    fn an_id_and_a_name_mean_the_same_later_and_nothing_else_does() {
        let timeout = Duration::from_secs(1);
        let ec2 = |instance| {
            Action::Ec2(Ec2Action { operation: Ec2Operation::Reboot, instance, wait: None, timeout })
        };
        let docker = |container| {
            let operation = DockerOperation::Restart;
            Action::Docker(DockerAction { operation, container, kill_after: None, timeout })
        };
        let (key, value) = ("Name".to_owned(), "web".to_owned());
        for (action, expected) in [
            (ec2(InstanceLookup::InstanceId("i-1234abcd".to_owned())), None),
            (
                ec2(InstanceLookup::PrivateIp("10.0.0.5".to_owned())),
                Some("the instance with the private address 10.0.0.5"),
            ),
            (
                ec2(InstanceLookup::Tag { key: key.clone(), value: value.clone() }),
                Some("the instance with the tag Name=web"),
            ),
            (docker(ContainerLookup::Name("app".to_owned())), None),
            (docker(ContainerLookup::Label { key, value }), Some("the container with the label Name=web")),
        ] {
            assert_eq!(action.looked_up().as_deref(), expected, "{action:?}");
        }
    }
}
