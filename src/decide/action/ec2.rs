//! Steps on EC2 instances: nothing but what names one instance comes through.

use std::time::Duration;

use crate::model::{Ec2Action, Ec2Operation, Ec2Wait, InstanceLookup};

use super::super::template::{Template, TemplateError};

/// See [`crate::model::Ec2Action`].
#[derive(Clone, Debug)]
pub struct Ec2Template {
    /// What is done.
    pub operation: Ec2Operation,
    /// To which instance.
    pub instance: InstanceTemplate,
    /// What is waited for.
    pub wait: Option<Ec2Wait>,
    /// For the step, the wait included. A restart needs 2m. Default 30 s, and 10 min where something is waited for.
    pub timeout: Duration,
}

/// Which instance is meant. A result that does not name one is refused.
#[derive(Clone, Debug)]
pub enum InstanceTemplate {
    /// The id of an instance.
    Id(Template),
    /// A tag with its whole value.
    Tag {
        /// The tag's name.
        key: String,
        /// Its value.
        value: Template,
    },
    /// A private IPv4 address; a port behind it, as the label `instance` has one, is left out.
    PrivateIp(Template),
}

impl Ec2Template {
    pub(super) fn fill(
        &self,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<Ec2Action, TemplateError> {
        let instance = self.instance.fill(fill)?;
        let Self { operation, wait, timeout, .. } = *self;
        Ok(Ec2Action { operation, instance, found: None, wait, timeout })
    }
}

impl InstanceTemplate {
    pub(super) fn text(&self) -> &Template {
        match self {
            Self::Id(text) | Self::Tag { value: text, .. } | Self::PrivateIp(text) => text,
        }
    }

    pub(super) fn fill(
        &self,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<InstanceLookup, TemplateError> {
        match self {
            Self::Id(template) => checked_id(fill(template)?),
            Self::Tag { key, value } => checked_tag(key, fill(value)?),
            Self::PrivateIp(template) => checked_address(&fill(template)?),
        }
    }
}

/// Whatever else a label holds, such as an address, a name or a list, is not an instance.
fn checked_id(text: String) -> Result<InstanceLookup, TemplateError> {
    if InstanceLookup::is_instance_id(&text) {
        return Ok(InstanceLookup::InstanceId(text));
    }
    Err(TemplateError::result("the result is not the id of an EC2 instance, such as i-0123456789abcdef0"))
}

fn checked_tag(key: &str, value: String) -> Result<InstanceLookup, TemplateError> {
    if InstanceLookup::is_tag_value(&value) {
        return Ok(InstanceLookup::Tag { key: key.to_owned(), value });
    }
    Err(TemplateError::result("the result is not one value of a tag: 1 to 256 characters, no *, ? or \\"))
}

fn checked_address(text: &str) -> Result<InstanceLookup, TemplateError> {
    let address = match text.split_once(':') {
        Some((address, port)) if port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok() => {
            address
        }
        Some(_) => "",
        None => text,
    };
    if InstanceLookup::is_address(address) {
        return Ok(InstanceLookup::PrivateIp(address.to_owned()));
    }
    Err(TemplateError::result("the result is not an IPv4 address, such as 10.0.0.1, with or without a port"))
}

#[cfg(test)]
mod tests {
    use super::super::super::policy::plan;
    use super::super::super::samples::{config, episode};
    use super::super::super::template::Escape;
    use super::super::ActionTemplate;
    use super::*;
    use crate::model::{Action, Reason};

    /// What a step looks for whose template is a label of this value.
    fn planned(instance: InstanceTemplate, value: &str) -> Result<String, Reason> {
        let mut config = config();
        config.policies[0].steps[0].action = ActionTemplate::Ec2(Ec2Template {
            operation: Ec2Operation::Reboot,
            instance,
            wait: None,
            timeout: Duration::from_secs(30),
        });
        let labels = [("alertname", "AppDown"), ("instance", "web:80"), ("evil", value)];
        let plan = plan(&config, &config.policies[0], &episode(&labels, 0));
        plan.map_err(|(reason, _)| reason).map(|plan| match &plan.steps[0].action {
            Action::Ec2(action) => action.instance.to_string(),
            other => panic!("not an EC2 action: {other:?}"),
        })
    }

    fn template() -> Template {
        Template::compile("{{ labels.evil }}", Escape::Argument).unwrap()
    }

    #[test]
    fn an_ec2_step_takes_nothing_but_what_names_one_instance() {
        let id = || InstanceTemplate::Id(template());
        let tag = || InstanceTemplate::Tag { key: "Name".to_owned(), value: template() };
        let address = || InstanceTemplate::PrivateIp(template());
        let refused = Err(Reason::TemplateRefused);
        for (instance, value, expected) in [
            (id(), "i-0123456789abcdef0", Ok("i-0123456789abcdef0")),
            (id(), "i-0123456789abcdef0 i-1234abcd", refused),
            (id(), "i-*", refused),
            (id(), "web:80", refused),
            (id(), "", refused),
            (tag(), "web-1", Ok("the instance with the tag Name=web-1")),
            (tag(), "web-*", refused),
            (tag(), "", refused),
            (address(), "10.0.0.1", Ok("the instance with the private address 10.0.0.1")),
            (address(), "10.0.0.1:9100", Ok("the instance with the private address 10.0.0.1")),
            (address(), "10.0.0.1:http", refused),
            (address(), "10.0.0.1:", refused),
            (address(), "10.0.0.*", refused),
            (address(), "web:80", refused),
            (address(), "", refused),
        ] {
            assert_eq!(planned(instance, value), expected.map(str::to_owned), "{value}");
        }
    }
}
