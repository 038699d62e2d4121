//! A rollout restart, as `kubectl` does it: a new annotation on the template of the pods.
//!
//! Its value is the API server's own time, which comes with the answer to the trial.

use kube::api::Patch;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::model::{KubernetesAction, WorkloadKind};

use super::client::Clients;
use super::outcome::sentence;
use super::workload::{Place, Progress, Workload, obstacle};
use super::{MANAGER, patching};

const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// A restart that the API server would take.
pub(super) struct Restart {
    place: Place,
    patch: Value,
}

impl Restart {
    /// Refused where it would have no effect, and while another rollout is under way.
    pub(super) async fn prepare(
        clients: &Clients,
        kind: WorkloadKind,
        action: &KubernetesAction,
    ) -> Result<Self, String> {
        let place = Place::new(clients, kind, action);
        let found = place.look().await?;
        if let Some(obstacle) = obstacle(&found) {
            return Err(obstacle.to_owned());
        }
        let progress = Progress::of(kind, &found);
        if progress.is_rolling() {
            return Err(format!("a rollout is under way: {progress}"));
        }
        let version = found.metadata.resource_version.ok_or("it has no version")?;
        let trial = patch(&version, "trial");
        let trial = place.writer.patch(&place.name, &patching(true), &Patch::Strategic(&trial)).await;
        let trial = trial.map_err(|error| format!("a trial was refused: {}", sentence(&error)))?;
        let now = time(&trial).ok_or("the API server does not say what time it is")?;
        let patch = patch(&version, &now);
        Ok(Self { place, patch })
    }

    pub(super) async fn send(&self) -> kube::Result<String> {
        let patch = Patch::Strategic(&self.patch);
        self.place.writer.patch(&self.place.name, &patching(false), &patch).await?;
        Ok("restart requested of".to_owned())
    }

    pub(super) async fn seen(&self, wait: bool, deadline: Instant) -> Result<Result<String, String>, String> {
        self.place.seen(wait, deadline, |_| true).await
    }
}

/// It holds for this version of the workload alone.
fn patch(version: &str, restarted_at: &str) -> Value {
    json!({
        "metadata": {"resourceVersion": version},
        "spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: restarted_at}}}},
    })
}

/// When the API server itself made the change, with seconds as in RFC 3339.
fn time(changed: &Workload) -> Option<String> {
    let entries = changed.metadata.managed_fields.iter().flatten();
    let own = entries.filter(|entry| entry.manager.as_deref() == Some(MANAGER));
    own.filter_map(|entry| entry.time.as_ref()).map(|time| time.0).max().map(|time| time.to_string())
}
