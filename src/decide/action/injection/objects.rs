//! Places that name what is acted on, or tell somebody of it.

use super::*;
use crate::model::{
    AlertmanagerAction, ContainerLookup, DockerOperation, Ec2Operation, InstanceLookup, KubernetesOperation,
    Labels, Matcher, ScaleChange, Scaling, SystemdOperation,
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_value_names_an_instance_or_a_unit_or_nothing() {
    for (value, fits) in hostile() {
        let ec2 = |instance| {
            let wait = None;
            let timeout = Duration::from_secs(1);
            let template = Ec2Template { operation: Ec2Operation::Reboot, instance, wait, timeout };
            action(ActionTemplate::Ec2(template), &value)
        };
        let template = || argument("{{ labels.evil }}");
        assert_eq!(ec2(InstanceTemplate::Id(template())), None, "{}", short(&value));
        assert_eq!(ec2(InstanceTemplate::PrivateIp(template())), None, "{}", short(&value));
        let tag = ec2(InstanceTemplate::Tag { key: "Name".to_owned(), value: template() });
        let is_tag = fits == Alone && !value.contains(['*', '?', '\\']);
        let expected = is_tag.then(|| InstanceLookup::Tag { key: "Name".to_owned(), value: value.clone() });
        let found = tag.map(|action| match action {
            Action::Ec2(action) => action.instance,
            other => panic!("not an EC2 action: {other:?}"),
        });
        assert_eq!(found, expected, "{}", short(&value));
        let unit = action(
            ActionTemplate::Systemd(SystemdTemplate {
                operation: SystemdOperation::Restart,
                unit: argument("app@{{ labels.evil }}.service"),
                timeout: Duration::from_secs(1),
            }),
            &value,
        );
        let expected = (fits == Inside).then(|| format!("app@{value}.service"));
        let found = unit.map(|action| match action {
            Action::Systemd(action) => action.unit,
            other => panic!("not a unit: {other:?}"),
        });
        assert_eq!(found, expected, "{}", short(&value));
    }
}

#[test]
fn a_value_names_a_container_or_nothing() {
    let meant = |container, value: &str| {
        let (kill_after, timeout) = (None, Duration::from_secs(1));
        let template = DockerTemplate { operation: DockerOperation::Restart, container, kill_after, timeout };
        match action(ActionTemplate::Docker(template), value) {
            Some(Action::Docker(action)) => Some(action.container),
            None => None,
            other => panic!("not a container: {other:?}"),
        }
    };
    for (value, fits) in hostile() {
        let name = meant(ContainerTemplate::Name(argument("app{{ labels.evil }}")), &value);
        let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        let expected = (fits != Nowhere && plain).then(|| ContainerLookup::Name(format!("app{value}")));
        assert_eq!(name, expected, "{}", short(&value));
        let key = "service".to_owned();
        let value_of = ContainerTemplate::Label { key: key.clone(), value: argument("a{{ labels.evil }}") };
        let fits = fits != Nowhere && value.len() < 256;
        let expected = fits.then(|| ContainerLookup::Label { key, value: format!("a{value}") });
        assert_eq!(meant(value_of, &value), expected, "{}", short(&value));
    }
}

#[test]
fn a_value_names_an_object_of_the_cloud_or_a_parameter_or_nothing() {
    let named = |action_template, value: &str| match action(action_template, value) {
        Some(Action::Ssm(action)) => Some(action.parameters[0].1[0].clone()),
        Some(Action::Autoscaling(action)) => Some(action.group),
        Some(Action::Kubernetes(action)) => Some(format!("{} {}", action.namespace, action.name)),
        None => None,
        other => panic!("not of the cloud: {other:?}"),
    };
    let ssm = |text| {
        let instance = InstanceTemplate::Id(argument("i-1234abcd"));
        let parameters = vec![("Service".to_owned(), vec![SsmValue::FromAlert(argument(text))])];
        let document = "Restart".to_owned();
        ActionTemplate::Ssm(SsmTemplate { document, parameters, instance, timeout: SECOND })
    };
    let group = |text| {
        let scaling = Scaling { change: ScaleChange::Up(1), at_least: None, at_most: None };
        let template = AutoscalingTemplate { group: argument(text), scaling, wait: false, timeout: SECOND };
        ActionTemplate::Autoscaling(template)
    };
    let pod = |namespace, name| {
        let (namespace, name) = (argument(namespace), argument(name));
        let (operation, wait, timeout) = (KubernetesOperation::DeletePod, false, SECOND);
        ActionTemplate::Kubernetes(KubernetesTemplate { namespace, name, operation, wait, timeout })
    };
    for (value, fits) in hostile() {
        let is_word = fits == Inside;
        // A dash may be inside of a name of Kubernetes, but not end it.
        let is_label = is_word && !value.ends_with('-');
        let place = short(&value);
        for whole in [ssm("{{ labels.evil }}"), group("{{ labels.evil }}")] {
            assert_eq!(named(whole, &value), None, "{place}");
        }
        let behind = Some(format!("a{value}")).filter(|_| is_word);
        assert_eq!(named(ssm("a{{ labels.evil }}"), &value), behind, "{place}");
        assert_eq!(named(group("a{{ labels.evil }}"), &value), behind, "{place}");
        for (namespace, name, expected) in [
            ("shop", "{{ labels.evil }}", None),
            ("{{ labels.evil }}", "web", None),
            ("shop", "a{{ labels.evil }}", Some(format!("shop a{value}")).filter(|_| is_label)),
            ("a{{ labels.evil }}", "web", Some(format!("a{value} web")).filter(|_| is_label)),
        ] {
            assert_eq!(named(pod(namespace, name), &value), expected, "{namespace}/{name}: {place}");
        }
    }
    let id = InstanceTemplate::Id(argument("{{ labels.evil }}"));
    for (value, _) in hostile() {
        let (document, parameters, instance) = ("Restart".to_owned(), Vec::new(), id.clone());
        let ssm = SsmTemplate { document, parameters, instance, timeout: SECOND };
        assert_eq!(action(ActionTemplate::Ssm(ssm), &value), None, "{}", short(&value));
    }
}

#[test]
fn what_alertmanager_is_told_holds_a_value_as_one_text() {
    let told = |template, value: &str| match action(ActionTemplate::Alertmanager(template), value) {
        Some(Action::Alertmanager(action)) => Some(action),
        None => None,
        other => panic!("nothing for Alertmanager: {other:?}"),
    };
    let text = || compile("{{ labels.evil }}", Escape::Text);
    for (value, fits) in hostile() {
        let alert = EscalationTemplate {
            labels: vec![("severity".to_owned(), text())],
            annotations: vec![("summary".to_owned(), text())],
            lasts: SECOND,
            timeout: SECOND,
        };
        let found = told(AlertmanagerTemplate::Alert(alert), &value).map(|action| match action {
            AlertmanagerAction::Alert(alert) => (alert.labels, alert.annotations),
            AlertmanagerAction::Silence(silence) => panic!("not an alert: {silence:?}"),
        });
        let labels = [("alertname", "SmartcloudopsEscalation"), ("severity", &value)].into_iter();
        let own = [("smartcloudops", "escalation"), ("policy", "restart"), ("target", "web:80")];
        let expected: (Labels, Labels) =
            (labels.chain(own).collect(), [("summary", value.as_str())].into_iter().collect());
        assert_eq!(found, Some(expected).filter(|_| fits != Nowhere), "{}", short(&value));

        let silence = SilenceTemplate {
            matchers: vec![compile("evil=\"{{ labels.evil }}\"", Escape::PromQl)],
            comment: Some(text()),
            lasts: SECOND,
            timeout: SECOND,
        };
        let found = told(AlertmanagerTemplate::Silence(silence), &value).map(|action| match action {
            AlertmanagerAction::Silence(silence) => (silence.matchers, silence.why),
            AlertmanagerAction::Alert(alert) => panic!("not a silence: {alert:?}"),
        });
        let matchers = vec![
            Matcher::equal("instance", "web:80"),
            Matcher::not_equal("smartcloudops", "escalation"),
            Matcher::equal("evil", &value),
        ];
        assert_eq!(found, Some((matchers, value.clone())).filter(|_| fits != Nowhere), "{}", short(&value));
    }
}
