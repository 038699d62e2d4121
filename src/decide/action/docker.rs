//! Steps on containers: which one is meant begins with fixed text, or is the target.

use std::time::Duration;

use crate::model::{ContainerLookup, DockerAction, DockerOperation};

use super::super::template::{Template, TemplateError};

/// See [`crate::model::DockerAction`].
#[derive(Clone, Debug)]
pub struct DockerTemplate {
    /// What is done.
    pub operation: DockerOperation,
    /// Which container is meant.
    pub container: ContainerTemplate,
    /// From TERM to KILL, in whole seconds, and 5s less than `timeout` at most. Default: as the container itself
    /// says.
    pub kill_after: Option<Duration>,
    /// Default 60 s.
    pub timeout: Duration,
}

/// See [`crate::model::ContainerLookup`].
#[derive(Clone, Debug)]
pub enum ContainerTemplate {
    /// A result that is not a container's name is refused.
    Name(Template),
    /// A result that is empty is refused.
    Label {
        /// The label's name, fixed text.
        key: String,
        /// The whole value.
        value: Template,
    },
}

impl ContainerTemplate {
    pub(super) fn text(&self) -> &Template {
        match self {
            Self::Name(text) | Self::Label { value: text, .. } => text,
        }
    }
}

impl DockerTemplate {
    pub(super) fn fill(
        &self,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<DockerAction, TemplateError> {
        let container = match &self.container {
            ContainerTemplate::Name(template) => ContainerLookup::Name(checked(
                fill(template)?,
                ContainerLookup::is_name,
                "the result is not the name of a container, such as app-1",
            )?),
            ContainerTemplate::Label { key, value } => ContainerLookup::Label {
                key: key.clone(),
                value: checked(
                    fill(value)?,
                    ContainerLookup::is_value,
                    "the result is not a label's value of 1 to 256 bytes",
                )?,
            },
        };
        let Self { operation, kill_after, timeout, .. } = *self;
        Ok(DockerAction { operation, container, found: None, kill_after, timeout })
    }
}

fn checked(text: String, check: fn(&str) -> bool, refusal: &str) -> Result<String, TemplateError> {
    if check(&text) { Ok(text) } else { Err(TemplateError::result(refusal)) }
}
