//! Steps on units of systemd: only the instance of a unit comes from an alert.

use std::time::Duration;

use crate::model::{SystemdAction, SystemdOperation};

use super::super::template::{Template, TemplateError};

/// See [`crate::model::SystemdAction`].
#[derive(Clone, Debug)]
pub struct SystemdTemplate {
    /// What is done.
    pub operation: SystemdOperation,
    /// The unit's full name; only what stands behind an `@` may come from the alert. A result that is not the name
    /// of one unit is refused.
    pub unit: Template,
    /// For the step. Default 90 s, which is how long systemd itself waits for a service.
    pub timeout: Duration,
}

impl SystemdTemplate {
    pub(super) fn fill(
        &self,
        fill: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<SystemdAction, TemplateError> {
        let unit = fill(&self.unit)?;
        if !SystemdAction::is_unit(&unit) {
            return Err(TemplateError::result(
                "the result is not the name of one unit, such as app@a.service",
            ));
        }
        Ok(SystemdAction { operation: self.operation, unit, timeout: self.timeout })
    }
}
