//! Actions as policies write them: their texts are filled in from the alert.

use std::time::Duration;

use crate::model::{Action, CommandAction, Ec2Action, Ec2Operation, HttpAction, SecretSource};

use super::template::{Template, TemplateError};

/// An action whose texts are filled in from the alert.
#[derive(Clone, Debug)]
pub enum ActionTemplate {
    /// See [`crate::model::CommandAction`]. The program's path is not a template.
    Command {
        /// Absolute path.
        program: String,
        /// One argument each; a result that begins with `-` where the template does not is refused.
        arguments: Vec<Template>,
        /// Default 60 s.
        timeout: Duration,
    },
    /// See [`crate::model::HttpAction`].
    Http {
        /// `POST`, `PUT`, `PATCH` or `GET`.
        method: String,
        /// Values are percent-encoded.
        url: Template,
        /// Where the bearer token is.
        bearer: Option<SecretSource>,
        /// Fixed headers.
        headers: Vec<(String, String)>,
        /// Values are escaped for JSON strings.
        body: Option<Template>,
        /// Default 10 s.
        timeout: Duration,
    },
    /// See [`crate::model::Ec2Action`].
    Ec2 {
        /// What is done.
        operation: Ec2Operation,
        /// A result that does not have the form of an instance's id is refused.
        instance_id: Template,
        /// Default 30 s.
        timeout: Duration,
    },
}

impl ActionTemplate {
    /// The action, each of its templates filled in by `fill`; or why one cannot be.
    pub(super) fn fill(
        &self,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<Action, TemplateError> {
        Ok(match self {
            Self::Command { program, arguments, timeout } => {
                let arguments = arguments.iter().map(fill);
                let argv = std::iter::once(Ok(program.clone())).chain(arguments).collect::<Result<_, _>>()?;
                Action::Command(CommandAction { argv, timeout: *timeout })
            }
            Self::Http { method, url, bearer, headers, body, timeout } => Action::Http(HttpAction {
                method: method.clone(),
                url: fill(url)?,
                bearer: bearer.clone(),
                headers: headers.clone(),
                body: body.as_ref().map(fill).transpose()?.unwrap_or_default(),
                timeout: *timeout,
            }),
            Self::Ec2 { operation, instance_id, timeout } => Action::Ec2(Ec2Action {
                operation: *operation,
                instance_id: checked_instance_id(fill(instance_id)?)?,
                timeout: *timeout,
            }),
        })
    }
}

/// Whatever else a label holds, such as an address, a name or a list, is not an instance.
fn checked_instance_id(text: String) -> Result<String, TemplateError> {
    if Ec2Action::is_instance_id(&text) {
        return Ok(text);
    }
    Err(TemplateError::result("the result is not the id of an EC2 instance, such as i-0123456789abcdef0"))
}

#[cfg(test)]
mod tests {
    use super::super::policy::plan;
    use super::super::samples::{config, episode};
    use super::super::template::Escape;
    use super::*;
    use crate::model::Reason;

    #[test]
    fn an_ec2_step_takes_nothing_but_an_instance_id() {
        let mut config = config();
        let template = Template::compile("{{ labels.instance_id }}", Escape::Argument).unwrap();
        config.policies[0].steps[0].action = ActionTemplate::Ec2 {
            operation: Ec2Operation::Reboot,
            instance_id: template,
            timeout: Duration::from_secs(30),
        };
        for (value, expected, claim) in [
            ("i-0123456789abcdef0", Ok("i-0123456789abcdef0"), "the id of an instance"),
            ("i-0123456789abcdef0 i-1234abcd", Err(Reason::TemplateRefused), "two ids"),
            ("i-*", Err(Reason::TemplateRefused), "a pattern"),
            ("web:80", Err(Reason::TemplateRefused), "an address"),
            ("", Err(Reason::TemplateRefused), "nothing"),
        ] {
            let labels = [("alertname", "AppDown"), ("instance", "web:80"), ("instance_id", value)];
            let plan = plan(&config, &config.policies[0], &episode(&labels, 0));
            let found = plan.map_err(|(reason, _)| reason).map(|plan| match &plan.steps[0].action {
                Action::Ec2(action) => action.instance_id.clone(),
                other => panic!("not an EC2 action: {other:?}"),
            });
            assert_eq!(found, expected.map(str::to_owned), "{claim}");
        }
    }
}
