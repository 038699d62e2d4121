//! The client of Alertmanager's API, asked before anything is done about an alert.
//!
//! What it is told, an alert or a silence, it is told by `act` alone and once: see [`OrderError`].

mod client;
mod config;
mod decode;
mod post;
mod silences;

pub use client::Client;
pub use config::Config;
pub use decode::{ActiveAlert, AlertState};
pub use post::{NewAlert, NewSilence};
pub use silences::Silence;

/// Why no client can be made, why Alertmanager gave no answer, and what became of what it was told.
pub use crate::http_client::{BuildError, OrderError, RequestError};
