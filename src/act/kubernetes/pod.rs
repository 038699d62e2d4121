//! One pod, deleted because its controller makes another: without a live controller that lacks none nothing is
//! deleted, and nothing but this very pod.

use std::ops::ControlFlow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Preconditions};
use tokio::time::Instant;

use crate::act::output::one_line;
use crate::act::poll;
use crate::model::KubernetesAction;

use super::client::Clients;
use super::deleting;
use super::outcome::sentence;

/// Controllers that replace a pod, by group and kind.
const REPLACING: [(&str, &str); 4] =
    [("apps", "ReplicaSet"), ("apps", "StatefulSet"), ("apps", "DaemonSet"), ("", "ReplicationController")];

/// A deletion that the API server would carry out.
pub(super) struct Deletion {
    reader: Api<DynamicObject>,
    writer: Api<DynamicObject>,
    name: String,
    uid: String,
}

impl Deletion {
    /// Refused unless a controller is there that will replace the pod.
    pub(super) async fn prepare(clients: &Clients, action: &KubernetesAction) -> Result<Self, String> {
        let pods = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Pod"));
        let api = |client: &kube::Client| Api::namespaced_with(client.clone(), &action.namespace, &pods);
        let (reader, writer): (Api<DynamicObject>, _) = (api(&clients.reader), api(&clients.writer));
        let found = reader.get(&action.name).await.map_err(|error| sentence(&error))?;
        if found.metadata.deletion_timestamp.is_some() {
            return Err("it is being deleted".to_owned());
        }
        let owners = found.metadata.owner_references.unwrap_or_default();
        let owner = owners.into_iter().find(|owner| owner.controller == Some(true));
        let owner = owner.ok_or("it has no controller that would replace it")?;
        check_controller(clients, action, &owner).await?;
        let uid = found.metadata.uid.ok_or("it has no uid")?;
        let deletion = Self { reader, writer, name: action.name.clone(), uid };
        let trial = deletion.writer.delete(&deletion.name, &deletion.params(true)).await;
        trial.map_err(|error| format!("a trial was refused: {}", sentence(&error)))?;
        Ok(deletion)
    }

    /// Another pod may have got the name meanwhile.
    fn params(&self, dry_run: bool) -> DeleteParams {
        let preconditions = Preconditions { uid: Some(self.uid.clone()), ..Preconditions::default() };
        DeleteParams { preconditions: Some(preconditions), ..deleting(dry_run) }
    }

    pub(super) async fn send(&self) -> kube::Result<String> {
        self.writer.delete(&self.name, &self.params(false)).await?;
        Ok("deletion requested of".to_owned())
    }

    pub(super) async fn seen(&self, deadline: Instant) -> Result<Result<String, String>, String> {
        poll::until(deadline, || async {
            let found = self.reader.get_opt(&self.name).await.map_err(|error| sentence(&error))?;
            Ok(match found.map(|found| found.metadata) {
                None => ControlFlow::Break(Ok("it is gone".to_owned())),
                Some(other) if other.uid.as_ref() != Some(&self.uid) => {
                    ControlFlow::Break(Ok("another has its name".to_owned()))
                }
                Some(same) if same.deletion_timestamp.is_some() => {
                    ControlFlow::Continue("it is terminating".to_owned())
                }
                Some(_) => ControlFlow::Continue("it is there".to_owned()),
            })
        })
        .await
    }
}

/// What a pod says of its controller may be out of date: the controller itself is asked.
async fn check_controller(
    clients: &Clients,
    action: &KubernetesAction,
    owner: &OwnerReference,
) -> Result<(), String> {
    let (group, version) = owner.api_version.split_once('/').unwrap_or(("", &owner.api_version));
    let shown = one_line(&format!("{} {}", owner.kind, owner.name));
    if !REPLACING.contains(&(group, owner.kind.as_str())) {
        return Err(format!("its controller, {shown}, would not replace it"));
    }
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &owner.kind));
    let api: Api<DynamicObject> = Api::namespaced_with(clients.reader.clone(), &action.namespace, &resource);
    let found = api.get(&owner.name).await;
    let found =
        found.map_err(|error| format!("cannot look at its controller, {shown}: {}", sentence(&error)))?;
    let is_alive =
        found.metadata.uid.as_ref() == Some(&owner.uid) && found.metadata.deletion_timestamp.is_none();
    let count = |pointer: &str| found.data.pointer(pointer).and_then(serde_json::Value::as_u64);
    let keeps_all = match (count("/spec/replicas"), count("/status/replicas")) {
        (Some(wanted), there) => wanted >= there.unwrap_or(0).max(1),
        (None, _) => owner.kind == "DaemonSet",
    };
    match (is_alive, keeps_all) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("its controller, {shown}, is gone")),
        (true, false) => Err(format!("its controller, {shown}, is about to have fewer pods")),
    }
}
