//! What is acted on, by one name however an alert or a policy spells it.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

/// What a plan touches: one thing or two, seldom more, each once, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched(SmallVec<[Object; 2]>);

impl Touched {
    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Object> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first of these that others touch as well.
    pub fn shared_with<'s>(&'s self, others: &Self) -> Option<&'s Object> {
        self.0.iter().find(|object| others.0.binary_search(object).is_ok())
    }
}

impl FromIterator<Object> for Touched {
    fn from_iter<I: IntoIterator<Item = Object>>(objects: I) -> Self {
        let mut objects: SmallVec<_> = objects.into_iter().collect();
        objects.sort_unstable();
        objects.dedup();
        Self(objects)
    }
}

impl<'a> IntoIterator for &'a Touched {
    type Item = &'a Object;
    type IntoIter = std::slice::Iter<'a, Object>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One thing that is acted on. Two that are equal are the same thing; two that differ may be the same as well, where
/// one of them is looked up and it is not known yet what that leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object {
    kind: ObjectKind,
    name: Arc<str>,
}

/// Kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// What a policy calls its target, word for word.
    Target,
    /// A host, as the pattern of a policy's target takes it out of the target.
    Host,
    /// A unit of systemd, of the daemon's own host.
    Unit,
    /// An EC2 instance, by its id.
    Instance,
    /// Whichever EC2 instance has a tag: `key=value`.
    InstanceTag,
    /// Whichever EC2 instance has a private address.
    InstanceAddress,
    /// An Auto Scaling group.
    ScalingGroup,
    /// A container of the daemon's own host, by its name.
    Container,
    /// Whichever container has a label: `key=value`.
    ContainerLabel,
    /// A Deployment of Kubernetes: `namespace/name`, as are the following.
    Deployment,
    /// A StatefulSet.
    StatefulSet,
    /// A DaemonSet.
    DaemonSet,
    /// A pod.
    Pod,
}

impl ObjectKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Host => "host",
            Self::Unit => "unit",
            Self::Instance => "ec2",
            Self::InstanceTag => "ec2-tag",
            Self::InstanceAddress => "ec2-address",
            Self::ScalingGroup => "asg",
            Self::Container => "container",
            Self::ContainerLabel => "container-label",
            Self::Deployment => "deployment",
            Self::StatefulSet => "statefulset",
            Self::DaemonSet => "daemonset",
            Self::Pod => "pod",
        }
    }
}

impl Object {
    /// The object of this kind and name.
    pub fn new(kind: ObjectKind, name: impl Into<Arc<str>>) -> Self {
        Self { kind, name: name.into() }
    }

    /// Each name that a person or a label may have for it: the value alone of a tag and of a label, and what is in a
    /// namespace without that.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let short = match self.kind {
            ObjectKind::InstanceTag | ObjectKind::ContainerLabel => self.name.split_once('='),
            ObjectKind::Deployment | ObjectKind::StatefulSet | ObjectKind::DaemonSet | ObjectKind::Pod => {
                self.name.split_once('/')
            }
            _ => None,
        };
        short.map(|(_, rest)| rest).into_iter().chain([&*self.name])
    }
}

impl fmt::Display for Object {
    /// The kind and the name, such as `unit:app.service` or `pod:shop/web-1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_one_text_and_the_names_that_people_have_for_it() {
        for (kind, name, text, names) in [
            (ObjectKind::Target, "web:80", "target:web:80", &["web:80"][..]),
            (ObjectKind::Unit, "app.service", "unit:app.service", &["app.service"]),
            (ObjectKind::Instance, "i-1234abcd", "ec2:i-1234abcd", &["i-1234abcd"]),
            (ObjectKind::InstanceTag, "Name=web", "ec2-tag:Name=web", &["web", "Name=web"]),
            (ObjectKind::InstanceAddress, "10.0.0.5", "ec2-address:10.0.0.5", &["10.0.0.5"]),
            (
                ObjectKind::ContainerLabel,
                "service=shop",
                "container-label:service=shop",
                &["shop", "service=shop"],
            ),
            (ObjectKind::Deployment, "shop/web", "deployment:shop/web", &["web", "shop/web"]),
            (ObjectKind::Pod, "shop/web-1", "pod:shop/web-1", &["web-1", "shop/web-1"]),
        ] {
            let object = Object::new(kind, name);
            assert_eq!(
                (object.to_string().as_str(), object.names().collect::<Vec<_>>()),
                (text, names.to_vec())
            );
        }
    }
}
