//! Steps on Auto Scaling groups: only the group's name comes from an alert.

use std::time::Duration;

use crate::model::{AutoscalingAction, Scaling};

use super::super::template::{Template, TemplateError};

/// See [`crate::model::AutoscalingAction`].
#[derive(Clone, Debug)]
pub struct AutoscalingTemplate {
    /// The group's name. A result that is not a plain name is refused.
    pub group: Template,
    /// The change and its bounds.
    pub scaling: Scaling,
    /// Whether it waits for the instances.
    pub wait: bool,
    /// For the step, the wait included. Default 30 s, and 10 min where it waits.
    pub timeout: Duration,
}

impl AutoscalingTemplate {
    pub(super) fn fill(
        &self,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<AutoscalingAction, TemplateError> {
        let group = fill(&self.group)?;
        if !AutoscalingAction::is_group(&group) {
            return Err(TemplateError::result(
                "the result is not the plain name of an Auto Scaling group, such as web-1",
            ));
        }
        let (scaling, wait, timeout) = (self.scaling, self.wait, self.timeout);
        Ok(AutoscalingAction { group, scaling, wait, timeout })
    }
}
