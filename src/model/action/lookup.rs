//! What an action names by something that has to be looked up, and what that was found to be.

use std::fmt;

use super::{Action, ContainerLookup, InstanceLookup};

/// What is named by a tag, an address or a label: which object that is has to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// An EC2 instance, by a tag or an address.
    Instance(InstanceLookup),
    /// A container, by a label.
    Container(ContainerLookup),
}

impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(instance) => instance.fmt(f),
            Self::Container(container) => write!(f, "the container with {container}"),
        }
    }
}

impl Action {
    /// What has to be looked up before it is known what it acts on; `None`: it names that itself.
    pub fn lookup(&self) -> Option<Lookup> {
        let instance = match self {
            Self::Ec2(action) => &action.instance,
            Self::Ssm(action) => &action.instance,
            Self::Docker(action) => {
                let by_label = matches!(action.container, ContainerLookup::Label { .. });
                return by_label.then(|| Lookup::Container(action.container.clone()));
            }
            _ => return None,
        };
        let by_id = matches!(instance, InstanceLookup::InstanceId(_));
        (!by_id).then(|| Lookup::Instance(instance.clone()))
    }

    /// The id or the name to which its lookup led when it was decided on.
    pub fn found(&self) -> Option<&str> {
        match self {
            Self::Ec2(action) => action.found.as_deref(),
            Self::Ssm(action) => action.found.as_deref(),
            Self::Docker(action) => action.found.as_deref(),
            _ => None,
        }
    }

    /// Its lookup leads to this: from now on it means that object and no other.
    pub fn set_found(&mut self, name: String) {
        match self {
            Self::Ec2(action) => action.found = Some(name),
            Self::Ssm(action) => action.found = Some(name),
            Self::Docker(action) => action.found = Some(name),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{DockerAction, DockerOperation, Ec2Action, Ec2Operation};
    use super::*;

    #[test]
    fn a_tag_an_address_and_a_label_are_looked_up_and_mean_what_was_found() {
        let timeout = Duration::from_secs(1);
        let ec2 = |instance| {
            let operation = Ec2Operation::Reboot;
            Action::Ec2(Ec2Action { operation, instance, found: None, wait: None, timeout })
        };
        let docker = |container| {
            let operation = DockerOperation::Restart;
            Action::Docker(DockerAction { operation, container, found: None, kill_after: None, timeout })
        };
        let (key, value) = ("Name".to_owned(), "web".to_owned());
        for (mut action, lookup, touched) in [
            (ec2(InstanceLookup::InstanceId("i-1234abcd".to_owned())), None, &["ec2:i-1234abcd"][..]),
            (
                ec2(InstanceLookup::PrivateIp("10.0.0.5".to_owned())),
                Some("the instance with the private address 10.0.0.5"),
                &["ec2-address:10.0.0.5", "ec2:it"],
            ),
            (
                ec2(InstanceLookup::Tag { key: key.clone(), value: value.clone() }),
                Some("the instance with the tag Name=web"),
                &["ec2-tag:Name=web", "ec2:it"],
            ),
            (docker(ContainerLookup::Name("app".to_owned())), None, &["container:app"]),
            (
                docker(ContainerLookup::Label { key, value }),
                Some("the container with the label Name=web"),
                &["container-label:Name=web", "container:it"],
            ),
        ] {
            assert_eq!(action.lookup().map(|lookup| lookup.to_string()).as_deref(), lookup, "{action:?}");
            assert_eq!((action.found(), action.touches().len()), (None, 1), "nobody has looked yet");
            if lookup.is_some() {
                action.set_found("it".to_owned());
            }
            let all: Vec<String> = action.touches().iter().map(ToString::to_string).collect();
            assert_eq!(
                (all, action.found()),
                (touched.iter().map(ToString::to_string).collect(), lookup.map(|_| "it"))
            );
        }
    }
}
