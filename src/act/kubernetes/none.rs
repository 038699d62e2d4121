//! Stands in for `kubernetes` in a build without that feature: an action on Kubernetes, if the journal of
//! another build holds one, is not started.

use crate::model::{ActError, ActReport, KubernetesAction};

use super::KubernetesConfig;

/// Never starts.
pub(super) async fn carry_out(
    action: &KubernetesAction,
    _config: &KubernetesConfig,
) -> Result<ActReport, ActError> {
    let reason = format!("nothing can be done to {action}: this build has no Kubernetes support");
    Err(ActError::NotStarted { reason })
}
