//! Secrets: where they come from, and a value that cannot be printed.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A secret's value. `Debug` prints `<secret>`; there is no `Display` and no serialisation.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value; a trailing newline, as files have it, is dropped.
    pub fn new(value: &str) -> Self {
        Self(value.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The value itself, for the one place that sends or compares it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// Where a secret is read from, each time it is needed, so that rotation needs no restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// A file holding nothing but the secret.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
}

impl fmt::Display for SecretSource {
    /// The place, never the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Environment(name) => f.write_str(name),
        }
    }
}

/// Why a secret could not be read. Names the place, never the value.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read the secret file {path}: {source}")]
    File {
        /// The file named in the configuration.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The environment variable is not set or is not UTF-8.
    #[error("the environment variable {0} is not set")]
    Environment(String),
    /// The secret is empty, or all of it is white space.
    #[error("the secret in {0} is empty")]
    Empty(String),
}

impl SecretSource {
    /// Reads the secret. An empty one is an error: it would authenticate nobody or everybody.
    pub fn read(&self) -> Result<Secret, SecretError> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path)
                .map_err(|source| SecretError::File { path: path.clone(), source })?,
            Self::Environment(name) => {
                std::env::var(name).map_err(|_| SecretError::Environment(name.clone()))?
            }
        };
        let secret = Secret::new(&text);
        if secret.0.trim().is_empty() { Err(SecretError::Empty(self.to_string())) } else { Ok(secret) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        assert_eq!(format!("{:?}", Secret::new("hunter2\n")), "<secret>");
    }

    #[test]
    fn a_file_is_read_without_its_newline_and_an_empty_one_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let source = SecretSource::File(file.path().to_owned());
        assert!(matches!(source.read(), Err(SecretError::Empty(_))));
        std::fs::write(file.path(), "s3cret\n").unwrap();
        assert_eq!(source.read().unwrap().expose(), "s3cret");
    }
}
