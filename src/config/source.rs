//! What a configuration is read from: a file, or none, and the flags.

use std::path::{Path, PathBuf};

use super::document::MAX_BYTES;
use super::fault::{Fault, Faults};
use crate::files;

/// What the flags say.
#[derive(Clone, Debug, PartialEq)]
pub struct Overrides {
    /// `--prometheus.url`; wins over the file.
    pub prometheus_url: Option<String>,
    /// `--web.listen-address`; `host:port`, default `127.0.0.1:9494`.
    pub listen_address: String,
    /// `--web.config.file`; `None`: neither TLS nor users.
    pub web_config_file: Option<PathBuf>,
    /// `--storage.path`; the folder of the journal and the snapshots, default `data/`.
    pub storage_path: PathBuf,
}

impl Default for Overrides {
    fn default() -> Self {
        Self {
            prometheus_url: None,
            listen_address: "127.0.0.1:9494".to_owned(),
            web_config_file: None,
            storage_path: PathBuf::from("data/"),
        }
    }
}

/// A file's path and text, if there is one, and the flags.
#[derive(Clone, Debug)]
pub struct Source {
    /// `None`: everything has its default.
    pub file: Option<(PathBuf, String)>,
    /// What the flags say.
    pub overrides: Overrides,
}

impl Source {
    /// Reads the file, if one is named. It has to be UTF-8 and at most 1 MiB long. Blocks, for a bounded time.
    pub fn open(path: Option<&Path>, overrides: Overrides) -> Result<Self, Faults> {
        let Some(path) = path else { return Ok(Self { file: None, overrides }) };
        let refuse =
            |message: &str| Faults::new(Some(path.display().to_string()), vec![Fault::of_file(message)]);
        let bytes =
            files::read_blocking(path).map_err(|error| refuse(&format!("cannot be read: {error}")))?;
        // What is cut by the limit may end within a character; that it is too long matters more.
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if error.as_bytes().len() > MAX_BYTES => {
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
            Err(_) => return Err(refuse("is not UTF-8 text")),
        };
        Ok(Self { file: Some((path.to_owned(), text)), overrides })
    }

    pub(super) fn name(&self) -> Option<String> {
        self.file.as_ref().map(|(path, _)| path.display().to_string())
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.file.as_ref().map(|(_, text)| text.as_str())
    }

    pub(super) fn folder(&self) -> &Path {
        let path = self.file.as_ref().and_then(|(path, _)| path.parent());
        path.unwrap_or(Path::new(""))
    }
}
