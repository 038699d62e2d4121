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

fn instance(lookup: &InstanceLookup) -> Vec<String> {
    match lookup {
        InstanceLookup::InstanceId(text) | InstanceLookup::PrivateIp(text) => vec![text.clone()],
        InstanceLookup::Tag { key, value } => tagged(key, value),
    }
}

fn tagged(key: &str, value: &str) -> Vec<String> {
    vec![value.to_owned(), format!("{key}={value}")]
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
