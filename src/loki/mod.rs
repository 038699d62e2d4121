//! The client of Loki's API: the log lines of a range, the newest first to be kept.
//!
//! What a person asks for becomes a quoted string of LogQL and nothing else: the expression is ours, whatever the
//! text says.

mod client;
mod config;
mod decode;
mod logql;

pub use client::{Client, MAX_LINES, MAX_RANGE, Question};
pub use config::Config;
pub use decode::Line;

/// Why no client can be made, and why Loki gave no answer.
pub use crate::http_client::{BuildError, RequestError};
