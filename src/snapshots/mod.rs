//! Detector state on disk: versioned, checksummed, replaced atomically; and trained models, in a folder or in S3.
//!
//! A snapshot is written beside its place, made durable, and renamed into it, so that a crash at any moment
//! leaves the old one or the new one. What is damaged is refused whole, named, and kept: this
//! module never deletes a snapshot, and never hands out a part of one.

mod file;
pub mod models;

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use file::{FORMAT, read, set_aside, write};
pub use models::Config;

/// Where a query's snapshot is in the folder of the state.
pub fn state_file(folder: &Path, query: &str) -> PathBuf {
    folder.join(format!("{query}.state"))
}

/// Why a snapshot could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It is not what was written: start without it, and set it aside for a look.
    #[error("the snapshot {} is damaged ({reason}); set it aside and let the history be read again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Another version wrote it: start without it, and set it aside in case of a way back.
    #[error(
        "the snapshot {} has format {found}, this version reads {}; set it aside, or start the version that wrote it",
        path.display(), file::FORMAT
    )]
    UnsupportedVersion {
        /// The file.
        path: PathBuf,
        /// The format it says it has.
        found: u32,
    },
    /// The file system refused: try again later.
    #[error("the snapshot {} cannot be {doing}: {source}; check the folder's permissions and free space", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was attempted: `read`, `written`, `set aside`.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The value cannot be written in the snapshot's encoding: a fault of this program.
    #[error("the state for the snapshot {} cannot be encoded: {source}; please report this", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// What the encoder said.
        source: postcard::Error,
    },
}

/// A value in the snapshots' encoding.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_stdvec(value)
}

/// Writes a value as the snapshot at `path`; answers its size in bytes.
pub fn save<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<usize, SnapshotError> {
    let encoded = encode(value).map_err(|source| SnapshotError::Encode { path: path.to_owned(), source })?;
    write(path, &encoded)?;
    Ok(encoded.len() + file::HEADER)
}

/// Reads the value of the snapshot at `path`; `None` if there is none.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, SnapshotError> {
    let Some(encoded) = read(path)? else { return Ok(None) };
    let damaged = |reason| SnapshotError::Damaged { path: path.to_owned(), reason };
    match postcard::take_from_bytes(&encoded) {
        Ok((value, [])) => Ok(Some(value)),
        Ok(_) => Err(damaged("there is more in it than the state")),
        Err(_) => Err(damaged("its content is not the state of this version")),
    }
}

#[cfg(test)]
mod tests;
