//! Deployments, stateful sets and daemon sets, as far as they are alike.

use std::ops::ControlFlow;

use kube::api::{Api, ApiResource, GroupVersionKind, Object};
use serde::Deserialize;
use tokio::time::Instant;

use crate::act::output::one_line;
use crate::act::poll;
use crate::model::{KubernetesAction, WorkloadKind};

use super::client::Clients;
use super::outcome::sentence;

/// Any of the three.
pub(super) type Workload = Object<Spec, Status>;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Spec {
    pub replicas: Option<u32>,
    pub paused: bool,
    update_strategy: Strategy,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Strategy {
    r#type: Option<String>,
    rolling_update: Option<RollingUpdate>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct RollingUpdate {
    partition: u32,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Status {
    observed_generation: i64,
    replicas: u32,
    updated_replicas: u32,
    available_replicas: u32,
    desired_number_scheduled: u32,
    current_number_scheduled: u32,
    updated_number_scheduled: u32,
    number_available: u32,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Condition {
    r#type: String,
    status: String,
    reason: String,
}

/// One workload at its place.
pub(super) struct Place {
    reader: Api<Workload>,
    pub writer: Api<Workload>,
    pub kind: WorkloadKind,
    pub name: String,
}

impl Place {
    pub(super) fn new(clients: &Clients, kind: WorkloadKind, action: &KubernetesAction) -> Self {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("apps", "v1", kind.as_str()));
        let api = |client: &kube::Client| Api::namespaced_with(client.clone(), &action.namespace, &resource);
        Self { reader: api(&clients.reader), writer: api(&clients.writer), kind, name: action.name.clone() }
    }

    /// The workload, which is not on its way out; else a sentence.
    pub(super) async fn look(&self) -> Result<Workload, String> {
        let found = self.reader.get(&self.name).await.map_err(|error| sentence(&error))?;
        match found.metadata.deletion_timestamp {
            Some(_) => Err("it is being deleted".to_owned()),
            None => Ok(found),
        }
    }

    /// Looks until its controller has taken up what it says now, and `is_so`; where it waits, until its pods
    /// follow. Good or bad, or what was seen last.
    pub(super) async fn seen(
        &self,
        wait: bool,
        deadline: Instant,
        is_so: impl Fn(&Workload) -> bool,
    ) -> Result<Result<String, String>, String> {
        poll::until(deadline, || async {
            let found = self.look().await?;
            let progress = Progress::of(self.kind, &found);
            let seen = progress.to_string();
            Ok(match () {
                () if !is_so(&found) => {
                    ControlFlow::Continue("somebody else has changed it again".to_owned())
                }
                () if !progress.observed => ControlFlow::Continue(seen),
                () if !wait || progress.is_rolled_out() => ControlFlow::Break(Ok(seen)),
                () => match failure(&found) {
                    Some(reason) => ControlFlow::Break(Err(format!("{seen}: {reason}"))),
                    None => ControlFlow::Continue(seen),
                },
            })
        })
        .await
    }
}

/// Why the API server would never replace the pods of it, if it would not.
pub(super) fn obstacle(found: &Workload) -> Option<&'static str> {
    let strategy = &found.spec.update_strategy;
    let partition = strategy.rolling_update.as_ref().map_or(0, |update| update.partition);
    match () {
        () if found.spec.paused => Some("its rollout is paused"),
        () if strategy.r#type.as_deref() == Some("OnDelete") => Some("its update strategy is OnDelete"),
        () if partition > 0 => Some("its update strategy leaves a partition out"),
        () => None,
    }
}

/// A controller that has given up says so.
fn failure(found: &Workload) -> Option<String> {
    let mut conditions = found.status.iter().flat_map(|status| &status.conditions);
    let given_up = conditions.find(|condition| {
        condition.r#type == "Progressing"
            && condition.status == "False"
            && condition.reason == "ProgressDeadlineExceeded"
    });
    given_up.map(|condition| one_line(&condition.reason))
}

/// How far a rollout is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// Whether the controller has seen what the workload says now.
    pub observed: bool,
    wanted: u32,
    total: u32,
    updated: u32,
    available: u32,
}

impl Progress {
    pub(super) fn of(kind: WorkloadKind, found: &Workload) -> Self {
        let status = found.status.clone().unwrap_or_default();
        let observed = status.observed_generation >= found.metadata.generation.unwrap_or(i64::MAX);
        let [wanted, total, updated, available] = match kind {
            WorkloadKind::DaemonSet => [
                status.desired_number_scheduled,
                status.current_number_scheduled,
                status.updated_number_scheduled,
                status.number_available,
            ],
            WorkloadKind::Deployment | WorkloadKind::StatefulSet => [
                found.spec.replicas.unwrap_or(1),
                status.replicas,
                status.updated_replicas,
                status.available_replicas,
            ],
        };
        Self { observed, wanted, total, updated, available }
    }

    /// Whether pods of an older template are still being replaced.
    pub(super) fn is_rolling(&self) -> bool {
        !self.observed || self.updated < self.total
    }

    fn is_rolled_out(&self) -> bool {
        self.observed
            && self.total == self.wanted
            && self.updated == self.wanted
            && self.available >= self.wanted
    }
}

impl std::fmt::Display for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { observed, wanted, total, updated, available } = self;
        let observed = if *observed { "" } else { "not yet " };
        write!(
            f,
            "its controller has {observed}taken it up, {updated} of {wanted} pods are updated, {available} available, {total} there"
        )
    }
}
