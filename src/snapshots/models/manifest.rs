//! The manifest: what was trained, when, and which objects hold it. JSON, for people to read as well.

use std::collections::HashSet;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::TrainedModel;
use crate::model::Timestamp;

/// The format this version reads and writes.
pub(super) const FORMAT: u32 = 1;
/// What the name of an object ends with.
const SUFFIX: &str = ".state";

/// What one training left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of the manifest and the objects.
    pub format: u32,
    /// The version of smartcloudops that trained.
    pub version: String,
    /// When.
    pub trained: Timestamp,
    /// One for each query or model of several, in the order of training.
    pub models: Vec<Entry>,
    /// SHA-256 of the manifest with nothing in this place, without spaces.
    checksum: String,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The name of the query, or of the model of several.
    pub query: String,
    /// What was evaluated.
    pub expr: String,
    /// The time between samples, in milliseconds.
    pub interval_ms: u64,
    /// The model's name.
    pub model: String,
    /// How many series or groups it knows.
    pub series: usize,
    /// The object that holds its state, beside the manifest.
    pub object: String,
    /// The object's size.
    pub bytes: u64,
    /// SHA-256 of the object, in hexadecimal digits.
    pub sha256: String,
}

/// Why a text is no manifest that can be read.
#[derive(Debug, PartialEq)]
pub(super) enum Unreadable {
    Foreign(&'static str),
    Version(u32),
    Damaged(&'static str),
}

/// What every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

impl Entry {
    /// The entry of a model whose object is this.
    pub(super) fn new(model: &TrainedModel, object: &[u8]) -> Self {
        let (of, sha256) = (&model.of, hexadecimal(object));
        Self {
            query: of.query.clone(),
            expr: of.expr.clone(),
            interval_ms: of.interval_ms,
            model: of.model.clone(),
            series: model.series,
            object: format!("{}-{}{SUFFIX}", of.query, &sha256[..16]),
            bytes: object.len() as u64,
            sha256,
        }
    }

    /// Whether it is this object.
    pub(super) fn is(&self, object: &[u8]) -> bool {
        hexadecimal(object) == self.sha256
    }

    /// Names that lead elsewhere are none of ours.
    fn is_named_well(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        self.object.ends_with(SUFFIX) && self.object.chars().all(plain)
    }
}

impl Manifest {
    /// The manifest of a training.
    pub(super) fn new(models: Vec<Entry>, trained: Timestamp) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let manifest = Self { format: FORMAT, version, trained, models, checksum: String::new() };
        Self { checksum: manifest.sum(), ..manifest }
    }

    /// The text that is stored.
    pub(super) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("texts and numbers are JSON")
    }

    /// Reads and checks a text.
    pub(super) fn decode(text: &[u8]) -> Result<Self, Unreadable> {
        let foreign = |_| Unreadable::Foreign("it does not begin as a manifest of models does");
        let head: Head = serde_json::from_slice(text).map_err(foreign)?;
        if head.format != FORMAT {
            return Err(Unreadable::Version(head.format));
        }
        let cut = |_| Unreadable::Damaged("something is missing from it");
        let manifest: Self = serde_json::from_slice(text).map_err(cut)?;
        if manifest.checksum != manifest.sum() {
            return Err(Unreadable::Damaged("its checksum does not match"));
        }
        let mut queries = HashSet::new();
        let fine = manifest.models.iter().all(|entry| entry.is_named_well() && queries.insert(&entry.query));
        if fine {
            Ok(manifest)
        } else {
            Err(Unreadable::Foreign("its objects have names train does not give"))
        }
    }

    fn sum(&self) -> String {
        let unsigned = Self { checksum: String::new(), ..self.clone() };
        hexadecimal(&serde_json::to_vec(&unsigned).expect("texts and numbers are JSON"))
    }
}

/// SHA-256 in hexadecimal digits.
fn hexadecimal(content: &[u8]) -> String {
    digest(&SHA256, content).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
