//! What an action acts on, and the names for it.

use std::borrow::Cow;

use super::{Action, ContainerLookup, InstanceLookup, KubernetesAction, KubernetesOperation, WorkloadKind};
use crate::model::{Object, ObjectKind};

impl Action {
    /// What it acts on: what it names, and what that was found to be where it is looked up. Empty for a program and a
    /// call, of which nobody knows what they do to whom, and for what is told to Alertmanager.
    pub fn touches(&self) -> Vec<Object> {
        let named = match self {
            Self::Command(_) | Self::Http(_) | Self::Alertmanager(_) => None,
            Self::Ec2(action) => Some(action.instance.object()),
            Self::Ssm(action) => Some(action.instance.object()),
            Self::Autoscaling(action) => Some(Object::new(ObjectKind::ScalingGroup, action.group.as_str())),
            Self::Kubernetes(action) => Some(action.object()),
            Self::Systemd(action) => Some(Object::new(ObjectKind::Unit, action.unit.as_str())),
            Self::Docker(action) => Some(action.container.object()),
        };
        let kind = if matches!(self, Self::Docker(_)) { ObjectKind::Container } else { ObjectKind::Instance };
        let found = self.found().map(|name| Object::new(kind, name));
        named.into_iter().chain(found).collect()
    }

    /// Each name of what it acts on, as far as it is known: the id, the address or the tag of an instance, a
    /// group, a workload or a pod with and without its namespace, a unit, a container; of a program each argument, for
    /// one of them may be such a name.
    pub fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let arguments = match self {
            Self::Command(action) => action.argv.get(1..).unwrap_or_default(),
            _ => &[],
        };
        let touched = self.touches().into_iter();
        let names = touched.flat_map(|object| object.names().map(str::to_owned).collect::<Vec<_>>());
        arguments.iter().map(Cow::from).chain(names.map(Cow::from))
    }
}

impl InstanceLookup {
    fn object(&self) -> Object {
        match self {
            Self::InstanceId(id) => Object::new(ObjectKind::Instance, id.as_str()),
            Self::Tag { key, value } => Object::new(ObjectKind::InstanceTag, format!("{key}={value}")),
            Self::PrivateIp(address) => Object::new(ObjectKind::InstanceAddress, address.as_str()),
        }
    }
}

impl ContainerLookup {
    fn object(&self) -> Object {
        match self {
            Self::Name(name) => Object::new(ObjectKind::Container, name.as_str()),
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
