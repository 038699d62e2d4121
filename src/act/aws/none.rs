//! Stands in for `aws` in a build without that feature: an action on AWS, if the journal of another build
//! holds one, is not started.

use crate::model::{ActError, ActReport, AutoscalingAction, Ec2Action, InstanceLookup, SsmAction};

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

    /// The settings it was made with.
    pub(super) fn config(&self) -> &AwsConfig {
        &self.config
    }

    /// Never finds one.
    pub(super) async fn instance_id(&self, lookup: &InstanceLookup) -> Result<String, String> {
        Err(format!("cannot look for {lookup}: this build has no AWS support"))
    }

    /// Never starts.
    pub(super) async fn ec2(&self, action: &Ec2Action) -> Result<ActReport, ActError> {
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
    pub(super) async fn ssm(&self, action: &SsmAction, _output: usize) -> Result<ActReport, ActError> {
        not_started(&action.instance)
    }
}

fn not_started(what: impl std::fmt::Display) -> Result<ActReport, ActError> {
    let reason = format!("nothing can be done to {what}: this build has no AWS support");
    Err(ActError::NotStarted { reason })
}
