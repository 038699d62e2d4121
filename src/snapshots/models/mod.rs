//! Trained models in a folder or in S3: what `smartcloudops train` leaves for daemons to begin with.
//!
//! A `manifest.json` names one object per query or model of several, its content by a SHA-256; an object is what the daemon would have
//! written as its own snapshot. Objects are named by their content and written before the manifest, so whoever reads
//! sees the models of one training or of the other. What is damaged, foreign or of a newer format is refused, with its
//! name and what to do.

mod error;
mod manifest;
mod store;
mod take_up;

pub use error::ModelError;
pub use manifest::{Entry, Manifest};
pub use store::ModelStore;
pub use take_up::take_up;

use crate::object_storage::{Access, Location};

/// Where models come from, and how S3 is reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// What `smartcloudops train` has stored, for queries without a snapshot of their own. Without it they read the
    /// history.
    pub models_from: Option<Location>,
    /// How S3 is reached.
    pub access: Access,
}

/// What a model is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The name of the query, or of the model of several.
    pub query: String,
    /// What is evaluated, in one line.
    pub expr: String,
    /// The time between samples, in milliseconds.
    pub interval_ms: u64,
    /// The model's name.
    pub model: String,
}

/// What was learnt of one query, or by one model of several.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainedModel {
    /// What it is.
    pub of: Wanted,
    /// How many series or groups it knows.
    pub series: usize,
    /// The state, as [`encode`](super::encode) writes it.
    pub state: Vec<u8>,
}

#[cfg(test)]
mod tests;
