//! Why models could not be stored or taken up.

use std::path::PathBuf;

/// Each names the object and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The place cannot be used at all.
    #[error(transparent)]
    Open(#[from] crate::object_storage::OpenError),
    /// The folder or S3 refused, or did not answer: try again.
    #[error("{object} cannot be {doing}: {source}; check the address, the credentials and their rights")]
    Access {
        /// The object.
        object: String,
        /// What was attempted: `read`, `written`, `removed`.
        doing: &'static str,
        /// What the store said.
        source: object_store::Error,
    },
    /// There are no models here.
    #[error("{object} does not exist; store models there with: smartcloudops train --to={location}")]
    NoModels {
        /// The manifest.
        object: String,
        /// The folder or bucket.
        location: String,
    },
    /// It is not what was written.
    #[error("{object} is damaged ({reason}); train the models again")]
    Damaged {
        /// The object.
        object: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Something else stands there.
    #[error("{object} is not of smartcloudops ({reason}); name the place that train wrote to")]
    Foreign {
        /// The object.
        object: String,
        /// What is unlike it.
        reason: &'static str,
    },
    /// Another version wrote it.
    #[error(
        "{object} has format {found}, this version reads {expected}; start the version that wrote it, or train the models again"
    )]
    UnsupportedVersion {
        /// The object.
        object: String,
        /// The format it says it has.
        found: u32,
        /// The format that is read.
        expected: u32,
    },
    /// The query has changed since.
    #[error("{object} was trained for another {what} of the query {query}; train the models again")]
    OtherQuery {
        /// The object.
        object: String,
        /// The query.
        query: String,
        /// `expression`, `interval` or `model`.
        what: &'static str,
    },
    /// The state folder refused.
    #[error("{} cannot be written: {source}; check the folder's permissions and free space", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The snapshot could not be written.
    #[error(transparent)]
    Snapshot(#[from] crate::snapshots::SnapshotError),
}
