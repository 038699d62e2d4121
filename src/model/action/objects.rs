//! The names by which an action says what it acts on.

use super::{Action, ContainerLookup, InstanceLookup};

impl Action {
    /// Each name of what it acts on, as it is written in the action: the id, the address or the tag of an instance, a
    /// group, a workload or a pod with and without its namespace, a unit, a container; of a program each argument, for
    /// one of them may be such a name. Empty for a call and for what is told to Alertmanager.
    pub fn objects(&self) -> Vec<String> {
        match self {
            Self::Command(action) => action.argv.iter().skip(1).cloned().collect(),
            Self::Http(_) | Self::Alertmanager(_) => Vec::new(),
            Self::Ec2(action) => instance(&action.instance),
            Self::Ssm(action) => instance(&action.instance),
            Self::Autoscaling(action) => vec![action.group.clone()],
            Self::Kubernetes(action) => {
                vec![action.name.clone(), format!("{}/{}", action.namespace, action.name)]
            }
            Self::Systemd(action) => vec![action.unit.clone()],
            Self::Docker(action) => match &action.container {
                ContainerLookup::Name(name) => vec![name.clone()],
                ContainerLookup::Label { key, value } => tagged(key, value),
            },
        }
    }
}

fn instance(lookup: &InstanceLookup) -> Vec<String> {
    match lookup {
        InstanceLookup::InstanceId(text) | InstanceLookup::PrivateIp(text) => vec![text.clone()],
        InstanceLookup::Tag { key, value } => tagged(key, value),
    }
}

fn tagged(key: &str, value: &str) -> Vec<String> {
    vec![value.to_owned(), format!("{key}={value}")]
}
