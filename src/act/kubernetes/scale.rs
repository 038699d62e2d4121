//! Another number of replicas, through the subresource `scale`: the only right it needs to change anything.

use kube::api::Patch;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::model::{KubernetesAction, Scaling, WorkloadKind};

use super::client::Clients;
use super::outcome::sentence;
use super::patching;
use super::workload::Place;

/// As many as the API can count.
const MOST: u32 = i32::MAX.cast_unsigned();

/// A change that the API server would take.
pub(super) struct Scale {
    place: Place,
    patch: Value,
    from: u32,
    to: u32,
}

impl Scale {
    /// Refused at the bounds, and at 0 unless `at_least` says 0.
    pub(super) async fn prepare(
        clients: &Clients,
        kind: WorkloadKind,
        action: &KubernetesAction,
        scaling: &Scaling,
    ) -> Result<Self, String> {
        let place = Place::new(clients, kind, action);
        let found = place.look().await?;
        let from = found.spec.replicas.unwrap_or(1);
        let to = scaling.goal(from, scaling.at_least.unwrap_or(1), MOST);
        let to = to.map_err(|reason| format!("its number of replicas is not changed: {reason}"))?;
        let version = found.metadata.resource_version.ok_or("it has no version")?;
        let patch = json!({"metadata": {"resourceVersion": version}, "spec": {"replicas": to}});
        let trial = place.writer.patch_scale(&place.name, &patching(true), &Patch::Merge(&patch)).await;
        trial.map_err(|error| format!("a trial was refused: {}", sentence(&error)))?;
        Ok(Self { place, patch, from, to })
    }

    pub(super) async fn send(&self) -> kube::Result<String> {
        let patch = Patch::Merge(&self.patch);
        self.place.writer.patch_scale(&self.place.name, &patching(false), &patch).await?;
        Ok(format!("replicas set from {} to {} of", self.from, self.to))
    }

    pub(super) async fn seen(&self, wait: bool, deadline: Instant) -> Result<Result<String, String>, String> {
        self.place.seen(wait, deadline, |found| found.spec.replicas == Some(self.to)).await
    }
}
