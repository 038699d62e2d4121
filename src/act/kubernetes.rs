//! Acts on a workload or a pod of a Kubernetes cluster.
//!
//! The object is read first, and what is sent holds only for the object as it was read: the API server refuses
//! it if somebody else has changed it meanwhile. Before the request itself the API server is asked to try it
//! without effect, so that a missing right or a policy of the cluster is known while nothing has happened.

mod client;
mod outcome;
mod pod;
mod rollout;
mod scale;
mod workload;

use kube::api::{DeleteParams, PatchParams};
use tokio::time::{Instant, timeout, timeout_at};

use crate::model::{ActError, ActReport, KubernetesAction, KubernetesOperation, format_duration};

use super::KubernetesConfig;
use client::Clients;

/// Under which the API server notes who has changed something.
const MANAGER: &str = "smartcloudops";

/// Does it, and looks until it can be seen. Until the request is on its way every failure means not started,
/// and so does a conflict; any other refusal is a failure; no answer, trouble inside the API server or the end
/// of the time means unknown. Accepted means that the controller has taken it up, or where it waits, that
/// the workload is rolled out; of a pod, that it is gone.
pub async fn carry_out(action: &KubernetesAction, config: &KubernetesConfig) -> Result<ActReport, ActError> {
    let deadline = Instant::now() + action.timeout;
    let time_to_look = action.timeout / 2;
    let prepared = timeout(time_to_look, prepare(action, config)).await;
    let prepared = prepared.unwrap_or_else(|_| Err(no_answer(action.timeout / 2)));
    let prepared = prepared.map_err(|reason| ActError::NotStarted { reason })?;
    let sent = timeout_at(deadline, prepared.send()).await;
    let summary = sent.unwrap_or_else(|_| Err(outcome::unknown(no_answer(action.timeout))))?;
    let summary = format!("{summary} {action}");
    match prepared.seen(action.wait, deadline).await {
        Ok(Ok(seen)) => Ok(report(format!("{summary}; {seen}"))),
        Ok(Err(seen)) => Err(ActError::Failed { report: report(format!("{summary}; {seen}")) }),
        Err(seen) => Err(outcome::unknown(format!(
            "{summary}, but its effect was not seen within {}: {seen}",
            format_duration(action.timeout)
        ))),
    }
}

/// One change that the API server has said it would take.
enum Prepared {
    Restart(rollout::Restart),
    Scale(scale::Scale),
    Delete(pod::Deletion),
}

async fn prepare(action: &KubernetesAction, config: &KubernetesConfig) -> Result<Prepared, String> {
    if !config.namespaces.contains(&action.namespace) {
        return Err(format!("the namespace {} is not in kubernetes.namespaces", action.namespace));
    }
    let clients = Clients::connect(config).await?;
    let prepared = match &action.operation {
        KubernetesOperation::Restart { kind } => {
            rollout::Restart::prepare(&clients, *kind, action).await.map(Prepared::Restart)
        }
        KubernetesOperation::Scale { kind, scaling } => {
            scale::Scale::prepare(&clients, *kind, action, scaling).await.map(Prepared::Scale)
        }
        KubernetesOperation::DeletePod => {
            pod::Deletion::prepare(&clients, action).await.map(Prepared::Delete)
        }
    };
    prepared.map_err(|reason| format!("{action}: {reason}"))
}

impl Prepared {
    /// Sends it, once. The beginning of a sentence.
    async fn send(&self) -> Result<String, ActError> {
        match self {
            Self::Restart(restart) => restart.send().await,
            Self::Scale(scale) => scale.send().await,
            Self::Delete(deletion) => deletion.send().await,
        }
        .map_err(|error| outcome::judge(&error))
    }

    /// What was seen in the end, good or bad; else what was seen last.
    async fn seen(&self, wait: bool, deadline: Instant) -> Result<Result<String, String>, String> {
        match self {
            Self::Restart(restart) => restart.seen(wait, deadline).await,
            Self::Scale(scale) => scale.seen(wait, deadline).await,
            Self::Delete(deletion) => deletion.seen(deadline).await,
        }
    }
}

fn patching(dry_run: bool) -> PatchParams {
    PatchParams { dry_run, field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() }
}

fn deleting(dry_run: bool) -> DeleteParams {
    DeleteParams { dry_run, ..DeleteParams::default() }
}

fn report(summary: String) -> ActReport {
    ActReport { summary, output: String::new() }
}

fn no_answer(within: std::time::Duration) -> String {
    format!("no answer from Kubernetes within {}", format_duration(within))
}
