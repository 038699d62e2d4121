//! A secret, from a file or the environment.

use std::io;
use std::path::Path;

use super::text;
use crate::model::{Secret, SecretError, SecretSource};

/// Reads a secret as [`SecretSource::read`] does, in a bounded time.
pub async fn secret(source: &SecretSource) -> Result<Secret, SecretError> {
    match source {
        SecretSource::File(path) => of_file(path, super::read(path).await),
        SecretSource::Environment(_) => source.read(),
    }
}

/// [`secret`], for those who may block.
pub fn secret_blocking(source: &SecretSource) -> Result<Secret, SecretError> {
    match source {
        SecretSource::File(path) => of_file(path, super::read_blocking(path)),
        SecretSource::Environment(_) => source.read(),
    }
}

fn of_file(path: &Path, read: io::Result<Vec<u8>>) -> Result<Secret, SecretError> {
    let text = read.and_then(text).map_err(|source| SecretError::File { path: path.to_owned(), source })?;
    let secret = Secret::new(&text);
    match secret.expose().trim().is_empty() {
        true => Err(SecretError::Empty(path.display().to_string())),
        false => Ok(secret),
    }
}
