//! The objects and their manifest, in a folder or in S3.

use object_store::ObjectStoreExt;

use super::manifest::{FORMAT, Unreadable};
use super::{Config, Entry, Manifest, ModelError, TrainedModel};
use crate::model::Timestamp;
use crate::object_storage::{Location, Place};
use crate::snapshots::file::{self, Fault};

const MANIFEST: &str = "manifest.json";
/// Bytes of a manifest at most: some ten thousand queries.
const MOST_MANIFEST: u64 = 16 << 20;
/// Bytes of an object at most: what S3 takes in one piece.
const MOST_OBJECT: u64 = 5 << 30;

/// A place for models.
pub struct ModelStore(Place);

impl ModelStore {
    /// Opens a place; a folder is made if it does not exist. Credentials of S3 come from the environment, a web
    /// identity, the container's or the instance's role.
    pub fn open(location: &Location, config: &Config) -> Result<Self, ModelError> {
        Ok(Self(Place::open(location, &config.access)?))
    }

    /// Stores models in the place of those that are there.
    pub async fn write(&self, models: &[TrainedModel], now: Timestamp) -> Result<Manifest, ModelError> {
        let before = match self.manifest().await {
            Ok(manifest) => manifest.models,
            Err(ModelError::NoModels { .. } | ModelError::Damaged { .. }) => Vec::new(),
            // What is not ours, or another version's, is not written over.
            Err(error) => return Err(error),
        };
        let mut entries = Vec::new();
        for model in models {
            let object = file::seal(&model.state);
            let entry = Entry::new(model, &object);
            self.put(&entry.object, object).await?;
            entries.push(entry);
        }
        let manifest = Manifest::new(entries, now);
        self.put(MANIFEST, manifest.encode()).await?;
        let stays = |old: &Entry| manifest.models.iter().any(|new| new.object == old.object);
        for old in before.iter().filter(|old| !stays(old)) {
            self.remove(&old.object).await?;
        }
        Ok(manifest)
    }

    /// What is there.
    pub async fn manifest(&self) -> Result<Manifest, ModelError> {
        let object = self.name(MANIFEST);
        let text = match self.read(MANIFEST, MOST_MANIFEST).await {
            Err(ModelError::Access { source: object_store::Error::NotFound { .. }, .. }) => {
                return Err(ModelError::NoModels { object, location: self.0.location().to_string() });
            }
            read => read?,
        };
        Manifest::decode(&text).map_err(|unreadable| match unreadable {
            Unreadable::Foreign(reason) => ModelError::Foreign { object, reason },
            Unreadable::Damaged(reason) => ModelError::Damaged { object, reason },
            Unreadable::Version(found) => ModelError::UnsupportedVersion { object, found, expected: FORMAT },
        })
    }

    /// The state of an entry, checked.
    pub async fn state(&self, entry: &Entry) -> Result<Vec<u8>, ModelError> {
        let object = self.name(&entry.object);
        let damaged = |reason| ModelError::Damaged { object: object.clone(), reason };
        let content = match self.read(&entry.object, entry.bytes.min(MOST_OBJECT)).await {
            Err(ModelError::Access { source: object_store::Error::NotFound { .. }, .. }) => {
                return Err(damaged("the manifest names it, and it does not exist"));
            }
            read => read?,
        };
        if !entry.is(&content) {
            return Err(damaged("its checksum is not the one in the manifest"));
        }
        file::unseal(&content).map(<[u8]>::to_vec).map_err(|fault| match fault {
            Fault::Damaged(reason) => damaged(reason),
            Fault::Version(found) => {
                ModelError::UnsupportedVersion { object: object.clone(), found, expected: file::FORMAT }
            }
        })
    }

    /// What an object is called in messages.
    pub(super) fn name(&self, object: &str) -> String {
        self.0.name(object)
    }

    async fn put(&self, object: &str, content: Vec<u8>) -> Result<(), ModelError> {
        let put = self.0.store().put(&self.0.path(object), content.into()).await;
        put.map(drop).map_err(|source| self.failed(object, "written", source))
    }

    async fn remove(&self, object: &str) -> Result<(), ModelError> {
        match self.0.store().delete(&self.0.path(object)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.failed(object, "removed", source)),
        }
    }

    /// An object of at most so many bytes.
    async fn read(&self, object: &str, most: u64) -> Result<Vec<u8>, ModelError> {
        let failed = |source| self.failed(object, "read", source);
        let found = self.0.store().get(&self.0.path(object)).await.map_err(failed)?;
        if found.meta.size > most {
            return Err(ModelError::Damaged {
                object: self.name(object),
                reason: "it is longer than it should be",
            });
        }
        Ok(found.bytes().await.map_err(failed)?.to_vec())
    }

    fn failed(&self, object: &str, doing: &'static str, source: object_store::Error) -> ModelError {
        ModelError::Access { object: self.name(object), doing, source }
    }
}
