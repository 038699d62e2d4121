//! Actions as policies write them: their texts are filled in from the alert.

use std::time::Duration;

use crate::model::{Action, CommandAction, HttpAction, RunKey, SecretSource};

use super::template::{Template, TemplateError};

mod alertmanager;
mod autoscaling;
mod docker;
mod ec2;
#[cfg(test)]
mod injection;
mod kubernetes;
mod ssm;
mod systemd;

pub use alertmanager::{AlertmanagerTemplate, EscalationTemplate, SilenceTemplate};
pub use autoscaling::AutoscalingTemplate;
pub use docker::{ContainerTemplate, DockerTemplate};
pub use ec2::{Ec2Template, InstanceTemplate};
pub use kubernetes::KubernetesTemplate;
pub use ssm::{SsmTemplate, SsmValue};
pub use systemd::SystemdTemplate;

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
        /// The server is fixed; the path and the query may hold templates, whose values are percent-encoded.
        url: Template,
        /// Where the bearer token is.
        bearer: Option<SecretSource>,
        /// Where the key that signs it is.
        signing_key: Option<SecretSource>,
        /// Headers as they stand; shown and written down. Templates and names of secrets are refused.
        headers: Vec<(String, String)>,
        /// Headers whose values are secrets; their names are the keys.
        secret_headers: Vec<(String, SecretSource)>,
        /// What is sent; values are escaped for JSON strings. Not with GET.
        body: Option<Template>,
        /// For the step, all attempts included. Default 10 s.
        timeout: Duration,
        /// Further attempts. Default 2 where the method is idempotent or the policy says that the request is, else 0.
        retries: u32,
    },
    /// See [`crate::model::Ec2Action`].
    Ec2(Ec2Template),
    /// See [`crate::model::AutoscalingAction`].
    Autoscaling(AutoscalingTemplate),
    /// See [`crate::model::SsmAction`].
    Ssm(SsmTemplate),
    /// See [`crate::model::KubernetesAction`].
    Kubernetes(KubernetesTemplate),
    /// See [`crate::model::SystemdAction`].
    Systemd(SystemdTemplate),
    /// See [`crate::model::DockerAction`].
    Docker(DockerTemplate),
    /// See [`crate::model::AlertmanagerAction`].
    Alertmanager(AlertmanagerTemplate),
}

/// What a step is planned for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// Policy, target and episode.
    pub key: &'a RunKey,
    /// The label that names the target.
    pub label: &'a str,
}

impl ActionTemplate {
    /// What says on which object of many it acts: an instance, a group, a workload or a pod, a unit, a container. `None`
    /// where nothing says it but the action as a whole, or where nothing is acted on.
    pub fn object(&self) -> Option<&Template> {
        match self {
            Self::Command { .. } | Self::Http { .. } | Self::Alertmanager(_) => None,
            Self::Ec2(template) => Some(template.instance.text()),
            Self::Ssm(template) => Some(template.instance.text()),
            Self::Autoscaling(template) => Some(&template.group),
            Self::Kubernetes(template) => Some(&template.name),
            Self::Systemd(template) => Some(&template.unit),
            Self::Docker(template) => Some(template.container.text()),
        }
    }

    /// The action, each of its templates filled in by `fill`; or why one cannot be.
    pub(super) fn fill(
        &self,
        subject: Subject<'_>,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<Action, TemplateError> {
        Ok(match self {
            Self::Command { program, arguments, timeout } => {
                let arguments = arguments.iter().map(fill);
                let argv = std::iter::once(Ok(program.clone())).chain(arguments).collect::<Result<_, _>>()?;
                Action::Command(CommandAction { argv, timeout: *timeout })
            }
            Self::Http {
                method,
                url,
                bearer,
                signing_key,
                headers,
                secret_headers,
                body,
                timeout,
                retries,
            } => Action::Http(Box::new(HttpAction {
                method: method.clone(),
                url: fill(url)?,
                bearer: bearer.clone(),
                signing_key: signing_key.clone(),
                headers: headers.clone(),
                secret_headers: secret_headers.clone(),
                body: body.as_ref().map(fill).transpose()?.unwrap_or_default(),
                timeout: *timeout,
                retries: *retries,
            })),
            Self::Ec2(template) => Action::Ec2(template.fill(fill)?),
            Self::Autoscaling(template) => Action::Autoscaling(template.fill(fill)?),
            Self::Ssm(template) => Action::Ssm(template.fill(fill)?),
            Self::Kubernetes(template) => Action::Kubernetes(template.fill(fill)?),
            Self::Systemd(template) => Action::Systemd(template.fill(fill)?),
            Self::Docker(template) => Action::Docker(template.fill(fill)?),
            Self::Alertmanager(template) => Action::Alertmanager(template.fill(subject, fill)?),
        })
    }
}
