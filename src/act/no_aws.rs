//! Stands in for `ec2` in a build without the feature `aws`: such an action, if the journal of another
//! build holds one, is not started.

use crate::model::{ActError, ActReport, Ec2Action};

use super::AwsConfig;

/// No client of EC2.
#[derive(Debug)]
pub(super) struct Ec2 {
    config: AwsConfig,
}

impl Ec2 {
    /// Keeps the settings and does nothing with them.
    pub(super) fn new(config: AwsConfig) -> Self {
        Self { config }
    }

    /// The settings it was made with.
    pub(super) fn config(&self) -> &AwsConfig {
        &self.config
    }

    /// Never starts.
    pub(super) async fn carry_out(&self, action: &Ec2Action) -> Result<ActReport, ActError> {
        let reason = format!("nothing can be done to {}: this build has no AWS support", action.instance_id);
        Err(ActError::NotStarted { reason })
    }
}
