//! What nothing is ever done to: what the configuration lists, and the units of the daemon and its watchers.

use crate::model::Action;

/// Units that are protected whatever the configuration says, by the names that packages give them.
pub const ALWAYS: [&str; 4] = [
    "smartcloudops.service",
    "prometheus.service",
    "alertmanager.service",
    "prometheus-alertmanager.service",
];

/// What is protected of all that an action names.
pub(super) fn named_by(action: &Action, protected: &[String]) -> Option<String> {
    action.names().find_map(|object| {
        if ALWAYS.contains(&&*object) {
            return Some(format!("{object}, which is protected always"));
        }
        let listed = protected.iter().find(|entry| means(entry, &object))?;
        Some(format!("{object}, which remediation.protected lists as {listed}"))
    })
}

/// A target is often listed with its port, which an action's name for it has not.
pub(super) fn means(entry: &str, object: &str) -> bool {
    let host = entry.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    entry == object || host.is_some_and(|(host, _)| host == object)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{
        AutoscalingAction, CommandAction, ContainerLookup, DockerAction, DockerOperation, Ec2Action,
        Ec2Operation, InstanceLookup, KubernetesAction, KubernetesOperation, ScaleChange, Scaling, SsmAction,
        SystemdAction, SystemdOperation,
    };

    const SECOND: Duration = Duration::from_secs(1);

    fn ec2(instance: InstanceLookup) -> Action {
        let operation = Ec2Operation::Reboot;
        Action::Ec2(Ec2Action { operation, instance, found: None, wait: None, timeout: SECOND })
    }

    fn unit(unit: &str) -> Action {
        let operation = SystemdOperation::Reload;
        Action::Systemd(SystemdAction { operation, unit: unit.to_owned(), timeout: SECOND })
    }

    fn container(container: ContainerLookup) -> Action {
        let operation = DockerOperation::Restart;
        Action::Docker(DockerAction { operation, container, found: None, kill_after: None, timeout: SECOND })
    }

    fn command(argv: &[&str]) -> Action {
        let argv = argv.iter().map(|text| (*text).to_owned()).collect();
        Action::Command(CommandAction { argv, timeout: SECOND })
    }

    /// One action of each kind on an object, and that object as it can be listed.
    fn kinds() -> Vec<(Action, &'static str)> {
        let id = InstanceLookup::InstanceId("i-1234abcd".to_owned());
        let address = InstanceLookup::PrivateIp("10.0.0.5".to_owned());
        let tag = InstanceLookup::Tag { key: "Name".to_owned(), value: "web".to_owned() };
        let label = ContainerLookup::Label { key: "service".to_owned(), value: "shop".to_owned() };
        let (document, parameters) = ("AWS-RunShellScript".to_owned(), Vec::new());
        let ssm = SsmAction { document, parameters, instance: id.clone(), found: None, timeout: SECOND };
        let scaling = Scaling { change: ScaleChange::Up(1), at_least: None, at_most: None };
        let group = AutoscalingAction { group: "web".to_owned(), scaling, wait: false, timeout: SECOND };
        let (namespace, name) = ("shop".to_owned(), "web-1".to_owned());
        let operation = KubernetesOperation::DeletePod;
        let pod =
            Action::Kubernetes(KubernetesAction { namespace, name, operation, wait: false, timeout: SECOND });
        vec![
            (ec2(id), "i-1234abcd"),
            (ec2(address.clone()), "10.0.0.5"),
            (ec2(address), "10.0.0.5:9100"),
            (ec2(tag.clone()), "web"),
            (ec2(tag), "Name=web"),
            (Action::Ssm(ssm), "i-1234abcd"),
            (Action::Autoscaling(group), "web"),
            (pod.clone(), "web-1"),
            (pod, "shop/web-1"),
            (unit("app.service"), "app.service"),
            (container(ContainerLookup::Name("app".to_owned())), "app"),
            (container(label), "service=shop"),
            (command(&["/usr/bin/systemctl", "restart", "app.service"]), "app.service"),
        ]
    }

    #[test]
    fn whatever_an_action_names_can_be_protected() {
        for (action, listed) in kinds() {
            let found = named_by(&action, &["other".to_owned(), listed.to_owned()]);
            let end = format!(", which remediation.protected lists as {listed}");
            assert!(found.as_ref().is_some_and(|found| found.ends_with(&end)), "{action:?}: {found:?}");
            for other in ["other", "i-1234abc", "10.0.0.50:9100", "10.0.0.5:x", "we", ""] {
                assert_eq!(named_by(&action, &[other.to_owned()]), None, "{action:?}: {other}");
            }
        }
    }

    #[test]
    fn the_daemon_and_its_watchers_are_protected_always() {
        for name in ALWAYS {
            let expected = Some(format!("{name}, which is protected always"));
            assert_eq!(named_by(&unit(name), &[]), expected);
            assert_eq!(named_by(&command(&["/usr/bin/systemctl", "stop", name]), &[]), expected);
        }
        assert_eq!(named_by(&unit("prometheus-node-exporter.service"), &[]), None);
    }
}
