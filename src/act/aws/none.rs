//! Stands in for `aws` in a build without that feature: an action on AWS, if the journal of another build
//! holds one, is not started.

use crate::model::{ActError, ActReport, AutoscalingAction, Ec2Action, RunId, SsmAction};

use super::AwsConfig;

/// No client of AWS.
#[derive(Debug)]
pub(super) struct Aws {
    config: AwsConfig,
}

impl Aws {
    /// Keeps the settings and does nothing with them.
    pub(super) fn new(config: AwsConfig) -> Self {
        Self { config }
    }

    /// The same with other settings.
    pub(super) fn reconfigured(&self, config: AwsConfig) -> Self {
        Self::new(config)
    }

    /// The settings it was made with.
    pub(super) fn config(&self) -> &AwsConfig {
        &self.config
    }

    /// Never starts.
    pub(super) async fn ec2(&self, action: &Ec2Action, _run: RunId) -> Result<ActReport, ActError> {
        not_started(&action.instance)
    }

    /// Never finishes: what was begun stays so.
    pub(super) async fn ec2_finish(&self, action: &Ec2Action) -> Result<ActReport, ActError> {
        let reason = format!("{} may be down: this build has no AWS support", action.instance);
        Err(ActError::Unknown { reason, report: ActReport::default() })
    }

    /// Never starts.
    pub(super) async fn autoscaling(&self, action: &AutoscalingAction) -> Result<ActReport, ActError> {
        not_started(format_args!("the group {}", action.group))
    }

    /// Never starts.
    pub(super) async fn ssm(
        &self,
        action: &SsmAction,
        _run: RunId,
        _output: usize,
    ) -> Result<ActReport, ActError> {
        not_started(&action.instance)
    }
}

fn not_started(what: impl std::fmt::Display) -> Result<ActReport, ActError> {
    let reason = format!("nothing can be done to {what}: this build has no AWS support");
    Err(ActError::NotStarted { reason })
}
