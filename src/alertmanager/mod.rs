//! The client of Alertmanager's API, asked before anything is done about an alert.
//!
//! It only reads: it neither posts alerts nor sets silences.

mod client;
mod config;
mod decode;

pub use client::Client;
pub use config::Config;
pub use decode::{ActiveAlert, AlertState};

/// Why no client can be made, and why Alertmanager gave no answer.
pub use crate::http_client::{BuildError, RequestError};
